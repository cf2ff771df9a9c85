//===- ConvertedTile.h - a tile that threads form ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile that is no copy of memory: what tensor cores multiply is computed, one
// element like the other, of numbers in memory, and rounded last. The keys of a
// quantised cache are the case in point,
//
//     truncf (load as i8 - broadcast zeros) * broadcast scales
//
// The threads of a warpgroup form it. Each has *pieces*: 8, 16 or 32 neighbours
// of a row, as many as it reads in 16 bytes. A piece is worked on twice: it is
// *begun*, which asks memory for what its elements are computed of, and
// *finished* later, when that has arrived in registers: computed, rounded and
// written to shared memory. How many are between the two is the caller's
// choice.
//
//     thread t   piece t mod p of the p in a line of 64 columns,
//                rows t / p, t / p + 128 / p, ...
//
// With the swizzle of lines, eight threads that store 16 bytes each at once use
// all banks, for each of the three sizes.
//
// Rows that are not there are of zeros: a number that is not there, a scale or
// a zero point of its own among them, is read as 0.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_CONVERTEDTILE_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_CONVERTEDTILE_H

#include "FragmentEmitter.h"
#include <map>

namespace attnc::gpu {

class ConvertedTile {
public:
  using Registers = SmallVector<Value>;

  /// Whether a tile of 16-bit numbers is one that has to be formed.
  static bool isFormed(Value tile);
  /// Of a tile that is formed: what its elements are read from, or null.
  static tile::LoadOp findElements(Value tile);

  ConvertedTile(PtxBuilder &builder, KernelArguments &arguments,
                ScalarEmitter &scalars, Value tile)
      : b(builder), arguments(arguments), scalars(scalars), tile(tile) {}

  /// Finds out what the tile is computed of; says what has no code.
  LogicalResult analyse();

  /// The pieces of a thread, and the registers that one is read to.
  int64_t countPieces() const { return countRows() * countBlocks(); }
  int64_t countRegisters() const;

  /// What is known in one step, and what was computed for several pieces of it.
  class Step;

  /// Asks for the numbers of piece `number`. The registers are all i32.
  Registers begin(int64_t number, Step &step);
  /// Computes the piece from them and writes it to the tile at `place` in
  /// shared memory.
  void finish(int64_t number, ArrayRef<Value> registers, Value place,
              Step &step);

private:
  /// Numbers in memory that elements are computed of: one for each element, one
  /// for each group of neighbours along a row, one for each row, or one for
  /// each column.
  enum class Of { Element, Group, Row, Column };
  struct Source {
    tile::LoadOp load;
    /// What spreads the numbers over elements, or the load.
    Operation *op;
    Of of;
    /// Elements that share a number.
    int64_t times = 1;
  };
  /// Where the numbers of a source for a row begin, and whether they are there.
  struct Place {
    Value address, isThere;
  };

  RankedTensorType getType() const {
    return cast<RankedTensorType>(tile.getType());
  }
  static bool isOfColumns(const Source &source) {
    return source.of == Of::Column;
  }
  bool hasColumns() const { return llvm::any_of(sources, isOfColumns); }
  int64_t countLinePieces() const;
  int64_t countRowsAtOnce() const;
  int64_t countRows() const;
  int64_t countBlocks() const;
  /// The row and block of piece `number`, counted in those of the thread.
  std::pair<int64_t, int64_t> locate(int64_t number) const;
  Value getRow(int64_t row, Value thread);
  Value getColumn(int64_t block, Value thread);
  /// Whether the last pieces of a block are behind the tile's columns.
  bool isPartial(int64_t block) const;

  LogicalResult visit(Value value);
  LogicalResult addSource(tile::LoadOp load, Operation *op, Of of,
                          int64_t times = 1);
  void choosePieces();
  /// How many numbers of a source a piece is computed of, and in how many
  /// registers they are while they arrive.
  int64_t countNumbers(const Source &source) const;
  int64_t countWords(const Source &source) const;

  Place findPlace(const Source &source, Value row, FragmentEmitter &points,
                  FragmentEmitter::Scope &scope);
  ArrayRef<Place> findPlaces(int64_t row, Step &step);
  Value isColumn(Value isThere, int64_t block, Value column);
  Registers readGroup(const Source &source, const Place &place, Value column);
  ArrayRef<Value> readColumns(const Source &source, int64_t block, Step &step);
  SmallVector<Value> spread(const Source &source, ArrayRef<Value> registers,
                            int64_t chunk);
  /// The elements of a chunk of `value`, given those of the sources.
  using Elements = llvm::DenseMap<Operation *, SmallVector<Value>>;
  SmallVector<Value> evaluate(Value value, const Elements &known, Step &step);
  void store(ArrayRef<Value> words, int64_t number, Value place, Value thread);

  PtxBuilder &b;
  KernelArguments &arguments;
  ScalarEmitter &scalars;
  Value tile;
  SmallVector<Source> sources;
  /// Elements of a piece.
  int64_t width = 16;
};

class ConvertedTile::Step {
public:
  /// `thread` is the thread's number in its warpgroup, and `pinned` the same
  /// where the step begins: what is computed from that is not kept from step to
  /// step, in registers which there are not.
  Step(Value thread, Value pinned, const IRMapping &here)
      : thread(thread), pinned(pinned), here(here) {}

private:
  friend class ConvertedTile;

  Value thread, pinned;
  IRMapping here;
  /// For each source of a row, and the columns of a block.
  std::map<int64_t, SmallVector<Place>> rows;
  std::map<std::pair<Operation *, int64_t>, SmallVector<Value>> columns;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_CONVERTEDTILE_H
