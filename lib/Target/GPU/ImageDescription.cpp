//===- ImageDescription.cpp - the GPU programs of a module ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A cubin is an ELF file. Its section .nv.info is a list of attributes: a byte
// for the form, a byte for which, two for a small value or the size of what
// follows. The one that says how many registers a kernel takes names it by its
// number in the table of symbols.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/GPU/ImageDescription.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/Endian.h"
#include <map>

using namespace attnc;
using namespace attnc::gpu;

namespace {

using Elf = llvm::object::ELFFile<llvm::object::ELF64LE>;

constexpr StringRef kDataSuffix = ".data", kArchSuffix = ".arch";

/// Attributes with bytes behind them, and that of registers: two words, the
/// symbol and the count.
constexpr uint8_t kSizedForm = 4, kRegisterCount = 0x2f;

std::map<uint32_t, uint32_t> readRegisterCounts(StringRef info) {
  std::map<uint32_t, uint32_t> counts;
  while (info.size() >= 4) {
    uint8_t form = info[0], attribute = info[1];
    size_t size = form == kSizedForm
                      ? llvm::support::endian::read16le(info.data() + 2)
                      : 0;
    info = info.drop_front(4);
    if (size > info.size())
      break;
    if (attribute == kRegisterCount && size == 8)
      counts[llvm::support::endian::read32le(info.data())] =
          llvm::support::endian::read32le(info.data() + 4);
    info = info.drop_front(size);
  }
  return counts;
}

llvm::Error readCubin(StringRef image,
                      std::vector<KernelDescription> &kernels) {
  auto elf = Elf::create(image);
  if (!elf)
    return elf.takeError();
  auto sections = elf->sections();
  if (!sections)
    return sections.takeError();
  std::map<uint32_t, uint32_t> registers;
  for (const Elf::Elf_Shdr &section : *sections) {
    auto name = elf->getSectionName(section);
    if (!name)
      return name.takeError();
    if (*name != ".nv.info")
      continue;
    auto info = elf->getSectionContents(section);
    if (!info)
      return info.takeError();
    registers = readRegisterCounts(llvm::toStringRef(*info));
  }
  for (const Elf::Elf_Shdr &section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_SYMTAB)
      continue;
    auto symbols = elf->symbols(&section);
    auto strings = elf->getStringTableForSymtab(section);
    if (!symbols || !strings)
      return llvm::joinErrors(symbols.takeError(), strings.takeError());
    for (auto [number, symbol] : llvm::enumerate(*symbols)) {
      if (symbol.getType() != llvm::ELF::STT_FUNC ||
          symbol.getBinding() != llvm::ELF::STB_GLOBAL || !symbol.isDefined())
        continue;
      auto name = symbol.getName(*strings);
      if (!name)
        return name.takeError();
      KernelDescription &kernel = kernels.emplace_back();
      kernel.name = name->str();
      if (auto found = registers.find(number); found != registers.end())
        kernel.registers = found->second;
    }
  }
  return llvm::Error::success();
}

std::vector<KernelDescription> readPtx(StringRef text) {
  std::vector<KernelDescription> kernels;
  constexpr StringRef entry = ".entry ";
  for (size_t at = text.find(entry); at != StringRef::npos;
       at = text.find(entry, at)) {
    at += entry.size();
    StringRef name = text.substr(at).ltrim().take_until(
        [](char c) { return c == '(' || c == ' ' || c == '\n'; });
    kernels.push_back({name.str(), std::nullopt});
  }
  return kernels;
}

bool isCubin(StringRef image) { return image.starts_with(llvm::ELF::ElfMagic); }

} // namespace

std::vector<KernelDescription> gpu::findKernels(StringRef image) {
  if (!isCubin(image))
    return readPtx(image);
  std::vector<KernelDescription> kernels;
  if (llvm::Error error = readCubin(image, kernels)) {
    // It is described no less for what is not understood.
    llvm::consumeError(std::move(error));
    kernels.clear();
  }
  return kernels;
}

/// The bytes of each image of a module, and its architecture.
static SmallVector<std::pair<StringRef, StringRef>>
findImages(ModuleOp module) {
  SmallVector<std::pair<StringRef, StringRef>> images;
  for (auto data : module.getOps<mlir::LLVM::GlobalOp>()) {
    StringRef name = data.getSymName();
    auto bytes = dyn_cast_or_null<mlir::StringAttr>(data.getValueOrNull());
    if (!bytes || !name.consume_back(kDataSuffix))
      continue;
    auto arch =
        module.lookupSymbol<mlir::LLVM::GlobalOp>((name + kArchSuffix).str());
    auto archText =
        arch ? dyn_cast_or_null<mlir::StringAttr>(arch.getValueOrNull())
             : nullptr;
    if (archText)
      images.emplace_back(bytes.getValue(), archText.getValue().rtrim('\0'));
  }
  return images;
}

std::vector<ImageDescription> gpu::describeImages(ModuleOp module) {
  std::vector<ImageDescription> images;
  for (auto [image, arch] : findImages(module))
    images.push_back({isCubin(image) ? "cubin" : "ptx", arch.str(),
                      image.size(), findKernels(image)});
  return images;
}

StringRef gpu::findImage(ModuleOp module) {
  auto images = findImages(module);
  return images.empty() ? StringRef() : images.front().first;
}
