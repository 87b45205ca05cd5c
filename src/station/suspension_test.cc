#include "station/suspension.h"

#include <gtest/gtest.h>

namespace taktgate::station {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(Suspension, IsSeenOnce) {
  VirtualClock clock;
  Suspension suspension(clock);
  EXPECT_FALSE(suspension.Look());
  clock.Suspend(seconds(3));
  EXPECT_TRUE(suspension.Since());
  EXPECT_TRUE(suspension.Since()) << "until somebody looks";
  EXPECT_TRUE(suspension.Look());
  EXPECT_FALSE(suspension.Since());
  EXPECT_FALSE(suspension.Look());
  clock.Suspend(seconds(1));
  EXPECT_TRUE(suspension.Look());
}

TEST(Suspension, BeforeTheBeginDoesNotCount) {
  VirtualClock clock;
  clock.Suspend(seconds(3));
  Suspension suspension(clock);
  suspension.Begin();
  EXPECT_FALSE(suspension.Look());
}

TEST(Suspension, OfAMillisecondIsTheClocksOwnError) {
  VirtualClock clock;
  Suspension suspension(clock);
  suspension.Begin();
  clock.Suspend(microseconds(1000));
  EXPECT_FALSE(suspension.Look());
  clock.Suspend(microseconds(1));
  EXPECT_TRUE(suspension.Look());
}

}  // namespace
}  // namespace taktgate::station
