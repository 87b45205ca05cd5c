#include "base/clock.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(VirtualClock, StandsWhileTheUnitIsSuspended) {
  VirtualClock clock(TimePoint(milliseconds(5)));
  EXPECT_EQ(clock.SuspendedFor(), Duration(0));
  clock.Suspend(milliseconds(7));
  clock.Suspend(milliseconds(2));
  EXPECT_EQ(clock.Now(), TimePoint(milliseconds(5)));
  EXPECT_EQ(clock.SuspendedFor(), milliseconds(9));
}

// A machine that runs this test is not suspended meanwhile; interruptions make single looks too
// short, never too long.
TEST(MonotonicClock, ASuspensionIsNotSeenWhereThereIsNone) {
  const MonotonicClock clock;
  Duration longest = clock.SuspendedFor();
  for (int look = 0; look < 100; ++look) longest = std::max(longest, clock.SuspendedFor());
  for (int look = 0; look < 10'000; ++look) {
    ASSERT_LE(clock.SuspendedFor(), longest + milliseconds(1));
  }
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
