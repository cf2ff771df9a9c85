//===- PredicateSyntaxTest.cpp - the text form of a mask ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a text means is checked against a second reading of it: the same formula
// in C++ for chosen texts, and for random texts the value that their generator
// computes as it writes them.
//
//===----------------------------------------------------------------------===//

#include "Dialect/Attn/IR/PredicateSyntax.h"

#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"

#include <functional>
#include <random>

using namespace attnc;
using namespace attnc::attn;

namespace {

struct Position {
  int64_t b, h, q, k;
};

using Condition = std::function<bool(const Position &)>;
using Term = std::function<int64_t(const Position &)>;

int64_t floorDivide(int64_t numerator, int64_t denominator) {
  int64_t quotient = numerator / denominator;
  return numerator % denominator < 0 ? quotient - 1 : quotient;
}

int64_t modulo(int64_t numerator, int64_t denominator) {
  return numerator - denominator * floorDivide(numerator, denominator);
}

class PredicateSyntaxTest : public ::testing::Test {
protected:
  /// The positions that every predicate is asked about.
  static std::vector<Position> getPositions() {
    std::vector<Position> positions;
    for (int64_t q = -3; q <= 9; ++q)
      for (int64_t k = -3; k <= 9; ++k)
        positions.push_back({modulo(q, 2), modulo(k, 3), q, k});
    return positions;
  }

  void expectMeaning(const std::string &text, const Condition &meaning) {
    MaskTerms terms;
    llvm::Expected<MaskExpr> predicate = parsePredicate(text, terms, &context);
    if (!predicate) {
      ADD_FAILURE() << text << ": " << llvm::toString(predicate.takeError());
      return;
    }
    for (const Position &at : getPositions())
      ASSERT_EQ(predicate->evaluate(at.b, at.h, at.q, at.k), meaning(at))
          << text << " at b = " << at.b << ", h = " << at.h << ", q = " << at.q
          << ", k = " << at.k;
  }

  /// The error message, or "" if the text is accepted.
  std::string getError(const std::string &text) {
    MaskTerms terms;
    llvm::Expected<MaskExpr> predicate = parsePredicate(text, terms, &context);
    return predicate ? "" : llvm::toString(predicate.takeError());
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

TEST_F(PredicateSyntaxTest, EachOperatorMeansWhatItSays) {
  expectMeaning("b == 0", [](auto &p) { return p.b == 0; });
  expectMeaning("h != 1", [](auto &p) { return p.h != 1; });
  expectMeaning("q < k", [](auto &p) { return p.q < p.k; });
  expectMeaning("q <= k", [](auto &p) { return p.q <= p.k; });
  expectMeaning("q > k", [](auto &p) { return p.q > p.k; });
  expectMeaning("q >= k", [](auto &p) { return p.q >= p.k; });
  expectMeaning("q + 2 < k", [](auto &p) { return p.q + 2 < p.k; });
  expectMeaning("q - k < 2", [](auto &p) { return p.q - p.k < 2; });
  expectMeaning("3 * q < k", [](auto &p) { return 3 * p.q < p.k; });
  expectMeaning("q * 3 < k", [](auto &p) { return 3 * p.q < p.k; });
  expectMeaning("-q < k", [](auto &p) { return -p.q < p.k; });
  expectMeaning("q floordiv 4 == k floordiv 4", [](auto &p) {
    return floorDivide(p.q, 4) == floorDivide(p.k, 4);
  });
  expectMeaning("(q - k) mod 3 == 0",
                [](auto &p) { return modulo(p.q - p.k, 3) == 0; });
  expectMeaning("not q < k", [](auto &p) { return p.q >= p.k; });
  expectMeaning("1 < 2", [](auto &) { return true; });
}

TEST_F(PredicateSyntaxTest, OperatorsBindAsInMathematics) {
  expectMeaning("k < 4 or k <= q and q - k < 3", [](auto &p) {
    return p.k < 4 || (p.k <= p.q && p.q - p.k < 3);
  });
  expectMeaning("not k < 4 and k <= q",
                [](auto &p) { return p.k >= 4 && p.k <= p.q; });
  expectMeaning("not (k < 4 and k <= q)",
                [](auto &p) { return !(p.k < 4 && p.k <= p.q); });
  expectMeaning("q - k - 2 < 0", [](auto &p) { return p.q - p.k - 2 < 0; });
  expectMeaning("q - (k - 2) < 0", [](auto &p) { return p.q - (p.k - 2) < 0; });
  expectMeaning("q + 2 * k < 5", [](auto &p) { return p.q + 2 * p.k < 5; });
  expectMeaning("-q floordiv 2 < k",
                [](auto &p) { return floorDivide(-p.q, 2) < p.k; });
  expectMeaning("-(q floordiv 2) < k",
                [](auto &p) { return -floorDivide(p.q, 2) < p.k; });
  expectMeaning("q mod 4 * 2 < k",
                [](auto &p) { return modulo(p.q, 4) * 2 < p.k; });
  expectMeaning("((((q)) < (k)))", [](auto &p) { return p.q < p.k; });
}

/// A name that is no position is a number or a table; each is one term, however
/// often it is read.
TEST_F(PredicateSyntaxTest, LookUpsBecomeTerms) {
  MaskTerms terms;
  llvm::Expected<MaskExpr> predicate =
      parsePredicate("doc(q) == doc(k) and q - k < 2 * w + 1 and "
                     "flag(b, h, k) != w or k < doc(q)",
                     terms, &context);
  ASSERT_TRUE(bool(predicate));
  std::vector<std::string> names;
  for (const MaskTerm &term : terms.getTerms()) {
    names.push_back(term.getName());
    EXPECT_FALSE(term.source);
    EXPECT_EQ(term.lowest, -maxPosition);
    EXPECT_EQ(term.highest, maxPosition);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"doc(q)", "doc(k)", "w",
                                             "flag(b, h, k)"}));
  // b, h, q, k, then the terms in this order.
  auto evaluate = [&](int64_t k, int64_t docQ, int64_t docK, int64_t w,
                      int64_t flag) {
    return predicate->evaluate({0, 0, /*q=*/6, k, docQ, docK, w, flag});
  };
  EXPECT_TRUE(evaluate(4, 1, 1, 1, 0));
  EXPECT_FALSE(evaluate(4, 1, 2, 1, 0)) << "another document";
  EXPECT_FALSE(evaluate(3, 1, 1, 1, 0)) << "too far away";
  EXPECT_FALSE(evaluate(4, 1, 1, 1, 1)) << "a flag that is w";
  EXPECT_TRUE(evaluate(0, 1, 2, 1, 1)) << "before the document's number";
}

/// Words that only begin like positions and operators are names.
TEST_F(PredicateSyntaxTest, NamesAreWholeWords) {
  for (const char *name : {"w", "_", "qq", "k2", "android", "Mod", "nothing"}) {
    MaskTerms terms;
    llvm::Expected<MaskExpr> predicate =
        parsePredicate(std::string("k < ") + name, terms, &context);
    if (!predicate) {
      ADD_FAILURE() << llvm::toString(predicate.takeError());
      continue;
    }
    ASSERT_EQ(terms.getTerms().size(), 1u);
    EXPECT_EQ(terms.getTerms()[0].table, name);
  }
  EXPECT_NE(getError("k < mod"), "");
  EXPECT_NE(getError("k < w("), "");
  EXPECT_NE(getError("k < w(q"), "");
  EXPECT_NE(getError("k < w(q,)"), "");
  EXPECT_NE(getError("k < w(q k)"), "");
  EXPECT_NE(getError("k < w(1)"), "");
  EXPECT_NE(getError("k(q) < 1"), "");
  // What is read may be as large as a position.
  EXPECT_EQ(getError("w * 8388606 < k"), "");
  EXPECT_NE(getError("w * 8388608 < 0"), "");
}

/// Writes a random text by the rules of the grammar, and its value beside it.
/// Parentheses appear only where the rule says so, so that the text depends on
/// how tightly operators bind.
class Generator {
public:
  explicit Generator(unsigned seed) : random(seed) {}

  Condition writeOr(std::string &text, unsigned depth) {
    Condition left = writeAnd(text, depth);
    while (draw(3) == 0) {
      text += " or ";
      Condition right = writeAnd(text, depth);
      left = [=](auto &p) { return left(p) || right(p); };
    }
    return left;
  }

private:
  Condition writeAnd(std::string &text, unsigned depth) {
    Condition left = writeNot(text, depth);
    while (draw(3) == 0) {
      text += " and ";
      Condition right = writeNot(text, depth);
      left = [=](auto &p) { return left(p) && right(p); };
    }
    return left;
  }

  Condition writeNot(std::string &text, unsigned depth) {
    if (draw(4) == 0) {
      text += "not ";
      Condition operand = writeNot(text, depth);
      return [=](auto &p) { return !operand(p); };
    }
    if (depth > 0 && draw(3) == 0) {
      text += "(";
      Condition inner = writeOr(text, depth - 1);
      text += ")";
      return inner;
    }
    return writeComparison(text, depth);
  }

  Condition writeComparison(std::string &text, unsigned depth) {
    static const char *const symbols[] = {"==", "!=", "<", "<=", ">", ">="};
    Term left = writeSum(text, depth);
    unsigned which = draw(6);
    text += std::string(draw(2) ? " " : "") + symbols[which] + " ";
    Term right = writeSum(text, depth);
    return [=](auto &p) {
      int64_t difference = left(p) - right(p);
      const bool values[] = {difference == 0, difference != 0, difference < 0,
                             difference <= 0, difference > 0,  difference >= 0};
      return values[which];
    };
  }

  Term writeSum(std::string &text, unsigned depth) {
    Term left = writeProduct(text, depth);
    while (draw(3) == 0) {
      bool adds = draw(2) == 0;
      text += adds ? "+" : " - ";
      Term right = writeProduct(text, depth);
      left = [=](auto &p) {
        return adds ? left(p) + right(p) : left(p) - right(p);
      };
    }
    return left;
  }

  Term writeProduct(std::string &text, unsigned depth) {
    Term left = writeUnary(text, depth);
    while (draw(4) == 0) {
      int64_t constant = 1 + draw(5);
      unsigned which = draw(3);
      const char *const symbols[] = {" * ", " floordiv ", " mod "};
      text += symbols[which] + std::to_string(constant);
      left = [=](auto &p) {
        if (which == 0)
          return left(p) * constant;
        return which == 1 ? floorDivide(left(p), constant)
                          : modulo(left(p), constant);
      };
    }
    return left;
  }

  Term writeUnary(std::string &text, unsigned depth) {
    unsigned which = draw(depth > 0 ? 8 : 6);
    if (which == 0) {
      int64_t constant = draw(7);
      text += std::to_string(constant);
      return [=](auto &) { return constant; };
    }
    if (which == 5) {
      text += "-";
      Term operand = writeUnary(text, depth);
      return [=](auto &p) { return -operand(p); };
    }
    if (which > 5) {
      text += "(";
      Term inner = writeSum(text, depth - 1);
      text += ")";
      return inner;
    }
    text += "bhqk"[which - 1];
    return [=](auto &p) {
      const int64_t values[] = {p.b, p.h, p.q, p.k};
      return values[which - 1];
    };
  }

  unsigned draw(unsigned bound) { return random() % bound; }

  std::mt19937 random;
};

TEST_F(PredicateSyntaxTest, RandomTextsMeanWhatTheirGeneratorComputes) {
  for (unsigned seed = 0; seed < 1000 && !HasFailure(); ++seed) {
    std::string text;
    Condition meaning = Generator(seed).writeOr(text, 3);
    SCOPED_TRACE("seed " + std::to_string(seed));
    if (text.size() <= kMaxPredicateLength)
      expectMeaning(text, meaning);
  }
}

TEST_F(PredicateSyntaxTest, AnyTextIsReadOrRefusedWithAColumn) {
  // Fragments, so that most texts get past the lexer.
  static const char *const fragments[] = {
      "b",    "h",        "q",   "k",   "w",  "0",  "4",  "9223372036854775808",
      "w(",   ",",        "==",  "!=",  "<",  "<=", ">",  "+",
      "-",    "*",        "(",   ")",   " ",  "=",  "\n", "$",
      "\x80", "floordiv", "mod", "and", "or", "not"};
  std::mt19937 random(7);
  unsigned accepted = 0;
  for (unsigned round = 0; round < 40000; ++round) {
    std::string text;
    for (unsigned count = random() % 12; count > 0; --count)
      text += std::string(fragments[random() % std::size(fragments)]) + " ";
    std::string error = getError(text);
    accepted += error.empty();
    ASSERT_TRUE(error.empty() || error.rfind("column ", 0) == 0)
        << text << ": " << error;
  }
  // Else the loop tests only the lexer's and the parser's first error.
  EXPECT_GT(accepted, 20u);
}

TEST_F(PredicateSyntaxTest, LimitsAreExact) {
  auto nested = [](unsigned depth) {
    return std::string(depth, '(') + "q<k" + std::string(depth, ')');
  };
  EXPECT_EQ(getError(nested(kMaxPredicateDepth - 2)), "");
  EXPECT_NE(getError(nested(kMaxPredicateDepth)), "");
  EXPECT_NE(getError(std::string(4000, '-') + "q"), "");
  EXPECT_NE(getError(std::string(4000, '(')), "");

  // A long chain is not deep.
  std::string chain = "q<k";
  while (chain.size() + 8 <= kMaxPredicateLength)
    chain += " or q<k";
  EXPECT_EQ(getError(chain), "");
  MaskTerms terms;
  llvm::Expected<MaskExpr> predicate = parsePredicate(chain, terms, &context);
  ASSERT_TRUE(bool(predicate));
  EXPECT_EQ(predicate->children.size(), (chain.size() + 4) / 7);

  std::string longest(kMaxPredicateLength - 3, ' ');
  EXPECT_EQ(getError(longest + "q<k"), "");
  EXPECT_NE(getError(longest + " q<k"), "");
}

TEST_F(PredicateSyntaxTest, WhatCanOverflowIsRefused) {
  // Positions are up to 2^40, so a factor up to 2^23 - 2 leaves room for the
  // other side of the comparison.
  EXPECT_EQ(getError("q * 8388606 < k"), "");
  EXPECT_NE(getError("q * 8388607 < k"), "");
  EXPECT_NE(getError("q * 8388608 < 0"), "");
  EXPECT_NE(getError("q * 4194304 + q * 4194304 < 0"), "");
  EXPECT_NE(getError("q + 9223372036854775807 < 0"), "");
  EXPECT_NE(getError("9223372036854775807 * 2 < q"), "");
  EXPECT_NE(getError("q < 9223372036854775807"), "");
  EXPECT_EQ(getError("q mod 9007199254740992 < k"), "");
}

} // namespace
