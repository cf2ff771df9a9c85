//===- PredicateSyntax.cpp - reads the text form of a mask ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A lexer and a precedence-climbing (Pratt) parser. Terms and conditions share
// one expression grammar and are told apart by what they evaluate to, because a
// parenthesis may open either: `(q - k) mod 8 == 0` and `(q < k) or k == 0` do
// not differ before the closing one.
//
//===----------------------------------------------------------------------===//
#include "PredicateSyntax.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"
#include <optional>

using namespace attnc;
using namespace attnc::attn;

namespace {

enum class TokenKind {
  End,
  Integer,
  Name,
  LeftParen,
  RightParen,
  Comma,
  Or,
  And,
  Not,
  Compare,
  Plus,
  Minus,
  Times,
  FloorDiv,
  Mod
};

struct Token {
  TokenKind kind = TokenKind::End;
  StringRef text;
  /// Offset in the predicate, from 0.
  size_t offset = 0;
};

/// How tightly an infix operator binds; 0 for what is not infix. `not` lies
/// between `and` and the comparisons, unary minus above all.
unsigned getInfixPower(TokenKind kind) {
  switch (kind) {
  case TokenKind::Or:
    return 1;
  case TokenKind::And:
    return 2;
  case TokenKind::Compare:
    return 4;
  case TokenKind::Plus:
  case TokenKind::Minus:
    return 5;
  case TokenKind::Times:
  case TokenKind::FloorDiv:
  case TokenKind::Mod:
    return 6;
  default:
    return 0;
  }
}
constexpr unsigned kNotPower = 3;
constexpr unsigned kUnaryMinusPower = 7;

/// What a part of the text evaluates to: a condition, or a term with a bound
/// on its magnitude for positions up to maxPosition.
struct Operand {
  std::optional<MaskExpr> condition;
  AffineExpr term;
  int64_t bound = 0;
  /// Where it begins in the text.
  size_t offset = 0;

  bool isCondition() const { return condition.has_value(); }
};

llvm::Error makeError(size_t offset, const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "column " + Twine(offset + 1) +
                                     " of the predicate: " + message);
}

class Lexer {
public:
  explicit Lexer(StringRef text) : text(text) {}

  /// The next token; at the end, again and again, the end token.
  llvm::Expected<Token> next();

private:
  Token take(TokenKind kind, size_t length) {
    Token token{kind, text.substr(position, length), position};
    position += length;
    return token;
  }

  llvm::Error describeBadCharacter() const;

  StringRef text;
  size_t position = 0;
};

llvm::Expected<Token> Lexer::next() {
  while (position < text.size() && llvm::isSpace(text[position]))
    ++position;
  StringRef rest = text.substr(position);
  if (rest.empty())
    return Token{TokenKind::End, rest, position};
  if (llvm::isDigit(rest.front()))
    return take(TokenKind::Integer, rest.take_while(llvm::isAlnum).size());
  if (llvm::isAlpha(rest.front()) || rest.front() == '_') {
    StringRef name =
        rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    TokenKind kind = llvm::StringSwitch<TokenKind>(name)
                         .Case("or", TokenKind::Or)
                         .Case("and", TokenKind::And)
                         .Case("not", TokenKind::Not)
                         .Case("floordiv", TokenKind::FloorDiv)
                         .Case("mod", TokenKind::Mod)
                         .Default(TokenKind::Name);
    return take(kind, name.size());
  }
  for (StringRef comparison : {"==", "!=", "<=", ">="})
    if (rest.starts_with(comparison))
      return take(TokenKind::Compare, 2);
  switch (rest.front()) {
  case '<':
  case '>':
    return take(TokenKind::Compare, 1);
  case '(':
    return take(TokenKind::LeftParen, 1);
  case ')':
    return take(TokenKind::RightParen, 1);
  case ',':
    return take(TokenKind::Comma, 1);
  case '+':
    return take(TokenKind::Plus, 1);
  case '-':
    return take(TokenKind::Minus, 1);
  case '*':
    return take(TokenKind::Times, 1);
  default:
    return describeBadCharacter();
  }
}

llvm::Error Lexer::describeBadCharacter() const {
  StringRef rest = text.substr(position);
  // What other languages call the same thing.
  StringRef instead = llvm::StringSwitch<StringRef>(rest.take_front(1))
                          .Case("=", "==")
                          .Case("&", "and")
                          .Case("|", "or")
                          .Case("!", "not")
                          .Case("~", "not")
                          .Case("/", "floordiv")
                          .Case("%", "mod")
                          .Default("");
  std::string shown;
  llvm::raw_string_ostream stream(shown);
  llvm::printEscapedString(rest.take_front(1), stream);
  if (instead.empty())
    return makeError(position, "unexpected character '" + shown + "'");
  return makeError(position, "unexpected character '" + shown + "': write '" +
                                 instead + "'");
}

class PredicateParser {
public:
  PredicateParser(StringRef text, MaskTerms &terms, MLIRContext *context)
      : lexer(text), terms(terms), context(context) {}

  llvm::Expected<MaskExpr> parse();

private:
  llvm::Error advance();
  llvm::Expected<Operand> parseExpression(unsigned minimumPower);
  llvm::Expected<Operand> parsePrefix();
  llvm::Expected<Operand> parseParenthesized();
  llvm::Expected<Operand> parseInteger();
  llvm::Expected<Operand> parseName();
  llvm::Expected<Operand> parseLookUp(const Token &name);
  llvm::Expected<Operand> combine(const Token &op, Operand lhs, Operand rhs);
  llvm::Expected<Operand> combineTerms(const Token &op, const Operand &lhs,
                                       const Operand &rhs);
  llvm::Expected<Operand> compareTerms(const Token &op, const Operand &lhs,
                                       const Operand &rhs);
  llvm::Expected<Operand> makeTerm(size_t offset, AffineExpr term,
                                   std::optional<int64_t> bound);

  Lexer lexer;
  Token token;
  MaskTerms &terms;
  MLIRContext *context;
  unsigned depth = 0;
};

llvm::Error PredicateParser::advance() {
  llvm::Expected<Token> next = lexer.next();
  if (!next)
    return next.takeError();
  token = *next;
  return llvm::Error::success();
}

llvm::Expected<MaskExpr> PredicateParser::parse() {
  if (llvm::Error error = advance())
    return std::move(error);
  llvm::Expected<Operand> whole = parseExpression(1);
  if (!whole)
    return whole.takeError();
  if (token.kind == TokenKind::RightParen)
    return makeError(token.offset, "')' closes nothing");
  if (token.kind != TokenKind::End)
    return makeError(token.offset,
                     "expected an operator before '" + token.text + "'");
  if (!whole->isCondition())
    return makeError(whole->offset,
                     "this is a number and not a comparison: compare it with "
                     "another, as in 'k <= q'");
  return std::move(*whole->condition);
}

llvm::Expected<Operand>
PredicateParser::parseExpression(unsigned minimumPower) {
  // A text may nest at will; this stack may not.
  if (depth == kMaxPredicateDepth)
    return makeError(token.offset, "nested deeper than " +
                                       Twine(kMaxPredicateDepth) +
                                       " levels: split the mask");
  ++depth;
  llvm::Expected<Operand> lhs = parsePrefix();
  while (lhs && getInfixPower(token.kind) >= minimumPower) {
    Token op = token;
    if (llvm::Error error = advance()) {
      llvm::consumeError(lhs.takeError());
      return std::move(error);
    }
    llvm::Expected<Operand> rhs = parseExpression(getInfixPower(op.kind) + 1);
    if (!rhs)
      return rhs.takeError();
    lhs = combine(op, std::move(*lhs), std::move(*rhs));
  }
  --depth;
  return lhs;
}

llvm::Expected<Operand> PredicateParser::parsePrefix() {
  Token first = token;
  switch (first.kind) {
  case TokenKind::Integer:
    return parseInteger();
  case TokenKind::Name:
    return parseName();
  case TokenKind::LeftParen:
    return parseParenthesized();
  case TokenKind::Minus:
  case TokenKind::Not:
    break;
  case TokenKind::End:
    return makeError(first.offset, "expected a position (b, h, q, k), an "
                                   "integer or '(' at the end");
  default:
    return makeError(first.offset, "expected a position (b, h, q, k), an "
                                   "integer or '(' before '" +
                                       first.text + "'");
  }

  if (llvm::Error error = advance())
    return std::move(error);
  bool isNot = first.kind == TokenKind::Not;
  llvm::Expected<Operand> operand =
      parseExpression(isNot ? kNotPower : kUnaryMinusPower);
  if (!operand)
    return operand.takeError();
  if (isNot && !operand->isCondition())
    return makeError(operand->offset, "'not' needs a comparison on its right");
  if (!isNot && operand->isCondition())
    return makeError(operand->offset, "'-' needs a number on its right, and "
                                      "this is a comparison");
  if (!isNot)
    return makeTerm(first.offset, -operand->term, operand->bound);
  Operand negated;
  negated.condition = MaskExpr::negation(std::move(*operand->condition));
  negated.offset = first.offset;
  return negated;
}

llvm::Expected<Operand> PredicateParser::parseParenthesized() {
  size_t offset = token.offset;
  if (llvm::Error error = advance())
    return std::move(error);
  llvm::Expected<Operand> inner = parseExpression(1);
  if (!inner)
    return inner.takeError();
  if (token.kind != TokenKind::RightParen)
    return makeError(token.offset,
                     "expected ')' for the '(' at column " + Twine(offset + 1));
  if (llvm::Error error = advance())
    return std::move(error);
  inner->offset = offset;
  return inner;
}

llvm::Expected<Operand> PredicateParser::parseInteger() {
  Token literal = token;
  int64_t value;
  if (!llvm::all_of(literal.text, llvm::isDigit))
    return makeError(literal.offset,
                     "'" + literal.text + "' is neither an integer nor a name");
  if (literal.text.getAsInteger(10, value))
    return makeError(literal.offset, "the integer " + literal.text +
                                         " does not fit in 64 bits");
  if (llvm::Error error = advance())
    return std::move(error);
  return makeTerm(literal.offset, mlir::getAffineConstantExpr(value, context),
                  value);
}

/// The dim of a position, or nothing for another name.
static std::optional<unsigned> getPosition(StringRef name) {
  return llvm::StringSwitch<std::optional<unsigned>>(name)
      .Case("b", 0)
      .Case("h", 1)
      .Case("q", 2)
      .Case("k", 3)
      .Default(std::nullopt);
}

llvm::Expected<Operand> PredicateParser::parseName() {
  Token name = token;
  if (llvm::Error error = advance())
    return std::move(error);
  std::optional<unsigned> dim = getPosition(name.text);
  if (!dim)
    return parseLookUp(name);
  if (token.kind == TokenKind::LeftParen)
    return makeError(token.offset,
                     "'" + name.text + "' is a position and not a table");
  return makeTerm(name.offset, mlir::getAffineDimExpr(*dim, context),
                  maxPosition);
}

/// name | name `(` position (`,` position)* `)`, for a name that is no
/// position.
llvm::Expected<Operand> PredicateParser::parseLookUp(const Token &name) {
  MaskTerm term;
  term.table = name.text.str();
  if (token.kind == TokenKind::LeftParen) {
    do {
      if (llvm::Error error = advance())
        return std::move(error);
      std::optional<unsigned> dim = getPosition(token.text);
      if (!dim)
        return makeError(token.offset, "a table is read at a position: write "
                                       "one of b, h, q, k as its index");
      term.indices.push_back(mlir::getAffineDimExpr(*dim, context));
      if (llvm::Error error = advance())
        return std::move(error);
    } while (token.kind == TokenKind::Comma);
    if (token.kind != TokenKind::RightParen)
      return makeError(token.offset, "expected ',' or ')' in the look-up of '" +
                                         name.text + "'");
    if (llvm::Error error = advance())
      return std::move(error);
  }
  auto isReadAt = [&](unsigned dim) {
    return llvm::is_contained(term.indices,
                              mlir::getAffineDimExpr(dim, context));
  };
  if (isReadAt(*getPosition("q")) && isReadAt(*getPosition("k")))
    return makeError(
        name.offset,
        "table '" + name.text +
            "' is read at q and k together: a "
            "mask reads tables of queries and tables of keys, as in "
            "\"doc(q) == doc(k)\"");
  // Neighbouring rows and keys read neighbouring elements.
  for (AffineExpr index :
       ArrayRef(term.indices).drop_back(!term.indices.empty()))
    for (StringRef position : {"q", "k"})
      if (index == mlir::getAffineDimExpr(*getPosition(position), context))
        return makeError(name.offset, "table '" + name.text + "' is read at " +
                                          position +
                                          " before another index: q and k are "
                                          "the last index of a table; "
                                          "transpose it");
  return makeTerm(name.offset, terms.get(term, context), maxPosition);
}

llvm::Expected<Operand>
PredicateParser::makeTerm(size_t offset, AffineExpr term,
                          std::optional<int64_t> bound) {
  if (!bound)
    return makeError(offset, "this term can leave 64 bits for positions up to "
                             "2^40: use smaller constants");
  Operand operand;
  operand.term = term;
  operand.bound = *bound;
  operand.offset = offset;
  return operand;
}

llvm::Expected<Operand> PredicateParser::combine(const Token &op, Operand lhs,
                                                 Operand rhs) {
  bool joins = op.kind == TokenKind::And || op.kind == TokenKind::Or;
  if (op.kind == TokenKind::Compare && lhs.isCondition())
    return makeError(op.offset, "comparisons cannot be chained: write 'a < b "
                                "and b < c'");
  for (const Operand *operand : {&lhs, &rhs}) {
    StringRef side = operand == &lhs ? "left" : "right";
    if (joins && !operand->isCondition())
      return makeError(operand->offset,
                       "'" + op.text + "' needs a comparison on its " + side);
    if (!joins && operand->isCondition())
      return makeError(operand->offset, "'" + op.text +
                                            "' needs a number on its " + side +
                                            ", and this is a comparison");
  }
  if (op.kind == TokenKind::Compare)
    return compareTerms(op, lhs, rhs);
  if (!joins)
    return combineTerms(op, lhs, rhs);

  // A chain becomes one node with many children, so that a long one is not
  // deep.
  auto kind =
      op.kind == TokenKind::And ? MaskExpr::Kind::And : MaskExpr::Kind::Or;
  std::vector<MaskExpr> children;
  if (lhs.condition->kind == kind)
    children = std::move(lhs.condition->children);
  else
    children.push_back(std::move(*lhs.condition));
  children.push_back(std::move(*rhs.condition));
  Operand joined;
  joined.condition = kind == MaskExpr::Kind::And
                         ? MaskExpr::conjunction(std::move(children))
                         : MaskExpr::disjunction(std::move(children));
  joined.offset = lhs.offset;
  return joined;
}

llvm::Expected<Operand> PredicateParser::combineTerms(const Token &op,
                                                      const Operand &lhs,
                                                      const Operand &rhs) {
  auto constant = dyn_cast<mlir::AffineConstantExpr>(rhs.term);
  std::optional<int64_t> bound;
  AffineExpr term;
  switch (op.kind) {
  case TokenKind::Plus:
  case TokenKind::Minus:
    // Checked before the expression is built, which folds constants.
    bound = llvm::checkedAdd<int64_t>(lhs.bound, rhs.bound);
    if (bound)
      term = op.kind == TokenKind::Plus ? lhs.term + rhs.term
                                        : lhs.term - rhs.term;
    break;
  case TokenKind::Times:
    if (!constant && !isa<mlir::AffineConstantExpr>(lhs.term))
      return makeError(op.offset, "'*' needs a constant on one side");
    bound = llvm::checkedMul<int64_t>(lhs.bound, rhs.bound);
    if (bound)
      term = lhs.term * rhs.term;
    break;
  default:
    if (!constant || constant.getValue() <= 0)
      return makeError(rhs.offset, "'" + op.text +
                                       "' needs a positive constant on its "
                                       "right");
    if (op.kind == TokenKind::FloorDiv) {
      // Rounds away from zero for negative numbers, but never beyond lhs.
      bound = lhs.bound;
      term = lhs.term.floorDiv(constant.getValue());
    } else {
      bound = constant.getValue();
      term = lhs.term % constant.getValue();
    }
  }
  return makeTerm(lhs.offset, term, bound);
}

llvm::Expected<Operand> PredicateParser::compareTerms(const Token &op,
                                                      const Operand &lhs,
                                                      const Operand &rhs) {
  // Comparisons are decided on the difference.
  if (!llvm::checkedAdd<int64_t>(lhs.bound, rhs.bound))
    return makeTerm(lhs.offset, AffineExpr(), std::nullopt);
  auto predicate = llvm::StringSwitch<ComparePredicate>(op.text)
                       .Case("==", ComparePredicate::eq)
                       .Case("!=", ComparePredicate::ne)
                       .Case("<", ComparePredicate::lt)
                       .Case("<=", ComparePredicate::le)
                       .Case(">", ComparePredicate::gt)
                       .Default(ComparePredicate::ge);
  Operand comparison;
  comparison.condition = MaskExpr::compare(lhs.term, predicate, rhs.term);
  comparison.offset = lhs.offset;
  return comparison;
}

} // namespace

llvm::Expected<MaskExpr> attn::parsePredicate(StringRef text, MaskTerms &terms,
                                              MLIRContext *context) {
  if (text.size() > kMaxPredicateLength)
    return llvm::createStringError(
        llvm::inconvertibleErrorCode(),
        "the predicate has " + Twine(text.size()) + " characters, at most " +
            Twine(kMaxPredicateLength) +
            " are read: split it with 'and' or 'or' outside the string");
  return PredicateParser(text, terms, context).parse();
}
