//===- MaskPictures.h - draws masks -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fixture that evaluates a mask, given as text, at positions of interest.
// What the mask reads at run time comes from `tables`, or from the pattern that
// computes it.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_DIALECT_ATTN_IR_MASKPICTURES_H
#define ATTNC_TEST_UNIT_DIALECT_ATTN_IR_MASKPICTURES_H

#include "attnc/Dialect/Attn/IR/Attn.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"
#include <map>

namespace attnc::attn {

/// One string for each row of a picture.
using Rows = std::vector<std::string>;

class MaskPictures : public ::testing::Test {
protected:
  MaskPictures() { context.loadDialect<AttnDialect>(); }

  /// One row of the picture per query: `x` where the key is allowed.
  Rows draw(const std::string &mask, int64_t queries, int64_t keys,
            int64_t batch = 0) {
    Rows rows;
    std::optional<Mask> parsed = parse(mask);
    if (!parsed)
      return rows;
    for (int64_t q = 0; q < queries; ++q) {
      rows.emplace_back();
      for (int64_t k = 0; k < keys; ++k)
        rows.back() += evaluate(*parsed, batch, q, k, keys) ? 'x' : '.';
    }
    return rows;
  }

  /// What the query at one pixel sees of `images` images: one row per line.
  Rows drawImages(const std::string &mask, int64_t query, int64_t height,
                  int64_t width, int64_t images) {
    Rows rows;
    std::optional<Mask> parsed = parse(mask);
    if (!parsed)
      return rows;
    int64_t keys = images * height * width;
    for (int64_t k = 0; k < keys; ++k) {
      if (k % width == 0)
        rows.emplace_back();
      rows.back() += evaluate(*parsed, 0, query, k, keys) ? 'x' : '.';
    }
    return rows;
  }

  std::optional<Mask> parse(const std::string &mask) {
    Attribute attribute =
        mlir::parseAttribute("#attn.mask<" + mask + ">", &context);
    if (!attribute)
      return std::nullopt;
    return cast<MaskAttr>(attribute).getMask();
  }

  bool evaluate(const Mask &mask, int64_t b, int64_t q, int64_t k,
                int64_t keys) {
    std::vector<int64_t> values = {b, /*h=*/0, q, k};
    for (const MaskTerm &term : mask.terms.getTerms())
      values.push_back(read(term, values, keys));
    return mask.predicate.evaluate(values);
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  /// What the op would bind to a name; a number has one element.
  std::map<std::string, std::vector<int64_t>> tables;

private:
  int64_t read(const MaskTerm &term, ArrayRef<int64_t> position, int64_t keys) {
    SmallVector<int64_t> indices;
    for (AffineExpr index : term.indices)
      indices.push_back(evaluateAffine(index, position));
    if (term.source)
      return cast<MaskAttrInterface>(term.source)
          .getTableValue(term.table, indices[0], keys, tables[term.operand]);
    auto found = tables.find(term.table);
    if (found == tables.end()) {
      ADD_FAILURE() << "no table " << term.table;
      return 0;
    }
    return found->second.at(indices.empty() ? 0 : indices[0]);
  }
};

} // namespace attnc::attn

#endif // ATTNC_TEST_UNIT_DIALECT_ATTN_IR_MASKPICTURES_H
