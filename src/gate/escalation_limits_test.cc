// Each limit, one part below it and at it; when things are forgotten; and who is to blame.
#include <gtest/gtest.h>

#include "gate/escalation.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;

EscalationSettings Only(void (*set)(EscalationSettings&)) {
  EscalationSettings settings = EscalationSettings::Off();
  set(settings);
  return settings;
}

// Decisions, one after the other.
class PartRow {
 public:
  explicit PartRow(const EscalationSettings& settings) : escalation(settings, out) {}
  PartRow& Part(Reason reason, int times = 1) {
    for (int k = 0; k < times; ++k) {
      Decision decision;
      decision.part = {1, ++sequence};
      decision.released = reason == Reason::kNone;
      decision.reason = reason;
      escalation.OnDecision(decision);
    }
    return *this;
  }
  testing::Recorder out;
  Escalation escalation;
  std::uint64_t sequence = 0;
};

TEST(Window, CountsTheYesAmongTheLast) {
  Window window(3);
  for (const bool yes : {true, true, false}) window.Add(yes);
  EXPECT_EQ(window.yes(), 2U);
  window.Add(false);
  EXPECT_EQ(window.yes(), 1U);
  window.Add(false);
  EXPECT_EQ(window.yes(), 0U);
  for (int k = 0; k < 7; ++k) window.Add(true);
  EXPECT_EQ(window.yes(), 3U);
  window.Clear();
  EXPECT_EQ(window.yes(), 0U);
  for (int k = 0; k < 3; ++k) window.Add(false);
  EXPECT_EQ(window.yes(), 0U) << "what was before Clear does not leave twice";
}

TEST(Window, MayBeTwoHundredFiftySixParts) {
  Window window(256);
  for (int k = 0; k < 300; ++k) window.Add(true);
  EXPECT_EQ(window.yes(), 256U);
}

TEST(EscalationLimits, NothingIsRaisedWhereAllIsOff) {
  PartRow line(EscalationSettings::Off());
  line.Part(Reason::kDefect, 300).Part(Reason::kNoFrame, 300);
  line.escalation.OnBinDisagreement({1, 1});
  EXPECT_TRUE(line.out.alarms.empty());
  line.Part(Reason::kLate, 300);
  EXPECT_EQ(line.escalation.severity(), Severity::kWarn) << "a miss is always a warning";
  EXPECT_EQ(line.out.alarms.size(), 1U);
}

TEST(EscalationLimits, RejectRate) {
  PartRow line(
      Only([](EscalationSettings& s) { s.rate_window = 10, s.rate_amber = 3, s.rate_stop = 5; }));
  line.Part(Reason::kDefect, 2).Part(Reason::kNone);
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.Part(Reason::kDefect);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.Part(Reason::kDefect);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.Part(Reason::kDefect);
  EXPECT_EQ(line.escalation.severity(), Severity::kStop);
}

TEST(EscalationLimits, ARateWindowOfNoPartsIsOneOfOne) {
  PartRow line(Only([](EscalationSettings& s) { s.rate_window = 0, s.rate_amber = 1; }));
  line.Part(Reason::kNone);
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.Part(Reason::kDefect);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
}

TEST(EscalationLimits, ADefectIsAlsoInTheRowButNoFault) {
  PartRow line(Only([](EscalationSettings& s) { s.faults_amber = 2, s.faults_stop = 3; }));
  line.Part(Reason::kDefect, 9).Part(Reason::kNoFrame).Part(Reason::kDefect);
  line.Part(Reason::kNoFrame);
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.Part(Reason::kNoFrame);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.Part(Reason::kOffline, 5);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.Part(Reason::kNoFrame);
  EXPECT_EQ(line.escalation.severity(), Severity::kStop) << "offline parts do not break the row";
}

TEST(EscalationLimits, MissesAmongTheLastHundred) {
  PartRow line(Only([](EscalationSettings& s) { s.misses_amber = 2; }));
  line.Part(Reason::kLate).Part(Reason::kNone, 99).Part(Reason::kLate);
  EXPECT_EQ(line.escalation.severity(), Severity::kWarn) << "the first is 100 parts ago";
  line.Part(Reason::kNone, 98).Part(Reason::kNoSlack);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
}

TEST(EscalationLimits, MissesInARow) {
  PartRow line(Only([](EscalationSettings& s) { s.miss_row_amber = 2, s.miss_row_stop = 3; }));
  line.Part(Reason::kLate).Part(Reason::kNone).Part(Reason::kLate);
  EXPECT_EQ(line.escalation.severity(), Severity::kWarn);
  line.Part(Reason::kLate);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.Part(Reason::kLate);
  EXPECT_EQ(line.escalation.severity(), Severity::kStop);
}

TEST(EscalationLimits, AWarningEndsByItselfAndAnAmberDoesNot) {
  PartRow line(Only([](EscalationSettings& s) { s.miss_quiet = 3, s.misses_amber = 2; }));
  line.Part(Reason::kLate).Part(Reason::kNone, 2);
  EXPECT_EQ(line.escalation.severity(), Severity::kWarn);
  line.Part(Reason::kNone);
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.Part(Reason::kLate);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.Part(Reason::kNone, 200);
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  EXPECT_EQ(line.out.alarms.size(), 3U) << "two warnings, and amber";
}

TEST(EscalationLimits, AnotherWarningIsRaisedWhenTheFirstHasEnded) {
  PartRow line(Only([](EscalationSettings& s) { s.miss_quiet = 2; }));
  line.Part(Reason::kLate).Part(Reason::kNone).Part(Reason::kLate);
  EXPECT_EQ(line.out.alarms.size(), 1U);
  line.Part(Reason::kNone, 2).Part(Reason::kLate);
  EXPECT_EQ(line.out.alarms.size(), 2U);
  EXPECT_EQ(line.out.alarms.back().part.sequence, line.sequence);
}

TEST(EscalationLimits, TheBinsDisagreements) {
  PartRow line(Only([](EscalationSettings& s) { s.bin_amber = 2, s.bin_stop = 3; }));
  line.escalation.OnBinDisagreement({1, 4});
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.escalation.OnBinDisagreement({1, 5});
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  EXPECT_EQ(line.out.alarms.back().kind, AlarmKind::kBinDisagrees);
  EXPECT_EQ(line.out.alarms.back().part.sequence, 5U);
  line.escalation.OnBinDisagreement({1, 6});
  EXPECT_EQ(line.escalation.severity(), Severity::kStop);
}

TEST(EscalationLimits, AnAcknowledgementBeginsEveryCountAnew) {
  PartRow line(Only([](EscalationSettings& s) {
    s.rejects_amber = 3, s.faults_amber = 3, s.miss_row_amber = 3, s.bin_amber = 2;
    s.rate_window = 10, s.rate_amber = 4, s.misses_amber = 4;
  }));
  const auto almost = [&line] {
    line.Part(Reason::kNoFrame, 2).Part(Reason::kNone).Part(Reason::kDefect).Part(Reason::kNone);
    line.escalation.OnBinDisagreement({1, 1});
  };
  almost();
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.escalation.Acknowledge();
  almost();
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm) << "rate and bin";
  line.escalation.Acknowledge();
  line.Part(Reason::kDefect, 2);
  line.escalation.Acknowledge();
  line.Part(Reason::kDefect, 2);
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm) << "rejects in a row";
  line.escalation.Acknowledge();
  line.Part(Reason::kNoFrame, 2);
  line.escalation.Acknowledge();
  line.Part(Reason::kNoFrame, 2);
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm) << "faults in a row";
  line.escalation.Acknowledge();
  line.Part(Reason::kLate, 2);
  line.escalation.Acknowledge();
  EXPECT_EQ(line.escalation.severity(), Severity::kCalm);
  line.Part(Reason::kLate, 2);
  EXPECT_EQ(line.escalation.severity(), Severity::kWarn) << "misses, in a row and among the last";
}

TEST(EscalationLimits, TheSeverityIsThatOfTheWorstAlarm) {
  PartRow line(EscalationSettings::Off());
  line.escalation.Raise(AlarmKind::kPlcSilent, Severity::kAmber, {1, 1});
  line.escalation.Raise(AlarmKind::kRejectRate, Severity::kWarn, {1, 1});
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber);
  line.escalation.Raise(AlarmKind::kPlcSilent, Severity::kAmber, {1, 2});
  line.escalation.Raise(AlarmKind::kPlcSilent, Severity::kWarn, {1, 2});
  EXPECT_EQ(line.out.alarms.size(), 2U) << "said once, and not what is less";
  line.escalation.Raise(AlarmKind::kPlcSilent, Severity::kStop, {1, 3});
  EXPECT_EQ(line.escalation.severity(), Severity::kStop);
  line.escalation.Acknowledge();
  line.escalation.Raise(AlarmKind::kPlcSilent, Severity::kAmber, {1, 4});
  EXPECT_EQ(line.escalation.severity(), Severity::kAmber) << "raised again";
  EXPECT_EQ(line.out.alarms.size(), 4U);
}

}  // namespace
}  // namespace taktgate::gate
