//===- ArtifactTest.cpp - files that may be anything ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small ELF files and entries of the cache, whole, cut off and damaged.
//
//===----------------------------------------------------------------------===//

#include "attnc/Inspect/Artifact.h"

#include "SampleManifest.h"
#include "attnc/Cache/CacheEntry.h"
#include "gtest/gtest.h"
#include <elf.h>

using namespace attnc;

namespace {

template <typename Part>
void append(std::string &bytes, const Part &part) {
  bytes.append(reinterpret_cast<const char *>(&part), sizeof(Part));
}

std::string makeNote(const std::string &owner, uint32_t type,
                     const std::string &text) {
  std::string note;
  append(note, Elf64_Nhdr{Elf64_Word(owner.size() + 1), Elf64_Word(text.size()),
                          type});
  for (const std::string &part : {owner + '\0', text}) {
    note += part;
    note.resize((note.size() + 3) / 4 * 4);
  }
  return note;
}

/// An object with notes and one function.
std::string makeObject(const std::string &notes, const std::string &function,
                       uint16_t machine = EM_X86_64) {
  const std::string names("\0.note.attnc\0.symtab\0.strtab\0", 29);
  const std::string strings = '\0' + function + '\0';
  std::string symbols;
  append(symbols, Elf64_Sym{});
  append(symbols,
         Elf64_Sym{1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, 0, 0});
  Elf64_Shdr sections[5] = {};
  std::string file(sizeof(Elf64_Ehdr), '\0');
  auto add = [&](size_t number, uint32_t name, uint32_t type,
                 const std::string &content) {
    file.resize((file.size() + 7) / 8 * 8);
    sections[number].sh_name = name;
    sections[number].sh_type = type;
    sections[number].sh_offset = file.size();
    sections[number].sh_size = content.size();
    sections[number].sh_addralign = 4;
    file += content;
  };
  add(1, 1, SHT_NOTE, notes);
  add(2, 13, SHT_SYMTAB, symbols);
  sections[2].sh_link = 3;
  sections[2].sh_info = 1;
  sections[2].sh_entsize = sizeof(Elf64_Sym);
  add(3, 21, SHT_STRTAB, strings);
  add(4, 21, SHT_STRTAB, names);
  file.resize((file.size() + 7) / 8 * 8);
  Elf64_Ehdr header = {};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = machine;
  header.e_version = EV_CURRENT;
  header.e_shoff = file.size();
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 5;
  header.e_shstrndx = 4;
  memcpy(file.data(), &header, sizeof(header));
  for (const Elf64_Shdr &section : sections)
    append(file, section);
  return file;
}

std::string makeObject() {
  return makeObject(makeNote("attnc", 1, makeManifest().dump()), "toy");
}

std::string makeEntry(const std::string &digest) {
  nlohmann::ordered_json description = {{"manifest", makeManifest().dump(2)},
                                        {"not_here", "too old"},
                                        {"diagnostics", {}}};
  return CacheEntry{"name toy.mlir\ntarget cpu\n", description.dump(),
                    makeObject()}
      .write(digest);
}

std::string getProblem(const std::string &content,
                       const std::string &path = "x") {
  auto artifact = Artifact::read(content, path);
  return artifact ? "" : llvm::toString(artifact.takeError());
}

std::string getText(const std::string &content) {
  auto artifact = Artifact::read(content, "x");
  if (!artifact)
    return llvm::toString(artifact.takeError());
  std::string text;
  llvm::raw_string_ostream stream(text);
  printArtifact(stream, *artifact, "x");
  return text;
}

TEST(ArtifactTest, an_object_says_what_is_in_it) {
  EXPECT_EQ(getText(makeObject()).substr(0, 26), "x: object for x86_64, 1.3 ");
  EXPECT_NE(getText(makeObject())
                .find("image    cubin for sm_90a, 2.0 KiB\n"
                      "         toy_0, 168 registers a thread\n"
                      "         toy_1\n"
                      "\n"
                      "toy\n"
                      "  q      input    f32   n x 64\n"
                      "  w      input    i32   one number\n"
                      "  cache  updated  bf16  8\n"
                      "  out    output   f32   n x 64\n"
                      "  n has to be a multiple of m\n"
                      "  attn.attend: #s\n"
                      "    few queries: #d\n"),
            std::string::npos)
      << getText(makeObject());
}

// A linker strings the notes of several objects together, and others have notes
// of their own.
TEST(ArtifactTest, notes_of_several_kernels_are_all_read) {
  std::string note = makeNote("attnc", 1, makeManifest().dump());
  auto artifact =
      Artifact::read(makeObject(makeNote("GNU", 3, "abc") + note +
                                    makeNote("attnc", 9, "x") + note,
                                "toy", EM_AARCH64),
                     "x");
  ASSERT_TRUE(bool(artifact)) << llvm::toString(artifact.takeError());
  EXPECT_EQ(artifact->descriptions.size(), 2u);
  EXPECT_EQ(artifact->machine, "aarch64");
}

TEST(ArtifactTest, an_object_that_is_none_of_ours_is_refused) {
  EXPECT_EQ(getProblem(makeObject(makeNote("GNU", 1, "abcd"), "toy")),
            "'x' is machine code without a description by attnc");
  EXPECT_EQ(getProblem(makeObject(makeNote("attnc", 1, makeManifest().dump()),
                                  "other")),
            "'x' describes the function 'toy' and does not define it");
  EXPECT_EQ(getProblem(makeObject(makeNote("attnc", 1, "{}"), "toy")),
            "manifest 'x' has no 'schema'");
  std::string object = makeObject();
  object[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(getProblem(object),
            "'x' is no machine code that can be read: it is no ELF file of 64 "
            "bits with the low byte first");
  for (const char *text : {"", "text", "ATTNC",
                           "\x7f"
                           "EL"})
    EXPECT_EQ(getProblem(text), "'x' is no object, library or program, no "
                                "entry of the cache and no manifest");
}

TEST(ArtifactTest, a_part_of_an_object_is_refused) {
  std::string object = makeObject();
  for (size_t size = 0; size < object.size(); ++size)
    EXPECT_NE(getProblem(object.substr(0, size)), "") << size;
}

// Most of these are refused, and the others are described; none ends the
// process or reads outside of the file, which the sanitizers see.
TEST(ArtifactTest, a_damaged_object_does_no_harm) {
  const std::string object = makeObject();
  size_t numRefused = 0;
  for (size_t i = 0; i < object.size(); ++i)
    for (char change : {'\x01', '\x80', '\xff'}) {
      std::string damaged = object;
      damaged[i] ^= change;
      numRefused += !getProblem(damaged).empty();
    }
  EXPECT_GT(numRefused, object.size() / 4);
}

TEST(ArtifactTest, an_entry_of_the_cache_is_read) {
  std::string digest(64, 'a'), entry = makeEntry(digest);
  std::string text = getText(entry);
  EXPECT_NE(text.find("x: entry of the cache for x86_64"), std::string::npos);
  EXPECT_NE(text.find("key      " + digest + "\n  name   toy.mlir\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("not here too old\n"), std::string::npos) << text;
  EXPECT_EQ(getProblem(entry, "/f/" + digest + ".kernel"), "");
  std::string other = "/f/" + std::string(64, 'b') + ".kernel";
  EXPECT_EQ(getProblem(entry, other),
            "'" + other +
                "' is a damaged entry of the cache: it is the entry "
                "of another kernel");
  for (size_t size = 8; size < entry.size(); size += 7)
    EXPECT_NE(getProblem(entry.substr(0, size)).find("it is cut off"),
              std::string::npos)
        << size;
  for (size_t i = 8; i < entry.size(); i += 5) {
    std::string damaged = entry;
    damaged[i] ^= 4;
    EXPECT_NE(getProblem(damaged), "") << i;
  }
  std::string hollow =
      CacheEntry{"", R"({"manifest": "", "not_here": ""})", ""}.write(digest);
  EXPECT_EQ(getProblem(hollow),
            "'x' is an entry without machine code: it is no ELF file of 64 "
            "bits with the low byte first");
}

// A terminal would obey.
TEST(ArtifactTest, control_characters_are_not_printed) {
  nlohmann::ordered_json manifest = makeManifest();
  manifest["source"]["name"] = "\x1b[2J\xc2\x9b";
  std::string text = getText(manifest.dump());
  EXPECT_NE(text.find("spec     ?[2J??,"), std::string::npos) << text;
}

TEST(ArtifactTest, json_has_the_manifest_as_it_is) {
  auto artifact = Artifact::read(makeManifest().dump(), "x");
  ASSERT_TRUE(bool(artifact));
  auto json = nlohmann::ordered_json::parse(emitArtifactJson(*artifact));
  EXPECT_EQ(json["kind"], "manifest");
  EXPECT_EQ(json["manifests"][0], makeManifest());
}

} // namespace
