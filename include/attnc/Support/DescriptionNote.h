//===- DescriptionNote.h - where an object says what is in it ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine code carries its manifest as a note of ELF: read-only data that
// linkers keep and string together, that stripping leaves, and that is found
// with the section headers or without. The text is the manifest of
// `attnc compile`, without line ends; a program of several kernels has several.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_DESCRIPTIONNOTE_H
#define ATTNC_SUPPORT_DESCRIPTIONNOTE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace attnc {

inline constexpr llvm::StringLiteral kDescriptionSection = ".note.attnc";
inline constexpr llvm::StringLiteral kDescriptionOwner = "attnc";
/// The type of the note; another form of the text has another.
inline constexpr uint32_t kDescriptionType = 1;

} // namespace attnc

#endif // ATTNC_SUPPORT_DESCRIPTIONNOTE_H
