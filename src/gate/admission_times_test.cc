// What the admission knows about the run in progress, and about those before it.
#include <gtest/gtest.h>

#include "gate/admission.h"
#include "gate/settings.h"

namespace taktgate::gate {
namespace {

using std::chrono::milliseconds;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

GateSettings Measuring() {
  GateSettings settings;
  settings.measure_runs = true;
  return settings;
}

TEST(AdmissionTimes, AThreadThatIsAwayIsSaidOnceAtItsTime) {
  Admission admission{GateSettings{}};
  EXPECT_FALSE(admission.busy());
  EXPECT_EQ(admission.NextTimer(), TimePoint::max());
  EXPECT_FALSE(admission.PollAway(At(5000)));
  ASSERT_TRUE(admission.Admit({1, 4}, 2, At(18), At(10)));
  EXPECT_TRUE(admission.busy());
  EXPECT_TRUE(admission.Runs({1, 4}));
  EXPECT_FALSE(admission.Runs({1, 5}));
  EXPECT_FALSE(admission.Runs({2, 4}));
  EXPECT_EQ(admission.NextTimer(), At(1010));
  EXPECT_FALSE(admission.PollAway(At(1009)));
  EXPECT_EQ(admission.PollAway(At(1010)), (PartId{1, 4}));
  EXPECT_EQ(admission.NextTimer(), TimePoint::max());
  EXPECT_FALSE(admission.PollAway(At(2000)));
  EXPECT_TRUE(admission.busy()) << "it may still come back";
  EXPECT_EQ(admission.Finish({1, 4}, false, At(2001)), 2U);
  EXPECT_FALSE(admission.busy());
  ASSERT_TRUE(admission.Admit({1, 5}, 2, At(3018), At(3010)));
  EXPECT_EQ(admission.PollAway(At(4010)), (PartId{1, 5})) << "the next one is said anew";
}

TEST(AdmissionTimes, ARunIsMeasuredFromItsStart) {
  Admission admission{Measuring()};
  for (std::uint64_t k = 1; k <= 2; ++k) {
    const TimePoint start = At(100 * static_cast<int>(k));
    ASSERT_TRUE(admission.Admit({1, k}, 0, start + milliseconds(8), start));
    admission.Finish({1, k}, true, start + milliseconds(5));
  }
  EXPECT_EQ(admission.reserve(), milliseconds(5));
}

TEST(AdmissionTimes, WhereRunsAreNotMeasuredTheReserveIsWhatWasSet) {
  Admission admission{GateSettings{}};
  for (std::uint64_t k = 1; k <= 3; ++k) {
    ASSERT_TRUE(admission.Admit({1, k}, 0, At(8), At(0)));
    admission.Finish({1, k}, true, At(7));
  }
  EXPECT_EQ(admission.reserve(), milliseconds(2));
}

// A part that finds the thread busy says nothing about old runs: they do not age by it.
TEST(AdmissionTimes, OnlyPartsThatAreTurnedAwayForWantOfTimeLetRunsAge) {
  Admission admission{Measuring()};
  for (std::uint64_t k = 1; k <= 2; ++k) {
    ASSERT_TRUE(admission.Admit({1, k}, 0, At(8), At(0)));
    admission.Finish({1, k}, true, At(6));
  }
  ASSERT_TRUE(admission.Admit({1, 3}, 0, At(8), At(0)));
  for (std::uint64_t k = 4; k < 2004; ++k) ASSERT_FALSE(admission.Admit({1, k}, 0, At(8), At(0)));
  admission.Finish({1, 3}, false, At(9));
  EXPECT_EQ(admission.reserve(), milliseconds(6));
  for (std::uint64_t k = 0; k < 1000; ++k) {
    ASSERT_FALSE(admission.Admit({1, 3000 + k}, 0, At(2), At(0)));
  }
  EXPECT_EQ(admission.reserve(), milliseconds(2));
}

// Ten blocks of a hundred: a run is remembered for 900 to 1,000 parts, whichever block it is in.
TEST(RunTimes, EveryBlockIsForgottenAsAWhole) {
  for (int before = 0; before < 1000; before += 99) {
    RunTimes times;
    for (int k = 0; k < before; ++k) times.Age();
    times.Add(milliseconds(5));
    times.Add(milliseconds(5));
    for (int k = 0; k < 897; ++k) times.Age();
    EXPECT_EQ(times.SecondLongest(), milliseconds(5)) << before;
    for (int k = 0; k < 103; ++k) times.Age();
    EXPECT_EQ(times.SecondLongest(), Duration(0)) << before;
  }
}

TEST(RunTimes, ALongerOneMakesTheLongestTheSecond) {
  RunTimes times;
  times.Add(Duration(5));
  times.Add(Duration(9));
  EXPECT_EQ(times.SecondLongest(), Duration(5));
}

TEST(RunTimes, TheTwoLongestMayBeOfOneBlockOrOfTwo) {
  RunTimes one;
  for (const int run : {3, 9, 7, 1}) one.Add(milliseconds(run));
  EXPECT_EQ(one.SecondLongest(), milliseconds(7));
  RunTimes two;
  two.Add(milliseconds(9));
  for (int k = 0; k < 100; ++k) two.Add(milliseconds(1));
  two.Add(milliseconds(4));
  EXPECT_EQ(two.SecondLongest(), milliseconds(4));
  two.Add(milliseconds(9));
  EXPECT_EQ(two.SecondLongest(), milliseconds(9)) << "as long as the longest";
}

}  // namespace
}  // namespace taktgate::gate
