#include "sim/alarm_watch.h"

#include <gtest/gtest.h>

namespace taktgate::sim {
namespace {

using gate::AlarmKind;
using gate::Severity;
using judge::Reason;

// A series of decisions, one letter each: + released, d a defect, f no frame, l late, o offline.
class AlarmWatchTest : public ::testing::Test {
 protected:
  void Decide(std::string_view series) {
    for (const char letter : series) {
      gate::Decision decision;
      decision.released = letter == '+';
      decision.reason = letter == '+'   ? Reason::kNone
                        : letter == 'd' ? Reason::kDefect
                        : letter == 'f' ? Reason::kNoFrame
                        : letter == 'l' ? Reason::kLate
                                        : Reason::kOffline;
      watch.OnDecision(decision);
    }
  }
  void Decide(char letter, std::size_t times) { Decide(std::string(times, letter)); }
  bool Raised(AlarmKind kind, Severity severity) {
    gate::Alarm alarm;
    alarm.kind = kind;
    alarm.severity = severity;
    return watch.OnRaised(alarm);
  }

  const gate::EscalationSettings settings{};
  AlarmWatch watch{settings};
};

TEST_F(AlarmWatchTest, WithoutACauseNoAlarmIsDue) {
  Decide("+d+d+dd+");
  EXPECT_FALSE(watch.overdue());
  for (const AlarmKind kind : {AlarmKind::kRejectsInARow, AlarmKind::kRejectRate,
                               AlarmKind::kFaultsInARow, AlarmKind::kDeadlineMisses}) {
    AlarmWatch fresh{settings};
    gate::Alarm alarm;
    alarm.kind = kind;
    alarm.severity = Severity::kWarn;
    EXPECT_FALSE(fresh.OnRaised(alarm));
  }
}

TEST_F(AlarmWatchTest, RejectsInARowAreDueAtTheExactCount) {
  Decide('d', 4);
  EXPECT_FALSE(watch.overdue());
  Decide("d");
  EXPECT_TRUE(watch.overdue());
  EXPECT_FALSE(Raised(AlarmKind::kRejectsInARow, Severity::kStop)) << "too much";
}

TEST_F(AlarmWatchTest, AnAlarmIsRaisedOnceForEachSeverity) {
  Decide('d', 5);
  EXPECT_TRUE(Raised(AlarmKind::kRejectsInARow, Severity::kAmber));
  EXPECT_FALSE(watch.overdue());
  Decide('d', 4);
  EXPECT_FALSE(watch.overdue());
  EXPECT_FALSE(Raised(AlarmKind::kRejectsInARow, Severity::kAmber)) << "again";
  Decide("d");
  EXPECT_TRUE(watch.overdue());
  EXPECT_TRUE(Raised(AlarmKind::kRejectsInARow, Severity::kStop));
  EXPECT_FALSE(watch.overdue());
}

TEST_F(AlarmWatchTest, ARowEndsWithAReleasedPartAndNotWithOneThatWasRejectedOnPurpose) {
  Decide("dddd+d");
  EXPECT_FALSE(watch.overdue());
  Decide("dddood");
  EXPECT_TRUE(watch.overdue()) << "five in a row, parts while offline left out";
}

TEST_F(AlarmWatchTest, FaultsAreThoseOfTheStation) {
  Decide("ffdf+");
  EXPECT_FALSE(watch.overdue());
  Decide("fff");
  EXPECT_TRUE(Raised(AlarmKind::kFaultsInARow, Severity::kAmber));
  EXPECT_FALSE(watch.overdue());
}

TEST_F(AlarmWatchTest, TheRateIsThatOfTheLastHundred) {
  for (int k = 0; k < 29; ++k) Decide("d+");
  EXPECT_FALSE(watch.overdue());
  Decide("d");
  EXPECT_TRUE(Raised(AlarmKind::kRejectRate, Severity::kAmber)) << "30 among the last 100";
  EXPECT_FALSE(watch.overdue());
}

TEST_F(AlarmWatchTest, RejectsThatAreLongAgoCountNoMore) {
  for (int k = 0; k < 29; ++k) Decide("d+");
  Decide('+', 43);
  Decide("d");  // and the first two are gone
  EXPECT_FALSE(watch.overdue());
}

TEST_F(AlarmWatchTest, EveryMissIsAWarningAndManyAreMore) {
  Decide("l");
  EXPECT_TRUE(watch.overdue());
  EXPECT_TRUE(Raised(AlarmKind::kDeadlineMisses, Severity::kWarn));
  Decide("+");
  EXPECT_FALSE(watch.overdue());
  Decide("l+l");
  EXPECT_TRUE(Raised(AlarmKind::kDeadlineMisses, Severity::kAmber)) << "three among a hundred";
  EXPECT_FALSE(watch.overdue());
}

TEST_F(AlarmWatchTest, MissesInARowStopTheLine) {
  Decide("ll");
  EXPECT_TRUE(Raised(AlarmKind::kDeadlineMisses, Severity::kAmber));
  Decide("ll");
  EXPECT_FALSE(watch.overdue());
  Decide("l");
  EXPECT_TRUE(Raised(AlarmKind::kDeadlineMisses, Severity::kStop));
}

TEST_F(AlarmWatchTest, AWarningOfAMissEndsByItselfAfterAQuietTime) {
  Decide("l");
  EXPECT_TRUE(Raised(AlarmKind::kDeadlineMisses, Severity::kWarn));
  Decide('+', settings.miss_quiet);
  Decide("l");
  EXPECT_TRUE(watch.overdue()) << "it is a new one";
  EXPECT_TRUE(Raised(AlarmKind::kDeadlineMisses, Severity::kWarn));
}

TEST_F(AlarmWatchTest, WhoAcknowledgesBeginsToCountAgain) {
  Decide('d', 9);
  EXPECT_TRUE(Raised(AlarmKind::kRejectsInARow, Severity::kAmber));
  watch.OnAcknowledged();
  EXPECT_FALSE(watch.overdue());
  Decide('d', 4);
  EXPECT_FALSE(watch.overdue());
  Decide("d");
  EXPECT_TRUE(Raised(AlarmKind::kRejectsInARow, Severity::kAmber));
}

TEST_F(AlarmWatchTest, AnAcknowledgementDoesNotExcuseAnAlarmThatNeverCame) {
  Decide('d', 4);
  watch.OnAcknowledged();
  EXPECT_FALSE(Raised(AlarmKind::kRejectsInARow, Severity::kAmber)) << "its cause is forgotten";
}

TEST(AlarmWatch, SettingsThatAreOffGiveNoAlarmButTheWarning) {
  AlarmWatch watch(gate::EscalationSettings::Off());
  gate::Decision defect;
  defect.reason = Reason::kDefect;
  for (int k = 0; k < 200; ++k) watch.OnDecision(defect);
  EXPECT_FALSE(watch.overdue());
}

TEST(AlarmWatch, CountsTheAlarmsThatDecisionsCause) {
  EXPECT_TRUE(AlarmWatch::Counts(AlarmKind::kRejectsInARow));
  EXPECT_TRUE(AlarmWatch::Counts(AlarmKind::kDeadlineMisses));
  EXPECT_FALSE(AlarmWatch::Counts(AlarmKind::kBinDisagrees));
  EXPECT_FALSE(AlarmWatch::Counts(AlarmKind::kTrackingLost));
}

}  // namespace
}  // namespace taktgate::sim
