//===- Artifact.h - a file that attnc made, or a part of it -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `attnc inspect` looks at: an object, a shared library or a program that
// has descriptions in it, an entry of the cache, a manifest. Reading runs
// nothing of it and believes nothing in it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_INSPECT_ARTIFACT_H
#define ATTNC_INSPECT_ARTIFACT_H

#include "attnc/Cache/CacheKey.h"
#include "attnc/Inspect/Description.h"
#include "llvm/Support/raw_ostream.h"

namespace attnc {

enum class ArtifactKind {
  Manifest,
  CacheEntry,
  Object,
  SharedLibrary,
  Program
};

/// The kind in words, with the words of a person or of a program.
llvm::StringRef getTitle(ArtifactKind kind);
llvm::StringRef getKey(ArtifactKind kind);

/// The largest file that is read.
inline constexpr size_t maxArtifactBytes = size_t(1) << 30;

/// A file and what it says of itself.
struct Artifact {
  ArtifactKind kind = ArtifactKind::Manifest;
  uint64_t bytes = 0;
  /// The machine of machine code, such as x86_64; empty for a manifest.
  std::string machine;
  /// Of an entry of the cache: its name, what its code depends on, and why this
  /// machine cannot run it; empty if it can, as far as the entry knows.
  std::string digest;
  CacheKey::Fields fields;
  std::string restriction;
  /// One; of a program that kernels were linked into, as many as these.
  std::vector<Description> descriptions;

  /// Reads the content of a file. `path` stands for it in messages; the name of
  /// an entry of the cache has to be that of its key.
  static llvm::Expected<Artifact> read(llvm::StringRef content,
                                       llvm::StringRef path);
};

/// Prints an artifact for people: printable ASCII, whatever is in the file.
void printArtifact(llvm::raw_ostream &os, const Artifact &artifact,
                   llvm::StringRef path);

/// The same as JSON, with the manifests as they are.
std::string emitArtifactJson(const Artifact &artifact);

} // namespace attnc

#endif // ATTNC_INSPECT_ARTIFACT_H
