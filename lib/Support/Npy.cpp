//===- Npy.cpp - NumPy's array file format --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format: the bytes "\x93NUMPY", a major and a minor version, the header's
// length (2 bytes in version 1, 4 later), the header - a Python dictionary
// literal with the keys descr, fortran_order and shape - and the elements.
// The parser accepts that dictionary and no other Python.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/Npy.h"

#include "attnc/Support/AtomicFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace attnc;

static_assert(llvm::sys::IsLittleEndianHost, "elements are copied unswapped");

static constexpr llvm::StringLiteral magic("\x93NUMPY");
/// Magic and version, before the length field.
static constexpr size_t preambleBytes = 8;
/// NumPy's own limit for what it parses is 10000; this leaves room for padding.
static constexpr size_t maxHeaderBytes = size_t(1) << 20;

namespace {

struct Header {
  std::string descr;
  bool isFortranOrder = false;
  llvm::SmallVector<int64_t, 4> shape;
};

/// A parser for the header's dictionary. Every method returns false after
/// setting the message.
class HeaderParser {
public:
  explicit HeaderParser(llvm::StringRef text) : rest(text) {}

  bool parse(Header &header);
  llvm::StringRef getMessage() const { return message; }

private:
  bool parseEntry(Header &header);
  bool parseString(llvm::StringRef &value);
  bool parseDescr(Header &header);
  bool parseBool(bool &value);
  bool parseShape(llvm::SmallVectorImpl<int64_t> &shape);
  bool parseExtent(int64_t &extent);

  /// Skips blanks and takes `token` when it is next.
  bool consume(llvm::StringRef token) {
    rest = rest.ltrim(' ');
    return rest.consume_front(token);
  }
  bool fail(const llvm::Twine &what) {
    message = what.str();
    return false;
  }

  llvm::StringRef rest;
  std::string message;
  bool hasDescr = false;
  bool hasOrder = false;
  bool hasShape = false;
};

/// Copies the file's bytes from `offset` on to `target`, all of them or fails.
using ReadAt =
    llvm::function_ref<llvm::Error(llvm::MutableArrayRef<char>, uint64_t)>;

} // namespace

bool HeaderParser::parse(Header &header) {
  if (!consume("{"))
    return fail("the header is not a dictionary");
  while (!consume("}")) {
    if (!parseEntry(header))
      return false;
    if (consume(","))
      continue;
    if (!consume("}"))
      return fail("the header lacks a ',' or '}' after a value");
    break;
  }
  if (!hasDescr || !hasOrder || !hasShape)
    return fail(llvm::Twine("the header lacks the key '") +
                (!hasDescr   ? "descr"
                 : !hasOrder ? "fortran_order"
                             : "shape") +
                "'");
  // NumPy pads with blanks and ends with a line feed.
  rest = rest.ltrim(' ');
  if (rest != "\n")
    return fail("the header does not end after its dictionary");
  return true;
}

bool HeaderParser::parseEntry(Header &header) {
  llvm::StringRef key;
  if (!parseString(key))
    return false;
  if (!consume(":"))
    return fail("the header lacks a ':' after a key");
  auto isFirst = [&](bool &seen) {
    if (seen)
      return fail("the header has the key '" + key + "' twice");
    return seen = true;
  };
  if (key == "descr")
    return isFirst(hasDescr) && parseDescr(header);
  if (key == "fortran_order")
    return isFirst(hasOrder) && parseBool(header.isFortranOrder);
  if (key == "shape")
    return isFirst(hasShape) && parseShape(header.shape);
  return fail("the header has a key other than 'descr', 'fortran_order' and "
              "'shape'");
}

bool HeaderParser::parseString(llvm::StringRef &value) {
  char quote = consume("'") ? '\'' : consume("\"") ? '"' : 0;
  if (!quote)
    return fail("the header lacks a quoted string where one is needed");
  size_t end = rest.find(quote);
  if (end == llvm::StringRef::npos)
    return fail("the header has an unterminated string");
  value = rest.take_front(end);
  rest = rest.drop_front(end + 1);
  if (value.contains('\\') || !llvm::all_of(value, llvm::isPrint))
    return fail("the header has a string with escapes or unprintable bytes");
  return true;
}

bool HeaderParser::parseDescr(Header &header) {
  rest = rest.ltrim(' ');
  if (rest.starts_with("["))
    return fail("it is a structured array (a list of fields); save each field "
                "as an array of its own");
  llvm::StringRef value;
  if (!parseString(value))
    return false;
  header.descr = value.str();
  return true;
}

bool HeaderParser::parseBool(bool &value) {
  value = consume("True");
  return value || consume("False") ||
         fail("fortran_order is neither True nor False");
}

bool HeaderParser::parseShape(llvm::SmallVectorImpl<int64_t> &shape) {
  if (!consume("("))
    return fail("the shape is not a tuple");
  if (consume(")"))
    return true;
  while (true) {
    int64_t extent;
    if (!parseExtent(extent))
      return false;
    shape.push_back(extent);
    if (shape.size() > maxTensorRank)
      return fail("the rank is above the largest supported one, " +
                  llvm::Twine(maxTensorRank));
    bool hasComma = consume(",");
    if (consume(")")) {
      // To Python (3) is a number in parentheses and (3,) a tuple.
      return hasComma || shape.size() > 1 || fail("the shape is not a tuple");
    }
    if (!hasComma)
      return fail("the shape lacks a ',' or ')' after an extent");
  }
}

bool HeaderParser::parseExtent(int64_t &extent) {
  rest = rest.ltrim(' ');
  llvm::StringRef digits = rest.take_while(llvm::isDigit);
  rest = rest.drop_front(digits.size());
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0'))
    return fail("the shape has an extent that is not a non-negative decimal "
                "number");
  if (digits.getAsInteger(10, extent))
    return fail("the shape has the extent " + digits.take_front(32) +
                ", which is out of range");
  return true;
}

/// The dtype of a descr. One-byte types have no byte order and may be written
/// with either mark; none for types that are not supported.
static std::optional<DType> parseDescrDType(llvm::StringRef descr) {
  return llvm::StringSwitch<std::optional<DType>>(descr)
      .Case("<f4", DType::F32)
      .Case("<f2", DType::F16)
      .Case("<f8", DType::F64)
      .Cases({"|i1", "<i1"}, DType::I8)
      .Case("<i2", DType::I16)
      .Case("<i4", DType::I32)
      .Case("<i8", DType::I64)
      .Cases({"|u1", "<u1"}, DType::U8)
      .Case("<u2", DType::U16)
      .Case("<u4", DType::U32)
      .Case("<u8", DType::U64)
      .Cases({"|b1", "<b1"}, DType::Bool)
      .Default(std::nullopt);
}

static llvm::StringRef getDescr(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "<f4";
  case DType::F16:
    return "<f2";
  case DType::BF16:
    return "<V2";
  case DType::F64:
    return "<f8";
  case DType::I8:
    return "|i1";
  case DType::I16:
    return "<i2";
  case DType::I32:
    return "<i4";
  case DType::I64:
    return "<i8";
  case DType::U8:
    return "|u1";
  case DType::U16:
    return "<u2";
  case DType::U32:
    return "<u4";
  case DType::U64:
    return "<u8";
  case DType::Bool:
    return "|b1";
  }
  llvm_unreachable("covered switch");
}

static llvm::Error makeError(llvm::StringRef name, const llvm::Twine &why) {
  return llvm::createStringError("cannot read '" + name + "': " + why);
}

/// Decides what the elements are from the file's descr and the request.
static llvm::Expected<DType> selectDType(llvm::StringRef name,
                                         llvm::StringRef descr,
                                         std::optional<DType> as) {
  bool isVoid = descr == "<V2" || descr == "|V2";
  if (as == DType::BF16 && (isVoid || descr == "<u2"))
    return DType::BF16;
  if (isVoid)
    return makeError(name, "its elements are two-byte voids ('" + descr +
                               "'), which are read as bf16 where bf16 is asked "
                               "for and as nothing else");
  if (descr.starts_with(">"))
    return makeError(name, "its elements are big-endian ('" + descr +
                               "'); save them as little-endian, for example "
                               "with array.astype('<" +
                               descr.drop_front() + "')");
  if (descr.contains('O'))
    return makeError(name, "it is an object array, which only executing its "
                           "pickle could read; save a numeric array");
  std::optional<DType> dtype = parseDescrDType(descr);
  if (!dtype)
    return makeError(name,
                     "its element type '" + descr +
                         "' is not supported; use one of f2, f4, f8, i1, "
                         "i2, i4, i8, u1, u2, u4, u8, b1, or V2 for bf16");
  if (as && *as != *dtype)
    return makeError(name, "it holds " + attnc::getName(*dtype) + " but " +
                               attnc::getName(*as) +
                               " is required; convert the array first");
  return *dtype;
}

/// A bool of another value than 0 and 1 has no meaning in compiled code.
static llvm::Error checkBools(llvm::StringRef name, const HostTensor &tensor) {
  for (char byte : tensor.getBytes())
    if (byte != 0 && byte != 1)
      return makeError(name, "it holds bool but one element has the value " +
                                 llvm::Twine(unsigned(uint8_t(byte))));
  return llvm::Error::success();
}

/// Reads the header and returns it with the offset of the first element.
static llvm::Expected<std::pair<Header, uint64_t>>
readHeader(llvm::StringRef name, uint64_t fileBytes, ReadAt readAt) {
  char preamble[preambleBytes + 4] = {};
  if (fileBytes < preambleBytes + 2)
    return makeError(name, "it is too short to be an npy file");
  size_t available = std::min<uint64_t>(fileBytes, sizeof(preamble));
  if (llvm::Error error = readAt(llvm::MutableArrayRef(preamble, available), 0))
    return error;
  if (llvm::StringRef(preamble, magic.size()) != magic)
    return makeError(name, "it does not begin like an npy file");
  unsigned major = uint8_t(preamble[6]), minor = uint8_t(preamble[7]);
  if (major < 1 || major > 3 || minor != 0)
    return makeError(name, "its format version " + llvm::Twine(major) + "." +
                               llvm::Twine(minor) +
                               " is not supported; use 1.0, 2.0 or 3.0");
  const char *lengthField = preamble + preambleBytes;
  uint64_t headerBytes = major == 1
                             ? llvm::support::endian::read16le(lengthField)
                             : llvm::support::endian::read32le(lengthField);
  uint64_t headerOffset = preambleBytes + (major == 1 ? 2 : 4);
  if (headerBytes > maxHeaderBytes)
    return makeError(name, "its header of " + llvm::Twine(headerBytes) +
                               " bytes is above the limit of 1 MiB");
  if (headerOffset + headerBytes > fileBytes)
    return makeError(name, "it ends inside its header");
  std::string text(headerBytes, '\0');
  if (llvm::Error error =
          readAt(llvm::MutableArrayRef(text.data(), text.size()), headerOffset))
    return error;
  Header header;
  HeaderParser parser(text);
  if (!parser.parse(header))
    return makeError(name, parser.getMessage());
  return std::pair(std::move(header), headerOffset + headerBytes);
}

static llvm::Expected<HostTensor> readTensor(llvm::StringRef name,
                                             uint64_t fileBytes,
                                             std::optional<DType> as,
                                             ReadAt readAt) {
  auto headerAndOffset = readHeader(name, fileBytes, readAt);
  if (!headerAndOffset)
    return headerAndOffset.takeError();
  auto &[header, dataOffset] = *headerAndOffset;
  llvm::Expected<DType> dtype = selectDType(name, header.descr, as);
  if (!dtype)
    return dtype.takeError();
  if (header.isFortranOrder)
    return makeError(name, "its elements are in Fortran order; save them in C "
                           "order, for example with numpy.ascontiguousarray");
  llvm::Expected<int64_t> count = getCheckedNumElements(header.shape);
  if (!count)
    return makeError(name, llvm::toString(count.takeError()));

  // Compared before allocating: the size of the file bounds the memory.
  uint64_t required = uint64_t(*count) * uint64_t(getByteSize(*dtype));
  uint64_t present = fileBytes - dataOffset;
  if (present != required)
    return makeError(
        name, llvm::Twine(present < required ? "it is truncated: "
                                             : "it has trailing data: ") +
                  "shape " + formatShape(header.shape) + " of " +
                  attnc::getName(*dtype) + " takes " + llvm::Twine(required) +
                  " bytes but " + llvm::Twine(present) + " follow the header");
  llvm::Expected<HostTensor> tensor = HostTensor::create(*dtype, header.shape);
  if (!tensor)
    return makeError(name, llvm::toString(tensor.takeError()));
  if (llvm::Error error = readAt(tensor->getBytes(), dataOffset))
    return error;
  if (*dtype == DType::Bool)
    if (llvm::Error error = checkBools(name, *tensor))
      return error;
  return tensor;
}

llvm::Expected<HostTensor> attnc::parseNpy(llvm::StringRef bytes,
                                           llvm::StringRef name,
                                           std::optional<DType> as) {
  auto readAt = [bytes](llvm::MutableArrayRef<char> target, uint64_t offset) {
    llvm::StringRef source = bytes.substr(offset, target.size());
    if (!source.empty())
      std::memcpy(target.data(), source.data(), source.size());
    return llvm::Error::success();
  };
  return readTensor(name, bytes.size(), as, readAt);
}

llvm::Expected<HostTensor> attnc::readNpy(llvm::StringRef path,
                                          std::optional<DType> as) {
  namespace fs = llvm::sys::fs;
  fs::file_status status;
  // Opening a pipe would wait for its writer, hence the check by path.
  if (std::error_code code = fs::status(path, status))
    return makeError(path, code.message());
  if (status.type() != fs::file_type::regular_file)
    return makeError(path, "it is not a regular file");
  llvm::Expected<fs::file_t> file = fs::openNativeFileForRead(path);
  if (!file)
    return makeError(path, llvm::toString(file.takeError()));
  auto readAt = [&](llvm::MutableArrayRef<char> target,
                    uint64_t offset) -> llvm::Error {
    while (!target.empty()) {
      // One call transfers less than 2^31 bytes.
      llvm::MutableArrayRef<char> part =
          target.take_front(std::min(target.size(), size_t(1) << 30));
      llvm::Expected<size_t> done =
          fs::readNativeFileSlice(*file, part, offset);
      if (!done)
        return makeError(path, llvm::toString(done.takeError()));
      if (*done == 0)
        return makeError(path, "it became shorter while it was read");
      target = target.drop_front(*done);
      offset += *done;
    }
    return llvm::Error::success();
  };
  llvm::Expected<HostTensor> tensor =
      fs::status(*file, status)
          ? makeError(path, "cannot inspect the open file")
          : readTensor(path, status.getSize(), as, readAt);
  // Nothing was written, so nothing is lost when closing fails.
  std::error_code ignored = fs::closeFile(*file);
  (void)ignored;
  return tensor;
}

llvm::Error attnc::writeNpy(llvm::StringRef path, const HostTensor &tensor) {
  std::string dictionary;
  llvm::raw_string_ostream os(dictionary);
  os << "{'descr': '" << getDescr(tensor.getDType())
     << "', 'fortran_order': False, 'shape': (";
  for (auto [index, extent] : llvm::enumerate(tensor.getShape()))
    os << (index ? ", " : "") << extent;
  os << (tensor.getRank() == 1 ? ",)" : ")") << ", }";

  // Blanks and a line feed align the elements to 64 bytes.
  size_t total = llvm::alignTo(preambleBytes + 2 + dictionary.size() + 1, 64);
  os.indent(static_cast<unsigned>(total - (preambleBytes + 2) -
                                  dictionary.size() - 1));
  os << '\n';

  char lengthField[2];
  llvm::support::endian::write16le(lengthField,
                                   static_cast<uint16_t>(dictionary.size()));
  llvm::ArrayRef<char> bytes = tensor.getBytes();
  return writeFileAtomically(path,
                             {magic, llvm::StringRef("\x01\x00", 2),
                              llvm::StringRef(lengthField, 2), dictionary,
                              llvm::StringRef(bytes.data(), bytes.size())});
}
