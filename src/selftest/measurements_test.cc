#include "selftest/measurements.h"

#include <gtest/gtest.h>

#include "inspect/test_release.h"

namespace taktgate::selftest {
namespace {

// How long anything takes is not tested here, only what is run and counted.
TEST(MeasurePath, RunsTheModelAloneAndWithinAnInspectionInTurns) {
  int runs = 0;
  auto inspector = inspect::testing::SmallInspector(
      [&](std::span<const float>, std::span<float> logits, const std::atomic<bool>&) {
        ++runs;
        logits[0] = 4;
        logits[1] = -4;
        return infer::RunOutcome::kDone;
      });
  const image::Image frame = inspect::testing::SmallFrame(10, 10);
  runs = 0;  // it was warmed up
  const PathCost cost = MeasurePath(*inspector, frame.View(), 3, 5);
  EXPECT_EQ(cost.bare.count(), 15U);
  EXPECT_EQ(cost.whole.count(), 15U);
  EXPECT_EQ(cost.image.count(), 15U);
  EXPECT_EQ(cost.judge.count(), 15U);
  EXPECT_EQ(cost.alignment.count(), 0U) << "this recipe has none";
  EXPECT_EQ(runs, (15 * 2 + 1) * 2) << "two windows, bare and whole, and once before";
  EXPECT_GT(cost.ratio, 0);
}

TEST(CompareModels, RunsBothEquallyOftenAndOneAfterTheOther) {
  std::string order;
  const auto model = [&](char name) {
    return inspect::testing::SmallInspector(
        [&order, name](std::span<const float>, std::span<float>, const std::atomic<bool>&) {
          order += name;
          return infer::RunOutcome::kDone;
        });
  };
  const auto first = model('a');
  const auto second = model('b');
  const image::Image frame = inspect::testing::SmallFrame(10, 10);
  const TwoModels times = CompareModels(*first, *second, frame.View(), 3);
  EXPECT_EQ(order, "aabbaabbaabbaabb") << "two windows each, and once before";
  EXPECT_EQ(times.first.count(), 3U);
  EXPECT_EQ(times.second.count(), 3U);
}

TEST(DecidingThread, EveryPartOfItIsDecidedAndReleased) {
  const DecidingThreadCost cost = MeasureDecidingThread(500);
  EXPECT_EQ(cost.parts, 500U);
  EXPECT_EQ(cost.released, 500U);
  EXPECT_GT(cost.ns_per_part, 0);
}

TEST(BenchFrame, HasTheSizeOfTheRecipeOrOfTheContract) {
  bundle::Release release = inspect::testing::SmallRelease();
  image::Image frame = BenchFrame(release);
  EXPECT_EQ(frame.width, 64);
  EXPECT_EQ(frame.height, 48);
  EXPECT_EQ(frame.pixels.size(), 64U * 48);
  release.recipe.frame.reset();
  release.recipe.windows.clear();
  frame = BenchFrame(release);
  EXPECT_EQ(frame.width, 32);
  EXPECT_EQ(frame.height, 32);
}

TEST(BenchFrame, IsTheGoldenImageWhereThereIsOne) {
  bundle::Release release = inspect::testing::SmallRelease();
  release.golden = inspect::testing::SmallFrame(77, 88);
  EXPECT_EQ(BenchFrame(release).pixels, release.golden->pixels);
}

TEST(Memory, OfThisProcessIsKnown) {
  const long resident = ResidentKib();  // first: reading it may take a page more
  EXPECT_GT(resident, 0);
  EXPECT_GE(PeakResidentKib(), resident);
  EXPECT_NE(MachineInWords().find("Linux"), std::string::npos) << MachineInWords();
}

}  // namespace
}  // namespace taktgate::selftest
