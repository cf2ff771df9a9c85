//===- AttnAttendOps.cpp - verifier and shapes of attn.attend -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Attn/AttnAttendOps.td, in
// that order: later ones rely on earlier ones.
//
//===----------------------------------------------------------------------===//
#include "RegionChecks.h"
#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace attnc;
using namespace attnc::attn;
using mlir::ArrayAttr;
using mlir::ShapedType;

namespace {

/// Axes of query, key, value and out.
enum Axis { kBatch, kHeads, kLength, kDim };

constexpr StringRef kQueryAxes[] = {"batch", "heads", "query_length", "dim"};
constexpr StringRef kKeyAxes[] = {"batch", "kv_heads", "kv_length", "dim"};
constexpr StringRef kValueAxes[] = {"batch", "kv_heads", "kv_length",
                                    "value_dim"};
constexpr StringRef kOutAxes[] = {"batch", "heads", "query_length",
                                  "value_dim"};
constexpr StringRef kLseAxes[] = {"batch", "heads", "query_length"};

/// The tensors of an attend, by name.
struct Tensors {
  explicit Tensors(AttendOp op)
      : query{"query", op.getQuery()}, key{"key", op.getKey()},
        value{"value", op.getValue()}, out{"out", op.getOut()} {
    if (op.getLse())
      lse = NamedTensor{"lse", op.getLse()};
    if (op.getInitialOut())
      initialOut = NamedTensor{"initial_out", op.getInitialOut()};
    if (op.getInitialLse())
      initialLse = NamedTensor{"initial_lse", op.getInitialLse()};
  }

  NamedTensor query, key, value, out;
  std::optional<NamedTensor> lse, initialOut, initialLse;
};

ElementRegion getScoreRegion(AttendOp op) {
  mlir::Builder builder(op.getContext());
  Type index = builder.getIndexType();
  NamedTensor query{"query", op.getQuery()};
  return {
      "score",
      &op.getScore(),
      {builder.getF32Type(), index, index, index, index},
      "score: f32, b: index, h: index, q: index, k: index",
      {{1, "b", {query, kBatch}, "batch"}, {2, "h", {query, kHeads}, "heads"}}};
}

ElementRegion getWhereRegion(AttendOp op) {
  Type index = mlir::IndexType::get(op.getContext());
  NamedTensor query{"query", op.getQuery()}, key{"key", op.getKey()};
  ElementRegion region{"where",
                       &op.getWhere(),
                       {index, index, index, index},
                       "b: index, h: index, q: index, k: index",
                       {{0, "b", {query, kBatch}, "batch"},
                        {1, "h", {query, kHeads}, "heads"},
                        {2, "q", {key, kLength}, "kv_length"},
                        {3, "k", {key, kLength}, "kv_length"}}};
  region.yieldsTruth = true;
  return region;
}

/// C3: groups of query heads share a key head.
LogicalResult verifyHeads(AttendOp op, const Tensors &tensors) {
  if (failed(verifySameExtent(op, {tensors.value, kHeads},
                              {tensors.key, kHeads}, "kv_heads")))
    return failure();
  for (const NamedTensor &shared : {tensors.key, tensors.value}) {
    int64_t heads = tensors.query.getExtent(kHeads);
    int64_t kvHeads = shared.getExtent(kHeads);
    if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(kvHeads))
      continue;
    if (kvHeads == 0 ? heads != 0 : heads % kvHeads != 0)
      return op.emitOpError()
             << "query has " << heads << " heads and " << shared.name << " has "
             << kvHeads
             << ": the query heads must be a multiple of the kv_heads";
  }
  return success();
}

/// C4: the contraction axes agree, and their sizes are known.
LogicalResult verifyDims(AttendOp op, const Tensors &tensors) {
  return failure(
      failed(verifyStaticExtent(op, {tensors.query, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {tensors.key, kDim}, "dim")) ||
      failed(verifyStaticExtent(op, {tensors.value, kDim}, "value_dim")) ||
      failed(verifySameExtent(op, {tensors.key, kDim}, {tensors.query, kDim},
                              "dim")));
}

/// C6 and C7: a result, axis by axis.
LogicalResult verifyResult(AttendOp op, const Tensors &tensors,
                           NamedTensor result, ArrayRef<StringRef> axes) {
  if (failed(verifyRank(op, result, axes)))
    return failure();
  for (int64_t axis : {kBatch, kHeads, kLength})
    if (failed(verifySameExtent(op, {result, axis}, {tensors.query, axis},
                                axes[axis])))
      return failure();
  return success();
}

/// The extent that a look-up by position `dim` of the mask has to cover.
NamedExtent getPositionExtent(const Tensors &tensors, unsigned dim) {
  if (dim < 2)
    return {tensors.query, dim == 0 ? kBatch : kHeads};
  return {tensors.key, kLength};
}
constexpr StringRef kPositionExtents[] = {"batch", "heads", "kv_length",
                                          "kv_length"};

/// The dims of the mask that index the axes of the term's table.
SmallVector<unsigned> getTableDims(const MaskTerm &term, int64_t rank) {
  SmallVector<unsigned> dims;
  if (rank == static_cast<int64_t>(term.indices.size()) + 1)
    dims.push_back(0);
  for (AffineExpr index : term.indices)
    dims.push_back(cast<mlir::AffineDimExpr>(index).getPosition());
  return dims;
}

/// C13: the table of one term.
LogicalResult verifyTable(AttendOp op, const Tensors &tensors,
                          const MaskTerm &term, Value table) {
  auto type = dyn_cast<RankedTensorType>(table.getType());
  int64_t rank = type ? type.getRank() : 0;
  int64_t indices = term.indices.size();
  if (rank != indices && (!type || rank != indices + 1))
    return op.emitOpError()
           << "table '" << term.table << "' is " << table.getType()
           << " and the mask reads " << term.getName() << ": it must have "
           << indices << " axes, or one more in front for the batch";
  if (!type)
    return success();
  for (auto [axis, dim] : llvm::enumerate(getTableDims(term, rank)))
    if (failed(verifySameExtent(op, {{term.table, table}, int64_t(axis)},
                                getPositionExtent(tensors, dim),
                                kPositionExtents[dim])))
      return failure();
  return success();
}

/// C13: what a pattern computes its table from.
LogicalResult verifyOperand(AttendOp op, StringRef name, Value table) {
  auto type = dyn_cast<RankedTensorType>(table.getType());
  if (type && type.getRank() == 1)
    return success();
  return op.emitOpError() << "table '" << name << "' is " << table.getType()
                          << " and must be a tensor of rank 1";
}

LogicalResult verifyTables(AttendOp op, const Tensors &tensors) {
  Mask mask = op.getEffectiveMask();
  // attend_c12
  llvm::StringSet<> bound, read;
  if (op.getTables().empty() != !op.getTableNames() ||
      (op.getTableNames() &&
       op.getTableNames()->size() != op.getTables().size()))
    return op.emitOpError() << "table_names must hold one name per table";
  if (ArrayAttr names = op.getTableNamesAttr())
    for (auto name : names.getAsRange<mlir::StringAttr>())
      if (!bound.insert(name.getValue()).second)
        return op.emitOpError()
               << "binds the table '" << name.getValue() << "' twice";
  for (const MaskTerm &term : mask.terms.getTerms()) {
    // A table that a pattern computes is bound through what it is made of.
    StringRef name = term.getBoundName();
    if (name.empty())
      continue;
    read.insert(name);
    Value table = op.getTable(name);
    if (!table)
      return op.emitOpError()
             << "the mask reads '" << name
             << "', and nothing is bound to that name: add tables(" << name
             << " = %value)";
    // attend_c13
    if (failed(term.source ? verifyOperand(op, name, table)
                           : verifyTable(op, tensors, term, table)))
      return failure();
  }
  if (ArrayAttr names = op.getTableNamesAttr())
    for (auto name : names.getAsRange<mlir::StringAttr>())
      if (!read.contains(name.getValue()))
        return op.emitOpError() << "binds the table '" << name.getValue()
                                << "', which the mask does not read";
  return success();
}

/// C14: the carry to start from.
LogicalResult verifyInit(AttendOp op, const Tensors &tensors) {
  if (!tensors.initialOut != !tensors.initialLse)
    return op.emitOpError() << "has only one of initial_out and initial_lse, "
                               "and the carry is both";
  if (!tensors.initialOut)
    return success();
  return failure(
      failed(verifyFloat32(op, *tensors.initialOut)) ||
      failed(verifyFloat32(op, *tensors.initialLse)) ||
      failed(verifyResult(op, tensors, *tensors.initialOut, kOutAxes)) ||
      failed(verifySameExtent(op, {*tensors.initialOut, kDim},
                              {tensors.out, kDim}, "value_dim")) ||
      failed(verifyResult(op, tensors, *tensors.initialLse, kLseAxes)));
}

/// C15: positions within a residue class are no indices of tables, and the
/// classes of sequences with lengths of their own differ in theirs.
LogicalResult verifyLattice(AttendOp op) {
  Mask mask = op.getEffectiveMask();
  if (!op.getLattice())
    return success();
  if (op.getLengths() || op.getQueryLengths() ||
      isa<KVType>(op.getKey().getType()))
    return op.emitOpError()
           << "has a lattice beside lengths or a cache, which is not "
              "supported: write the lattice into the mask, as \"(q - k) mod "
           << *op.getLattice() << " == 0\"";
  for (auto [term, role] :
       llvm::zip_equal(mask.terms.getTerms(), TermRoles(mask.terms).roles))
    if (role != TermRole::value)
      return op.emitOpError()
             << "has a lattice and a mask that reads " << term.getName()
             << ", which is not supported: write the lattice into the mask, as "
                "\"(q - k) mod "
             << *op.getLattice() << " == 0\"";
  return success();
}

/// The expression where every position is `shift` greater.
AffineExpr shiftPositions(AffineExpr expr) {
  MLIRContext *context = expr.getContext();
  AffineExpr shift = mlir::getAffineSymbolExpr(0, context);
  return mlir::simplifyAffineExpr(
      expr.replace({{mlir::getAffineDimExpr(2, context),
                     mlir::getAffineDimExpr(2, context) + shift},
                    {mlir::getAffineDimExpr(3, context),
                     mlir::getAffineDimExpr(3, context) + shift}}),
      /*numDims=*/64, /*numSymbols=*/1);
}

/// Whether the mask is the same wherever positions are counted from.
bool dependsOnDistancesOnly(const MaskExpr &expr) {
  if (expr.kind != MaskExpr::Kind::Compare)
    return llvm::all_of(expr.children, dependsOnDistancesOnly);
  AffineExpr difference = mlir::simplifyAffineExpr(expr.lhs - expr.rhs, 64, 1);
  return shiftPositions(difference) == difference;
}

/// Whether the term is read at a position.
bool isReadByPosition(const MaskTerm &term) {
  return llvm::any_of(term.indices, [](AffineExpr index) {
    return index.isFunctionOfDim(2) || index.isFunctionOfDim(3);
  });
}

/// Whether a region of the op reads a table at a position.
bool readsTableByPosition(Region &region, unsigned firstPosition) {
  bool reads = false;
  region.walk([&](mlir::tensor::ExtractOp extract) {
    for (Value index : extract.getIndices()) {
      auto argument = dyn_cast<mlir::BlockArgument>(index);
      reads |= argument && argument.getOwner() == &region.front() &&
               argument.getArgNumber() >= firstPosition;
    }
  });
  return reads;
}

/// C18: numbers of keys and queries.
LogicalResult verifyLengths(AttendOp op, const Tensors &tensors) {
  for (auto [name, lengths] :
       {std::pair<StringRef, Value>{"lengths", op.getLengths()},
        {"query_lengths", op.getQueryLengths()}}) {
    static constexpr StringRef axes[] = {"batch"};
    if (lengths && (failed(verifyRank(op, {name, lengths}, axes)) ||
                    failed(verifySameExtent(op, {{name, lengths}, 0},
                                            {tensors.query, kBatch}, "batch"))))
      return failure();
  }
  if (op.getLengths() && isa<KVType>(op.getKey().getType()))
    return op.emitOpError()
           << "has lengths, and a cache has its own: give them "
              "to attn.cache";
  return success();
}

/// C19: keys and values are of the same sequences.
LogicalResult verifySameSequences(AttendOp op) {
  auto keyType = dyn_cast<KVType>(op.getKey().getType());
  auto valueType = dyn_cast<KVType>(op.getValue().getType());
  if (!keyType && !valueType)
    return success();
  if (!keyType || !valueType)
    return op.emitOpError()
           << "one of key and value is a cache and the other a "
              "tensor: make both caches, with attn.cache";
  auto key = op.getKey().getDefiningOp<CacheOp>();
  auto value = op.getValue().getDefiningOp<CacheOp>();
  if (!key || !value)
    return op.emitOpError() << "takes a cache that no attn.cache of this "
                               "function makes";
  if (keyType.getLayout() == valueType.getLayout() &&
      key.getTable() == value.getTable() &&
      key.getLengths() == value.getLengths())
    return success();
  return op.emitOpError() << "key and value are caches that differ in layout, "
                             "table or lengths";
}

/// C20 and C21: what a mask may ask of sequences of different lengths.
LogicalResult verifyMaskOfSequences(AttendOp op) {
  Mask mask = op.getEffectiveMask();
  auto cache = op.getKey().getDefiningOp<CacheOp>();
  KVLayoutAttrInterface layout =
      cache ? cache.getCache().getType().getLayout() : KVLayoutAttrInterface();
  bool hasLengths = op.getLengths() || (cache && cache.getLengths());
  for (const MaskTerm &term : mask.terms.getTerms()) {
    if (hasLengths && term.source)
      return op.emitOpError()
             << "the mask computes " << term.getName()
             << " from the number of keys, which is not supported where "
                "sequences have lengths of their own: bind a table of the "
                "user's, as in \"table(q) == table(k)\"";
    if (layout && layout.getBlockTokens() && isReadByPosition(term))
      return op.emitOpError()
             << "the mask reads " << term.getName()
             << " at a position, which is not supported over a paged or "
                "rolling cache: its positions have no extent to check the "
                "table against";
  }
  if (layout && layout.getBlockTokens() && !op.getWhere().empty() &&
      readsTableByPosition(op.getWhere(), 2))
    return op.emitOpError() << "the where region reads a table at a position, "
                               "which is not supported over a paged or rolling "
                               "cache";
  if (layout && layout.isRing() && !dependsOnDistancesOnly(mask.predicate))
    return op.emitOpError()
           << "the mask depends on where positions are counted from, which a "
              "rolling cache does not keep: write it in distances, as q - k";
  return success();
}

/// The largest lattice: more residue classes than this are no sequences.
constexpr int64_t kMaxLattice = 1 << 20;

} // namespace

LogicalResult AttendOp::verify() {
  Tensors tensors(*this);
  // attend_c11: first, so that nothing below can overflow.
  if (failed(verifyElementCounts(*this)))
    return failure();
  // attend_c1
  if (failed(verifyRank(*this, tensors.query, kQueryAxes)) ||
      failed(verifyRank(*this, tensors.key, kKeyAxes)) ||
      failed(verifyRank(*this, tensors.value, kValueAxes)))
    return failure();
  // attend_c2
  for (const NamedTensor &tensor : {tensors.key, tensors.value})
    if (failed(verifyLikeElementType(*this, tensor, tensors.query)))
      return failure();
  if (failed(verifyLikeElementType(*this, tensors.out, tensors.query)))
    return failure();
  // attend_c3
  if (failed(verifyHeads(*this, tensors)))
    return failure();
  // attend_c4
  if (failed(verifyDims(*this, tensors)))
    return failure();
  // attend_c5
  for (const NamedTensor &tensor : {tensors.key, tensors.value})
    if (failed(verifySameExtent(*this, {tensor, kBatch},
                                {tensors.query, kBatch}, "batch")))
      return failure();
  if (failed(verifySameExtent(*this, {tensors.value, kBatch},
                              {tensors.key, kBatch}, "batch")) ||
      failed(verifySameExtent(*this, {tensors.value, kLength},
                              {tensors.key, kLength}, "kv_length")))
    return failure();
  // attend_c6
  if (failed(verifyResult(*this, tensors, tensors.out, kOutAxes)) ||
      failed(verifyStaticExtent(*this, {tensors.out, kDim}, "value_dim")) ||
      failed(verifySameExtent(*this, {tensors.out, kDim}, {tensors.value, kDim},
                              "value_dim")))
    return failure();
  // attend_c7
  if (tensors.lse &&
      (failed(verifyFloat32(*this, *tensors.lse)) ||
       failed(verifyResult(*this, tensors, *tensors.lse, kLseAxes))))
    return failure();
  // attend_c10
  if (getScale() && !std::isfinite(getScale()->convertToDouble()))
    return emitOpError() << "scale is " << getScale()->convertToDouble()
                         << " and must be finite";
  // attend_c12, attend_c13
  if (failed(verifyTables(*this, tensors)))
    return failure();
  // attend_c14
  if (failed(verifyInit(*this, tensors)))
    return failure();
  // attend_c15
  if (getLattice() && (*getLattice() < 2 || *getLattice() > kMaxLattice))
    return emitOpError() << "lattice is " << *getLattice()
                         << " and must be from 2 to " << kMaxLattice;
  if (failed(verifyLattice(*this)))
    return failure();
  // attend_c18
  if (failed(verifyLengths(*this, tensors)))
    return failure();
  // attend_c19
  if (failed(verifySameSequences(*this)))
    return failure();
  // attend_c20, attend_c21
  return verifyMaskOfSequences(*this);
}

LogicalResult AttendOp::verifyRegions() {
  // attend_c8, attend_c9; attend_c16, attend_c17
  for (const ElementRegion &region :
       {getScoreRegion(*this), getWhereRegion(*this)})
    if (!region.region->empty() && (failed(verifySignature(*this, region)) ||
                                    failed(verifyBody(*this, region))))
      return failure();
  return success();
}

double AttendOp::getEffectiveScale() {
  if (getScale())
    return getScale()->convertToDouble();
  return 1.0 /
         std::sqrt(static_cast<double>(getQuery().getType().getDimSize(kDim)));
}

Value AttendOp::getTable(StringRef name) {
  ArrayAttr names = getTableNamesAttr();
  for (auto [i, table] : llvm::enumerate(getTables()))
    if (names && cast<mlir::StringAttr>(names[i]).getValue() == name)
      return table;
  return {};
}

Mask AttendOp::getEffectiveMask() {
  if (getMask())
    return getMask()->getMask();
  return {MaskExpr::truth(true), {}};
}

void AttendOp::getShapeContract(ShapeContract &contract) {
  Value query = getQuery(), key = getKey(), value = getValue();
  for (int64_t axis : {kBatch, kHeads, kLength, kDim})
    contract.name({query, axis}, kQueryAxes[axis]);
  for (int64_t axis : {kHeads, kLength})
    contract.name({key, axis}, kKeyAxes[axis]);
  contract.name({value, kDim}, kValueAxes[kDim]);

  contract.requireEqual({query, kBatch}, {key, kBatch}, "batch");
  contract.requireEqual({query, kBatch}, {value, kBatch}, "batch");
  contract.requireEqual({key, kHeads}, {value, kHeads}, "kv_heads");
  contract.requireEqual({key, kLength}, {value, kLength}, "kv_length");
  contract.requireEqual({query, kDim}, {key, kDim}, "dim");
  contract.requireMultiple({query, kHeads}, {key, kHeads});
  auto keys = key.getDefiningOp<CacheOp>();
  auto values = value.getDefiningOp<CacheOp>();
  // One table lists the pages of both.
  if (keys && values && keys.getTable())
    contract.requireEqual({keys.getData(), 0}, {values.getData(), 0}, "pages");
  for (Value lengths : {getLengths(), getQueryLengths()})
    if (lengths)
      contract.requireEqual({query, kBatch}, {lengths, 0}, "batch");
  for (Value result : getResults())
    for (int64_t axis : {kBatch, kHeads, kLength})
      contract.requireEqual({query, axis}, {result, axis}, kOutAxes[axis]);
  contract.requireEqual({value, kDim}, {getOut(), kDim}, "value_dim");
  if (getInitialOut()) {
    for (Value carry : {getInitialOut(), getInitialLse()})
      for (int64_t axis : {kBatch, kHeads, kLength})
        contract.requireEqual({query, axis}, {carry, axis}, kOutAxes[axis]);
    contract.requireEqual({value, kDim}, {getInitialOut(), kDim}, "value_dim");
  }
  Tensors tensors(*this);
  Mask mask = getEffectiveMask();
  for (const MaskTerm &term : mask.terms.getTerms()) {
    Value table = term.source ? Value() : getTable(term.table);
    if (!table || !isa<RankedTensorType>(table.getType()))
      continue;
    int64_t rank = cast<RankedTensorType>(table.getType()).getRank();
    for (auto [axis, dim] : llvm::enumerate(getTableDims(term, rank))) {
      NamedExtent extent = getPositionExtent(tensors, dim);
      contract.requireEqual({extent.tensor.value, extent.axis},
                            {table, int64_t(axis)}, kPositionExtents[dim]);
    }
  }
  for (const ElementRegion &region :
       {getScoreRegion(*this), getWhereRegion(*this)})
    if (!region.region->empty())
      requireTableExtents(region, contract);
}

LogicalResult
AttendOp::reifyResultShapes(OpBuilder &builder,
                            mlir::ReifiedRankedShapedTypeDims &shapes) {
  Tensors tensors(*this);
  SmallVector<NamedExtent> sources = {{tensors.query, kBatch},
                                      {tensors.query, kHeads},
                                      {tensors.query, kLength},
                                      {tensors.value, kDim}};
  shapes.push_back(reifyShape(builder, getOut(), sources));
  if (getLse()) {
    sources.pop_back();
    shapes.push_back(reifyShape(builder, getLse(), sources));
  }
  return success();
}
