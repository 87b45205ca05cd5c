#include "gate/admission.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "gate/settings.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Verdict;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::At;

TEST(RunTimes, TheSecondLongestOfTheLastThousandRuns) {
  RunTimes times;
  EXPECT_EQ(times.SecondLongest(), Duration(0));
  times.Add(milliseconds(7));
  EXPECT_EQ(times.SecondLongest(), Duration(0)) << "one run of a thousand may be longer";
  times.Add(milliseconds(5));
  times.Add(milliseconds(3));
  EXPECT_EQ(times.SecondLongest(), milliseconds(5));
  times.Add(milliseconds(5));
  for (int k = 0; k < 895; ++k) times.Add(milliseconds(1));
  EXPECT_EQ(times.SecondLongest(), milliseconds(5));
  for (int k = 0; k < 100; ++k) times.Add(milliseconds(1));
  EXPECT_EQ(times.SecondLongest(), milliseconds(5)) << "999 were added";
  times.Add(milliseconds(1));
  EXPECT_EQ(times.SecondLongest(), milliseconds(1)) << "forgotten";
}

TEST(Admission, OneRunAtATimeAndOnlyWithSlack) {
  Admission admission{GateSettings{}};
  EXPECT_FALSE(admission.Admit({1, 1}, 0, At(8), At(6))) << "2 ms left, 2 ms reserve";
  EXPECT_TRUE(admission.Admit({1, 2}, 3, At(8), At(5.999)));
  EXPECT_FALSE(admission.Admit({1, 3}, 0, At(18), At(10))) << "the thread is away";
  EXPECT_FALSE(admission.Finish({1, 3}, true, At(11)));
  EXPECT_EQ(admission.Finish({1, 2}, true, At(11)), 3U);
  EXPECT_TRUE(admission.Admit({1, 4}, 0, At(28), At(20)));
}

// Part `k`, 6 ms before its answer is due, with a run that takes so long. False: it was turned
// away.
bool RunPart(Admission& admission, std::uint64_t k, Duration took, bool in_time = true) {
  const TimePoint start = At(10.0 * static_cast<double>(k));
  if (!admission.Admit({1, k}, 0, start + milliseconds(6), start)) return false;
  admission.Finish({1, k}, in_time, start + took);
  return true;
}

TEST(Admission, AnotherModelBringsItsReserveAndForgetsTheRunsOfTheLast) {
  GateSettings settings;
  settings.measure_runs = true;
  Admission admission(settings);
  for (std::uint64_t k = 1; k <= 2; ++k) EXPECT_TRUE(RunPart(admission, k, milliseconds(5)));
  EXPECT_EQ(admission.reserve(), milliseconds(5));
  admission.ChangeModel(milliseconds(3));
  EXPECT_EQ(admission.reserve(), milliseconds(3));
  EXPECT_FALSE(admission.Admit({1, 3}, 0, At(8), At(5))) << "3 ms left, 3 ms reserve";
  admission.ChangeModel(milliseconds(1));
  EXPECT_TRUE(admission.Admit({1, 4}, 0, At(8), At(6.999)));
}

TEST(Admission, WhatTheLastModelWasTriedForDoesNotHoldTheNextOneOff) {
  GateSettings settings;
  settings.measure_runs = true;
  Admission admission(settings);
  for (std::uint64_t k = 1; k <= 2; ++k) EXPECT_TRUE(RunPart(admission, k, milliseconds(7)));
  EXPECT_FALSE(RunPart(admission, 3, milliseconds(7), false)) << "7 ms are wanted, 6 are left";
  EXPECT_TRUE(RunPart(admission, 4, milliseconds(7), false)) << "a try, in vain";
  EXPECT_FALSE(RunPart(admission, 5, milliseconds(1)));
  EXPECT_FALSE(RunPart(admission, 6, milliseconds(1))) << "the second of two before the next try";
  admission.ChangeModel(milliseconds(2));
  EXPECT_TRUE(RunPart(admission, 7, milliseconds(5)));
  for (std::uint64_t k = 8; k <= 9; ++k) EXPECT_TRUE(RunPart(admission, k, milliseconds(7)));
  EXPECT_FALSE(RunPart(admission, 10, milliseconds(1)));
  EXPECT_TRUE(RunPart(admission, 11, milliseconds(1))) << "one is turned away before a try, again";
}

TEST(Admission, ATryThatEndsAfterTheChangeIsTheLastModelsOwn) {
  GateSettings settings;
  settings.measure_runs = true;
  Admission admission(settings);
  for (std::uint64_t k = 1; k <= 2; ++k) EXPECT_TRUE(RunPart(admission, k, milliseconds(7)));
  EXPECT_FALSE(RunPart(admission, 3, milliseconds(7)));
  ASSERT_TRUE(admission.Admit({1, 4}, 0, At(46), At(40)));
  admission.ChangeModel(milliseconds(2));
  EXPECT_TRUE(admission.busy()) << "the thread is not back";
  EXPECT_TRUE(admission.Finish({1, 4}, false, At(48)));
  for (std::uint64_t k = 5; k <= 6; ++k) EXPECT_TRUE(RunPart(admission, k, milliseconds(7)));
  EXPECT_FALSE(RunPart(admission, 7, milliseconds(1)));
  EXPECT_TRUE(RunPart(admission, 8, milliseconds(1)));
}

TEST(Admission, AdaptsToSlowerRunsAndForgetsThemWhenItTurnsEverythingAway) {
  GateSettings settings;
  settings.measure_runs = true;
  Admission admission(settings);
  const auto run = [&](std::uint64_t k, Duration took) { return RunPart(admission, k, took); };
  EXPECT_TRUE(run(1, milliseconds(6)));
  EXPECT_EQ(admission.reserve(), milliseconds(2)) << "never under what was set";
  ASSERT_TRUE(admission.Admit({1, 99}, 0, At(50), At(20)));
  admission.Finish({1, 99}, false, At(90));
  EXPECT_EQ(admission.reserve(), milliseconds(2)) << "late runs say nothing new";
  EXPECT_TRUE(run(2, milliseconds(6)));
  EXPECT_EQ(admission.reserve(), milliseconds(6));
  ASSERT_TRUE(admission.Admit({1, 98}, 0, At(50), At(20)));
  admission.Finish({1, 98}, false, At(90));  // late, and none that was tried
  EXPECT_FALSE(run(3, microseconds(100)));
  EXPECT_TRUE(run(4, microseconds(100))) << "two slow runs cost one part";
  EXPECT_EQ(admission.reserve(), milliseconds(2));
}

TEST(Admission, WhereRunsStaySlowPartsAreTriedMoreAndMoreSeldom) {
  GateSettings settings;
  settings.measure_runs = true;
  Admission admission(settings);
  const auto part = [&](std::uint64_t k, bool in_time) {
    return RunPart(admission, k, milliseconds(6), in_time);
  };
  EXPECT_TRUE(part(1, true) && part(2, true));
  std::vector<std::uint64_t> tried;
  for (std::uint64_t k = 3; k < 40; ++k) {
    if (part(k, false)) tried.push_back(k);
  }
  EXPECT_EQ(tried, (std::vector<std::uint64_t>{4, 7, 12, 21, 38})) << "after 1, 2, 4, 8, 16 others";
  EXPECT_EQ(admission.reserve(), milliseconds(6)) << "a run that was late forgets nothing";
  std::uint64_t next = 40;
  while (!part(next, true)) ++next;
  EXPECT_EQ(next, 71U);
  EXPECT_TRUE(part(72, true)) << "slow again, in time";
  EXPECT_FALSE(part(73, true));
  EXPECT_TRUE(part(74, true)) << "and the next try comes as soon as the first one did";
  EXPECT_EQ(admission.reserve(), milliseconds(2))
      << "one came in time: what was measured is forgotten";
}

TEST(Admission, BelowWhatWasSetNothingIsTried) {
  GateSettings settings;
  settings.measure_runs = true;
  Admission admission(settings);
  for (std::uint64_t k = 1; k < 10; ++k) {
    EXPECT_FALSE(admission.Admit({1, k}, 0, At(10.0 * static_cast<double>(k) + 2),
                                 At(10.0 * static_cast<double>(k))));
  }
  for (std::uint64_t k = 1; k <= 2; ++k) {
    ASSERT_TRUE(admission.Admit({1, k}, 0, At(108), At(100)));
    admission.Finish({1, k}, true, At(106));
  }
  EXPECT_FALSE(admission.Admit({1, 10}, 0, At(202), At(200)));
  EXPECT_FALSE(admission.Admit({1, 11}, 0, At(206), At(200)))
      << "what was turned away for want of the set reserve is no reason to try";
}

// The line stands, by an alarm or a command: the parts of that time are not inspected.
TEST(Admission, WhatWasMeasuredGrowsOldWhileTheLineStands) {
  GateSettings settings;
  settings.measure_runs = true;
  settings.escalation = EscalationSettings::Off();
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  std::uint64_t frame = 0;
  const auto part = [&](double edge, double takes) {
    gate.On(event::Trigger{0, At(edge), At(edge)});
    gate.On(event::Frame{{frame++, At(edge + 2), At(edge + 2.5), false, 0}, At(edge + 2.5)});
    if (!out.running) return false;
    const PartId id = *std::exchange(out.running, {});
    gate.On(event::Answered{id, testing::MakeAnswer(Verdict::kPass), At(edge + 2.5 + takes)});
    return true;
  };
  EXPECT_TRUE(part(0, 5.45) && part(10, 5.45));
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(20), At(20)}));
  for (int k = 0; k < 1000; ++k) {
    gate.On(event::Trigger{0, At(30.0 + 10 * k), At(30.0 + 10 * k)});
  }
  ASSERT_TRUE(gate.On(event::Command{Command::kStartContinuous, At(20'000), At(20'000)}));
  gate.On(event::Trigger{0, At(20'010), At(20'010)});
  gate.On(event::Frame{{frame + 1000, At(20'012), At(20'012.7), false, 0}, At(20'012.7)});
  EXPECT_TRUE(out.running) << "5.3 ms are left";
}

TEST(Settings, ImpossibleOnesAreRefusedWithTheArithmetic) {
  const auto words = [](auto change) {
    GateSettings settings;
    constexpr std::int64_t kMs = 1'000'000;
    settings.belt = {BeltMode::kByTime, 50 * kMs, 2 * kMs, 3 * kMs, 10 * kMs, 20, {}};
    change(settings);
    const Status checked = CheckSettings(settings);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(words([](GateSettings&) {}), "");
  EXPECT_NE(words([](GateSettings& s) { s.belt.spacing = 4'999'999; }).find("lead + hold"),
            std::string::npos);
  EXPECT_NE(
      words([](GateSettings& s) { s.belt.distance = 9'999'999; }).find("before the answer is due"),
      std::string::npos);
  EXPECT_NE(words([](GateSettings& s) { s.parts_in_flight = 6; }).find("= 7 parts"),
            std::string::npos);
  EXPECT_NE(words([](GateSettings& s) { s.belt.spacing = 5'000'000; }).find("capture interval"),
            std::string::npos);
  EXPECT_NE(words([](GateSettings& s) { s.inference_reserve = s.window; }).find("reserve"),
            std::string::npos);
  EXPECT_NE(words([](GateSettings& s) { s.capture_until = s.window + Duration(1); }), "");
  EXPECT_NE(words([](GateSettings& s) { s.escalation.rate_window = 257; }), "");
  EXPECT_NE(words([](GateSettings& s) {
              s.belt.mode = BeltMode::kAtCamera;
              s.gate_sensor = true;
            }),
            "");
}

}  // namespace
}  // namespace taktgate::gate
