//===- ElfObject.cpp - a relocatable ELF file, checked --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables are copied out with memcpy: the file may lie at any address, and its
// offsets need not be aligned.
//
//===----------------------------------------------------------------------===//

#include "ElfObject.h"

#include "attnc-c/runtime.h"
#include <cstring>

using namespace attnc;

#if defined(__x86_64__)
static constexpr unsigned hostMachine = EM_X86_64;
#elif defined(__aarch64__)
static constexpr unsigned hostMachine = EM_AARCH64;
#else
#error "objects of this machine cannot be loaded"
#endif

/// Larger than any kernel; keeps sums of sizes far from overflow.
static constexpr uint64_t maxObjectBytes = uint64_t(1) << 30;

static Problem refuse(std::string why) {
  return Problem(ATTNC_INTERNAL, std::move(why));
}

/// The part [offset, offset + size), or nothing if the file has no such part.
static bool getPart(std::string_view file, uint64_t offset, uint64_t size,
                    std::string_view &part) {
  if (offset > file.size() || size > file.size() - offset)
    return false;
  part = file.substr(offset, size);
  return true;
}

template <typename Entry>
static Entry getEntry(std::string_view table, size_t number) {
  Entry entry;
  memcpy(&entry, table.data() + number * sizeof(Entry), sizeof(Entry));
  return entry;
}

/// The text at `offset` of a table of strings that end in NUL.
static bool getString(std::string_view strings, uint64_t offset,
                      std::string_view &text) {
  if (offset >= strings.size())
    return false;
  size_t end = strings.find('\0', offset);
  if (end == std::string_view::npos)
    return false;
  text = strings.substr(offset, end - offset);
  return true;
}

Problem ElfObject::readSections(std::string_view file) {
  if (file.size() < sizeof(Elf64_Ehdr) || file.size() > maxObjectBytes)
    return refuse("it has not the size of an object file");
  auto header = getEntry<Elf64_Ehdr>(file, 0);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_REL ||
      header.e_version != EV_CURRENT)
    return refuse("it is no relocatable ELF file of 64 bits");
  if (header.e_machine != hostMachine)
    return refuse("it is for another kind of machine");
  std::string_view table;
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0 ||
      header.e_shstrndx >= header.e_shnum ||
      !getPart(file, header.e_shoff,
               uint64_t(header.e_shnum) * sizeof(Elf64_Shdr), table))
    return refuse("its table of sections is damaged");
  for (size_t i = 0; i < header.e_shnum; ++i) {
    ElfSection section = {getEntry<Elf64_Shdr>(table, i), {}, {}};
    bool hasBytes = section.header.sh_type != SHT_NOBITS &&
                    section.header.sh_type != SHT_NULL;
    if (section.header.sh_size > maxObjectBytes ||
        (hasBytes && !getPart(file, section.header.sh_offset,
                              section.header.sh_size, section.bytes)))
      return refuse("a section lies outside of the file");
    sections.push_back(section);
  }
  std::string_view names = sections[header.e_shstrndx].bytes;
  for (ElfSection &section : sections)
    if (!getString(names, section.header.sh_name, section.name))
      return refuse("a section has no name");
  return {};
}

Problem ElfObject::checkSection(const ElfSection &section) const {
  if (!section.isLoaded())
    return {};
  uint64_t alignment = section.header.sh_addralign;
  if (alignment > 4096 || (alignment & (alignment - 1)) != 0)
    return refuse("a section has an alignment that is not supported");
  std::string name(section.name);
  if (section.header.sh_flags & SHF_TLS)
    return refuse("it has thread-local storage, section " + name);
  if (section.header.sh_type == SHT_INIT_ARRAY ||
      section.header.sh_type == SHT_FINI_ARRAY ||
      name.compare(0, 6, ".ctors") == 0 || name.compare(0, 6, ".dtors") == 0)
    return refuse("it has functions that run when it is loaded, section " +
                  name);
  switch (section.header.sh_type) {
  case SHT_PROGBITS:
  case SHT_NOBITS:
  case SHT_NOTE:
#if defined(__x86_64__)
  case SHT_X86_64_UNWIND:
#endif
    break;
  default:
    return refuse("section " + name + " is of a kind that is not supported");
  }
  if ((section.header.sh_flags & SHF_WRITE) &&
      (section.header.sh_flags & SHF_EXECINSTR))
    return refuse("section " + name + " is writable and executable");
  return {};
}

Problem ElfObject::readSymbols() {
  for (const ElfSection &section : sections) {
    if (section.header.sh_type != SHT_SYMTAB)
      continue;
    if (!symbols.empty() || section.header.sh_link >= sections.size() ||
        section.header.sh_entsize != sizeof(Elf64_Sym) ||
        section.bytes.size() % sizeof(Elf64_Sym) != 0)
      return refuse("its table of symbols is damaged");
    std::string_view names = sections[section.header.sh_link].bytes;
    size_t count = section.bytes.size() / sizeof(Elf64_Sym);
    for (size_t i = 0; i < count; ++i) {
      ElfSymbol symbol = {getEntry<Elf64_Sym>(section.bytes, i), {}};
      uint16_t home = symbol.entry.st_shndx;
      bool isInSection = home != SHN_UNDEF && home < SHN_LORESERVE;
      if (!getString(names, symbol.entry.st_name, symbol.name) ||
          (isInSection &&
           (home >= sections.size() ||
            symbol.entry.st_value > sections[home].header.sh_size)) ||
          (home >= SHN_LORESERVE && home != SHN_ABS))
        return refuse("a symbol is damaged");
      if (ELF64_ST_TYPE(symbol.entry.st_info) == STT_TLS ||
          ELF64_ST_TYPE(symbol.entry.st_info) == STT_GNU_IFUNC)
        return refuse("symbol " + std::string(symbol.name) +
                      " is of a kind that is not supported");
      symbols.push_back(symbol);
    }
  }
  return {};
}

Problem ElfObject::readRelocations() {
  for (const ElfSection &section : sections) {
    if (section.header.sh_type == SHT_REL)
      return refuse("it has relocations without addends");
    if (section.header.sh_type != SHT_RELA)
      continue;
    if (section.header.sh_info >= sections.size() ||
        section.header.sh_entsize != sizeof(Elf64_Rela) ||
        section.bytes.size() % sizeof(Elf64_Rela) != 0)
      return refuse("a table of relocations is damaged");
    ElfRelocations table = {section.header.sh_info, {}};
    const ElfSection &target = sections[table.section];
    size_t count = section.bytes.size() / sizeof(Elf64_Rela);
    for (size_t i = 0; i < count; ++i) {
      auto entry = getEntry<Elf64_Rela>(section.bytes, i);
      if (ELF64_R_SYM(entry.r_info) >= symbols.size() ||
          entry.r_offset > target.bytes.size())
        return refuse("a relocation is damaged");
      table.entries.push_back(entry);
    }
    relocations.push_back(std::move(table));
  }
  return {};
}

Problem ElfObject::read(std::string_view file, ElfObject &object) {
  if (Problem problem = object.readSections(file))
    return problem;
  for (const ElfSection &section : object.sections)
    if (Problem problem = object.checkSection(section))
      return problem;
  if (Problem problem = object.readSymbols())
    return problem;
  return object.readRelocations();
}
