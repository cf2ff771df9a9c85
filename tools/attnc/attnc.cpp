//===- attnc.cpp - the attention compiler ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The program; everything it does is in lib/Compiler.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Driver.h"

int main(int argc, char **argv) { return attnc::runDriver(argc, argv); }
