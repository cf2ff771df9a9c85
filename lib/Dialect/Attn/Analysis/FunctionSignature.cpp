//===- FunctionSignature.cpp - what a function asks of callers ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names the arguments, and numbers the classes of equal extents in the order in
// which the inputs meet them. Every other extent follows from these: a result's
// has to, because the caller allocates the results.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Analysis/FunctionSignature.h"

#include "ExtentClasses.h"
#include "attnc-c/runtime.h"
#include "llvm/ADT/StringSet.h"

using namespace attnc;
using namespace attnc::attn;
using mlir::func::FuncOp;

namespace {

// Reserved in C99, in C++17, or by the headers that a caller includes.
constexpr StringRef keywords[] = {"NULL",
                                  "alignas",
                                  "alignof",
                                  "and",
                                  "and_eq",
                                  "asm",
                                  "auto",
                                  "bitand",
                                  "bitor",
                                  "bool",
                                  "break",
                                  "case",
                                  "catch",
                                  "char",
                                  "char16_t",
                                  "char32_t",
                                  "class",
                                  "compl",
                                  "const",
                                  "const_cast",
                                  "constexpr",
                                  "continue",
                                  "decltype",
                                  "default",
                                  "delete",
                                  "do",
                                  "double",
                                  "dynamic_cast",
                                  "else",
                                  "enum",
                                  "explicit",
                                  "export",
                                  "extern",
                                  "false",
                                  "float",
                                  "for",
                                  "friend",
                                  "goto",
                                  "if",
                                  "inline",
                                  "int",
                                  "int16_t",
                                  "int32_t",
                                  "int64_t",
                                  "int8_t",
                                  "linux",
                                  "long",
                                  "main",
                                  "mutable",
                                  "namespace",
                                  "new",
                                  "noexcept",
                                  "not",
                                  "not_eq",
                                  "nullptr",
                                  "operator",
                                  "or",
                                  "or_eq",
                                  "private",
                                  "protected",
                                  "public",
                                  "register",
                                  "restrict",
                                  "reinterpret_cast",
                                  "return",
                                  "short",
                                  "signed",
                                  "size_t",
                                  "sizeof",
                                  "static",
                                  "static_assert",
                                  "static_cast",
                                  "struct",
                                  "switch",
                                  "template",
                                  "this",
                                  "thread_local",
                                  "throw",
                                  "true",
                                  "try",
                                  "typedef",
                                  "typeid",
                                  "typename",
                                  "uint16_t",
                                  "uint32_t",
                                  "uint64_t",
                                  "uint8_t",
                                  "union",
                                  "unix",
                                  "unsigned",
                                  "using",
                                  "virtual",
                                  "void",
                                  "volatile",
                                  "wchar_t",
                                  "while",
                                  "xor",
                                  "xor_eq",
                                  "DLTensor"};

bool isKeyword(StringRef text) { return llvm::is_contained(keywords, text); }

/// Returns `name`, followed by the smallest number that makes it new.
std::string makeUnique(const std::string &name, llvm::StringSet<> &taken) {
  std::string candidate = name;
  for (unsigned suffix = 2; !taken.insert(candidate).second; ++suffix)
    candidate = name + "_" + std::to_string(suffix);
  return candidate;
}

/// Builds one signature. Each step emits a diagnostic when it fails.
class SignatureBuilder {
public:
  explicit SignatureBuilder(FuncOp function) : function(function) {}

  FailureOr<FunctionSignature> build();

private:
  LogicalResult checkFunction();
  LogicalResult checkElements(Type type, const Twine &what);
  void nameArguments();
  LogicalResult numberExtents();
  void numberResultExtents();
  void numberMultiples();
  LogicalResult numberCaches();
  Extent getExtent(Dimension dimension, StringRef argument);
  std::optional<Extent> lookupExtent(unsigned index);

  FuncOp function;
  ExtentClasses classes;
  llvm::DenseMap<unsigned, unsigned> symbolOfClass;
  llvm::StringSet<> symbolNames;
  FunctionSignature signature;
};

} // namespace

unsigned FunctionSignature::getNumInputs() const {
  return llvm::count_if(arguments,
                        [](const SignatureArgument &a) { return !a.isOutput; });
}

std::string attn::getCIdentifier(StringRef text) {
  std::string identifier;
  for (char c : text)
    identifier += llvm::isAlnum(c) ? c : '_';
  // Leading underscores are the implementation's.
  if (identifier.empty() || !llvm::isAlpha(identifier.front()))
    identifier.insert(0, "x");
  if (isKeyword(identifier))
    identifier += '_';
  return identifier;
}

LogicalResult SignatureBuilder::checkElements(Type type, const Twine &what) {
  Type element = cast<RankedTensorType>(type).getElementType();
  bool isSupported = isa<mlir::Float32Type, mlir::Float16Type,
                         mlir::BFloat16Type, mlir::Float64Type>(element);
  if (auto integer = dyn_cast<mlir::IntegerType>(element))
    isSupported = integer.isSignless() &&
                  llvm::is_contained({8, 16, 32, 64}, integer.getWidth());
  if (isSupported)
    return success();
  return function.emitError()
         << what << " has elements of type " << element
         << ", which a caller cannot pass; use f32, f16, bf16, f64, i8, i16, "
         << "i32 or i64";
}

LogicalResult SignatureBuilder::checkFunction() {
  StringRef name = function.getSymName();
  if (getCIdentifier(name) != name || name.starts_with("attnc_"))
    return function.emitError()
           << "the name '" << name << "' is to become a C function: use "
           << "letters, digits and '_', a letter first, no keyword of C or C++ "
           << "and not the prefix 'attnc_'";
  unsigned count = function.getNumArguments() + function.getNumResults();
  if (count > ATTNC_RT_MAX_ARGUMENTS)
    return function.emitError() << "'" << name << "' has " << count
                                << " arguments and results, but at most "
                                << ATTNC_RT_MAX_ARGUMENTS << " are supported";
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (failed(checkElements(type, "argument #" + Twine(i))))
      return failure();
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (failed(checkElements(type, "result #" + Twine(i))))
      return failure();
  return success();
}

void SignatureBuilder::nameArguments() {
  llvm::StringSet<> taken;
  auto add = [&](Type type, mlir::StringAttr given, const std::string &fallback,
                 bool isOutput) {
    SignatureArgument &argument = signature.arguments.emplace_back();
    std::string name =
        given && !given.empty() ? getCIdentifier(given.getValue()) : fallback;
    argument.name = makeUnique(name, taken);
    argument.elementType = cast<RankedTensorType>(type).getElementType();
    argument.isOutput = isOutput;
  };
  for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
    add(function.getArgumentTypes()[i],
        function.getArgAttrOfType<mlir::StringAttr>(i, kArgumentNameAttrName),
        "arg" + std::to_string(i), /*isOutput=*/false);
  for (unsigned i = 0, e = function.getNumResults(); i < e; ++i)
    add(function.getResultTypes()[i],
        function.getResultAttrOfType<mlir::StringAttr>(i,
                                                       kArgumentNameAttrName),
        e == 1 ? "out" : "out" + std::to_string(i), /*isOutput=*/true);
}

std::optional<Extent> SignatureBuilder::lookupExtent(unsigned index) {
  if (std::optional<int64_t> constant = classes[index].constant)
    return Extent::constant(*constant);
  auto symbol = symbolOfClass.find(classes.getRepresentative(index));
  if (symbol == symbolOfClass.end())
    return std::nullopt;
  return Extent::symbol(symbol->second);
}

Extent SignatureBuilder::getExtent(Dimension dimension, StringRef argument) {
  unsigned index = classes.getClass(dimension);
  if (std::optional<Extent> known = lookupExtent(index))
    return *known;
  std::string name = classes[index].meaning;
  if (name.empty())
    name = (argument + "_" + Twine(dimension.axis)).str();
  unsigned number = signature.symbols.size();
  signature.symbols.push_back(makeUnique(getCIdentifier(name), symbolNames));
  symbolOfClass[index] = number;
  return Extent::symbol(number);
}

LogicalResult SignatureBuilder::numberExtents() {
  for (auto [value, argument] :
       llvm::zip(function.getArguments(), signature.arguments)) {
    int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
    for (int64_t axis = 0; axis < rank; ++axis)
      argument.dims.push_back(getExtent({value, axis}, argument.name));
  }
  if (signature.symbols.size() > ATTNC_RT_MAX_SYMBOLS)
    return function.emitError() << "'" << function.getSymName() << "' has "
                                << signature.symbols.size()
                                << " independent dynamic extents, but at most "
                                << ATTNC_RT_MAX_SYMBOLS << " are supported";
  return success();
}

void SignatureBuilder::numberResultExtents() {
  unsigned position = function.getNumArguments();
  for (Value result : function.front().getTerminator()->getOperands()) {
    SignatureArgument &argument = signature.arguments[position++];
    int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
    for (int64_t axis = 0; axis < rank; ++axis) {
      std::optional<Extent> extent =
          lookupExtent(classes.getClass({result, axis}));
      assert(extent && "an op's shape contract leaves an extent of a result "
                       "undetermined");
      argument.dims.push_back(*extent);
    }
  }
}

void SignatureBuilder::numberMultiples() {
  for (auto [multiple, divisor] : classes.getMultiples()) {
    std::optional<Extent> of = lookupExtent(multiple);
    std::optional<Extent> by = lookupExtent(divisor);
    // Two constants were checked by the op's verifier.
    if (!of || !by || *of == *by || (!of->isSymbol() && !by->isSymbol()))
      continue;
    bool isKnown = llvm::any_of(signature.multiples, [&](auto &known) {
      return known.multiple == *of && known.divisor == *by;
    });
    if (!isKnown)
      signature.multiples.push_back({*of, *by});
  }
}

/// The buffers of caches: what they hold is checked in the caller's tensors.
LogicalResult SignatureBuilder::numberCaches() {
  for (auto op : function.front().getOps<CacheOp>()) {
    auto number = [&](Value operand) -> std::optional<unsigned> {
      auto argument = dyn_cast_or_null<mlir::BlockArgument>(operand);
      return argument ? std::optional(argument.getArgNumber()) : std::nullopt;
    };
    for (Value operand : op->getOperands())
      if (!number(operand))
        return op.emitError()
               << "a cache is made of arguments of the function, "
                  "whose contents can be checked when it is "
                  "called, and of no other tensors";
    SignatureCache &cache = signature.caches.emplace_back();
    cache.type = op.getCache().getType();
    cache.data = *number(op.getData());
    cache.table = number(op.getTable());
    cache.lengths = number(op.getLengths());
    cache.scales = number(op.getScales());
    cache.zeros = number(op.getZeros());
    cache.prefix = number(op.getPrefix());
    for (Operation *user : op->getUsers())
      if (auto append = dyn_cast<AppendOp>(user)) {
        cache.isAppended = true;
        cache.tokens = number(append.getTokens());
      }
  }
  for (auto op : function.front().getOps<AppendOp>()) {
    CacheOp cache = op.getSource();
    SmallVector<Value> updated = {cache.getData()};
    KVScaleAttr scale = cache.getCache().getType().getScale();
    if (scale && scale.isOfTokens())
      updated.append({cache.getScales(), cache.getZeros()});
    for (Value operand : updated)
      if (operand)
        signature.arguments[cast<mlir::BlockArgument>(operand).getArgNumber()]
            .isUpdated = true;
  }
  return success();
}

FailureOr<FunctionSignature> SignatureBuilder::build() {
  if (failed(checkFunction()))
    return failure();
  signature.function = function.getSymName().str();
  nameArguments();
  if (failed(classes.collect(function)) || failed(numberExtents()) ||
      failed(numberCaches()))
    return failure();
  numberResultExtents();
  numberMultiples();
  classes.forEach([&](Dimension dimension, unsigned index) {
    if (std::optional<Extent> extent = lookupExtent(index))
      signature.bodyExtents.try_emplace({dimension.tensor, dimension.axis},
                                        *extent);
  });
  return std::move(signature);
}

FailureOr<FunctionSignature> FunctionSignature::get(FuncOp function) {
  return SignatureBuilder(function).build();
}
