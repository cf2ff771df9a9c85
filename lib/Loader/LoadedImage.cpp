//===- LoadedImage.cpp - machine code in memory, without LLVM -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One mapping in three parts: code and stubs, constants and the table of
// addresses, data. Sections lie within two gigabytes of each other, as the
// small code model demands; functions of the process may be farther away and
// are called by way of stubs.
//
//===----------------------------------------------------------------------===//

#include "attnc/Loader/LoadedImage.h"

#include "ElfObject.h"
#include "Relocate.h"
#include "attnc-c/runtime.h"
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace attnc;

namespace attnc {

/// Builds an image from an object.
class ImageBuilder {
public:
  ImageBuilder(const ElfObject &object, std::string_view name,
               const SymbolResolver &resolve)
      : object(object), name(name), resolve(resolve),
        offsets(object.sections.size(), absent),
        addresses(object.symbols.size(), 0),
        stubs(object.symbols.size(), absent),
        entries(object.symbols.size(), absent) {}

  Problem build(std::unique_ptr<LoadedImage> &image);

private:
  /// The parts of the mapping, in order.
  enum Part { Code, Constants, Data, NumParts };
  static constexpr size_t absent = ~size_t(0);

  void place();
  void reserve(std::vector<size_t> &offsets, size_t symbol, size_t bytes);
  Problem map(LoadedImage &image);
  Problem resolveSymbols();
  Problem relocateAll();
  Problem protect();
  void collectDefinitions(LoadedImage &image) const;

  Problem refuse(const std::string &why) const {
    return Problem(ATTNC_INTERNAL, "cannot load the code of '" +
                                       std::string(name) + "': " + why);
  }
  /// Frames of functions that do not unwind are of no use here.
  static bool isKept(const ElfSection &section) {
    return section.isLoaded() && section.name != ".eh_frame";
  }
  static Part getPart(const ElfSection &section) {
    if (section.header.sh_flags & SHF_EXECINSTR)
      return Code;
    // Constants that hold addresses are written by relocations only.
    bool isConstant = !(section.header.sh_flags & SHF_WRITE) ||
                      section.name.substr(0, 12) == ".data.rel.ro";
    return isConstant ? Constants : Data;
  }

  const ElfObject &object;
  std::string_view name;
  const SymbolResolver &resolve;
  /// Where sections, stubs and entries of the table are in the mapping.
  std::vector<size_t> offsets;
  std::vector<uint64_t> addresses;
  std::vector<size_t> stubs, entries;
  size_t begins[NumParts + 1] = {};
  /// Where the next thing of the part at hand goes.
  size_t end = 0;
  uint8_t *base = nullptr;
};

} // namespace attnc

static size_t alignTo(size_t offset, size_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

void ImageBuilder::reserve(std::vector<size_t> &places, size_t symbol,
                           size_t bytes) {
  if (places[symbol] != absent)
    return;
  end = alignTo(end, 8);
  places[symbol] = end;
  end += bytes;
}

void ImageBuilder::place() {
  auto page = size_t(sysconf(_SC_PAGESIZE));
  for (int part = Code; part < NumParts; ++part) {
    begins[part] = end = alignTo(end, page);
    for (size_t i = 0; i < object.sections.size(); ++i) {
      const ElfSection &section = object.sections[i];
      if (!isKept(section) || getPart(section) != part)
        continue;
      end = alignTo(end,
                    section.header.sh_addralign + !section.header.sh_addralign);
      offsets[i] = end;
      end += section.header.sh_size;
    }
    for (const ElfRelocations &table : object.relocations)
      for (const Elf64_Rela &entry : table.entries) {
        size_t symbol = ELF64_R_SYM(entry.r_info);
        auto type = uint32_t(ELF64_R_TYPE(entry.r_info));
        bool isForeign = object.symbols[symbol].entry.st_shndx == SHN_UNDEF;
        if (part == Code && isCall(type) && isForeign)
          reserve(stubs, symbol, stubBytes);
        else if (part == Constants && isThroughTable(type))
          reserve(entries, symbol, sizeof(uint64_t));
      }
  }
  begins[NumParts] = alignTo(end, page);
}

Problem ImageBuilder::map(LoadedImage &image) {
  size_t size = begins[NumParts];
  if (size == 0)
    return refuse("it has no code");
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return Problem(ATTNC_OUT_OF_MEMORY, "cannot map " + std::to_string(size) +
                                            " bytes for the code of '" +
                                            std::string(name) + "'");
  image.memory = memory;
  image.size = size;
  base = static_cast<uint8_t *>(memory);
  for (size_t i = 0; i < object.sections.size(); ++i)
    if (offsets[i] != absent && !object.sections[i].bytes.empty())
      memcpy(base + offsets[i], object.sections[i].bytes.data(),
             object.sections[i].bytes.size());
  return {};
}

Problem ImageBuilder::resolveSymbols() {
  for (size_t i = 1; i < object.symbols.size(); ++i) {
    const ElfSymbol &symbol = object.symbols[i];
    uint16_t home = symbol.entry.st_shndx;
    if (home == SHN_ABS) {
      addresses[i] = symbol.entry.st_value;
    } else if (home != SHN_UNDEF) {
      if (offsets[home] != absent)
        addresses[i] = reinterpret_cast<uintptr_t>(base) + offsets[home] +
                       symbol.entry.st_value;
    } else if (!symbol.name.empty()) {
      Problem why;
      std::string text(symbol.name);
      addresses[i] = reinterpret_cast<uintptr_t>(resolve(text.c_str(), why));
      if (why)
        return Problem(why.getStatus(), "cannot load the code of '" +
                                            std::string(name) +
                                            "': " + why.getMessage());
      if (!addresses[i] && ELF64_ST_BIND(symbol.entry.st_info) != STB_WEAK)
        return refuse("nothing in this process defines " + text);
    }
    if (stubs[i] != absent)
      writeStub(base + stubs[i], addresses[i]);
    if (entries[i] != absent)
      memcpy(base + entries[i], &addresses[i], sizeof(uint64_t));
  }
  return {};
}

Problem ImageBuilder::relocateAll() {
  for (const ElfRelocations &table : object.relocations) {
    if (offsets[table.section] == absent)
      continue;
    uint8_t *section = base + offsets[table.section];
    size_t size = object.sections[table.section].bytes.size();
    for (const Elf64_Rela &entry : table.entries) {
      size_t symbol = ELF64_R_SYM(entry.r_info);
      auto type = uint32_t(ELF64_R_TYPE(entry.r_info));
      uint64_t target = addresses[symbol];
      if (isThroughTable(type))
        target = reinterpret_cast<uintptr_t>(base) + entries[symbol];
      else if (isCall(type) && stubs[symbol] != absent)
        target = reinterpret_cast<uintptr_t>(base) + stubs[symbol];
      if (Problem problem =
              relocate(type, section + entry.r_offset, size - entry.r_offset,
                       target, entry.r_addend))
        return refuse(problem.getMessage());
    }
  }
  return {};
}

Problem ImageBuilder::protect() {
  constexpr int protections[NumParts] = {PROT_READ | PROT_EXEC, PROT_READ,
                                         PROT_READ | PROT_WRITE};
  auto *code = reinterpret_cast<char *>(base);
  __builtin___clear_cache(code, code + begins[Constants]);
  for (int part = Code; part < NumParts; ++part) {
    size_t size = begins[part + 1] - begins[part];
    if (size && mprotect(base + begins[part], size, protections[part]))
      return refuse(part == Code
                        ? "this system does not let a process make memory "
                          "executable; compile kernels ahead of time"
                        : "memory cannot be protected");
  }
  return {};
}

void ImageBuilder::collectDefinitions(LoadedImage &image) const {
  for (size_t i = 1; i < object.symbols.size(); ++i) {
    const ElfSymbol &symbol = object.symbols[i];
    uint16_t home = symbol.entry.st_shndx;
    bool isDefined = home != SHN_UNDEF && home < SHN_LORESERVE;
    if (isDefined && offsets[home] != absent &&
        ELF64_ST_BIND(symbol.entry.st_info) == STB_GLOBAL)
      image.definitions.emplace(symbol.name,
                                reinterpret_cast<void *>(addresses[i]));
  }
}

Problem ImageBuilder::build(std::unique_ptr<LoadedImage> &image) {
  place();
  std::unique_ptr<LoadedImage> built(new LoadedImage());
  if (Problem problem = map(*built))
    return problem;
  if (Problem problem = resolveSymbols())
    return problem;
  if (Problem problem = relocateAll())
    return problem;
  if (Problem problem = protect())
    return problem;
  collectDefinitions(*built);
  image = std::move(built);
  return {};
}

LoadedImage::~LoadedImage() {
  if (memory)
    munmap(memory, size);
}

void *LoadedImage::lookup(std::string_view symbol) const {
  auto found = definitions.find(symbol);
  return found == definitions.end() ? nullptr : found->second;
}

Problem LoadedImage::load(std::string_view file, std::string_view name,
                          const SymbolResolver &resolve,
                          std::unique_ptr<LoadedImage> &image) {
  ElfObject object;
  if (Problem problem = ElfObject::read(file, object))
    return Problem(problem.getStatus(), "cannot load the code of '" +
                                            std::string(name) +
                                            "': " + problem.getMessage());
  return ImageBuilder(object, name, resolve).build(image);
}
