// What others see of a line: a whole view after each event that changed something.
#include "gate/line_view.h"

#include <gtest/gtest.h>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;

Decision DecisionOn(std::uint64_t sequence) {
  Decision decision;
  decision.part = {7, sequence};
  decision.reason = Reason::kDefect;
  decision.verdict = Verdict::kFail;
  decision.has_answer = true;
  return decision;
}

class LineViewTest : public ::testing::Test {
 protected:
  LineView Show() {
    keeper.Show(state, severity, counts);
    return keeper.seen().Read();
  }
  Severity AlarmOf(AlarmKind kind) { return Show().alarms[static_cast<std::size_t>(kind)]; }

  State state = State::kContinuousExecution;
  Severity severity = Severity::kCalm;
  Counts counts;
  LineViewKeeper keeper;
};

TEST_F(LineViewTest, BeforeTheFirstViewNothingIsReady) {
  EXPECT_EQ(keeper.seen().changes(), 0U);
  EXPECT_FALSE(keeper.seen().Read().online);
  EXPECT_FALSE(keeper.seen().Read().ready);
}

TEST_F(LineViewTest, AGateThatHasDoneNothingYetIsShownToo) {
  state = State{};
  EXPECT_EQ(Show().changes, 1U);
  const LastDecision none{{0, 0}, false, Verdict::kUnknown, Reason::kNone, -1, 1.0, 0, false, 0};
  EXPECT_EQ(Show().last, none);
}

TEST_F(LineViewTest, TheFirstViewIsShownAtOnce) {
  const LineView view = Show();
  EXPECT_EQ(keeper.seen().changes(), 1U);
  EXPECT_EQ(view.changes, 1U);
  EXPECT_EQ(view.state, State::kContinuousExecution);
  EXPECT_EQ(view.last.part.sequence, 0U);
}

TEST_F(LineViewTest, AnotherViewHasAnotherNumberAndTheSameOneNone) {
  Show();
  EXPECT_EQ(Show().changes, 1U);
  ++counts.parts;
  EXPECT_EQ(Show().changes, 2U);
  EXPECT_EQ(Show().counts.parts, 1U);
  severity = Severity::kAmber;
  EXPECT_EQ(Show().changes, 3U);
  state = State::kReady;
  EXPECT_EQ(Show().changes, 4U);
  keeper.OnAlarm({AlarmKind::kPlcSilent, Severity::kAmber, {}});
  EXPECT_EQ(Show().changes, 5U);
  keeper.OnDecision(DecisionOn(1));
  EXPECT_EQ(Show().changes, 6U);
  EXPECT_EQ(Show().changes, 6U);
  EXPECT_EQ(keeper.seen().changes(), 6U);
}

TEST_F(LineViewTest, ReadyIsOnlineAndNotStopped) {
  for (const State offline : {State::kPreoperational, State::kHalted, State::kReady}) {
    state = offline;
    EXPECT_FALSE(Show().online);
    EXPECT_FALSE(Show().ready);
  }
  for (const State online : {State::kSingleExecution, State::kContinuousExecution}) {
    state = online;
    severity = Severity::kAmber;
    EXPECT_TRUE(Show().ready);
    severity = Severity::kStop;
    EXPECT_TRUE(Show().online);
    EXPECT_FALSE(Show().ready);
  }
}

TEST_F(LineViewTest, TheLastDecisionIsWhole) {
  keeper.OnDecision(DecisionOn(1));
  Decision decision = DecisionOn(2);
  decision.released = true;
  decision.verdict = Verdict::kPass;
  decision.reason = Reason::kNone;
  decision.answer.class_index = 3;
  decision.answer.defect_score = 0.25;
  decision.release = 5;
  decision.has_plc_part = true;
  decision.plc_part = 4711;
  keeper.OnDecision(decision);
  const LastDecision expected{{7, 2}, true, Verdict::kPass, Reason::kNone, 3, 0.25, 5, true, 4711};
  EXPECT_EQ(Show().last, expected);
}

TEST_F(LineViewTest, DeadlineMissesAreCounted) {
  Decision decision = DecisionOn(1);
  for (const Reason other : {Reason::kDefect, Reason::kNoFrame, Reason::kOffline}) {
    decision.reason = other;
    keeper.OnDecision(decision);
  }
  EXPECT_EQ(Show().deadline_misses, 0U);
  for (const Reason miss : {Reason::kLate, Reason::kNoSlack}) {
    decision.reason = miss;
    keeper.OnDecision(decision);
  }
  EXPECT_EQ(Show().deadline_misses, 2U);
}

TEST_F(LineViewTest, AlarmsStayOpenUntilTheGateIsCalm) {
  keeper.OnAlarm({AlarmKind::kBinDisagrees, Severity::kAmber, {}});
  keeper.OnAlarm({AlarmKind::kBinDisagrees, Severity::kStop, {}});
  keeper.OnAlarm({AlarmKind::kRejectRate, Severity::kAmber, {}});
  severity = Severity::kStop;
  EXPECT_EQ(AlarmOf(AlarmKind::kBinDisagrees), Severity::kStop);
  EXPECT_EQ(AlarmOf(AlarmKind::kRejectRate), Severity::kAmber);
  EXPECT_EQ(AlarmOf(AlarmKind::kPlcSilent), Severity::kCalm);
  severity = Severity::kCalm;
  EXPECT_EQ(AlarmOf(AlarmKind::kBinDisagrees), Severity::kCalm);
  severity = Severity::kStop;
  EXPECT_EQ(AlarmOf(AlarmKind::kBinDisagrees), Severity::kCalm) << "that one was acknowledged";
}

TEST_F(LineViewTest, AnOrderSeesTheAlarmsOfItsOwnEvent) {
  keeper.OnAlarm({AlarmKind::kRejectRate, Severity::kAmber, {}});
  const auto rate = static_cast<std::size_t>(AlarmKind::kRejectRate);
  EXPECT_EQ(keeper.OpenAlarms(Severity::kAmber)[rate], Severity::kAmber);
  EXPECT_EQ(keeper.OpenAlarms(Severity::kCalm)[rate], Severity::kCalm);
}

}  // namespace
}  // namespace taktgate::gate
