#include "rig/real_pace.h"

#include <gtest/gtest.h>

namespace taktgate::rig {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Paced {
  explicit Paced(double parts_per_second) {
    schedule.period = Duration(static_cast<Duration::rep>(1e9 / parts_per_second));
    KeepPace(schedule, gate);
  }
  line::Schedule schedule;
  gate::GateSettings gate;
};

TEST(KeepPace, LeavesASlowLineItsUsualTimes) {
  for (const double rate : {0.1, 20.0, 100.0, 110.0}) {
    const Paced line(rate);
    EXPECT_EQ(line.gate.window, milliseconds(8)) << rate;
    EXPECT_EQ(line.gate.pass_hold, milliseconds(1)) << rate;
    EXPECT_EQ(line.gate.capture_until, milliseconds(5)) << rate;
    EXPECT_EQ(line.schedule.acquisition_delay, line::Schedule().acquisition_delay) << rate;
  }
}

TEST(KeepPace, AFastLineHasAMomentWithoutAPartAndItsFrameInTime) {
  for (const double rate : {112.0, 150.0, 200.0, kMostPartsPerSecond}) {
    const Paced line(rate);
    const gate::GateSettings& gate = line.gate;
    EXPECT_LT(gate.window + gate.pass_hold + microseconds(400), line.schedule.period) << rate;
    EXPECT_LT(gate.capture_until, gate.window) << rate;
    EXPECT_LT(line.schedule.acquisition_delay + line.schedule.acquisition_jitter,
              gate.capture_until)
        << rate;
    EXPECT_TRUE(gate::CheckSettings(gate)) << rate;
  }
  EXPECT_EQ(Paced(200).gate.window, milliseconds(4));
  EXPECT_EQ(Paced(200).gate.pass_hold, microseconds(400));
}

}  // namespace
}  // namespace taktgate::rig
