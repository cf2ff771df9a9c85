//===- ConvertedTile.cpp - a tile that threads form -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tile is computed of is found by following operands from the rounding
// back to loads. What spreads a number over elements says how many of them a
// piece needs, and where they are.
//
//===----------------------------------------------------------------------===//

#include "ConvertedTile.h"
#include "DecodeWords.h"
#include "SharedTile.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace arith = mlir::arith;
namespace scf = mlir::scf;
namespace vector = mlir::vector;

static constexpr int64_t kLineElements = SharedTile::kLineElements,
                         kLineBytes = SharedTile::kLineBytes,
                         kChunkElements = SharedTile::kChunkElements,
                         kChunkBytes = SharedTile::kChunkBytes,
                         kChunksInLine = SharedTile::kChunksInLine;
/// What a thread reads at once.
static constexpr int64_t kReadBytes = 16, kWordBytes = 4;

/// What a load's memory has a number of.
static Type getElement(tile::LoadOp load) {
  if (std::optional<Type> encoding = load.getEncoding())
    return *encoding;
  return cast<MemRefType>(load.getMemory().getType()).getElementType();
}

bool ConvertedTile::isFormed(Value tile) {
  return tile.getDefiningOp<arith::TruncFOp>();
}

tile::LoadOp ConvertedTile::findElements(Value tile) {
  Operation *op = tile.getDefiningOp();
  if (auto load = llvm::dyn_cast_or_null<tile::LoadOp>(op))
    return load;
  if (!op || !op->hasTrait<mlir::OpTrait::Elementwise>())
    return {};
  for (Value operand : op->getOperands())
    if (tile::LoadOp load = findElements(operand))
      return load;
  return {};
}

//===----------------------------------------------------------------------===//
// What it is computed of
//===----------------------------------------------------------------------===//

LogicalResult ConvertedTile::analyse() {
  if (failed(visit(tile)))
    return failure();
  choosePieces();
  return success();
}

LogicalResult ConvertedTile::addSource(tile::LoadOp load, Operation *op, Of of,
                                       int64_t times) {
  if (!load || (of != Of::Element && !getElement(load).isF32()))
    return op->emitOpError(
        "repeats what is no tile of f32 in memory, which has no code on the "
        "way to a product of a GPU yet; compile for cpu");
  sources.push_back({load, op, of, times});
  return success();
}

LogicalResult ConvertedTile::visit(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto load = llvm::dyn_cast_or_null<tile::LoadOp>(op))
    return addSource(load, op, Of::Element);
  if (auto repeat = llvm::dyn_cast_or_null<tile::RepeatOp>(op))
    return addSource(repeat.getTile().getDefiningOp<tile::LoadOp>(), op,
                     Of::Group, repeat.getTimes());
  if (auto broadcast = llvm::dyn_cast_or_null<tile::BroadcastOp>(op))
    return addSource(broadcast.getTile().getDefiningOp<tile::LoadOp>(), op,
                     broadcast.getAxis() == 0 ? Of::Row : Of::Column);
  if (llvm::isa_and_present<arith::ConstantOp, mlir::tensor::SplatOp>(op))
    return success();
  if (!op || !op->hasTrait<mlir::OpTrait::Elementwise>())
    return tile.getDefiningOp()->emitOpError(
        "rounds what is no elementwise function of numbers in memory, which "
        "has no code on the way to a product of a GPU yet; compile for cpu");
  for (Value operand : op->getOperands())
    if (failed(visit(operand)))
      return failure();
  return success();
}

/// As many elements as a thread reads at once, of the widest type, where rows
/// are aligned to that, and has numbers of columns for.
void ConvertedTile::choosePieces() {
  constexpr int64_t mostNumbers = 16;
  int64_t columns = getType().getDimSize(1);
  int64_t ofColumns = llvm::count_if(sources, isOfColumns);
  if (ofColumns > 0)
    width = std::max(mostNumbers / ofColumns, kChunkElements);
  for (const Source &source : sources) {
    if (source.of != Of::Element)
      continue;
    int64_t bits = getStoredBits(getElement(source.load));
    int64_t bytes = std::gcd(kReadBytes, columns * bits / 8);
    width = std::clamp<int64_t>(8 * bytes / bits, kChunkElements, width);
  }
}

int64_t ConvertedTile::countLinePieces() const { return kLineElements / width; }

int64_t ConvertedTile::countRowsAtOnce() const {
  return kWarpgroupThreads / countLinePieces();
}

int64_t ConvertedTile::countRows() const {
  return llvm::divideCeil(getType().getDimSize(0), countRowsAtOnce());
}

int64_t ConvertedTile::countBlocks() const {
  return llvm::divideCeil(getType().getDimSize(1), kLineElements);
}

/// Row by row, so that where a row is is found once; block by block if numbers
/// of columns are kept in registers.
std::pair<int64_t, int64_t> ConvertedTile::locate(int64_t number) const {
  if (hasColumns())
    return {number % countRows(), number / countRows()};
  return {number / countBlocks(), number % countBlocks()};
}

Value ConvertedTile::getRow(int64_t row, Value thread) {
  return b.add(b.shiftRight(thread, llvm::Log2_64(countLinePieces())),
               b.i32(row * countRowsAtOnce()));
}

Value ConvertedTile::getColumn(int64_t block, Value thread) {
  Value piece = b.bitAnd(thread, b.i32(countLinePieces() - 1));
  return b.add(b.mul(piece, b.i32(width)), b.i32(block * kLineElements));
}

bool ConvertedTile::isPartial(int64_t block) const {
  return (block + 1) * kLineElements > getType().getDimSize(1);
}

int64_t ConvertedTile::countNumbers(const Source &source) const {
  switch (source.of) {
  case Of::Element:
    return width;
  case Of::Column:
    return 0;
  case Of::Row:
    return 1;
  case Of::Group:
    break;
  }
  if (source.times % width == 0)
    return 1;
  return width % source.times == 0 ? width / source.times : width;
}

int64_t ConvertedTile::countWords(const Source &source) const {
  return llvm::divideCeil(countNumbers(source) *
                              getStoredBits(getElement(source.load)),
                          8 * kWordBytes);
}

int64_t ConvertedTile::countRegisters() const {
  int64_t words = 0;
  for (const Source &source : sources)
    words += countWords(source);
  return words;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// An index may be outside of its memory: it is a number that a caller wrote to
/// the device's memory, which nobody has checked.
ConvertedTile::Place ConvertedTile::findPlace(const Source &source, Value row,
                                              FragmentEmitter &points,
                                              FragmentEmitter::Scope &scope) {
  tile::LoadOp load = source.load;
  SmallVector<Value> at;
  for (Value offset : load.getOffsets())
    at.push_back(scalars.get(offset, scope.scalars));
  points.addGathered(load.getGather(), load.getGatherAxes(), at, scope);
  Value keys =
      b.cast(scalars.get(load.getExtent()[0], scope.scalars), b.getI32Type());
  Value isThere = b.compare(CmpIPredicate::slt, row, keys);
  if (load.getGather().empty()) {
    Value &along = at[at.size() - load.getTile().getType().getRank()];
    along = b.add(along, b.cast(row, b.getIndexType()));
  }
  for (int64_t axis : load.getGatherAxes().value_or(ArrayRef<int64_t>()))
    isThere =
        b.bitAnd(isThere, b.compare(CmpIPredicate::ult, at[axis],
                                    arguments.getSize(load.getMemory(), axis)));
  int64_t perByte = 8 / std::min<int64_t>(getStoredBits(getElement(load)), 8);
  if (perByte > 1)
    at.back() = b.createOrFold<arith::DivUIOp>(at.back(), b.index(perByte));
  return {scalars.getAddress(load.getMemory(), at), isThere};
}

ArrayRef<ConvertedTile::Place> ConvertedTile::findPlaces(int64_t row,
                                                         Step &step) {
  SmallVector<Place> &places = step.rows[row];
  // Block by block a row comes again too late to be kept.
  if (hasColumns())
    places.clear();
  if (!places.empty())
    return places;
  FragmentEmitter points(b, arguments, scalars);
  FragmentEmitter::Scope scope;
  scope.scalars = step.here;
  Value inTile = getRow(row, step.pinned);
  points.setPoint(inTile, b.i32(0));
  for (const Source &source : sources)
    places.push_back(source.of == Of::Column
                         ? Place()
                         : findPlace(source, inTile, points, scope));
  return places;
}

Value ConvertedTile::isColumn(Value isThere, int64_t block, Value column) {
  if (!isPartial(block))
    return isThere;
  return b.bitAnd(isThere, b.compare(CmpIPredicate::slt, column,
                                     b.i32(getType().getDimSize(1))));
}

/// Numbers for the groups that a piece begins in and has.
ConvertedTile::Registers ConvertedTile::readGroup(const Source &source,
                                                  const Place &place,
                                                  Value column) {
  Registers words;
  int64_t count = countNumbers(source);
  bool isOfElements = count == width && source.times > 1;
  auto groupOf = [&](Value at) {
    return b.createOrFold<arith::DivUIOp>(at, b.i32(source.times));
  };
  Value first = groupOf(column);
  for (int64_t i = 0; i < count; ++i) {
    Value group = isOfElements ? groupOf(b.add(column, b.i32(i)))
                               : b.add(first, b.i32(i));
    Value address = b.offset(place.address, b.mul(group, b.i32(kWordBytes)));
    llvm::append_range(words, b.loadWords(address, place.isThere, 1));
  }
  return words;
}

ConvertedTile::Registers ConvertedTile::begin(int64_t number, Step &step) {
  auto [row, block] = locate(number);
  ArrayRef<Place> places = findPlaces(row, step);
  Value column = getColumn(block, step.pinned);
  Registers registers;
  for (auto [source, found] : llvm::zip_equal(sources, places)) {
    if (source.of == Of::Column)
      continue;
    Place place = found;
    if (source.of == Of::Row) {
      llvm::append_range(registers,
                         b.loadWords(place.address, place.isThere, 1));
      continue;
    }
    place.isThere = isColumn(place.isThere, block, column);
    if (source.of == Of::Group) {
      llvm::append_range(registers, readGroup(source, place, column));
      continue;
    }
    int64_t bits = getStoredBits(getElement(source.load));
    Value bytes =
        b.createOrFold<arith::DivUIOp>(b.mul(column, b.i32(bits)), b.i32(8));
    Value address = b.offset(place.address, bytes);
    constexpr int64_t mostWords = kReadBytes / kWordBytes;
    int64_t words = countWords(source);
    arguments.requireAlignment(source.load.getMemory(),
                               std::min(kReadBytes, words * kWordBytes));
    for (int64_t word = 0; word < words; word += mostWords)
      llvm::append_range(
          registers,
          b.loadWords(b.offset(address, b.i32(word * kWordBytes)),
                      place.isThere, std::min(mostWords, words - word)));
  }
  return registers;
}

/// They are read again and again, and so are near.
ArrayRef<Value> ConvertedTile::readColumns(const Source &source, int64_t block,
                                           Step &step) {
  SmallVector<Value> &numbers = step.columns[{source.op, block}];
  if (!numbers.empty())
    return numbers;
  constexpr int64_t atOnce = kReadBytes / kWordBytes;
  tile::LoadOp load = source.load;
  arguments.requireAlignment(load.getMemory(), kReadBytes);
  Value column = getColumn(block, step.pinned);
  SmallVector<Value> at;
  for (Value offset : load.getOffsets())
    at.push_back(scalars.get(offset, step.here));
  at.back() = b.add(at.back(), b.cast(column, b.getIndexType()));
  Value address = scalars.getAddress(load.getMemory(), at);
  Value isThere = isColumn(b.getTrue(), block, column);
  SmallVector<Value> words;
  for (int64_t i = 0; i < width; i += atOnce)
    llvm::append_range(
        words,
        b.loadWords(b.offset(address, b.i32(i * kWordBytes)), isThere, atOnce));
  numbers = decodeWords(b, words, b.getF32Type());
  return numbers;
}

//===----------------------------------------------------------------------===//
// Forming
//===----------------------------------------------------------------------===//

/// A number for each element of a chunk.
SmallVector<Value> ConvertedTile::spread(const Source &source,
                                         ArrayRef<Value> registers,
                                         int64_t chunk) {
  int64_t count = countNumbers(source), first = chunk * kChunkElements;
  if (source.of == Of::Element) {
    int64_t words = countWords(source) * kChunkElements / width;
    registers = registers.slice(chunk * words, words);
    return decodeWords(b, registers, getElement(source.load));
  }
  SmallVector<Value> numbers = decodeWords(b, registers, b.getF32Type());
  SmallVector<Value> elements;
  for (int64_t i = first; i < first + kChunkElements; ++i)
    elements.push_back(numbers[i * count / width]);
  return elements;
}

SmallVector<Value> ConvertedTile::evaluate(Value value, const Elements &known,
                                           Step &step) {
  Operation *op = value.getDefiningOp();
  auto found = known.find(op);
  if (found != known.end())
    return found->second;
  if (auto splat = dyn_cast<mlir::tensor::SplatOp>(op)) {
    Value scalar = scalars.get(splat.getInput(), step.here);
    step.here.map(splat.getInput(), scalar);
    return SmallVector<Value>(kChunkElements, scalar);
  }
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto all = cast<mlir::DenseElementsAttr>(constant.getValue());
    auto number = cast<mlir::TypedAttr>(all.getSplatValue<Attribute>());
    return SmallVector<Value>(kChunkElements,
                              arith::ConstantOp::create(b, number));
  }
  SmallVector<SmallVector<Value>> operands;
  for (Value operand : op->getOperands())
    operands.push_back(evaluate(operand, known, step));
  SmallVector<Value> elements;
  for (int64_t i = 0; i < kChunkElements; ++i) {
    SmallVector<Value> values;
    for (const SmallVector<Value> &operand : operands)
      values.push_back(operand[i]);
    elements.push_back(scalars.compute(op, values, b.getF32Type()));
  }
  return elements;
}

void ConvertedTile::finish(int64_t number, ArrayRef<Value> registers,
                           Value place, Step &step) {
  // What tensor cores multiply as it is.
  if (!isFormed(tile))
    return store(registers, number, place, step.thread);
  int64_t block = locate(number).second;
  Value rounded = tile.getDefiningOp<arith::TruncFOp>().getIn();
  SmallVector<Value> words;
  for (int64_t chunk = 0; chunk < width / kChunkElements; ++chunk) {
    Elements known;
    ArrayRef<Value> rest = registers;
    for (const Source &source : sources) {
      int64_t count = countWords(source);
      known[source.op] =
          source.of == Of::Column
              ? SmallVector<Value>(
                    readColumns(source, block, step)
                        .slice(chunk * kChunkElements, kChunkElements))
              : spread(source, rest.take_front(count), chunk);
      rest = rest.drop_front(count);
    }
    SmallVector<Value> elements = evaluate(rounded, known, step);
    for (int64_t i = 0; i < kChunkElements; i += 2)
      words.push_back(
          b.pack(getType().getElementType(), elements[i], elements[i + 1]));
  }
  store(words, number, place, step.thread);
}

/// Chunks are where a bulk copy with the swizzle would have put them. Rows of a
/// thread are multiples of the swizzle's height apart, and pieces begin at
/// multiples of their width, so all places are constants away from a few.
void ConvertedTile::store(ArrayRef<Value> words, int64_t number, Value place,
                          Value thread) {
  auto [row, block] = locate(number);
  int64_t rows = getType().getDimSize(0), atOnce = countRowsAtOnce();
  Value first = getRow(/*row=*/0, thread);
  Value piece = b.bitAnd(thread, b.i32(countLinePieces() - 1));
  Value chunk = b.bitXor(b.mul(piece, b.i32(width / kChunkElements)),
                         b.bitAnd(first, b.i32(kChunksInLine - 1)));
  Value line = b.mul(first, b.i32(kLineBytes));
  Value distance = b.i32(block * rows * kLineBytes + row * atOnce * kLineBytes);
  auto storeAll = [&] {
    constexpr int64_t wordsInChunk = kChunkBytes / kWordBytes;
    auto type = mlir::VectorType::get({wordsInChunk}, b.getI32Type());
    for (int64_t i = 0; i < width / kChunkElements; ++i) {
      Value bytes = b.mul(b.bitXor(chunk, b.i32(i)), b.i32(kChunkBytes));
      Value address = mlir::LLVM::IntToPtrOp::create(
          b, b.pointer(kSharedSpace), b.add(place, b.add(line, bytes)));
      Value four = vector::FromElementsOp::create(
          b, type, words.slice(i * wordsInChunk, wordsInChunk));
      b.store(four, b.offset(address, distance), kChunkBytes);
    }
  };
  if ((row + 1) * atOnce <= rows)
    return storeAll();
  Value isRow =
      b.compare(CmpIPredicate::slt, first, b.i32(rows - row * atOnce));
  auto branch = scf::IfOp::create(b, isRow, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  storeAll();
}
