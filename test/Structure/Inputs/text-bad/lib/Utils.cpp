// TODO: write this file.
void visit(Operation *op) {
  llvm::TypeSwitch<Operation *>(op).Case<ScaleOp>([](auto) {});
}
