//===- Version.cpp - what this library is ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BuildIdentity.h"
#include "attnc-c/attnc.h"

// NOLINTBEGIN(readability-identifier-naming): the C interface.
uint32_t attnc_api_version(void) { return ATTNC_API_VERSION; }

const char *attnc_version(void) { return ATTNC_VERSION_STRING; }

uint32_t attnc_abi_version(void) { return ATTNC_RT_ABI_VERSION; }

const char *attnc_build_id(void) { return ATTNC_BUILD_IDENTITY; }
// NOLINTEND(readability-identifier-naming)
