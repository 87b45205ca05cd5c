#include "sim/soft_wires.h"

#include <gtest/gtest.h>

namespace taktgate::sim {
namespace {

TimePoint At(int ms) { return TimePoint(std::chrono::milliseconds(ms)); }

class SoftWiresTest : public ::testing::Test {
 protected:
  void Beat(int ms) {
    beat = !beat;
    wires.Set(OutputLine::kHeartbeat, beat, At(ms), TimePoint::max());
  }
  void Pass(bool energised, int from, int until) {
    wires.Set(OutputLine::kPass, energised, At(from), At(until));
  }

  SoftWires wires;
  bool beat = false;
};

TEST_F(SoftWiresTest, NothingIsHeldBackUnlessPassIsOn) {
  EXPECT_FALSE(wires.Has(OutputLine::kPass));
  EXPECT_FALSE(wires.HeldBack(At(1), At(2)));
  Beat(0);
  EXPECT_FALSE(wires.HeldBack(At(1), At(2)));
  Pass(true, 5, 20);
  EXPECT_TRUE(wires.HeldBack(At(5), At(6)));
  Pass(false, 7, 20);
  EXPECT_FALSE(wires.HeldBack(At(7), At(8)));
}

TEST_F(SoftWiresTest, PassMustStandFromTheFirstMomentToTheLast) {
  Beat(0);
  Pass(true, 5, 20);
  EXPECT_FALSE(wires.HeldBack(At(4), At(10))) << "it came too late";
  EXPECT_TRUE(wires.HeldBack(At(5), At(19)));
  EXPECT_FALSE(wires.HeldBack(At(5), At(20))) << "its one-shot dropped it";
}

TEST_F(SoftWiresTest, AnOpenRelayHoldsNothingBack) {
  Beat(0);
  Pass(true, 1900, 3000);
  EXPECT_TRUE(wires.HeldBack(At(1900), At(1999)));
  EXPECT_FALSE(wires.HeldBack(At(1900), At(2000))) << "two seconds without a heartbeat";
  Beat(1950);
  EXPECT_TRUE(wires.HeldBack(At(1900), At(2999)));
}

TEST_F(SoftWiresTest, WithoutAHeartbeatTheRelayNeverCloses) {
  Pass(true, 5000, 6000);
  EXPECT_TRUE(wires.Has(OutputLine::kPass));
  EXPECT_FALSE(wires.HeldBack(At(5000), At(5001)));
}

TEST_F(SoftWiresTest, OtherLinesChangeNothingOfPass) {
  Beat(0);
  Pass(true, 5, 20);
  wires.Set(OutputLine::kValid, true, At(10), At(11));
  wires.Set(OutputLine::kReady, false, At(10), At(11));
  EXPECT_TRUE(wires.HeldBack(At(5), At(19)));
  EXPECT_TRUE(wires.Has(OutputLine::kValid));
  EXPECT_FALSE(wires.Has(OutputLine::kReady));
}

}  // namespace
}  // namespace taktgate::sim
