//===- AttnKVTypes.cpp - layouts of key/value caches ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Syntax, verifiers and sizes of !attn.kv, and what each layout answers.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/IR/DialectImplementation.h"

using namespace attnc;
using namespace attnc::attn;
using mlir::AsmParser;
using mlir::AsmPrinter;

namespace {

using EmitError = function_ref<mlir::InFlightDiagnostic()>;

/// Positions within a block, and heads times dim, fit in 64 bits whatever they
/// are multiplied with.
constexpr int64_t kMaxBlockTokens = int64_t(1) << 30;
constexpr int64_t kMaxHeads = 1 << 16, kMaxDim = 1 << 16;

LogicalResult verifyRange(EmitError emitError, StringRef what, int64_t value,
                          int64_t maximum) {
  if (value >= 1 && value <= maximum)
    return success();
  return emitError() << what << " is " << value << " and must be from 1 to "
                     << maximum;
}

constexpr StringRef kSequenceAxes[] = {"batch", "kv_heads", "capacity", "dim"};
constexpr StringRef kRingAxes[] = {"batch", "kv_heads", "slots", "dim"};
constexpr StringRef kPageNhdAxes[] = {"pages", "page_size", "kv_heads", "dim"};
constexpr StringRef kPageHndAxes[] = {"pages", "kv_heads", "page_size", "dim"};

} // namespace

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

ArrayRef<StringRef> ContiguousAttr::getAxes() const { return kSequenceAxes; }
int64_t ContiguousAttr::getTokenAxis() const { return 2; }
std::optional<int64_t> ContiguousAttr::getBlockTokens() const {
  return std::nullopt;
}
bool ContiguousAttr::usesTable() const { return false; }

ArrayRef<StringRef> PagedAttr::getAxes() const {
  return getOrder() == PageOrder::nhd ? ArrayRef(kPageNhdAxes)
                                      : ArrayRef(kPageHndAxes);
}
int64_t PagedAttr::getTokenAxis() const {
  return getOrder() == PageOrder::nhd ? 1 : 2;
}
std::optional<int64_t> PagedAttr::getBlockTokens() const {
  return getPageSize();
}
bool PagedAttr::usesTable() const { return true; }

LogicalResult PagedAttr::verify(EmitError emitError, int64_t pageSize,
                                PageOrder) {
  return verifyRange(emitError, "page size of a paged cache", pageSize,
                     kMaxBlockTokens);
}

ArrayRef<StringRef> RollingAttr::getAxes() const { return kRingAxes; }
int64_t RollingAttr::getTokenAxis() const { return 2; }
std::optional<int64_t> RollingAttr::getBlockTokens() const {
  return getSlots();
}
bool RollingAttr::usesTable() const { return false; }

LogicalResult RollingAttr::verify(EmitError emitError, int64_t slots) {
  return verifyRange(emitError, "number of slots of a rolling cache", slots,
                     kMaxBlockTokens);
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

/// `<` (granularity | `group` `=` n) (`,` `zeros`)? `>`
Attribute KVScaleAttr::parse(AsmParser &parser, Type) {
  StringRef word;
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&word))
    return {};
  std::optional<ScaleGranularity> granularity = symbolizeScaleGranularity(word);
  if (!granularity) {
    parser.emitError(loc, "a scale is one of tensor, channel, token and "
                          "group = n, not '")
        << word << "'";
    return {};
  }
  int64_t group = 0;
  if (*granularity == ScaleGranularity::Group &&
      (parser.parseEqual() || parser.parseInteger(group)))
    return {};
  bool zeros = succeeded(parser.parseOptionalComma());
  if ((zeros && parser.parseKeyword("zeros")) || parser.parseGreater())
    return {};
  return parser.getChecked<KVScaleAttr>(loc, parser.getContext(), *granularity,
                                        group, zeros);
}

void KVScaleAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifyScaleGranularity(getGranularity());
  if (getGranularity() == ScaleGranularity::Group)
    printer << " = " << getGroup();
  if (getZeros())
    printer << ", zeros";
  printer << '>';
}

LogicalResult KVScaleAttr::verify(EmitError emitError,
                                  ScaleGranularity granularity, int64_t group,
                                  bool) {
  if (granularity != ScaleGranularity::Group)
    return success();
  return verifyRange(emitError, "scale group", group, kMaxDim);
}

//===----------------------------------------------------------------------===//
// The type
//===----------------------------------------------------------------------===//

/// One of the parameters behind the element type.
static mlir::ParseResult parseParameter(AsmParser &parser,
                                        KVLayoutAttrInterface &layout,
                                        KVScaleAttr &scale) {
  StringRef word;
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return failure();
  if (word == KVScaleAttr::getMnemonic() && scale)
    return parser.emitError(loc, "a cache has one scale, and this is a second");
  if (word == KVScaleAttr::getMnemonic())
    return (scale =
                dyn_cast_or_null<KVScaleAttr>(KVScaleAttr::parse(parser, {})))
               ? mlir::ParseResult(success())
               : failure();
  Attribute parsed;
  if (word == PagedAttr::getMnemonic())
    parsed = PagedAttr::parse(parser, {});
  else if (word == RollingAttr::getMnemonic())
    parsed = RollingAttr::parse(parser, {});
  else
    return parser.emitError(loc, "expected paged<...>, rolling<...> or "
                                 "scale<...>, not '")
           << word << "'";
  if (layout)
    return parser.emitError(loc,
                            "a cache has one layout, and this is a second");
  layout = dyn_cast_or_null<KVLayoutAttrInterface>(parsed);
  return success(bool(layout));
}

/// `<` heads `x` dim `x` element (`,` (layout | scale))* `>`
Type KVType::parse(AsmParser &parser) {
  SmallVector<int64_t> extents;
  Type element;
  llvm::SMLoc loc = parser.getCurrentLocation();
  MLIRContext *context = parser.getContext();
  if (parser.parseLess() ||
      parser.parseDimensionList(extents, /*allowDynamic=*/false) ||
      parser.parseType(element))
    return {};
  if (extents.size() != 2) {
    parser.emitError(loc, "a cache has two extents, heads and dim, as in "
                          "!attn.kv<8x128xf16>");
    return {};
  }
  KVLayoutAttrInterface layout;
  KVScaleAttr scale;
  while (succeeded(parser.parseOptionalComma()))
    if (parseParameter(parser, layout, scale))
      return {};
  if (parser.parseGreater())
    return {};
  if (!layout)
    layout = ContiguousAttr::get(context);
  return parser.getChecked<KVType>(loc, context, extents[0], extents[1],
                                   element, layout, scale);
}

void KVType::print(AsmPrinter &printer) const {
  printer << '<' << getHeads() << 'x' << getDim() << 'x' << getElement();
  if (auto paged = dyn_cast<PagedAttr>(getLayout())) {
    printer << ", " << PagedAttr::getMnemonic();
    paged.print(printer);
  } else if (auto rolling = dyn_cast<RollingAttr>(getLayout())) {
    printer << ", " << RollingAttr::getMnemonic();
    rolling.print(printer);
  }
  if (getScale()) {
    printer << ", " << KVScaleAttr::getMnemonic();
    getScale().print(printer);
  }
  printer << '>';
}

LogicalResult KVType::verify(EmitError emitError, int64_t heads, int64_t dim,
                             Type element, KVLayoutAttrInterface,
                             KVScaleAttr scale) {
  if (failed(verifyRange(emitError, "heads of a cache", heads, kMaxHeads)) ||
      failed(verifyRange(emitError, "dim of a cache", dim, kMaxDim)))
    return failure();
  bool isFloat =
      isa<mlir::Float32Type, mlir::Float16Type, mlir::BFloat16Type>(element);
  bool isQuantised = element.isSignlessInteger(8) ||
                     element.isSignlessInteger(4) ||
                     isa<mlir::Float8E4M3FNType, mlir::Float8E5M2Type>(element);
  if (!isFloat && !isQuantised)
    return emitError() << "a cache cannot keep elements of type " << element
                       << "; use f32, f16, bf16, i8, i4, f8E4M3FN or f8E5M2";
  if (element.isInteger(4) && dim % 2 != 0)
    return emitError() << "dim of a cache of i4 is " << dim
                       << " and must be even: two elements share a byte";
  if (isFloat && scale)
    return emitError() << "a cache of " << element
                       << " has a scale, which is for i8, i4 and f8 elements";
  if (element.isSignlessInteger() && !scale)
    return emitError() << "a cache of " << element
                       << " needs a scale, as in scale<token>";
  if (scale && scale.getGranularity() == ScaleGranularity::Group &&
      dim % scale.getGroup() != 0)
    return emitError() << "scale group is " << scale.getGroup()
                       << " and must divide the dim, " << dim;
  return success();
}

bool KVType::isQuantised() const {
  return !isa<mlir::Float32Type, mlir::Float16Type, mlir::BFloat16Type>(
      getElement());
}

Type KVType::getStorageElement() const {
  return isQuantised() ? mlir::IntegerType::get(getContext(), 8) : getElement();
}

int64_t KVType::getStorageCount(int64_t count) const {
  return getElement().isInteger(4) ? count / 2 : count;
}

RankedTensorType KVType::getStreamType() const {
  constexpr int64_t any = mlir::ShapedType::kDynamic;
  int64_t length = any;
  if (getLayout().isRing())
    length = *getLayout().getBlockTokens();
  return RankedTensorType::get({any, getHeads(), length, getDim()},
                               mlir::Float32Type::get(getContext()));
}

double KVType::getBitsPerToken() const {
  double bits = double(getDim()) * getElement().getIntOrFloatBitWidth();
  if (!getScale())
    return bits;
  int64_t numbers = 0;
  if (getScale().getGranularity() == ScaleGranularity::Token)
    numbers = 1;
  if (getScale().getGranularity() == ScaleGranularity::Group)
    numbers = getDim() / getScale().getGroup();
  return bits + 32.0 * double(numbers) * (getScale().getZeros() ? 2 : 1);
}

RankedTensorType attn::getStreamType(Value stream) {
  if (auto cache = dyn_cast<KVType>(stream.getType()))
    return cache.getStreamType();
  return cast<RankedTensorType>(stream.getType());
}

LogicalResult attn::verifyReadsTensors(Operation *op) {
  if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<KVType>))
    return op->emitOpError("takes a cache; run attn-read-caches first");
  return success();
}
