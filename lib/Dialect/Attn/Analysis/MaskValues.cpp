//===- MaskValues.cpp - the numbers that masks read, where known ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables have the extents that the op's verifier and its callers have checked;
// reads stay in bounds all the same, as those of kernels do.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Analysis/MaskValues.h"

#include "llvm/ADT/STLExtras.h"

using namespace attnc;
using namespace attnc::attn;

MaskValues MaskValues::get(AttendOp op, int64_t keys, GetTable getTable) {
  MaskValues values;
  values.keys = keys;
  Mask mask = op.getEffectiveMask();
  for (const MaskTerm &term : mask.terms.getTerms()) {
    StringRef name = term.getBoundName();
    if (name.empty() || values.tables.count(name) ||
        llvm::is_contained(values.missing, name))
      continue;
    if (std::optional<IntegerTable> table = getTable(op, name))
      values.tables[name] = std::move(*table);
    else
      values.missing.push_back(name.str());
  }
  return values;
}

MaskValues MaskValues::getComputed(AttendOp op, int64_t keys) {
  return get(op, keys, [](AttendOp, StringRef) { return std::nullopt; });
}

bool MaskValues::knows(const Mask &mask) const {
  return llvm::all_of(mask.terms.getTerms(),
                      [&](const MaskTerm &term) { return knows(term); });
}

bool MaskValues::knows(const MaskTerm &term) const {
  return !llvm::is_contained(missing, term.getBoundName());
}

int64_t MaskValues::read(const MaskTerm &term, int64_t batch,
                         ArrayRef<int64_t> indices) const {
  if (term.source) {
    ArrayRef<int64_t> operand;
    if (auto table = tables.find(term.operand); table != tables.end())
      operand = table->second.elements;
    return cast<MaskAttrInterface>(term.source)
        .getTableValue(term.table, indices.front(), keys, operand);
  }
  const IntegerTable &table = tables.find(term.table)->second;
  if (table.elements.empty())
    return 0;
  SmallVector<int64_t> place;
  // A table with an axis more than the look-up has indices is read by batch.
  if (table.shape.size() > indices.size())
    place.push_back(batch);
  llvm::append_range(place, indices);
  int64_t element = 0;
  for (auto [extent, index] : llvm::zip_equal(table.shape, place))
    element = element * extent + std::clamp<int64_t>(index, 0, extent - 1);
  return table.elements[size_t(element)];
}

std::optional<int64_t>
MaskValues::readIfKnown(const MaskTerm &term, int64_t batch,
                        ArrayRef<int64_t> indices) const {
  if (!knows(term))
    return std::nullopt;
  return read(term, batch, indices);
}
