//===- Model.h - what a plan has to know of a model -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of a decoder-only model: its layers as far as they carry something along the
// sequence, and how many weights it has. What differs between kinds of layers
// is asked of the layer, here and nowhere else.
//
// A model that `check` accepts is small enough that no count of bytes at up to
// `mostTokens` tokens leaves 64 bits: at most 2^32 elements are cached for a
// token, with a scale and a zero point for each at most 12 bytes, and 12 times
// 2^60 and the states are below 2^64.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_MODEL_H
#define ATTNC_PLAN_MODEL_H

#include "attnc/Plan/CacheFormat.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace attnc::plan {

/// The longest sequence.
inline constexpr uint64_t mostTokens = uint64_t(1) << 28;
/// The most layers of a model.
inline constexpr uint64_t mostLayers = 1024;
/// The most elements that a layer caches for a token with full multi-head
/// attention, and the largest head dim.
inline constexpr uint64_t mostElements = uint64_t(1) << 22;
/// The largest state of a layer, in bytes.
inline constexpr uint64_t mostStateBytes = uint64_t(1) << 40;
/// The most weights: 2^50.
inline constexpr uint64_t mostParameters = uint64_t(1) << 50;
/// The most operations of a scan layer for a token.
inline constexpr double mostFlopsPerToken = 1e15;

/// Whether a sequence is read as a whole or goes on by a token.
enum class Phase { Prefill, Decode };

/// Consecutive layers that are the same.
struct Layer {
  enum class Kind : uint8_t {
    /// Softmax attention: a key and a value for each token and KV head.
    Attention,
    /// Multi-head latent attention: one latent vector and one rotary key for
    /// each token, which all heads share.
    Latent,
    /// A recurrence: a state of fixed size.
    Scan
  };

  static Layer getAttention(uint64_t count, uint64_t queryHeads,
                            uint64_t kvHeads, uint64_t dim,
                            std::optional<uint64_t> window = std::nullopt);
  static Layer getScan(uint64_t count, uint64_t stateBytes,
                       double flopsPerToken);

  Kind kind = Kind::Attention;
  uint64_t count = 1;
  /// Of attention; `kvHeads` of kind Attention alone.
  uint64_t queryHeads = 0, kvHeads = 0, keyDim = 0, valueDim = 0;
  /// The keys that a query sees, itself included; none if it sees all.
  std::optional<uint64_t> window;
  /// Of kind Latent.
  uint64_t latentDim = 0, ropeDim = 0;
  /// Of kind Scan: for one layer and sequence, and for one layer and token.
  uint64_t stateBytes = 0;
  double flopsPerToken = 0;

  bool isAttention() const { return kind != Kind::Scan; }

  /// How many keys the last of `tokens` tokens sees.
  uint64_t getVisibleKeys(uint64_t tokens) const;

  /// What one layer caches for one token.
  uint64_t getBytesPerToken(const CacheFormat &format) const;

  /// The same layer with a key and a value for every query head.
  Layer getMultiHead() const;

  /// The same layer without a window.
  Layer getUnwindowed() const;

  /// Multiplications and additions for one pair of query and key in all heads,
  /// of the score and of the weighted sum. In decoding, latent attention
  /// computes on the latent vectors themselves.
  double getPairFlops(Phase phase) const;

  /// "attention", "latent" or "scan".
  llvm::StringRef getKindName() const;

  /// Such as "attention, 64 heads on 8, dim 128".
  std::string describe() const;
};

/// A model.
struct Model {
  std::string name;
  /// Where the figures are from; for presets.
  std::string source;
  /// All weights, and those that a token meets, fewer in mixtures of experts.
  uint64_t parameters = 0, activeParameters = 0;
  NumberType weights = NumberType::BF16;
  /// How often the layers follow each other.
  uint64_t repeat = 1;
  std::vector<Layer> layers;

  /// Fails unless all numbers are in the bounds of this header.
  llvm::Error check() const;

  /// How many layers of the model `layer` stands for.
  uint64_t getCount(const Layer &layer) const { return repeat * layer.count; }

  uint64_t countLayers() const;

  /// The first attention layer, or null.
  const Layer *getFirstAttention() const;

  /// What the weights take, without scales.
  uint64_t getWeightBytes() const;
  uint64_t getActiveWeightBytes() const;

  /// Reads text; `path` stands for it in messages.
  static llvm::Expected<Model> parse(llvm::StringRef text,
                                     llvm::StringRef path);
  /// Reads a file, or standard input for "-".
  static llvm::Expected<Model> load(llvm::StringRef path);

  /// What `parse` reads.
  std::string emitJson() const;
};

/// The models that have a name.
llvm::ArrayRef<Model> getModelPresets();

/// Null if no preset has this name.
const Model *findModelPreset(llvm::StringRef name);

} // namespace attnc::plan

#endif // ATTNC_PLAN_MODEL_H
