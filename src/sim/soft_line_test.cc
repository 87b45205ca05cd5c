// The soft line around the sound gate: nothing is lost, nothing is allocated, and the same seed
// gives the same line.
#include "sim/soft_line.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sim/line_file.h"
#include "sim/line_report.h"

namespace {

bool armed = false;
std::uint64_t allocations = 0;

}  // namespace

// The sanitizers bring their own malloc; the plain builds count.
#ifndef TAKTGATE_SANITIZED
extern "C" {
void* __libc_malloc(std::size_t size);
void* malloc(std::size_t size) {
  allocations += armed ? 1U : 0U;
  return __libc_malloc(size);
}
}
#endif

namespace taktgate::sim {
namespace {

using gate::BeltMode;

// A station that starts may allocate; what follows may not.
MakeGate Sound() {
  return [](const gate::GateSettings& settings, gate::GateOutputs& outputs) {
    const bool was = std::exchange(armed, false);
    auto gate = std::make_unique<gate::Gate>(settings, outputs);
    armed = was;
    return gate;
  };
}

SoftSettings Line(BeltMode mode) {
  SoftSettings settings;
  settings.parts = 5000;
  settings.gate = GateSettingsOf(mode, settings.parts_per_second);
  settings.gate.gate_sensor = mode != BeltMode::kAtCamera;
  return settings;
}

Fault Every(FaultKind kind, std::uint64_t every, Duration time = {}, std::uint64_t count = 0) {
  Fault fault;
  fault.kind = kind;
  fault.every = every;
  fault.time = time;
  fault.count = count;
  return fault;
}

constexpr BeltMode kModes[] = {BeltMode::kAtCamera, BeltMode::kByTime, BeltMode::kByCount};

TEST(SoftLine, ASoundLinePassesItsGoodPartsInEveryMode) {
  for (const BeltMode mode : kModes) {
    const SoftSettings settings = Line(mode);
    ASSERT_TRUE(CheckSoftSettings(settings));
    SoftLine line(settings, {}, Sound());
    line.Run();
    EXPECT_EQ(line.referee().findings().total(), 0U) << line.referee().findings().words();
    EXPECT_EQ(line.tallies().parts, 5000U);
    EXPECT_GT(line.tallies().passed, 4200U);
    EXPECT_EQ(line.tallies().passed, line.referee().tallies().released);
    EXPECT_LT(line.tallies().passed_defective, 5U);
    EXPECT_EQ(line.referee().tallies().cut_short, 0U);
  }
}

// No allocation, in the gate and in the simulator around it.
TEST(SoftLine, NothingIsAllocatedPerPart) {
  for (const BeltMode mode : kModes) {
    SoftLine line(Line(mode),
                  {Every(FaultKind::kBounce, 50, std::chrono::milliseconds(2), 3),
                   Every(FaultKind::kFrameLost, 31), Every(FaultKind::kTriggerIgnored, 97),
                   Every(FaultKind::kModelTakes, 41, std::chrono::milliseconds(20)),
                   Every(FaultKind::kModelHangs, 2003)},
                  Sound());
    allocations = 0;
    armed = true;
    line.Run();
    armed = false;
    EXPECT_EQ(allocations, 0U);
    EXPECT_EQ(line.referee().findings().total(), 0U) << line.referee().findings().words();
    EXPECT_GE(line.tallies().stations, 2U) << "a run never came back";
  }
}

TEST(SoftLine, TheSameSeedGivesTheSameLineAndAnotherOneAnother) {
  const auto result = [](std::uint64_t seed) {
    SoftSettings settings = Line(BeltMode::kByCount);
    settings.spacing = SpacingLaw::kJittered;
    settings.seed = seed;
    SoftLine line(settings, {Every(FaultKind::kFramePartial, 17)}, Sound());
    line.Run();
    return LineJson(line, 1);
  };
  EXPECT_EQ(result(7), result(7));
  EXPECT_NE(result(7), result(8));
}

// What the gate sensor is for; without it this cannot be known.
TEST(SoftLine, ADeadEncoderMovesPassToOtherPartsWhereNoGateSensorIs) {
  Fault dead;
  dead.kind = FaultKind::kEncoderDead;
  dead.at = std::chrono::seconds(3);
  dead.lasts = std::chrono::milliseconds(10);
  dead.again = std::chrono::milliseconds(1700);
  SoftSettings settings = Line(BeltMode::kByCount);
  settings.gate.gate_sensor = false;
  SoftLine blind(settings, {dead}, Sound());
  blind.Run();
  EXPECT_GT(blind.referee().findings().Of(Invariant::kSafeLines), 0U);
  settings.gate.gate_sensor = true;
  SoftLine sees(settings, {dead}, Sound());
  sees.Run();
  EXPECT_EQ(sees.referee().findings().total(), 0U) << sees.referee().findings().words();
}

// The wire keeps its level while the deciding thread sleeps: PASS must end by hardware before the
// next part is there.
TEST(SoftLine, APassThatMayStandTooLongLetsOthersThroughWhileTheGateSleeps) {
  Fault sleeps;
  sleeps.kind = FaultKind::kGateStarved;
  sleeps.at = std::chrono::seconds(3);
  sleeps.lasts = std::chrono::milliseconds(35);
  sleeps.again = std::chrono::milliseconds(511);
  SoftSettings settings = Line(BeltMode::kByCount);
  settings.gate.belt.longest_pass = std::chrono::seconds(1);
  SoftLine open(settings, {sleeps}, Sound());
  open.Run();
  EXPECT_GT(open.referee().findings().Of(Invariant::kSafeLines), 0U);
  SoftLine safe(Line(BeltMode::kByCount), {sleeps}, Sound());
  safe.Run();
  EXPECT_EQ(safe.referee().findings().total(), 0U) << safe.referee().findings().words();
}

TEST(SoftLine, TellsWhatTheFirstViolationWas) {
  SoftSettings settings = Line(BeltMode::kByCount);
  settings.gate.gate_sensor = false;
  Fault dead;
  dead.kind = FaultKind::kEncoderDead;
  dead.at = std::chrono::seconds(2);
  dead.lasts = std::chrono::milliseconds(10);
  SoftLine line(settings, {dead}, Sound());
  line.Run();
  const std::string table = LineTable(line, 1);
  EXPECT_NE(table.find("VIOLATIONS, the first:\nI7 at "), std::string::npos) << table;
  EXPECT_NE(table.find("line part "), std::string::npos);
}

// The supervisor's station after the one whose model hung is not held by it.
TEST(SoftLine, AModelThatHangsOverTheLastPartDoesNotKeepTheLineFromEnding) {
  SoftSettings settings;
  settings.gate = GateSettingsOf(gate::BeltMode::kByTime, settings.parts_per_second);
  settings.parts = 200;
  Fault fault;
  fault.kind = FaultKind::kModelHangs;
  fault.first_part = fault.last_part = 200;
  SoftLine line(settings, {fault}, Sound());
  line.Run();
  EXPECT_EQ(line.referee().findings().total(), 0U) << line.referee().findings().words();
  EXPECT_EQ(line.tallies().stations, 2U);
}

}  // namespace
}  // namespace taktgate::sim
