#include "gate/peer_beat.h"

#include <gtest/gtest.h>

namespace taktgate::gate {
namespace {

using std::chrono::milliseconds;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

class PeerBeatTest : public ::testing::Test {
 protected:
  PeerBeat beat{milliseconds(100)};
};

TEST_F(PeerBeatTest, WhereNobodyListensNobodyIsAway) {
  PeerBeat none{Duration(0)};
  none.Start(At(0));
  EXPECT_FALSE(none.away());
  EXPECT_EQ(none.NextTimer(), TimePoint::max());
  none.OnLevel(true, At(1));
  EXPECT_FALSE(none.PollSilence(At(1'000'000)));
  EXPECT_FALSE(none.away());
}

TEST_F(PeerBeatTest, IsAwayUntilItsFirstChange) {
  EXPECT_TRUE(beat.away());
  EXPECT_EQ(beat.NextTimer(), TimePoint::max()) << "nobody waits yet";
  beat.Start(At(0));
  beat.OnLevel(false, At(10));
  EXPECT_TRUE(beat.away()) << "the first level is no change";
  beat.OnLevel(false, At(20));
  EXPECT_TRUE(beat.away());
  beat.OnLevel(true, At(30));
  EXPECT_FALSE(beat.away());
}

TEST_F(PeerBeatTest, AFirstLevelThatIsHighIsNoChangeEither) {
  beat.OnLevel(true, At(0));
  EXPECT_TRUE(beat.away());
  beat.OnLevel(false, At(1));
  EXPECT_FALSE(beat.away());
}

TEST_F(PeerBeatTest, TheWaitForTheFirstChangeIsLimited) {
  beat.Start(At(5));
  EXPECT_EQ(beat.NextTimer(), At(105));
  EXPECT_FALSE(beat.PollSilence(At(104)));
  EXPECT_TRUE(beat.PollSilence(At(105)));
  EXPECT_EQ(beat.NextTimer(), TimePoint::max());
}

TEST_F(PeerBeatTest, OnlyAChangeIsASignOfLife) {
  beat.OnLevel(false, At(0));
  beat.OnLevel(true, At(10));
  EXPECT_EQ(beat.NextTimer(), At(110));
  beat.OnLevel(true, At(60));
  EXPECT_EQ(beat.NextTimer(), At(110)) << "it stands still at high";
  beat.OnLevel(false, At(70));
  EXPECT_EQ(beat.NextTimer(), At(170));
  beat.OnLevel(false, At(80));
  EXPECT_EQ(beat.NextTimer(), At(170)) << "and at low";
  EXPECT_FALSE(beat.away());
}

TEST_F(PeerBeatTest, SilenceIsSaidOnceAndEndsWithAChange) {
  beat.OnLevel(false, At(0));
  beat.OnLevel(true, At(10));
  EXPECT_TRUE(beat.PollSilence(At(110)));
  EXPECT_TRUE(beat.away());
  EXPECT_FALSE(beat.PollSilence(At(200)));
  beat.OnLevel(true, At(210));
  EXPECT_TRUE(beat.away());
  beat.OnLevel(false, At(220));
  EXPECT_FALSE(beat.away());
  EXPECT_EQ(beat.NextTimer(), At(320));
}

}  // namespace
}  // namespace taktgate::gate
