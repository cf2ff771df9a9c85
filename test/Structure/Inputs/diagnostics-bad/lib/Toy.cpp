// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
LogicalResult ScaleOp::verify() {
  if (isEmpty())
    return emitOpError("a row that is empty cannot be scaled");
  // The first of these two is tested; what they share does not count.
  if (isTooLong())
    return emitOpError() << "a row is at most 4096 elements long, this is "
                         << size();
  if (isTooWide())
    return emitOpError() << "a row is at most 4096 elements wide, this is "
                         << size();
  if (isOdd())
    return emitError(getLoc()) << "is odd";
  mlir::emitWarning(getLoc(), "joined from "
                              "two adjacent literals");
  return failure();
}
