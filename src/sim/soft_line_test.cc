#include "sim/soft_line.h"

#include <gtest/gtest.h>

namespace taktgate::sim {
namespace {

using gate::BeltMode;

MakeGatePort Sound() {
  return [](const gate::GateSettings& settings, gate::GateOutputs& outputs) {
    return std::make_unique<GatePort>(settings, outputs);
  };
}

SoftSettings Line(BeltMode mode, std::uint64_t parts = 5000) {
  SoftSettings settings;
  settings.parts = parts;
  settings.gate = GateSettingsOf(mode, settings.parts_per_second);
  if (mode != BeltMode::kAtCamera) settings.gate.gate_sensor = true;
  return settings;
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
  }
}

}  // namespace
}  // namespace taktgate::sim
