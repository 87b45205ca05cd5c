#include "rig/wire_history.h"

#include <gtest/gtest.h>

namespace taktgate::rig {
namespace {

TimePoint At(int ms) { return TimePoint(std::chrono::milliseconds(ms)); }

line::Change Rise(int before, int after, int until) {
  return {0, true, At(until), At(before), At(after)};
}
line::Change Fall(int before, int after) {
  return {0, false, TimePoint::max(), At(before), At(after)};
}

TEST(WireHistory, AWireThatNeverChangedIsOff) {
  const WireHistory wire;
  EXPECT_EQ(wire.At(At(5)), Stood::kNo);
  EXPECT_EQ(wire.Of(At(5)), nullptr);
  EXPECT_TRUE(wire.stretches().empty());
}

TEST(WireHistory, GivesTheStretchThatHadBegun) {
  WireHistory wire;
  wire.Add(Rise(10, 12, 100));
  wire.Add(Fall(20, 21));
  wire.Add(Rise(30, 31, 100));
  ASSERT_EQ(wire.stretches().size(), 2U);
  EXPECT_EQ(wire.Of(At(9)), nullptr);
  EXPECT_EQ(wire.Of(At(10)), &wire.stretches()[0]) << "perhaps already";
  EXPECT_EQ(wire.Of(At(29)), &wire.stretches()[0]) << "though it is over";
  EXPECT_EQ(wire.Of(At(30)), &wire.stretches()[1]);
  EXPECT_TRUE(wire.stretches()[0].fell);
  EXPECT_FALSE(wire.stretches()[1].fell);
}

TEST(WireHistory, AFallOfAWireThatWasOffIsAContradiction) {
  WireHistory wire;
  wire.Add(Fall(1, 2));
  EXPECT_EQ(wire.contradictions(), 1U);
  EXPECT_TRUE(wire.stretches().empty());
  wire.Add(Rise(3, 4, 100));
  wire.Add(Fall(5, 6));
  wire.Add(Fall(7, 8));
  EXPECT_EQ(wire.contradictions(), 2U);
  EXPECT_EQ(wire.stretches()[0].fall.before, At(5)) << "the first fall counts";
}

TEST(WireHistory, ARiseOfAWireThatWasOnKeepsTheFirst) {
  WireHistory wire;
  wire.Add(Rise(3, 4, 100));
  wire.Add(Rise(5, 6, 200));
  EXPECT_EQ(wire.contradictions(), 1U);
  ASSERT_EQ(wire.stretches().size(), 1U);
  EXPECT_EQ(wire.At(At(150)), Stood::kNo) << "its one-shot has ended it";
}

TEST(WireHistory, AOneShotEndsAStretchBeforeItsDriverDoes) {
  WireHistory wire;
  wire.Add(Rise(10, 10, 15));
  wire.Add(Fall(20, 22));
  EXPECT_EQ(wire.At(At(14)), Stood::kYes);
  EXPECT_EQ(wire.At(At(15)), Stood::kNo);
  EXPECT_EQ(wire.At(At(21)), Stood::kNo);
}

TEST(WireHistory, ARiseAndAFallThatOverlapAreNeverCertain) {
  WireHistory wire;
  wire.Add(Rise(10, 20, 100));
  wire.Add(Fall(15, 25));
  for (const int ms : {10, 15, 19, 20, 24}) EXPECT_EQ(wire.At(At(ms)), Stood::kMaybe) << ms;
  EXPECT_EQ(wire.At(At(25)), Stood::kNo);
}

}  // namespace
}  // namespace taktgate::rig
