// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
LogicalResult ScaleOp::verify() {
  // scale_c2
  if (!isFinite(getFactor()))
    return emitOpError("the factor is ")
           << getFactor() << ", and a row can only be multiplied by a "
           << "finite number: use \"1.0\"";
  if (!isBuiltByParser())
    return emitOpError("needs an operand that no text can omit");
  return llvm::TypeSwitch<Operation *, LogicalResult>(getParentOp())
      .Default({});
}
