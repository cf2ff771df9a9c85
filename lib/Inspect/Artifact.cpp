//===- Artifact.cpp - a file that attnc made, or a part of it -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first bytes say what a file is.
//
//===----------------------------------------------------------------------===//

#include "attnc/Inspect/Artifact.h"

#include "ElfNotes.h"
#include "attnc/Cache/CacheEntry.h"
#include "attnc/Cache/CacheFolder.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/Path.h"

using namespace attnc;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr StringRef kEntryMagic = "ATTNCKE";
/// Where an entry has the digest of its key.
constexpr size_t kDigestOffset = 32, kDigestBytes = 32;

constexpr JsonKind kEntryDescription = {"description of the entry",
                                        "a description", size_t(32) << 20};

llvm::Error refuse(StringRef path, const Twine &why) {
  return llvm::createStringError(quoteForMessage(path) + " " + why);
}

llvm::Error addDescription(Artifact &artifact, StringRef text, StringRef path) {
  llvm::Expected<Description> description = Description::parse(text, path);
  if (!description)
    return description.takeError();
  artifact.descriptions.push_back(std::move(*description));
  return llvm::Error::success();
}

/// Each function of a description is one of the file, if that has a table of
/// them for others: a program need not, nor a library without its sections.
llvm::Error checkDefines(const ElfNotes &notes, const Artifact &artifact,
                         StringRef path) {
  if (artifact.kind == ArtifactKind::Program || !notes.hasSymbols)
    return llvm::Error::success();
  for (const Description &description : artifact.descriptions)
    for (const DescribedFunction &function : description.functions)
      if (!notes.functions.count(function.symbol))
        return refuse(path, "describes the function " +
                                quoteForMessage(function.symbol) +
                                " and does not define it");
  return llvm::Error::success();
}

llvm::Error readElf(Artifact &artifact, StringRef content, StringRef path) {
  llvm::Expected<ElfNotes> notes = ElfNotes::read(content);
  if (!notes)
    return refuse(path, "is no machine code that can be read: " +
                            llvm::toString(notes.takeError()));
  artifact.machine = notes->machine;
  artifact.kind = notes->isRelocatable ? ArtifactKind::Object
                  : notes->isProgram   ? ArtifactKind::Program
                                       : ArtifactKind::SharedLibrary;
  if (notes->manifests.empty())
    return refuse(path, "is machine code without a description by attnc");
  for (const std::string &manifest : notes->manifests)
    if (llvm::Error error = addDescription(artifact, manifest, path))
      return error;
  return checkDefines(*notes, artifact, path);
}

llvm::Error readEntry(Artifact &artifact, StringRef content, StringRef path) {
  artifact.kind = ArtifactKind::CacheEntry;
  if (!isEntryName(llvm::sys::path::filename(path).str(), artifact.digest))
    artifact.digest = llvm::toHex(content.substr(kDigestOffset, kDigestBytes),
                                  /*LowerCase=*/true);
  CacheEntry entry;
  if (Problem problem = CacheEntry::read(content, artifact.digest, entry))
    return refuse(path, "is a damaged entry of the cache: " +
                            Twine(problem.getMessage()));
  artifact.fields = CacheKey::parse(entry.fields);
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(entry.description, path, kEntryDescription);
  if (!document)
    return document.takeError();
  llvm::Expected<std::string> manifest =
      document->getRoot().getText("manifest");
  if (!manifest)
    return manifest.takeError();
  llvm::Expected<std::string> restriction =
      document->getRoot().getText("not_here");
  if (!restriction)
    return restriction.takeError();
  artifact.restriction = std::move(*restriction);
  llvm::Expected<ElfNotes> notes = ElfNotes::read(entry.object);
  if (!notes)
    return refuse(path, "is an entry without machine code: " +
                            llvm::toString(notes.takeError()));
  artifact.machine = notes->machine;
  if (llvm::Error error = addDescription(artifact, *manifest, path))
    return error;
  return checkDefines(*notes, artifact, path);
}

} // namespace

StringRef attnc::getTitle(ArtifactKind kind) {
  switch (kind) {
  case ArtifactKind::Manifest:
    return "manifest";
  case ArtifactKind::CacheEntry:
    return "entry of the cache";
  case ArtifactKind::Object:
    return "object";
  case ArtifactKind::SharedLibrary:
    return "shared library";
  case ArtifactKind::Program:
    return "program";
  }
  llvm_unreachable("unknown kind of artifact");
}

StringRef attnc::getKey(ArtifactKind kind) {
  switch (kind) {
  case ArtifactKind::Manifest:
    return "manifest";
  case ArtifactKind::CacheEntry:
    return "cache-entry";
  case ArtifactKind::Object:
    return "object";
  case ArtifactKind::SharedLibrary:
    return "shared-library";
  case ArtifactKind::Program:
    return "program";
  }
  llvm_unreachable("unknown kind of artifact");
}

llvm::Expected<Artifact> Artifact::read(StringRef content, StringRef path) {
  if (content.size() > maxArtifactBytes)
    return refuse(path, "is larger than the " + Twine(maxArtifactBytes >> 20) +
                            " MiB that are read");
  Artifact artifact;
  artifact.bytes = content.size();
  llvm::Error error = llvm::Error::success();
  if (content.starts_with(llvm::ELF::ElfMagic))
    error = readElf(artifact, content, path);
  else if (content.starts_with(kEntryMagic))
    error = readEntry(artifact, content, path);
  else if (content.ltrim().starts_with("{"))
    error = addDescription(artifact, content, path);
  else
    error = refuse(path, "is no object, library or program, no entry of the "
                         "cache and no manifest");
  if (error)
    return std::move(error);
  return artifact;
}
