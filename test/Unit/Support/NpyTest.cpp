//===- NpyTest.cpp - NumPy's array file format ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files as NumPy writes them, round trips of every dtype, and one case for
// every way in which a file can be wrong.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/Npy.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include "gtest/gtest.h"

#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

using namespace attnc;
namespace fs = llvm::sys::fs;

/// Ends the test program on an error that no case expects.
static llvm::ExitOnError exitOnError("unexpected error: ");

static std::string messageOf(llvm::Expected<HostTensor> tensor) {
  return tensor ? "no error" : llvm::toString(tensor.takeError());
}

static std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "no error";
}

/// A file with this header text, a version, and `numBytes` zero bytes of data.
static std::string makeFile(llvm::StringRef header, size_t numBytes,
                            int major = 1) {
  std::string file("\x93NUMPY");
  file += static_cast<char>(major);
  file += '\0';
  auto length = static_cast<uint32_t>(header.size());
  for (int byte = 0; byte < (major == 1 ? 2 : 4); ++byte)
    file += static_cast<char>(length >> (8 * byte));
  file += header;
  return file + std::string(numBytes, '\0');
}

static std::string makeHeader(llvm::StringRef descr, llvm::StringRef shape) {
  return ("{'descr': '" + descr +
          "', 'fortran_order': False, 'shape': " + shape + ", }\n")
      .str();
}

/// The message for a file in memory called "x", without the common beginning.
static std::string refusal(llvm::StringRef file,
                           std::optional<DType> as = std::nullopt) {
  std::string message = messageOf(parseNpy(file, "x", as));
  llvm::StringRef rest(message);
  EXPECT_TRUE(rest.consume_front("cannot read 'x': ")) << message;
  return rest.str();
}

static std::string refusedHeader(llvm::StringRef header) {
  return refusal(makeFile(header, 24));
}

namespace {

class NpyFileTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("attnc-npy", directory));
  }
  void TearDown() override { EXPECT_FALSE(fs::remove_directories(directory)); }

  std::string path(llvm::StringRef name) const {
    llvm::SmallString<128> joined(directory);
    llvm::sys::path::append(joined, name);
    return joined.str().str();
  }

  llvm::SmallString<128> directory;
};

TEST(NpyTest, ReadsWhatNumPyWrites) {
  // numpy.save(file, numpy.array([[1, 2, 3], [4, 5, 6]], numpy.float16))
  std::string file("\x93NUMPY\x01\x00v\x00", 10);
  file += "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }";
  file.resize(127, ' ');
  file += '\n';
  for (int high : {0x3c, 0x40, 0x42, 0x44, 0x45, 0x46})
    file += {'\0', static_cast<char>(high)};
  HostTensor tensor = exitOnError(parseNpy(file, "x"));
  EXPECT_EQ(tensor.getDType(), DType::F16);
  EXPECT_EQ(tensor.getShape(), llvm::ArrayRef<int64_t>({2, 3}));
  for (int64_t index = 0; index < 6; ++index)
    EXPECT_EQ(tensor.at(index), index + 1.0);
}

TEST(NpyTest, AcceptsEveryVersionAndSpelling) {
  for (int major : {1, 2, 3})
    EXPECT_EQ(messageOf(parseNpy(
                  makeFile(makeHeader("<f4", "(2, 3)"), 24, major), "x")),
              "no error");
  for (const char *header :
       {"{'descr':'<f4','fortran_order':False,'shape':(2,3)}\n",
        "{\"shape\": (2, 3,), \"descr\": \"<f4\", \"fortran_order\": False}\n",
        " { 'descr' : '<f4' , 'shape' : ( 2 , 3 ) , 'fortran_order' : False ,"
        " }      \n"})
    EXPECT_EQ(messageOf(parseNpy(makeFile(header, 24), "x")), "no error")
        << header;
  auto shapeOf = [](const char *text, size_t numBytes) {
    return formatShape(
        exitOnError(parseNpy(makeFile(makeHeader("|u1", text), numBytes), "x"))
            .getShape());
  };
  EXPECT_EQ(shapeOf("()", 1), "scalar");
  EXPECT_EQ(shapeOf("(3,)", 3), "3");
  EXPECT_EQ(shapeOf("(0,)", 0), "0");
  EXPECT_EQ(shapeOf("(2, 0, 5)", 0), "2x0x5");
}

TEST_F(NpyFileTest, RoundTripsEveryDType) {
  const llvm::SmallVector<int64_t> shapes[] = {
      {3, 5}, {7}, {}, {0, 4}, {1, 2, 1, 2, 1}};
  for (DType dtype : {DType::F32, DType::F16, DType::BF16, DType::F64,
                      DType::I8, DType::I16, DType::I32, DType::I64, DType::U8,
                      DType::U16, DType::U32, DType::U64, DType::Bool}) {
    for (const llvm::SmallVector<int64_t> &shape : shapes) {
      HostTensor tensor = exitOnError(HostTensor::create(dtype, shape));
      tensor.fillNormal(1, 0.0, 100.0);
      ASSERT_EQ(messageOf(writeNpy(path("a.npy"), tensor)), "no error");
      llvm::Expected<HostTensor> back = readNpy(path("a.npy"), dtype);
      ASSERT_EQ(back ? "" : llvm::toString(back.takeError()), "");
      EXPECT_EQ(back->getDType(), dtype);
      EXPECT_EQ(back->getShape(), llvm::ArrayRef<int64_t>(shape));
      EXPECT_EQ(back->getBytes(), tensor.getBytes());
      if (dtype != DType::BF16) {
        EXPECT_EQ(exitOnError(readNpy(path("a.npy"))).getDType(), dtype);
      }
    }
  }
}

TEST_F(NpyFileTest, KeepsEveryBitOfSpecialNumbers) {
  HostTensor tensor = exitOnError(HostTensor::create(DType::F16, {65536}));
  auto *bits = static_cast<uint16_t *>(tensor.getData());
  for (uint32_t value = 0; value < 65536; ++value)
    bits[value] = static_cast<uint16_t>(value);
  ASSERT_EQ(messageOf(writeNpy(path("a.npy"), tensor)), "no error");
  EXPECT_EQ(exitOnError(readNpy(path("a.npy"))).getBytes(), tensor.getBytes());
}

TEST_F(NpyFileTest, WritesElementsAtAMultipleOf64Bytes) {
  for (int64_t extent = 1, digits = 1; digits <= 9; extent *= 10, ++digits) {
    HostTensor tensor =
        exitOnError(HostTensor::create(DType::U8, {extent, 0, 3}));
    ASSERT_EQ(messageOf(writeNpy(path("a.npy"), tensor)), "no error");
    auto file = llvm::MemoryBuffer::getFile(path("a.npy"));
    ASSERT_TRUE(file);
    llvm::StringRef bytes = (*file)->getBuffer();
    EXPECT_EQ(bytes.size() % 64, 0u);
    EXPECT_TRUE(bytes.starts_with("\x93NUMPY\x01"));
    EXPECT_TRUE(bytes.ends_with(" \n") || bytes.ends_with("}\n"));
  }
}

TEST(NpyTest, BF16HasToBeAskedFor) {
  std::string voids = makeFile(makeHeader("<V2", "(3,)"), 6);
  std::string words = makeFile(makeHeader("<u2", "(3,)"), 6);
  EXPECT_EQ(exitOnError(parseNpy(voids, "x", DType::BF16)).getDType(),
            DType::BF16);
  EXPECT_EQ(exitOnError(parseNpy(makeFile(makeHeader("|V2", "(3,)"), 6), "x",
                                 DType::BF16))
                .getDType(),
            DType::BF16);
  EXPECT_EQ(exitOnError(parseNpy(words, "x", DType::BF16)).getDType(),
            DType::BF16);
  EXPECT_EQ(exitOnError(parseNpy(words, "x")).getDType(), DType::U16);
  std::string message = "its elements are two-byte voids ('<V2'), which are "
                        "read as bf16 where bf16 is asked for and as nothing "
                        "else";
  EXPECT_EQ(refusal(voids), message);
  EXPECT_EQ(refusal(voids, DType::F16), message);
}

TEST(NpyTest, RefusesAnotherDTypeThanRequired) {
  std::string file = makeFile(makeHeader("<f4", "(2,)"), 8);
  EXPECT_EQ(refusal(file, DType::F16),
            "it holds f32 but f16 is required; convert the array first");
  EXPECT_EQ(refusal(file, DType::BF16),
            "it holds f32 but bf16 is required; convert the array first");
}

TEST(NpyTest, RefusesDTypesThatAreNotSupported) {
  auto refusedDescr = [](const char *descr) {
    return refusal(makeFile(makeHeader(descr, "(3,)"), 24));
  };
  EXPECT_EQ(refusedDescr(">f4"),
            "its elements are big-endian ('>f4'); save them as little-endian, "
            "for example with array.astype('<f4')");
  EXPECT_EQ(refusedDescr("|O"),
            "it is an object array, which only executing its pickle could "
            "read; save a numeric array");
  for (const char *descr :
       {"<c8", "<U4", "|S3", "<M8[ns]", "f4", "=f4", "<f16", "<V4", "", "<f"})
    EXPECT_EQ(refusedDescr(descr),
              "its element type '" + std::string(descr) +
                  "' is not supported; use one of f2, f4, f8, i1, i2, i4, i8, "
                  "u1, u2, u4, u8, b1, or V2 for bf16");
  EXPECT_EQ(refusedHeader("{'descr': [('a', '<f4')], 'fortran_order': False, "
                          "'shape': (3,), }\n"),
            "it is a structured array (a list of fields); save each field as "
            "an array of its own");
}

TEST(NpyTest, RefusesFortranOrder) {
  EXPECT_EQ(refusedHeader(
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n"),
            "its elements are in Fortran order; save them in C order, for "
            "example with numpy.ascontiguousarray");
}

TEST(NpyTest, RefusesWhatIsNoNpyFile) {
  EXPECT_EQ(refusal(""), "it is too short to be an npy file");
  EXPECT_EQ(refusal("\x93NUMPY"), "it is too short to be an npy file");
  EXPECT_EQ(refusal("PK\x03\x04 and so on, a zip file"),
            "it does not begin like an npy file");
  EXPECT_EQ(refusal(makeFile(makeHeader("<f4", "(3,)"), 12, 4)),
            "its format version 4.0 is not supported; use 1.0, 2.0 or 3.0");
  std::string file = makeFile(makeHeader("<f4", "(3,)"), 12);
  file[7] = 1;
  EXPECT_EQ(refusal(file),
            "its format version 1.1 is not supported; use 1.0, 2.0 or 3.0");
}

TEST(NpyTest, RefusesFalseLengths) {
  std::string file = makeFile(makeHeader("<f4", "(2, 3)"), 24);
  EXPECT_EQ(refusal(llvm::StringRef(file).drop_back(1)),
            "it is truncated: shape 2x3 of f32 takes 24 bytes but 23 follow "
            "the header");
  EXPECT_EQ(refusal(file + "x"),
            "it has trailing data: shape 2x3 of f32 takes 24 bytes but 25 "
            "follow the header");
  EXPECT_EQ(refusal(llvm::StringRef(file).take_front(40)),
            "it ends inside its header");
  EXPECT_EQ(refusal(llvm::StringRef("\x93NUMPY\x02\x00\xff\xff", 10)),
            "it ends inside its header");
  EXPECT_EQ(refusal(llvm::StringRef("\x93NUMPY\x02\x00\x01\x00\x10\x00", 12)),
            "its header of 1048577 bytes is above the limit of 1 MiB");
}

TEST(NpyTest, AcceptsHeadersUpToTheLimit) {
  std::string header = makeHeader("<f4", "(2, 3)");
  header.insert(header.size() - 1, (1 << 20) - header.size(), ' ');
  EXPECT_EQ(messageOf(parseNpy(makeFile(header, 24, 2), "x")), "no error");
}

TEST(NpyTest, RefusesOversizedShapes) {
  auto refusedShape = [](const char *shape) {
    return refusal(makeFile(makeHeader("<f4", shape), 24));
  };
  EXPECT_EQ(refusedShape("(1048576, 1048577)"),
            "shape 1048576x1048577 has more than 2^40 elements, the largest "
            "supported number");
  EXPECT_EQ(refusedShape("(4294967296, 4294967296)"),
            "shape 4294967296x4294967296 has more than 2^40 elements, the "
            "largest supported number");
  EXPECT_EQ(refusedShape("(99999999999999999999,)"),
            "the shape has the extent 99999999999999999999, which is out of "
            "range");
  // Within the limits but not in the file: refused before memory is asked for.
  EXPECT_EQ(refusedShape("(1099511627776,)"),
            "it is truncated: shape 1099511627776 of f32 takes 4398046511104 "
            "bytes but 24 follow the header");
  std::string many = "(" + std::string(33 * 2, '1');
  for (size_t index = 2; index < many.size(); index += 2)
    many[index] = ',';
  EXPECT_EQ(messageOf(parseNpy(
                makeFile(makeHeader("|u1", many.substr(0, 64) + ")"), 1), "x")),
            "no error");
  EXPECT_EQ(refusedShape((many + ")").c_str()),
            "the rank is above the largest supported one, 32");
}

TEST(NpyTest, RefusesMalformedShapes) {
  auto refusedShape = [](const char *shape) {
    return refusal(makeFile(makeHeader("<f4", shape), 24));
  };
  for (const char *shape : {"6", "[6]", "(6)", "None", "'6'"})
    EXPECT_EQ(refusedShape(shape), "the shape is not a tuple") << shape;
  for (const char *shape :
       {"(-6,)", "(06,)", "(,)", "(+6,)", "(a,)", "(2, , 3)", "(2, 3"})
    EXPECT_EQ(refusedShape(shape), "the shape has an extent that is not a "
                                   "non-negative decimal number")
        << shape;
  for (const char *shape : {"(2 3)", "(6.0,)", "(6L,)", "(0x6,)"})
    EXPECT_EQ(refusedShape(shape),
              "the shape lacks a ',' or ')' after an extent")
        << shape;
}

TEST(NpyTest, RefusesMalformedHeaders) {
  EXPECT_EQ(refusedHeader(""), "the header is not a dictionary");
  EXPECT_EQ(refusedHeader("__import__('os')\n"),
            "the header is not a dictionary");
  EXPECT_EQ(refusedHeader("{}\n"), "the header lacks the key 'descr'");
  EXPECT_EQ(refusedHeader("{'descr': '<f4'}\n"),
            "the header lacks the key 'fortran_order'");
  EXPECT_EQ(refusedHeader("{'descr': '<f4', 'shape': (6,)}\n"),
            "the header lacks the key 'fortran_order'");
  EXPECT_EQ(refusedHeader("{'descr': '<f4', 'fortran_order': False}\n"),
            "the header lacks the key 'shape'");
  EXPECT_EQ(refusedHeader("{'descr': '<f4', 'descr': '<f8'}\n"),
            "the header has the key 'descr' twice");
  EXPECT_EQ(refusedHeader("{'descr': '<f4', 'extra': 1}\n"),
            "the header has a key other than 'descr', 'fortran_order' and "
            "'shape'");
  EXPECT_EQ(refusedHeader("{'descr' '<f4'}\n"),
            "the header lacks a ':' after a key");
  EXPECT_EQ(refusedHeader("{'descr': '<f4' 'shape': (6,)}\n"),
            "the header lacks a ',' or '}' after a value");
  EXPECT_EQ(refusedHeader("{descr: '<f4'}\n"),
            "the header lacks a quoted string where one is needed");
  EXPECT_EQ(refusedHeader("{'descr': <f4}\n"),
            "the header lacks a quoted string where one is needed");
  EXPECT_EQ(refusedHeader("{'descr"), "the header has an unterminated string");
  EXPECT_EQ(refusedHeader("{'de\\x73cr': '<f4'}\n"),
            "the header has a string with escapes or unprintable bytes");
  EXPECT_EQ(refusedHeader("{'fortran_order': 0}\n"),
            "fortran_order is neither True nor False");
  std::string header = makeHeader("<f4", "(6,)");
  EXPECT_EQ(refusedHeader(llvm::StringRef(header).drop_back()),
            "the header does not end after its dictionary");
  EXPECT_EQ(refusedHeader(header + "\n"),
            "the header does not end after its dictionary");
}

// No prefix and no change of one byte may crash; what is accepted has to have
// the promised size. Run under the sanitizers this is a small fuzzer.
TEST(NpyTest, SurvivesEveryPrefixAndEveryChangedByte) {
  std::string file = makeFile(makeHeader("<f4", "(2, 3)"), 24);
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(messageOf(parseNpy(llvm::StringRef(file).take_front(size), "x")),
              "no error");
  for (size_t index = 0; index < file.size() - 24; ++index) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = file;
      changed[index] = static_cast<char>(value);
      llvm::Expected<HostTensor> tensor = parseNpy(changed, "x");
      if (tensor)
        EXPECT_EQ(tensor->getNumBytes(), 24);
      else
        llvm::consumeError(tensor.takeError());
    }
  }
}

TEST(NpyTest, RefusesBoolsOtherThanZeroAndOne) {
  std::string file = makeFile(makeHeader("|b1", "(4,)"), 4);
  file.back() = 1;
  EXPECT_EQ(messageOf(parseNpy(file, "x")), "no error");
  file.back() = static_cast<char>(255);
  EXPECT_EQ(refusal(file), "it holds bool but one element has the value 255");
}

TEST_F(NpyFileTest, RefusesWhatIsNoRegularFile) {
  EXPECT_EQ(messageOf(readNpy(path("none.npy"))),
            "cannot read '" + path("none.npy") +
                "': No such file or directory");
  EXPECT_EQ(messageOf(readNpy(directory)), "cannot read '" +
                                               directory.str().str() +
                                               "': it is not a regular file");
  // Would wait for ever if it were opened.
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(messageOf(readNpy(path("pipe"))),
            "cannot read '" + path("pipe") + "': it is not a regular file");
}

TEST_F(NpyFileTest, MessagesNameTheFile) {
  HostTensor tensor = exitOnError(HostTensor::create(DType::F32, {4}));
  ASSERT_EQ(messageOf(writeNpy(path("a.npy"), tensor)), "no error");
  ASSERT_EQ(truncate(path("a.npy").c_str(), 130), 0);
  EXPECT_EQ(messageOf(readNpy(path("a.npy"))),
            "cannot read '" + path("a.npy") +
                "': it is truncated: shape 4 of f32 takes 16 bytes but 2 "
                "follow the header");
  EXPECT_EQ(messageOf(writeNpy(path("no/a.npy"), tensor)),
            "cannot write '" + path("no/a.npy") +
                "': cannot open the directory '" + path("no") +
                "': No such file or directory");
}

} // namespace
