#include "rig/real_belt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "sim/random_line.h"

namespace taktgate::rig {
namespace {

using std::chrono::milliseconds;

TEST(RealBelt, AnyRealLineThatIsDrawnIsSoundAndSlowEnoughForABusyMachine) {
  double slowest = 100, fastest = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    sim::SoftSettings line = sim::DrawRealLine(seed, 100);
    const Status sound = CheckSoftSettings(line);
    ASSERT_TRUE(sound) << "seed " << seed << ": " << sound.error().message;
    const auto belt = RealBeltOf(line);
    ASSERT_TRUE(belt) << "seed " << seed << ": " << belt.error().message;
    slowest = std::min(slowest, line.parts_per_second);
    fastest = std::max(fastest, line.parts_per_second);
  }
  EXPECT_LE(fastest, 20);
  EXPECT_GT(fastest, 19) << "the whole range is drawn";
  EXPECT_LT(slowest, 8.1);
}

// A line of `mode` that mode R can play.
sim::SoftSettings Line(gate::BeltMode mode) {
  sim::SoftSettings line;
  line.parts_per_second = 10;
  line.gate = sim::GateSettingsOf(mode, line.parts_per_second);
  return line;
}

TEST(RealBelt, AtTheCameraPassIsDueWithTheWindow) {
  sim::SoftSettings line = Line(gate::BeltMode::kAtCamera);
  const auto belt = RealBeltOf(line);
  ASSERT_TRUE(belt) << belt.error().message;
  EXPECT_EQ(belt->open, Duration(0));
  EXPECT_EQ(belt->due, line.gate.window);
  EXPECT_EQ(belt->close, line.gate.window + line.gate.pass_hold);
  EXPECT_EQ(belt->at_gate(), line.gate.window + line.gate.pass_hold / 2);
  EXPECT_FALSE(belt->has_signals());
}

TEST(RealBelt, ByTimeLeadAndHoldAreWideEnoughForABusyMachine) {
  sim::SoftSettings line = Line(gate::BeltMode::kByTime);
  line.gate.belt.lead = line.gate.belt.hold = sim::kMs;
  const auto belt = RealBeltOf(line);
  ASSERT_TRUE(belt) << belt.error().message;
  EXPECT_EQ(line.gate.belt.lead, 3 * sim::kMs) << "of the gate, too";
  EXPECT_EQ(line.gate.belt.hold, 3 * sim::kMs);
  EXPECT_EQ(belt->due, Duration(line.gate.belt.distance));
  EXPECT_EQ(belt->open, belt->due - milliseconds(3));
  EXPECT_EQ(belt->close, belt->due + milliseconds(3));
}

TEST(RealBelt, ByCountPlacesAreTimesOfTheLinesSpeed) {
  sim::SoftSettings line = Line(gate::BeltMode::kByCount);
  const auto belt = RealBeltOf(line);
  ASSERT_TRUE(belt) << belt.error().message;
  EXPECT_TRUE(belt->has_signals());
  EXPECT_NEAR(belt->counts_per_second, 600, 1e-3) << "60 counts a part";
  EXPECT_EQ(belt->due, line.gate.belt.distance * line.count_time());
  EXPECT_EQ(belt->open, belt->due - (line.gate.belt.lead + 1) * line.count_time())
      << "the count may be one ahead";
}

TEST(RealBelt, WhatItCannotPlayIsNamed) {
  const auto refused = [](gate::BeltMode mode, auto change) {
    sim::SoftSettings line = Line(mode);
    change(line);
    const auto belt = RealBeltOf(line);
    return belt ? std::string("taken") : belt.error().message;
  };
  const auto camera = gate::BeltMode::kAtCamera;
  const auto expect = [](const std::string& message, const char* words) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_NE(message.find("choose another --line"), std::string::npos) << message;
  };
  expect(refused(camera, [](auto& line) { line.spacing = sim::SpacingLaw::kBursts; }), "spacing");
  expect(refused(camera, [](auto& line) { line.gate.bin_within = milliseconds(50); }), "bin");
  expect(refused(camera, [](auto& line) { line.model_takes = milliseconds(2); }), "[model]");
  expect(refused(camera, [](auto& line) { line.unknown = 0.1; }), "[model]");
  expect(refused(gate::BeltMode::kByTime, [](auto& line) { line.gate.belt.spacing = sim::kMs; }),
         "so close");
}

TEST(RealBelt, TheCountWrapsSoonAfterTheStart) {
  RealBelt belt;
  belt.counts_per_second = 1000;
  const std::uint32_t start = belt.CountAt(Duration(0));
  EXPECT_EQ(belt.CountAt(milliseconds(5)) - start, 5U);
  EXPECT_EQ(belt.CountAt(milliseconds(6) - Duration(1)) - start, 5U) << "a whole count only";
  EXPECT_LT(belt.CountAt(std::chrono::seconds(10)), start) << "beyond the wrap";
  EXPECT_EQ(belt.CountAt(std::chrono::seconds(10)) - start, 10'000U);
}

TEST(BeltHistory, KnowsTheBeltAsFarAsItWasTold) {
  const auto at = [](int ms) { return TimePoint(milliseconds(ms)); };
  BeltHistory history;
  EXPECT_EQ(history.PlannedAt(at(7)), at(7)) << "never told: by time";
  EXPECT_EQ(history.KnownAt(at(7)), at(7));
  history.Reported(at(10), at(8));
  history.Reported(at(20), at(19));
  EXPECT_EQ(history.PlannedAt(at(9)), TimePoint::min());
  EXPECT_EQ(history.PlannedAt(at(10)), at(8));
  EXPECT_EQ(history.PlannedAt(at(19)), at(8));
  EXPECT_EQ(history.PlannedAt(at(20)), at(19));
  EXPECT_EQ(history.KnownAt(at(8)), at(10));
  EXPECT_EQ(history.KnownAt(at(9)), at(20)) << "not before the belt is told to be there";
  EXPECT_EQ(history.KnownAt(at(20)), TimePoint::max());
}

}  // namespace
}  // namespace taktgate::rig
