#include "gate/escalation.h"

#include <gtest/gtest.h>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using testing::At;
using testing::GateFixture;
using testing::Recorder;

class EscalationTest : public ::testing::Test {
 protected:
  void Part(Reason reason, int times = 1) {
    for (int k = 0; k < times; ++k) {
      Decision decision;
      decision.part = {1, ++sequence};
      decision.released = reason == Reason::kNone;
      decision.reason = reason;
      escalation.OnDecision(decision);
    }
  }
  Recorder out;
  Escalation escalation{EscalationSettings{}, out};
  std::uint64_t sequence = 0;
};

TEST_F(EscalationTest, RejectsInARowAreCountedExactly) {
  Part(Reason::kDefect, 4);
  EXPECT_TRUE(out.alarms.empty());
  Part(Reason::kNone);
  Part(Reason::kDefect, 4);
  EXPECT_TRUE(out.alarms.empty()) << "a pass breaks the row";
  Part(Reason::kDefect);
  ASSERT_EQ(out.alarms.size(), 1U);
  EXPECT_EQ(out.alarms[0].part.sequence, 10U);
  EXPECT_EQ(escalation.severity(), Severity::kAmber);
  Part(Reason::kDefect, 4);
  EXPECT_EQ(escalation.severity(), Severity::kAmber);
  Part(Reason::kDefect);
  EXPECT_EQ(escalation.severity(), Severity::kStop);
}

TEST_F(EscalationTest, MissesAmongManyPartsAreAnAlarmOfTheirOwn) {
  for (int miss = 0; miss < 3; ++miss) {
    EXPECT_LT(out.Last(AlarmKind::kDeadlineMisses), Severity::kAmber);
    Part(Reason::kLate);
    Part(Reason::kNone, 10);
  }
  EXPECT_EQ(out.Last(AlarmKind::kDeadlineMisses), Severity::kAmber);
}

TEST(EscalationWindow, OfOnePartHoldsOnePart) {
  EscalationSettings settings = EscalationSettings::Off();
  settings.rate_window = 1;
  settings.rate_amber = 2;
  Recorder out;
  Escalation escalation(settings, out);
  for (std::uint64_t k = 1; k <= 3; ++k) {
    Decision decision;
    decision.part = {1, k};
    decision.reason = Reason::kDefect;
    escalation.OnDecision(decision);
  }
  EXPECT_TRUE(out.alarms.empty());
}

TEST_F(EscalationTest, FaultsAreTheStationsOwnAndDefectsAreNot) {
  Part(Reason::kNoFrame, 2);
  Part(Reason::kDefect);
  Part(Reason::kNoFrame);
  EXPECT_EQ(out.Last(AlarmKind::kFaultsInARow), Severity::kCalm);
  Part(Reason::kFrameMismatch, 2);
  EXPECT_EQ(out.Last(AlarmKind::kFaultsInARow), Severity::kAmber);
  Part(Reason::kModelError, 3);
  EXPECT_EQ(out.Last(AlarmKind::kFaultsInARow), Severity::kStop);
}

TEST_F(EscalationTest, TheRejectRateLooksAtTheLastHundredParts) {
  for (int k = 0; k < 29; ++k) {
    Part(Reason::kDefect);
    Part(Reason::kNone);
  }
  Part(Reason::kNone, 42);
  EXPECT_TRUE(out.alarms.empty()) << "29 among the last 100";
  for (int k = 0; k < 20; ++k) {  // old rejects leave as fast as new ones come
    Part(Reason::kDefect);
    Part(Reason::kNone);
  }
  EXPECT_TRUE(out.alarms.empty());
  Part(Reason::kDefect, 2);
  EXPECT_EQ(out.Last(AlarmKind::kRejectRate), Severity::kAmber);
}

TEST_F(EscalationTest, ASingleMissIsAWarningThatEndsByItself) {
  Part(Reason::kLate);
  EXPECT_EQ(escalation.severity(), Severity::kWarn);
  Part(Reason::kNone, 9'999);
  EXPECT_EQ(escalation.severity(), Severity::kWarn);
  Part(Reason::kNone);
  EXPECT_EQ(escalation.severity(), Severity::kCalm);
}

TEST_F(EscalationTest, ThreeMissesInAHundredOrTwoInARowAreAmber) {
  for (int k = 0; k < 2; ++k) {
    Part(Reason::kLate);
    Part(Reason::kNone, 48);
  }
  Part(Reason::kNone);
  EXPECT_EQ(escalation.severity(), Severity::kWarn);
  Part(Reason::kNoSlack);
  EXPECT_EQ(escalation.severity(), Severity::kAmber);
  escalation.Acknowledge();
  Part(Reason::kNone);
  EXPECT_EQ(escalation.severity(), Severity::kCalm);
  Part(Reason::kLate, 2);
  EXPECT_EQ(escalation.severity(), Severity::kAmber);
}

TEST_F(EscalationTest, FiveMissesInARowStopTheLine) {
  Part(Reason::kLate, 4);
  EXPECT_EQ(out.Last(AlarmKind::kDeadlineMisses), Severity::kAmber);
  Part(Reason::kLate);
  EXPECT_EQ(out.Last(AlarmKind::kDeadlineMisses), Severity::kStop);
}

TEST_F(EscalationTest, WhatWasNotInspectedOnPurposeCountsForNothing) {
  Part(Reason::kOffline, 200);
  Part(Reason::kChallenge, 200);
  Part(Reason::kLineStopped, 200);
  EXPECT_TRUE(out.alarms.empty());
}

GateSettings Alarming() {
  GateSettings settings;
  settings.boot = 7;
  return settings;
}

class LineStop : public GateFixture {
 protected:
  LineStop() : GateFixture(Alarming()) {}
};

TEST_F(LineStop, StopsTheLineAndNothingPassesBeforeAnAcknowledgementWithAName) {
  for (std::uint64_t k = 1; k <= 10; ++k) {
    EXPECT_TRUE(out.Has(Line::kLineStop));
    WholePart(k, 10.0 * static_cast<double>(k), Verdict::kFail);
    EXPECT_EQ(out.Has(Line::kAmber), k >= 5 && k < 10);
  }
  EXPECT_FALSE(out.Has(Line::kLineStop));
  EXPECT_FALSE(out.Has(Line::kReady));
  EXPECT_TRUE(out.Has(Line::kRed));
  gate.On(event::Trigger{0, At(110), At(110)});
  EXPECT_EQ(out.ReasonOf(11), Reason::kLineStopped);
  EXPECT_FALSE(gate.On(event::Acknowledge{event::ShortName(""), At(115), At(115)}));
  EXPECT_FALSE(out.Has(Line::kReady));
  EXPECT_TRUE(gate.On(event::Acknowledge{event::ShortName("M. Weber"), At(116), At(116)}));
  EXPECT_EQ(out.names, std::vector<std::string>{"M. Weber"});
  EXPECT_TRUE(out.Has(Line::kReady) && out.Has(Line::kLineStop) && out.Has(Line::kGreen));
  gate.On(event::Trigger{0, At(120), At(120)});
  Frame(11, 122, 122.5);
  AnswerRunning(Verdict::kPass, 124);
  EXPECT_TRUE(out.pass());
}

}  // namespace
}  // namespace taktgate::gate
