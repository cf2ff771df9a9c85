//===- Version.cpp - what this build is -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Artifacts.h"

using namespace attnc;

StringRef attnc::getVersion() { return ATTNC_VERSION_STRING; }
