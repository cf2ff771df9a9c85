//===- MaskSyntax.h - numbers and names in a mask ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the generated parsers of the mask patterns call for their parameters,
// and which names a mask may give to what is read at run time.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_IR_MASKSYNTAX_H
#define ATTNC_LIB_DIALECT_ATTN_IR_MASKSYNTAX_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace attnc::attn {

/// Whether `name` is a word of the mask language, as `q` or `mod`: nothing that
/// an op binds can have it as a name.
bool isReservedMaskName(StringRef name);

/// Fails, with a diagnostic, if `name` cannot be that of a number or a table
/// that an op binds: it is no identifier, or it is reserved.
LogicalResult verifyMaskName(function_ref<mlir::InFlightDiagnostic()> emitError,
                             StringRef name);

/// number ::= integer | name. `number` becomes an IntegerAttr of i64 or a
/// StringAttr.
mlir::ParseResult parseMaskNumber(mlir::AsmParser &parser, Attribute &number);
void printMaskNumber(mlir::AsmPrinter &printer, Attribute number);

/// table ::= name
mlir::ParseResult parseMaskTable(mlir::AsmParser &parser,
                                 mlir::StringAttr &table);
void printMaskTable(mlir::AsmPrinter &printer, mlir::StringAttr table);

/// axes ::= `row` | `column` | `both`
mlir::ParseResult parseAxialAxes(mlir::AsmParser &parser, AxialAxes &axes);
void printAxialAxes(mlir::AsmPrinter &printer, AxialAxes axes);

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_IR_MASKSYNTAX_H
