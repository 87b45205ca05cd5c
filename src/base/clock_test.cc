#include "base/clock.h"

#include <gtest/gtest.h>

namespace taktgate {
namespace {

using std::chrono::milliseconds;

TEST(VirtualClock, SleepingMovesItAndNeverBack) {
  VirtualClock clock(TimePoint(milliseconds(5)));
  clock.SleepUntil(TimePoint(milliseconds(9)));
  EXPECT_EQ(clock.Now(), TimePoint(milliseconds(9)));
  clock.SleepUntil(TimePoint(milliseconds(3)));
  EXPECT_EQ(clock.Now(), TimePoint(milliseconds(9)));
  clock.Advance(milliseconds(1));
  EXPECT_EQ(clock.Now(), TimePoint(milliseconds(10)));
}

TEST(MonotonicClock, SleepsAtLeastUntilTheTime) {
  MonotonicClock clock;
  const TimePoint until = clock.Now() + milliseconds(1);
  clock.SleepUntil(until);
  EXPECT_GE(clock.Now(), until);
  clock.SleepUntil(TimePoint{});  // long ago: returns
}

}  // namespace
}  // namespace taktgate
