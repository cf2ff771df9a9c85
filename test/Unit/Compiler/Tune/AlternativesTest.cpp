//===- AlternativesTest.cpp - plans near a plan ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From any plan, all plans that steps lead to are ones that an op can have, and
// they are not many in a row.
//
//===----------------------------------------------------------------------===//

#include "Compiler/Tune/Alternatives.h"
#include "gtest/gtest.h"

using namespace attnc;
using attn::CarryFootprint;
using attn::DecodeAttr;
using attn::RowHeads;
using attn::ScheduleAttr;

namespace {

class AlternativesTest : public testing::Test {
protected:
  AlternativesTest() { context.loadDialect<attn::AttnDialect>(); }

  ScheduleAttr makeSchedule(int64_t queryTile, int64_t keyTile, int64_t lanes) {
    return ScheduleAttr::get(&context, queryTile, keyTile, lanes, 1,
                             attn::Products::F32);
  }
  DecodeAttr makeDecode(int64_t rows, RowHeads heads) {
    return DecodeAttr::get(&context, 16, rows, heads, 32, 1024);
  }
  /// All plans that steps lead to.
  SmallVector<Attribute> reach(Attribute plan, const CarryFootprint &footprint,
                               int64_t width) {
    SmallVector<Attribute> plans = {plan};
    for (size_t i = 0; i < plans.size() && plans.size() < 10000; ++i)
      for (PlanParameter parameter : getParameters(plan, footprint))
        for (bool isLarger : {false, true}) {
          Attribute next =
              step(plans[i], parameter, isLarger, footprint, width);
          if (next && !llvm::is_contained(plans, next))
            plans.push_back(next);
        }
    return plans;
  }

  MLIRContext context;
};

} // namespace

TEST_F(AlternativesTest, SchedulesOfRowsAreWholeStripsOfWholeVectors) {
  CarryFootprint footprint;
  footprint.hasRows = true;
  SmallVector<Attribute> plans =
      reach(makeSchedule(192, 128, 24), footprint, 8);
  EXPECT_GT(plans.size(), 100u);
  for (Attribute plan : plans) {
    auto schedule = cast<ScheduleAttr>(plan);
    EXPECT_EQ(schedule.getLanes() % 8, 0);
    EXPECT_EQ(schedule.getQueryTile() % schedule.getLanes(), 0);
    EXPECT_EQ(schedule.getSplits(), 1);
  }
}

TEST_F(AlternativesTest, LanesKeepTheNumberOfStrips) {
  CarryFootprint footprint;
  footprint.hasRows = true;
  EXPECT_EQ(step(makeSchedule(192, 128, 24), PlanParameter::Lanes, false,
                 footprint, 8),
            makeSchedule(128, 128, 16));
  EXPECT_EQ(
      step(makeSchedule(8, 128, 8), PlanParameter::Lanes, false, footprint, 8),
      Attribute());
}

TEST_F(AlternativesTest, StatesHaveNoRows) {
  CarryFootprint footprint;
  for (Attribute plan : reach(makeSchedule(1, 64, 16), footprint, 8))
    EXPECT_EQ(cast<ScheduleAttr>(plan).getQueryTile(), 1);
}

TEST_F(AlternativesTest, RowsAreAtMostThoseThatThereAre) {
  CarryFootprint footprint;
  footprint.hasRows = true;
  footprint.rowsOfHead = 1;
  footprint.headsOfGroup = 4;
  for (Attribute plan :
       reach(makeDecode(4, RowHeads::Group), footprint, /*width=*/8))
    EXPECT_LE(cast<DecodeAttr>(plan).getRows(), 4);
  for (Attribute plan :
       reach(makeDecode(1, RowHeads::One), footprint, /*width=*/8))
    EXPECT_EQ(cast<DecodeAttr>(plan).getRows(), 1);
}

TEST_F(AlternativesTest, DecodeKeepsWhenItHolds) {
  CarryFootprint footprint;
  footprint.hasRows = true;
  for (Attribute plan : reach(makeDecode(32, RowHeads::Group), footprint, 8)) {
    EXPECT_EQ(cast<DecodeAttr>(plan).getMostQueries(), 16);
    EXPECT_EQ(cast<DecodeAttr>(plan).getHeads(), RowHeads::Group);
  }
}
