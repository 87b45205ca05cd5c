#include "gate/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "gate/ledger.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using testing::At;
using testing::GateFixture;
using testing::MakeAnswer;
using testing::Recorder;

class GateTest : public GateFixture {};

TEST_F(GateTest, ReleasesAPartOnATimelyPassAndDropsTheLineAfterTheHold) {
  GoodPart(1, 0);
  ASSERT_EQ(out.decisions.size(), 1U);
  EXPECT_TRUE(out.decisions[1].released);
  EXPECT_EQ(out.decisions[1].part, (PartId{7, 1}));
  EXPECT_EQ(out.decisions[1].frame.captured_at, At(2));
  EXPECT_EQ(out.decisions[1].frame.arrived_at, At(2.5));
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(gate.NextTimer(), At(4.5)) << "VALID falls";
  gate.On(event::Time{At(4.5)});
  EXPECT_EQ(gate.NextTimer(), At(9));
  gate.On(event::Time{At(8.999)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Time{At(9)});
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.released_slots.size(), 1U);
}

TEST_F(GateTest, RejectsAFailAndAnUnknownWithTheirReasons) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  AnswerRunning(Verdict::kFail, 4);
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(1, 12, 12.5);
  AnswerRunning(Verdict::kUnknown, 14);
  EXPECT_EQ(out.ReasonOf(1), Reason::kDefect);
  EXPECT_EQ(out.decisions[1].decided_at, At(4));
  EXPECT_EQ(out.ReasonOf(2), Reason::kLowConfidence);
  EXPECT_EQ(out.decisions[1].verdict, Verdict::kFail);
  EXPECT_EQ(out.decisions[2].verdict, Verdict::kUnknown);
  EXPECT_TRUE(out.transitions.empty()) << "the line never left REJECT";
}

TEST_F(GateTest, AnAnswerAtTheMomentItIsDueIsLate) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  AnswerRunning(Verdict::kPass, 8);
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
  EXPECT_EQ(out.late, std::vector<std::uint64_t>{1});
  EXPECT_EQ(gate.counts().late_answers, 1U);
  EXPECT_FALSE(out.pass());
}

TEST_F(GateTest, AnAnswerOneNanosecondBeforeItIsDueCounts) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  const PartId part = *out.running;
  gate.On(event::Answered{part, MakeAnswer(Verdict::kPass), At(8) - Duration(1)});
  EXPECT_TRUE(out.decisions[1].released);
}

TEST_F(GateTest, APartWithoutAFrameIsRejectedWhenItsAnswerIsDue) {
  gate.On(event::Trigger{0, At(0), At(0)});
  EXPECT_EQ(gate.NextTimer(), At(8));
  gate.On(event::Time{At(7.9)});
  EXPECT_TRUE(out.decisions.empty());
  gate.On(event::Time{At(8)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

TEST_F(GateTest, TellsALateRunToStopAndTurnsFollowingPartsAwayUntilItIsBack) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  const PartId stuck = *out.running;
  gate.On(event::Time{At(8)});
  EXPECT_EQ(out.terminated, std::vector<std::uint64_t>{1});
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(1, 12, 12.5);
  EXPECT_EQ(out.ReasonOf(2), Reason::kNoSlack);
  gate.On(event::Answered{stuck, MakeAnswer(Verdict::kPass), At(15)});
  out.running.reset();
  EXPECT_EQ(out.late, std::vector<std::uint64_t>{1});
  EXPECT_FALSE(out.pass()) << "a late answer is recorded, never acted on";
  gate.On(event::Trigger{0, At(20), At(20)});
  Frame(2, 22, 22.5);
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, DoesNotStartTheModelWithoutSlack) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 6);  // 2 ms left, the reserve is 2 ms
  EXPECT_EQ(out.started, 0);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoSlack);
}

TEST_F(GateTest, ReportsAnInferenceThreadThatStaysAway) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  gate.On(event::Time{At(1002.4)});
  EXPECT_TRUE(out.faults.empty());
  gate.On(event::Time{At(1002.5)});
  gate.On(event::Time{At(1003)});
  EXPECT_EQ(out.faults, std::vector<std::uint64_t>{1}) << "reported once";
}

TEST_F(GateTest, APartialFrameRejectsItsPart) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5, true);
  EXPECT_EQ(out.ReasonOf(1), Reason::kPartialFrame);
  GoodPart(2, 10);
  EXPECT_TRUE(out.decisions[2].released);
}

TEST_F(GateTest, ALostFrameWithAGapInTheSequenceCostsOnePart) {
  gate.On(event::Trigger{0, At(0), At(0)});  // frame 0 is lost on the way
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(1, 12, 12.5);
  AnswerRunning(Verdict::kPass, 14);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
  EXPECT_TRUE(out.decisions[2].released);
}

TEST_F(GateTest, ATriggerThatTheCameraIgnoredNeverShiftsAVerdictOntoANeighbour) {
  gate.On(event::Trigger{0, At(0), At(0)});  // ignored: the camera counts on without a gap
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(0, 12, 12.5);  // by count part 1, by time part 2
  EXPECT_EQ(out.started, 0);
  EXPECT_EQ(out.ReasonOf(2), Reason::kFrameMismatch);
  gate.On(event::Trigger{0, At(20), At(20)});
  Frame(1, 22, 22.5);  // the count was found again
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, TheCamerasCountMayWrapAt32Bit) {
  constexpr std::uint64_t kLast = 0xffff'ffffU;
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(kLast - 1, 2, 2.5);  // far from the first count: in doubt, and the count found by time
  EXPECT_EQ(out.ReasonOf(1), Reason::kFrameMismatch);
  std::uint64_t part = 2;
  for (const std::uint64_t count : {kLast, std::uint64_t{0}, std::uint64_t{1}}) {
    const double edge = 10.0 * static_cast<double>(part - 1);
    gate.On(event::Trigger{0, At(edge), At(edge)});
    Frame(count, edge + 2, edge + 2.5);
    AnswerRunning(Verdict::kPass, edge + 4);
    EXPECT_TRUE(out.decisions[part].released) << count;
    ++part;
  }
}

TEST_F(GateTest, AFrameOlderThanItsPartIsStale) {
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(0, 9, 10.5);
  EXPECT_EQ(out.ReasonOf(1), Reason::kStaleFrame);
  EXPECT_EQ(out.valid_saw_pass, std::vector<bool>{false}) << "and that is told at once";
}

TEST(GatePairing, AFrameOfTheVeryMomentOfTheEdgeIsTooEarlyAndNotStale) {
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.capture_from = std::chrono::milliseconds(1);
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Frame{{0, At(2), At(2.5), false, 0}, At(2.5)});
  gate.On(event::Trigger{0, At(10), At(10)});
  gate.On(event::Frame{{1, At(10), At(10.5), false, 1}, At(10.5)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kFrameMismatch);
}

TEST_F(GateTest, AFrameAtTheMomentTheAnswerIsDueFindsItsPartWithoutOne) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 8);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

TEST_F(GateTest, TwoFramesForOnePartRejectIt) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  Frame(1, 2.1, 2.6);
  EXPECT_EQ(out.ReasonOf(1), Reason::kFrameMismatch);
  AnswerRunning(Verdict::kPass, 4);
  EXPECT_FALSE(out.pass());
}

TEST_F(GateTest, TheSameFrameTwiceLeavesOpenWhichOneWasJudged) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  Frame(0, 2, 2.6);
  EXPECT_EQ(out.ReasonOf(1), Reason::kFrameMismatch);
  EXPECT_EQ(gate.counts().stray_frames, 1U);
  EXPECT_EQ(out.started, 1);
}

TEST_F(GateTest, AFrameCapturedTooLateForItsPartByCountRejectsIt) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 6, 6.5);
  EXPECT_EQ(out.ReasonOf(1), Reason::kFrameMismatch);
  EXPECT_EQ(out.started, 0);
}

TEST_F(GateTest, AFrameOfNoPartLosesTheCountAndTheNextOneFindsItAgain) {
  GoodPart(1, 0);
  Frame(5, 6, 6.5);  // fits no part by count or time
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(6, 12, 12.5);
  EXPECT_EQ(out.ReasonOf(2), Reason::kFrameMismatch) << "time alone is not enough";
  gate.On(event::Trigger{0, At(20), At(20)});
  Frame(7, 22, 22.5);
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, ASecondFrameAfterThePassTakesItOffTheWire) {
  GoodPart(1, 0);
  Frame(1, 2.1, 4.5);  // shows part 1 again: which of the two did the model see?
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  EXPECT_EQ(gate.counts().stray_frames, 1U);
}

TEST_F(GateTest, APassIsTakenOffTheWireOnce) {
  GoodPart(1, 0);
  ASSERT_TRUE(out.pass());
  Frame(1, 2, 5);
  Frame(2, 2, 6);
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  EXPECT_EQ(gate.counts().passes_cut_short, 1U);
}

TEST_F(GateTest, AVerdictAfterTheNextEdgeTouchesNeitherPart) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  gate.On(event::Trigger{0, At(10), At(10)});
  AnswerRunning(Verdict::kPass, 10.5);
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
  EXPECT_EQ(out.decisions.count(2), 0U);
  EXPECT_FALSE(out.pass());
}

TEST_F(GateTest, AnEdgeEveryTenthOfAMillisecondStaysBoundedAndNothingPasses) {
  for (int k = 0; k < 20'000; ++k) gate.On(event::Trigger{0, At(0.1 * k), At(0.1 * k)});
  EXPECT_EQ(gate.counts().parts, 20'000U);
  EXPECT_EQ(out.decisions.size(), 20'000U) << "every edge has its decision";
  EXPECT_EQ(gate.counts().released, 0U);
  EXPECT_TRUE(out.transitions.empty());
}

TEST_F(GateTest, ValidRisesOncePerPartWithItsFinalLevel) {
  GoodPart(1, 0);
  gate.On(event::Time{At(9)});
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(1, 12, 12.5);
  AnswerRunning(Verdict::kFail, 14);
  gate.On(event::Time{At(30)});
  EXPECT_EQ(out.valid_saw_pass, (std::vector<bool>{true, false}));
  EXPECT_FALSE(out.Has(Line::kValid));
}

TEST_F(GateTest, TwoEdgesTooCloseRejectBothParts) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  gate.On(event::Trigger{0, At(3), At(3)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kDoubleEdge);
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
  EXPECT_EQ(gate.counts().double_edges, 1U);
}

TEST_F(GateTest, WhileARunIsAwayTheGateIsNotIdle) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  RunUntil(30);
  ASSERT_EQ(out.ReasonOf(1), Reason::kLate);
  EXPECT_FALSE(gate.idle());
  AnswerRunning(Verdict::kPass, 31);
  EXPECT_TRUE(gate.idle());
}

TEST_F(GateTest, WhatWasDueWhenTheLineWasStoppedIsDecidedFirst) {
  gate.On(event::Trigger{0, At(0), At(0)});
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(8), At(8)}));
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

TEST_F(GateTest, AStoppedLineGoesOnBeating) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(5), At(5)}));
  EXPECT_EQ(gate.NextTimer(), At(500));
  RunUntil(500);
  EXPECT_TRUE(out.Has(Line::kHeartbeat));
}

TEST_F(GateTest, AChallengeNeedsALineThatRuns) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(5), At(5)}));
  EXPECT_FALSE(gate.On(event::StartChallenge{2, At(6), At(6)}));
  EXPECT_EQ(gate.challenge().asked, 0U);
}

TEST(GateAcknowledges, AnAlarmOfTheSameMoment) {
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.escalation.rejects_amber = 1;
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Acknowledge{event::ShortName("M. Weber"), At(8), At(8)});
  EXPECT_EQ(out.Last(AlarmKind::kRejectsInARow), Severity::kAmber);
  EXPECT_EQ(gate.severity(), Severity::kCalm);
}

TEST_F(GateTest, WhatHappensIsAlwaysTaken) {
  EXPECT_TRUE(gate.On(event::Trigger{0, At(0), At(0)}));
  EXPECT_TRUE(gate.On(event::Encoder{0, At(1), At(1)}));
  EXPECT_TRUE(gate.On(event::Frame{{0, At(2), At(2), false, 0}, At(2)}));
  EXPECT_TRUE(gate.On(event::Answered{{7, 1}, MakeAnswer(Verdict::kPass), At(3)}));
  EXPECT_TRUE(gate.On(event::GateSensor{At(4), At(4)}));
  EXPECT_TRUE(gate.On(event::BinSensor{At(5), At(5)}));
  EXPECT_TRUE(gate.On(event::PlcPart{1, At(6), At(6)}));
  EXPECT_TRUE(gate.On(event::PlcBeat{true, At(7), At(7)}));
  EXPECT_TRUE(gate.On(event::Resumed{At(8), At(8)}));
  EXPECT_TRUE(gate.On(event::Time{At(9)}));
}

TEST_F(GateTest, WhatAnEdgeFindsOverKeepsItsReason) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(8.5), At(8.5)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
}

TEST_F(GateTest, AStopInBetweenDoesNotHideThatTwoEdgesAreTooClose) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Command{Command::kStop, At(1), At(1)});
  gate.On(event::Command{Command::kStartContinuous, At(2), At(2)});
  gate.On(event::Trigger{0, At(5), At(5)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
}

TEST_F(GateTest, AnEarlyEdgeTakesAPassOffTheWire) {
  GoodPart(1, 0);
  gate.On(event::Trigger{0, At(8.5), At(8.5)});
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
}

TEST_F(GateTest, APassThatWasNotOnTheWireInTimeIsTakenBackAndLate) {
  out.too_slow = true;
  GoodPart(1, 0);
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
  EXPECT_FALSE(out.pass());
  EXPECT_TRUE(out.cut_short.empty());
}

TEST_F(GateTest, AFrameThatOvertakesItsEdgeCostsOnlyItsOwnPart) {
  GoodPart(1, 0);
  Frame(1, 12, 12.5);  // the edge at 10 was not reported yet
  gate.On(event::Trigger{0, At(10), At(12.6)});
  gate.On(event::Trigger{0, At(20), At(20)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kNoFrame);
  Frame(2, 22, 22.5);
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, AShutdownThatTakesAPassOffTheWireSaysSo) {
  GoodPart(1, 0);
  gate.On(event::Command{Command::kHalt, At(6), At(6)});
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
}

TEST_F(GateTest, AnAnswerNobodyAskedForIsOnlyRecorded) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Answered{{7, 1}, MakeAnswer(Verdict::kPass), At(1)});
  EXPECT_TRUE(out.decisions.empty());
  EXPECT_EQ(out.late.size(), 1U);
  EXPECT_FALSE(out.pass());
}

TEST_F(GateTest, ShutdownRejectsOpenPartsAndNothingPassesAfterwards) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  gate.On(event::Command{Command::kHalt, At(3), At(3)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kShutdown);
  AnswerRunning(Verdict::kPass, 4);
  gate.On(event::Trigger{0, At(10), At(10)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kShutdown);
  EXPECT_FALSE(out.pass());
}

TEST_F(GateTest, AGateThreadThatSleptPastADueAnswerStillRejects) {
  gate.On(event::Trigger{0, At(0), At(40)});  // the edge was 40 ms ago
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

// Random lines with every fault: whatever the order of events, each part is decided once, every
// frame's buffer comes back, and no PASS stands without its reasons (checked in Recorder).
TEST(GateProperty, EveryPartIsDecidedOnceUnderRandomFaults) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    Recorder out;
    GateSettings settings;
    settings.escalation = EscalationSettings::Off();
    Gate gate(settings, out);
    testing::GoOnline(gate);
    std::uint64_t frame_sequence = 0;
    std::size_t frames = 0;
    double now = 0;
    constexpr std::uint64_t kParts = 200;
    for (std::uint64_t k = 0; k < kParts; ++k) {
      const double edge = now + (chance(5) ? 1.0 : 10.0);
      gate.On(event::Trigger{0, At(edge), At(edge)});
      now = edge;
      if (chance(4)) frame_sequence += 1;  // lost
      const bool ignored = chance(4);
      if (!ignored) {
        now = edge + 2.5 + (chance(5) ? 6.0 : 0.0);
        gate.On(event::Frame{{frame_sequence++, At(edge + 2), At(now), chance(3),
                              static_cast<std::uint32_t>(frames % 8)},
                             At(now)});
        ++frames;
      }
      if (out.running && !chance(5)) {
        now = std::max(now, edge + (chance(10) ? 8.0 : 4.0));
        const PartId part = *out.running;
        out.running.reset();
        Answer answer;
        answer.verdict = static_cast<Verdict>(random() % 3);
        answer.reason = answer.verdict == Verdict::kPass ? Reason::kNone : Reason::kDefect;
        gate.On(event::Answered{part, answer, At(now)});
      }
    }
    gate.On(event::Time{At(now + 100)});
    EXPECT_EQ(out.decisions.size(), kParts) << "seed " << seed;
    EXPECT_FALSE(out.pass());
    const Counts& counts = gate.counts();
    EXPECT_EQ(counts.parts, counts.released + counts.rejected);
    EXPECT_EQ(counts.frames, frames);
    EXPECT_EQ(out.released_slots.size() + (out.running ? 1U : 0U), frames) << "seed " << seed;
  }
}

TEST(Ledger, KeepsOneWhereItIsToKeepNone) {
  Ledger ledger(0);
  Decision decision;
  for (std::uint64_t sequence = 1; sequence <= 2; ++sequence) {
    decision.part = {7, sequence};
    ledger.Add(decision);
  }
  EXPECT_EQ(ledger.Find({7, 1}), nullptr);
  EXPECT_NE(ledger.Find({7, 2}), nullptr);
}

TEST(Decision, SaysNothingByDefault) {
  const Decision none;
  EXPECT_EQ(none.release + none.encoder + none.plc_part, 0U);
  EXPECT_FALSE(none.has_plc_part || none.released || none.has_frame || none.has_answer);
  EXPECT_FALSE(none.has_late_verdict);
  EXPECT_EQ(none.verdict, Verdict::kUnknown);
  EXPECT_EQ(none.verified, Verified::kNotChecked);
}

TEST(Ledger, KeepsTheLastDecisionsAndForgetsOlderOnes) {
  Ledger ledger(4);
  for (std::uint64_t k = 1; k <= 6; ++k) {
    Decision decision;
    decision.part = {1, k};
    decision.released = k % 2 == 0;
    ledger.Add(decision);
  }
  EXPECT_EQ(ledger.Find({1, 2}), nullptr);
  ASSERT_NE(ledger.Find({1, 6}), nullptr);
  EXPECT_TRUE(ledger.Find({1, 6})->released);
  EXPECT_EQ(ledger.Find({2, 6}), nullptr);
  EXPECT_EQ(ledger.Find({1, 7}), nullptr);
  EXPECT_EQ(ledger.count(), 6U);
  EXPECT_EQ(ledger.released(), 3U);
  ledger.AddLateVerdict({1, 5}, Verdict::kPass);
  ledger.AddLateVerdict({1, 1}, Verdict::kPass);  // too long ago: another part has its slot
  ledger.SetVerified({1, 6}, Verified::kAgreed);
  EXPECT_TRUE(ledger.Find({1, 5})->has_late_verdict);
  EXPECT_EQ(ledger.Find({1, 5})->late_verdict, Verdict::kPass);
  EXPECT_FALSE(ledger.Find({1, 5})->released) << "recorded beside the decision, which stands";
  EXPECT_EQ(ledger.Find({1, 6})->verified, Verified::kAgreed);
}

GateSettings AmberAtOnce() {
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.escalation.rejects_amber = 1;
  return settings;
}

class GateWithAlarm : public GateFixture {
 protected:
  GateWithAlarm() : GateFixture(AmberAtOnce()) {
    WholePart(1, 0, Verdict::kFail);
    EXPECT_TRUE(out.Has(Line::kAmber));
  }
};

class StoppedLine : public GateFixture {
 protected:
  static GateSettings StopAtOnce() {
    GateSettings settings = Quiet();
    settings.escalation.rejects_stop = 1;
    return settings;
  }
  StoppedLine() : GateFixture(StopAtOnce()) { WholePart(1, 0, Verdict::kFail); }
};

TEST_F(StoppedLine, EveryPartIsRejectedForTheStopWhateverElseIsWrongWithIt) {
  gate.On(event::Trigger{0, At(20), At(20)});
  gate.On(event::Trigger{0, At(20.1), At(20.1)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kLineStopped);
  EXPECT_EQ(out.ReasonOf(3), Reason::kLineStopped) << "too close, too";
}

TEST_F(GateWithAlarm, AHaltedGateShowsNothing) {
  gate.On(event::Command{Command::kHalt, At(10), At(10)});
  for (const bool level : out.levels) EXPECT_FALSE(level);
  gate.On(event::Time{At(20)});
  for (const bool level : out.levels) EXPECT_FALSE(level);
}

TEST_F(GateWithAlarm, AfterAResetTheAlarmIsShownAgain) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(10), At(10)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kReset, At(10), At(10)}));
  EXPECT_TRUE(out.Has(Line::kAmber));
  EXPECT_FALSE(out.Has(Line::kReady));
}

}  // namespace
}  // namespace taktgate::gate
