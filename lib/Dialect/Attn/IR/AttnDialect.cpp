//===- AttnDialect.cpp - registration of the attn dialect -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything ODS generates for the attn dialect is compiled here. Verifiers and
// other methods are in the files named after the .td files that declare them.
//
//===----------------------------------------------------------------------===//
#include "MaskSyntax.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace attnc;
using namespace attnc::attn;

#include "attnc/Dialect/Attn/IR/AttnDialect.cpp.inc"

#include "attnc/Dialect/Attn/IR/AttnEnums.cpp.inc"

#include "attnc/Dialect/Attn/IR/AttnAttrInterfaces.cpp.inc"
#include "attnc/Dialect/Attn/IR/AttnOpInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "attnc/Dialect/Attn/IR/AttnAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "attnc/Dialect/Attn/IR/AttnTypes.cpp.inc"

/// name `=` %value (`,` name `=` %value)*: the types are with those of the
/// other operands.
static mlir::ParseResult
parseTables(mlir::OpAsmParser &parser,
            SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &tables,
            mlir::ArrayAttr &names) {
  SmallVector<Attribute> parsed;
  auto parseTable = [&]() -> mlir::ParseResult {
    StringRef name;
    if (parser.parseKeyword(&name) || parser.parseEqual() ||
        parser.parseOperand(tables.emplace_back()))
      return failure();
    parsed.push_back(parser.getBuilder().getStringAttr(name));
    return success();
  };
  if (parser.parseCommaSeparatedList(parseTable))
    return failure();
  names = parser.getBuilder().getArrayAttr(parsed);
  return success();
}

static void printTables(mlir::OpAsmPrinter &printer, Operation *,
                        mlir::OperandRange tables, mlir::ArrayAttr names) {
  llvm::interleaveComma(llvm::zip(names.getAsRange<mlir::StringAttr>(), tables),
                        printer, [&](auto pair) {
                          printer.printKeywordOrString(
                              std::get<0>(pair).getValue());
                          printer << " = " << std::get<1>(pair);
                        });
}

#define GET_OP_CLASSES
#include "attnc/Dialect/Attn/IR/Attn.cpp.inc"

void AttnDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attnc/Dialect/Attn/IR/AttnAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "attnc/Dialect/Attn/IR/AttnTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "attnc/Dialect/Attn/IR/Attn.cpp.inc"
      >();
  // Attached by registerCarryInterfaces. A program that forgets it stops with a
  // message, where it would else see ops that cannot be tiled.
  declarePromisedInterfaces<CarryOpInterface, AttendOp, ScanOp, ConvolveOp,
                            StateSpaceOp>();
}

LogicalResult
AttnDialect::verifyOperationAttribute(Operation *op,
                                      mlir::NamedAttribute attribute) {
  if (attribute.getName() == kScheduleAttrName &&
      !isa<ScheduleAttr>(attribute.getValue()))
    return op->emitOpError()
           << "attribute attn.schedule is " << attribute.getValue()
           << " and must be a #attn.schedule<...>";
  if (attribute.getName() == kDecodeAttrName &&
      !isa<DecodeAttr>(attribute.getValue()))
    return op->emitOpError()
           << "attribute attn.decode is " << attribute.getValue()
           << " and must be a #attn.decode<...>";
  if (attribute.getName() == kRecurrentAttrName &&
      !isa<RecurrentAttr>(attribute.getValue()))
    return op->emitOpError()
           << "attribute attn.recurrent is " << attribute.getValue()
           << " and must be a #attn.recurrent<...>";
  if (attribute.getName() == kTargetAttrName &&
      !isa<CpuTargetAttr>(attribute.getValue()))
    return op->emitOpError()
           << "attribute attn.target is " << attribute.getValue()
           << " and must be a #attn.cpu<...>";
  if (attribute.getName() == kGpuTargetAttrName &&
      !isa<GpuTargetAttr>(attribute.getValue()))
    return op->emitOpError() << "attribute attn.gpu is " << attribute.getValue()
                             << " and must be a #attn.gpu<...>";
  return success();
}

/// The name of an argument or a result of an entry point.
static LogicalResult verifyArgumentName(Operation *op,
                                        mlir::NamedAttribute attribute) {
  if (attribute.getName() != kArgumentNameAttrName)
    return success();
  auto name = dyn_cast<mlir::StringAttr>(attribute.getValue());
  if (!name || name.empty())
    return op->emitOpError()
           << "attribute attn.name is " << attribute.getValue()
           << " and must be a name in quotes";
  return success();
}

LogicalResult
AttnDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                      mlir::NamedAttribute attribute) {
  return verifyArgumentName(op, attribute);
}

LogicalResult
AttnDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                         mlir::NamedAttribute attribute) {
  return verifyArgumentName(op, attribute);
}
