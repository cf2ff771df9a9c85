//===- Alternatives.cpp - plans near a plan -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bounds are those beyond which no machine that attnc compiles for gains: four
// vectors of rows are more accumulators than registers, and so on.
//
//===----------------------------------------------------------------------===//

#include "Alternatives.h"

using namespace attnc;
using attn::CarryFootprint;
using attn::DecodeAttr;
using attn::ScheduleAttr;

namespace {

struct Range {
  int64_t least, most;
};

/// Half or double, or nothing if that leaves the range.
std::optional<int64_t> scale(int64_t value, bool isLarger, Range range) {
  int64_t next = isLarger ? value * 2 : value / 2;
  if (next < range.least || next > range.most)
    return std::nullopt;
  return next;
}

Attribute stepSchedule(ScheduleAttr plan, PlanParameter parameter,
                       bool isLarger, const CarryFootprint &footprint,
                       int64_t width) {
  constexpr int64_t mostVectors = 4;
  constexpr Range strips = {1, 32}, keys = {16, 1024};
  int64_t lanes = plan.getLanes(), keyTile = plan.getKeyTile();
  int64_t numStrips = footprint.hasRows ? plan.getQueryTile() / lanes : 1;
  std::optional<int64_t> next;
  switch (parameter) {
  case PlanParameter::Lanes:
    lanes += isLarger ? width : -width;
    if (lanes < width || lanes > mostVectors * width)
      return {};
    break;
  case PlanParameter::QueryTile:
    next = scale(numStrips, isLarger, strips);
    numStrips = next.value_or(0);
    break;
  case PlanParameter::KeyTile:
    next = scale(keyTile, isLarger, keys);
    keyTile = next.value_or(0);
    break;
  default:
    return {};
  }
  if (parameter != PlanParameter::Lanes && !next)
    return {};
  return ScheduleAttr::get(plan.getContext(),
                           footprint.hasRows ? numStrips * lanes : 1, keyTile,
                           lanes, plan.getSplits(), plan.getProducts());
}

/// The most rows that a tile for few queries can have.
int64_t getMostRows(DecodeAttr plan, const CarryFootprint &footprint) {
  constexpr int64_t mostRows = 64;
  int64_t rows = footprint.rowsOfHead.value_or(plan.getMostQueries());
  if (plan.getHeads() == attn::RowHeads::One)
    return std::min(rows, mostRows);
  if (!footprint.headsOfGroup)
    return mostRows;
  return std::min(rows * *footprint.headsOfGroup, mostRows);
}

Attribute stepDecode(DecodeAttr plan, PlanParameter parameter, bool isLarger,
                     const CarryFootprint &footprint) {
  constexpr Range keys = {8, 256}, splits = {128, int64_t(1) << 20};
  int64_t rows = plan.getRows(), keyTile = plan.getKeyTile();
  int64_t keysPerSplit = plan.getKeysPerSplit();
  int64_t *value = nullptr;
  Range range = {0, 0};
  switch (parameter) {
  case PlanParameter::KeyTile:
    value = &keyTile;
    range = keys;
    break;
  case PlanParameter::KeysPerSplit:
    value = &keysPerSplit;
    range = splits;
    break;
  case PlanParameter::Rows:
    value = &rows;
    range = {1, getMostRows(plan, footprint)};
    break;
  default:
    return {};
  }
  std::optional<int64_t> next = scale(*value, isLarger, range);
  if (!next)
    return {};
  *value = *next;
  return DecodeAttr::get(plan.getContext(), plan.getMostQueries(), rows,
                         plan.getHeads(), keyTile, keysPerSplit);
}

} // namespace

SmallVector<PlanParameter>
attnc::getParameters(Attribute plan, const CarryFootprint &footprint) {
  if (isa<DecodeAttr>(plan))
    return {PlanParameter::KeysPerSplit, PlanParameter::KeyTile,
            PlanParameter::Rows};
  if (!footprint.hasRows)
    return {PlanParameter::KeyTile, PlanParameter::Lanes};
  return {PlanParameter::KeyTile, PlanParameter::QueryTile,
          PlanParameter::Lanes};
}

Attribute attnc::step(Attribute plan, PlanParameter parameter, bool isLarger,
                      const CarryFootprint &footprint, int64_t width) {
  if (auto decode = dyn_cast<DecodeAttr>(plan))
    return stepDecode(decode, parameter, isLarger, footprint);
  return stepSchedule(cast<ScheduleAttr>(plan), parameter, isLarger, footprint,
                      width);
}
