//===- MaskSyntax.cpp - reads and prints #attn.mask<...> ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recursive descent over the infix grammar in dialects/Attn/AttnMasks.td. The
// printer writes the fewest parentheses that the parser reads back to the same
// tree. A custom parser because infix operators are beyond `assemblyFormat`.
//
//===----------------------------------------------------------------------===//
#include "MaskSyntax.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Parentheses and `not`s that may be open at once. The limit of the tree is
/// checked by the attributes themselves; this one guards the parser's stack.
constexpr unsigned kMaxNesting = 64;

//===----------------------------------------------------------------------===//
// The library patterns
//===----------------------------------------------------------------------===//

/// Whether T is written inside `#attn.mask` by its mnemonic: a mask that is not
/// itself part of the infix syntax.
template <typename T>
constexpr bool isPattern =
    std::is_base_of_v<MaskAttrInterface::Trait<T>, T> &&
    !llvm::is_one_of<T, MaskAttr, AndMaskAttr, OrMaskAttr, NotMaskAttr,
                     PredicateMaskAttr>::value;

/// The patterns among the attributes of the dialect, found by what they are.
template <typename... Ts>
struct Patterns {
  static SmallVector<StringRef> getNames() {
    SmallVector<StringRef> names;
    (void)std::initializer_list<int>{
        (isPattern<Ts> ? names.push_back(Ts::getMnemonic()) : void(), 0)...};
    return names;
  }

  /// Parses what follows the mnemonic. Nothing if no pattern has that name.
  static std::optional<Attribute> parse(mlir::AsmParser &parser,
                                        StringRef name) {
    std::optional<Attribute> parsed;
    (void)std::initializer_list<int>{(parseAs<Ts>(parser, name, parsed), 0)...};
    return parsed;
  }

  static void print(mlir::AsmPrinter &printer, Attribute attribute) {
    (void)std::initializer_list<int>{(printAs<Ts>(printer, attribute), 0)...};
  }

private:
  template <typename T>
  static void parseAs(mlir::AsmParser &parser, StringRef name,
                      std::optional<Attribute> &parsed) {
    if constexpr (isPattern<T>)
      if (name == T::getMnemonic())
        parsed = T::parse(parser, Type());
  }

  template <typename T>
  static void printAs(mlir::AsmPrinter &printer, Attribute attribute) {
    if constexpr (isPattern<T>) {
      if (auto pattern = dyn_cast<T>(attribute)) {
        printer << T::getMnemonic();
        pattern.print(printer);
      }
    }
  }
};

using LibraryPatterns = Patterns<
#define GET_ATTRDEF_LIST
#include "attnc/Dialect/Attn/IR/AttnAttrs.cpp.inc"
    >;

//===----------------------------------------------------------------------===//
// Parser
//===----------------------------------------------------------------------===//

class MaskParser {
public:
  explicit MaskParser(mlir::AsmParser &parser) : parser(parser) {}

  /// or ::= and (`or` and)*
  Attribute parseOr() {
    return parseChain<OrMaskAttr>("or", [&] { return parseAnd(); });
  }

private:
  /// and ::= not (`and` not)*
  Attribute parseAnd() {
    return parseChain<AndMaskAttr>("and", [&] { return parseNot(); });
  }

  template <typename Chain>
  Attribute parseChain(StringRef keyword,
                       function_ref<Attribute()> parseOperand) {
    llvm::SMLoc loc = parser.getCurrentLocation();
    SmallVector<Attribute> operands;
    do {
      operands.push_back(parseOperand());
      if (!operands.back())
        return {};
    } while (succeeded(parser.parseOptionalKeyword(keyword)));
    if (operands.size() == 1)
      return operands.front();
    return parser.getChecked<Chain>(loc, parser.getContext(),
                                    ArrayRef<Attribute>(operands));
  }

  /// not ::= `not` not | `(` or `)` | pattern | string | alias
  Attribute parseNot();
  Attribute parsePattern();
  Attribute parseAlias();

  mlir::AsmParser &parser;
  unsigned nesting = 0;
};

Attribute MaskParser::parseNot() {
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (nesting == kMaxNesting) {
    parser.emitError(loc) << "mask is nested deeper than " << kMaxNesting
                          << " levels";
    return {};
  }
  ++nesting;
  Attribute mask;
  std::string text;
  if (succeeded(parser.parseOptionalKeyword("not"))) {
    if (Attribute operand = parseNot())
      mask = parser.getChecked<NotMaskAttr>(loc, parser.getContext(), operand);
  } else if (succeeded(parser.parseOptionalLParen())) {
    mask = parseOr();
    if (mask && parser.parseRParen())
      mask = {};
  } else if (succeeded(parser.parseOptionalString(&text))) {
    mask = parser.getChecked<PredicateMaskAttr>(
        loc, parser.getContext(),
        mlir::StringAttr::get(parser.getContext(), text));
  } else {
    mask = parsePattern();
  }
  --nesting;
  return mask;
}

Attribute MaskParser::parsePattern() {
  llvm::SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (failed(parser.parseOptionalKeyword(&name)))
    return parseAlias();
  if (std::optional<Attribute> pattern = LibraryPatterns::parse(parser, name))
    return *pattern;
  parser.emitError(loc) << "unknown mask pattern '" << name << "': known are "
                        << llvm::join(LibraryPatterns::getNames(), ", ")
                        << "; any other mask is a predicate in quotes, as in "
                           "\"k <= q\"";
  return {};
}

Attribute MaskParser::parseAlias() {
  llvm::SMLoc loc = parser.getCurrentLocation();
  Attribute attribute;
  mlir::OptionalParseResult parsed = parser.parseOptionalAttribute(attribute);
  if (parsed.has_value() && failed(*parsed))
    return {};
  if (auto mask = llvm::dyn_cast_if_present<MaskAttr>(attribute))
    return mask.getRoot();
  if (llvm::isa_and_present<MaskAttrInterface>(attribute))
    return attribute;
  parser.emitError(loc) << "expected a mask: a pattern ("
                        << llvm::join(LibraryPatterns::getNames(), ", ")
                        << "), a predicate in quotes, the alias of a mask, "
                           "'not' or '('";
  return {};
}

//===----------------------------------------------------------------------===//
// Printer
//===----------------------------------------------------------------------===//

/// How tightly the infix form of a node binds.
enum Precedence { kOr = 1, kAnd = 2, kNot = 3, kAtom = 4 };

/// Prints `mask`, in parentheses if it binds more loosely than `minimum`.
void printMask(mlir::AsmPrinter &printer, Attribute mask, int minimum) {
  auto printInfix = [&](Precedence own, StringRef keyword,
                        ArrayRef<Attribute> operands) {
    if (own < minimum)
      printer << "(";
    // A chain inside a chain of the same kind keeps its parentheses: without
    // them it would be read back as one longer chain.
    llvm::interleave(
        operands, printer.getStream(),
        [&](Attribute operand) { printMask(printer, operand, own + 1); },
        keyword);
    if (own < minimum)
      printer << ")";
  };
  if (auto disjunction = dyn_cast<OrMaskAttr>(mask))
    return printInfix(kOr, " or ", disjunction.getOperands());
  if (auto conjunction = dyn_cast<AndMaskAttr>(mask))
    return printInfix(kAnd, " and ", conjunction.getOperands());
  if (auto negation = dyn_cast<NotMaskAttr>(mask)) {
    printer << "not ";
    return printMask(printer, negation.getOperand(), kNot);
  }
  if (auto predicate = dyn_cast<PredicateMaskAttr>(mask))
    return printer.printString(predicate.getText().getValue());
  LibraryPatterns::print(printer, mask);
}

} // namespace

Attribute MaskAttr::parse(mlir::AsmParser &parser, Type) {
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess())
    return {};
  Attribute root = MaskParser(parser).parseOr();
  if (!root || parser.parseGreater())
    return {};
  return parser.getChecked<MaskAttr>(loc, parser.getContext(), root);
}

void MaskAttr::print(mlir::AsmPrinter &printer) const {
  printer << "<";
  printMask(printer, getRoot(), kOr);
  printer << ">";
}

//===----------------------------------------------------------------------===//
// Parameters of patterns
//===----------------------------------------------------------------------===//

bool attn::isReservedMaskName(StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"b", "h", "q", "k"}, true)
      .Cases({"and", "or", "not", "floordiv", "mod"}, true)
      .Default(false);
}

LogicalResult
attn::verifyMaskName(function_ref<mlir::InFlightDiagnostic()> emitError,
                     StringRef name) {
  if (isReservedMaskName(name))
    return emitError() << "'" << name
                       << "' is a word of the mask language and cannot name "
                          "what is read at run time: choose another name";
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  if (name.empty() || llvm::isDigit(name.front()) ||
      !llvm::all_of(name, isWord))
    return emitError() << "'" << name
                       << "' cannot name what is read at run time: use "
                          "letters, digits and '_', and no digit first";
  return success();
}

mlir::ParseResult attn::parseMaskNumber(mlir::AsmParser &parser,
                                        Attribute &number) {
  mlir::Builder &builder = parser.getBuilder();
  int64_t integer;
  mlir::OptionalParseResult parsed = parser.parseOptionalInteger(integer);
  if (parsed.has_value()) {
    number = builder.getI64IntegerAttr(integer);
    return *parsed;
  }
  StringRef name;
  if (failed(parser.parseOptionalKeyword(&name)))
    return parser.emitError(parser.getCurrentLocation())
           << "expected an integer or the name of a number that is read at run "
              "time";
  number = builder.getStringAttr(name);
  return success();
}

void attn::printMaskNumber(mlir::AsmPrinter &printer, Attribute number) {
  if (auto name = dyn_cast<mlir::StringAttr>(number))
    printer << name.getValue();
  else
    printer << cast<mlir::IntegerAttr>(number).getInt();
}

mlir::ParseResult attn::parseMaskTable(mlir::AsmParser &parser,
                                       mlir::StringAttr &table) {
  StringRef name;
  if (failed(parser.parseOptionalKeyword(&name)))
    return parser.emitError(parser.getCurrentLocation())
           << "expected the name of a table that is read at run time";
  table = parser.getBuilder().getStringAttr(name);
  return success();
}

void attn::printMaskTable(mlir::AsmPrinter &printer, mlir::StringAttr table) {
  printer << table.getValue();
}

mlir::ParseResult attn::parseAxialAxes(mlir::AsmParser &parser,
                                       AxialAxes &axes) {
  llvm::SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (succeeded(parser.parseOptionalKeyword(&name))) {
    if (std::optional<AxialAxes> known = symbolizeAxialAxes(name)) {
      axes = *known;
      return success();
    }
  }
  return parser.emitError(loc) << "expected what a pixel sees of an image: "
                                  "row, column or both";
}

void attn::printAxialAxes(mlir::AsmPrinter &printer, AxialAxes axes) {
  printer << stringifyAxialAxes(axes);
}
