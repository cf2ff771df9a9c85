// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int main(int argc, char **argv) { return 0; }
