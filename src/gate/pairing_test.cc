#include "gate/pairing.h"

#include <gtest/gtest.h>

namespace taktgate::gate {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

GateSettings Between(int from_ms, int until_ms) {
  GateSettings settings;
  settings.capture_from = milliseconds(from_ms);
  settings.capture_until = milliseconds(until_ms);
  return settings;
}

// A frame belongs to a part whose edge is 1 to 5 ms before its capture.
class PairingTest : public ::testing::Test {
 protected:
  Part& Edge(int ms) {
    if (ring.full()) ring.Retire();
    Part& part = ring.Add();
    part.decision.trigger_at = At(ms);
    return part;
  }
  static FrameSeen Frame(std::uint64_t sequence, TimePoint captured) {
    return {sequence, captured, captured, false, 0};
  }
  PartRing ring{4};
  Pairing pairing{Between(1, 5)};
};

TEST_F(PairingTest, TheIntervalIsClosedOnBothSides) {
  const Part& part = Edge(10);
  EXPECT_FALSE(pairing.Covers(part, Frame(0, At(11) - nanoseconds(1))));
  EXPECT_TRUE(pairing.Covers(part, Frame(0, At(11))));
  EXPECT_TRUE(pairing.Covers(part, Frame(0, At(15))));
  EXPECT_FALSE(pairing.Covers(part, Frame(0, At(15) + nanoseconds(1))));
}

TEST_F(PairingTest, CountAndTimeAgree) {
  Part& first = Edge(0);
  Part& second = Edge(10);
  const auto one = pairing.Look(Frame(0, At(2)), ring);
  EXPECT_EQ(one.by_count, &first);
  EXPECT_EQ(one.by_time, &first);
  EXPECT_TRUE(one.agreed());
  EXPECT_FALSE(one.overtook);
  const auto two = pairing.Look(Frame(1, At(12)), ring);
  EXPECT_TRUE(two.agreed());
  EXPECT_EQ(two.by_count, &second);
}

TEST_F(PairingTest, CountAndTimeNameDifferentPartsOrOneOfThemNone) {
  Part& first = Edge(0);
  Part& second = Edge(10);
  const auto skipped = pairing.Look(Frame(0, At(12)), ring);
  EXPECT_EQ(skipped.by_count, &first);
  EXPECT_EQ(skipped.by_time, &second);
  EXPECT_FALSE(skipped.agreed());
  const auto stale = pairing.Look(Frame(1, At(9)), ring);
  EXPECT_EQ(stale.by_count, &second);
  EXPECT_EQ(stale.by_time, nullptr);
  EXPECT_FALSE(stale.agreed());
  const auto far = pairing.Look(Frame(7, At(9)), ring);
  EXPECT_EQ(far.by_count, nullptr);
  EXPECT_FALSE(far.agreed()) << "two that know nothing do not agree";
}

TEST_F(PairingTest, TheFrameOfAnEdgeThatIsNotThereYetOvertookIt) {
  Edge(0);
  EXPECT_TRUE(pairing.Look(Frame(1, At(12)), ring).overtook);
  EXPECT_FALSE(pairing.Look(Frame(2, At(12)), ring).overtook) << "that is one frame too many";
  EXPECT_FALSE(pairing.Look(Frame(1, At(2)), ring).overtook) << "by time it is the first part's";
}

TEST_F(PairingTest, TimeAloneKnowsOnlyWhereOnePartIsMeant) {
  Edge(0);
  Edge(2);
  EXPECT_EQ(pairing.Look(Frame(0, At(4)), ring).by_time, nullptr);
  EXPECT_EQ(pairing.Look(Frame(0, At(1)), ring).by_time, ring.Find(1));
  EXPECT_EQ(pairing.Look(Frame(0, At(6)), ring).by_time, ring.Find(2));
}

TEST_F(PairingTest, PartsThatAreOutOfTheRingAreNotLookedAt) {
  for (int k = 0; k < 7; ++k) Edge(10 * k);
  ASSERT_EQ(ring.kept_from(), 4U);
  EXPECT_EQ(pairing.Look(Frame(0, At(32)), ring).by_time, ring.Find(4)) << "the oldest";
  EXPECT_EQ(pairing.Look(Frame(0, At(62)), ring).by_time, ring.Find(7)) << "the newest";
  EXPECT_EQ(pairing.Look(Frame(0, At(22)), ring).by_time, nullptr);
}

TEST_F(PairingTest, ThatAFrameOvertakesIsJudgedByCountAlsoInAFullRing) {
  for (int k = 0; k < 4; ++k) Edge(10 * k);
  EXPECT_TRUE(pairing.Look(Frame(4, At(42)), ring).overtook);
}

TEST_F(PairingTest, FromAPairOnTheCountGoesOn) {
  Edge(0);
  Part& second = Edge(10);
  Part& third = Edge(20);
  pairing.Anchor(Frame(500, At(12)), &second);
  EXPECT_EQ(pairing.Look(Frame(500, At(12)), ring).by_count, &second);
  EXPECT_EQ(pairing.Look(Frame(501, At(22)), ring).by_count, &third);
  EXPECT_EQ(pairing.Look(Frame(499, At(2)), ring).by_count, nullptr) << "older than the pair";
}

TEST_F(PairingTest, WithoutAPairTheCountSaysNothingUntilThereIsOne) {
  Part& first = Edge(0);
  pairing.Anchor(Frame(0, At(2)), nullptr);
  const auto found = pairing.Look(Frame(0, At(2)), ring);
  EXPECT_EQ(found.by_count, nullptr);
  EXPECT_EQ(found.by_time, &first);
  EXPECT_FALSE(pairing.Look(Frame(1, At(12)), ring).overtook);
  pairing.Anchor(Frame(0, At(2)), &first);
  EXPECT_TRUE(pairing.Look(Frame(0, At(2)), ring).agreed());
}

TEST_F(PairingTest, TheCountGoesOnAcrossTheWrapOfACameraThatCountsIn32Bit) {
  Part& first = Edge(0);
  Part& second = Edge(10);
  pairing.Anchor(Frame(0xFFFFFFFF, At(2)), &first);
  EXPECT_EQ(pairing.Look(Frame(0, At(12)), ring).by_count, &second);
  EXPECT_EQ(pairing.Look(Frame(std::uint64_t{1} << 32, At(12)), ring).by_count, &second);
}

}  // namespace
}  // namespace taktgate::gate
