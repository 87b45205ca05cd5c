#include "gate/outputs.h"

#include <gtest/gtest.h>

#include "gate/states.h"

namespace taktgate::gate {
namespace {

// These words are used in records, answers and pages; they are the interface (docs/formats.md).
TEST(Words, OfSeverities) {
  EXPECT_EQ(ToString(Severity::kCalm), "calm");
  EXPECT_EQ(ToString(Severity::kWarn), "warn");
  EXPECT_EQ(ToString(Severity::kAmber), "amber");
  EXPECT_EQ(ToString(Severity::kStop), "line_stop");
}

TEST(Words, OfAlarms) {
  constexpr std::string_view kWords[] = {
      "rejects_in_a_row", "reject_rate",   "faults_in_a_row",  "deadline_misses", "bin_disagrees",
      "tracking_lost",    "belt_reversed", "challenge_missed", "inference_away",  "plc_silent"};
  ASSERT_EQ(std::size(kWords), kAlarmKinds);
  for (std::size_t kind = 0; kind < kAlarmKinds; ++kind) {
    EXPECT_EQ(ToString(static_cast<AlarmKind>(kind)), kWords[kind]);
  }
}

TEST(Words, OfStates) {
  constexpr std::string_view kWords[] = {"Preoperational",     "Halted", "Error",
                                         "Initialized",        "Ready",  "SingleExecution",
                                         "ContinuousExecution"};
  for (std::size_t state = 0; state < std::size(kWords); ++state) {
    EXPECT_EQ(ToString(static_cast<State>(state)), kWords[state]);
  }
}

TEST(GateOutputs, WhoOverridesNothingHasAWireThatTakesEveryLevel) {
  GateOutputs nobody;
  EXPECT_TRUE(nobody.SetLine(Line::kPass, true, {}, {}));
  EXPECT_TRUE(nobody.SetLine(Line::kPass, false, {}, {}));
}

}  // namespace
}  // namespace taktgate::gate
