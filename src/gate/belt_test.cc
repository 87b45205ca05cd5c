// The gate behind the camera: several parts in flight, each with PASS around its own place only.
#include "gate/belt.h"

#include <gtest/gtest.h>

#include <utility>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using testing::At;
using testing::GateFixture;
using testing::RunTimers;

constexpr std::int64_t kMs = 1'000'000;

GateSettings ByTime() {
  GateSettings settings;
  settings.boot = 7;
  settings.escalation = EscalationSettings::Off();
  settings.belt = {BeltMode::kByTime, 50 * kMs, 2 * kMs, 3 * kMs, 10 * kMs, 20, {}};
  return settings;
}

// 1,000 counts from barrier to gate.
GateSettings ByCount() {
  GateSettings settings = ByTime();
  settings.belt = {BeltMode::kByCount,           1000, 20, 30, 200, 20, std::chrono::seconds(1),
                   std::chrono::milliseconds(10)};
  return settings;
}

class TimedBelt : public GateFixture {
 protected:
  TimedBelt() : GateFixture(ByTime()) {}
};

TEST_F(TimedBelt, APassWaitsForItsPlaceAndIsDroppedAfterIt) {
  GoodPart(1, 0);
  EXPECT_TRUE(out.decisions.empty()) << "a doubt may still come";
  EXPECT_EQ(gate.NextTimer(), At(48));
  gate.On(event::Time{At(47.9)});
  EXPECT_FALSE(out.pass());
  gate.On(event::Time{At(48)});
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(out.pass_until, At(53));
  EXPECT_TRUE(out.decisions[1].released);
  EXPECT_EQ(out.decisions[1].decided_at, At(4));
  EXPECT_EQ(out.decisions[1].level_due, At(50));
  gate.On(event::Time{At(52.9)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Time{At(53)});
  EXPECT_FALSE(out.pass());
  EXPECT_TRUE(out.cut_short.empty());
  EXPECT_TRUE(gate.idle());
}

TEST_F(TimedBelt, SeveralPartsInFlightKeepTheirOwnVerdicts) {
  for (std::uint64_t k = 1; k <= 4; ++k) {
    WholePart(k, 10.0 * static_cast<double>(k), k % 2 == 0 ? Verdict::kPass : Verdict::kFail);
  }
  for (int ms = 50; ms < 120; ++ms) {
    gate.On(event::Time{At(ms)});
    const bool second = ms >= 68 && ms < 73;
    const bool fourth = ms >= 88 && ms < 93;
    EXPECT_EQ(out.pass(), second || fourth) << ms;
  }
  EXPECT_EQ(out.valid_saw_pass, (std::vector<bool>{false, true, false, true}));
}

TEST_F(TimedBelt, ADoubtBeforeTheGateRejectsAPartThatWasProven) {
  GoodPart(1, 0);
  Frame(1, 2.2, 6);  // a second frame of part 1
  EXPECT_EQ(out.ReasonOf(1), Reason::kFrameMismatch);
  gate.On(event::Time{At(49)});
  EXPECT_FALSE(out.pass());
}

TEST_F(TimedBelt, AThreadThatSleptThroughTheOpeningMissesTheGate) {
  GoodPart(1, 0);
  gate.On(event::Time{At(50)});  // PASS should have been on the wire before
  EXPECT_EQ(out.ReasonOf(1), Reason::kGateMissed);
  EXPECT_TRUE(out.transitions.empty());
}

TEST_F(TimedBelt, TouchingPartsAreBothRejectedInTheirPlaces) {
  GoodPart(1, 0);
  gate.On(event::Trigger{0, At(9.9), At(9.9)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kDoubleEdge);
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
  gate.On(event::Time{At(100)});
  EXPECT_TRUE(out.transitions.empty());
}

TEST_F(TimedBelt, GoingOfflineRejectsWhatIsInFlight) {
  GoodPart(1, 0);
  GoodPart(2, 10);
  gate.On(event::Time{At(48)});
  EXPECT_TRUE(out.pass());
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(49), At(49)}));
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  EXPECT_EQ(out.ReasonOf(2), Reason::kOffline);
}

class CountedBelt : public GateFixture {
 protected:
  CountedBelt() : GateFixture(ByCount()) {}
};

TEST_F(CountedBelt, OpensAndClosesOnTheCountWhateverTheTime) {
  gate.On(event::Encoder{5000, At(0), At(0)});
  GoodPart(1, 0, 5000);
  gate.On(event::Encoder{5979, At(1000), At(1000)});  // the belt stood for a second
  EXPECT_FALSE(out.pass());
  gate.On(event::Encoder{5980, At(1001), At(1001)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Encoder{6029, At(1002), At(1002)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Encoder{6030, At(1003), At(1003)});
  EXPECT_FALSE(out.pass());
  EXPECT_TRUE(out.cut_short.empty());
}

TEST_F(CountedBelt, CountsAreRightAcrossTheWrap) {
  const std::uint32_t start = 0xffffff00U;
  gate.On(event::Encoder{start, At(0), At(0)});
  GoodPart(1, 0, start);
  gate.On(event::Encoder{start + 979, At(100), At(100)});  // beyond 2^32
  EXPECT_FALSE(out.pass());
  gate.On(event::Encoder{start + 980, At(101), At(101)});
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, AnEdgeReportedAfterLaterCountsKeepsItsOwnPosition) {
  gate.On(event::Encoder{5000, At(0), At(0)});
  gate.On(event::Encoder{5010, At(1), At(1)});
  gate.On(event::Trigger{5003, At(0.5), At(2)});
  Frame(0, 2.5, 3);
  AnswerRunning(Verdict::kPass, 4.5);
  gate.On(event::Encoder{5982, At(50), At(50)});
  EXPECT_FALSE(out.pass());
  gate.On(event::Encoder{5983, At(51), At(51)});
  EXPECT_TRUE(out.pass());
}

// Counts and edges come by different threads: an older one never moves the belt back.
TEST_F(CountedBelt, ACountThatIsOlderThanTheLastOneIsForgotten) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Trigger{985, At(50), At(50)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Encoder{970, At(49), At(50.1)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Encoder{900, At(40), At(50.2)});
  EXPECT_TRUE(out.pass());
  EXPECT_TRUE(out.cut_short.empty());
  EXPECT_EQ(out.Last(AlarmKind::kBeltReversed), Severity::kCalm);
  gate.On(event::Encoder{985, At(50), At(50.3)});  // of the same moment
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, APositionThatIsTooOldDoesNotEnergisePass) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{990, At(50), At(60)});
  EXPECT_FALSE(out.pass());
  gate.On(event::Time{At(61)});
  EXPECT_FALSE(out.pass());
  EXPECT_TRUE(out.valid_saw_pass.empty());
  gate.On(event::Encoder{991, At(51.5), At(61)});
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(out.pass_latest, At(61.5)) << "the output may still find that it is too old";
  EXPECT_EQ(out.pass_until, At(1051.5)) << "longest_pass counts from the count";
}

TEST_F(CountedBelt, AnEdgeThatWaitedDoesNotEnergisePassForThePartBeforeIt) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Trigger{300, At(15), At(315)});
  gate.On(event::Trigger{980, At(49), At(315)});
  EXPECT_FALSE(out.pass());
  gate.On(event::Encoder{6300, At(315), At(315)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kGateMissed);
  EXPECT_TRUE(out.transitions.empty());
  EXPECT_TRUE(out.valid_saw_pass.empty()) << "VALID is for the part in the gate";
}

TEST_F(CountedBelt, ATimeThatHasNotComeYetIsNow) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{985, At(500), At(50)});
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(out.pass_latest, At(60));
  gate.On(event::Encoder{1030, At(53), At(53)});
  EXPECT_FALSE(out.pass()) << "later counts are not older than it";
}

TEST_F(CountedBelt, WhatWasBeforeASuspensionSaysNothing) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{985, At(50), At(50)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Resumed{At(51), At(51)});
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(out.Last(AlarmKind::kTrackingLost), Severity::kAmber);
  EXPECT_TRUE(out.Has(Line::kAmber)) << "at once";
  EXPECT_EQ(out.alarms.back().part.sequence, 1U) << "the last part";
  gate.On(event::Trigger{1500, At(50.9), At(51.2)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kTrackingLost) << "its edge is of the time before";
  EXPECT_EQ(out.decisions[2].encoder, 1500U);
  gate.On(event::Trigger{2000, At(52), At(52)});
  EXPECT_EQ(out.ReasonOf(3), Reason::kTrackingLost) << "one that nobody saw may be close before it";
  gate.On(event::Trigger{4000, At(53), At(53)});
  EXPECT_EQ(out.decisions.count(4), 0U) << "and none before this one";
}

TEST_F(CountedBelt, ValidAfterASuspensionWaitsForAFreshCount) {
  gate.On(event::Encoder{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(1), At(1)});
  gate.On(event::Encoder{985, At(5), At(5)});
  gate.On(event::Resumed{At(6), At(6)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
  EXPECT_TRUE(out.valid_saw_pass.empty()) << "nobody knows who is in the gate";
  gate.On(event::Encoder{986, At(6.5), At(6.5)});
  EXPECT_EQ(out.valid_saw_pass, std::vector<bool>{false});
}

// Each pair is what the next frame is counted from; what came before it names nobody.
TEST_F(TimedBelt, AFrameThatIsOlderThanTheLastPairLeavesThePartsBeforeItAlone) {
  GoodPart(1, 0);
  GoodPart(2, 20);
  Frame(0, 30, 30.5);
  RunUntil(60);
  EXPECT_EQ(gate.counts().stray_frames, 1U);
  EXPECT_TRUE(out.decisions[1].released);
}

TEST_F(TimedBelt, ASensorThatIsToldLateNamesThePartThatWasThere) {
  GateSettings watched = ByTime();
  watched.gate_sensor = true;
  testing::Recorder seen;
  Gate other(watched, seen);
  testing::GoOnline(other);
  other.On(event::Trigger{0, At(0), At(0)});
  other.On(event::Trigger{0, At(20), At(20)});
  other.On(event::GateSensor{At(50), At(52.9)});
  other.On(event::Time{At(60)});
  EXPECT_EQ(other.counts().tracking_lost, 0U);
  other.On(event::GateSensor{At(50.5), At(71)});  // no new part was there then
  EXPECT_EQ(other.counts().tracking_lost, 1U);
}

TEST_F(TimedBelt, ASingleExecutionEndsWhenItsPartIsGivenUp) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(0), At(0)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartSingle, At(0), At(0)}));
  for (std::size_t k = 0; k < settings.parts_in_flight; ++k) {
    gate.On(event::Trigger{0, At(0.1 * static_cast<double>(k)), At(2)});
  }
  EXPECT_EQ(gate.state(), State::kSingleExecution);
  gate.On(event::Trigger{0, At(2), At(2)});
  EXPECT_EQ(gate.state(), State::kReady);
}

TEST(Belt, BeforeTheFirstCountNothingIsKnown) { EXPECT_FALSE(Belt(ByCount()).KnownAt(At(5))); }

// At most 30 counts of hold in 10 ms: before `due` the whole hold is left, after it the rest.
TEST(Belt, APartIsInItsPlaceForAsLongAsTheBeltNeedsAtLeast) {
  Belt belt(ByCount());
  belt.OnEdge(At(0), 0, At(0));
  const Place place = belt.PlaceOfLastEdge();
  const std::pair<std::uint32_t, double> cases[] = {
      {985, 10}, {1000, 10}, {1003, 9}, {1015, 5}, {1029, 1.0 / 3}, {1030, 0}, {1100, 0}};
  for (const auto& [count, ms] : cases) {
    belt.OnEncoder(count, At(50), At(50));
    EXPECT_EQ(belt.InPlaceUntil(place), At(50 + ms)) << count;
  }
  for (const std::int64_t hold : {0, 1}) {
    GateSettings settings = ByCount();
    settings.belt.hold = hold;
    Belt narrow(settings);
    narrow.OnEdge(At(0), 0, At(0));
    const Place its = narrow.PlaceOfLastEdge();
    narrow.OnEncoder(1000, At(50), At(50));
    EXPECT_EQ(narrow.InPlaceUntil(its), At(hold == 0 ? 50 : 60));
  }
  Belt timed(ByTime());
  timed.OnEdge(At(0), 0, At(0));
  EXPECT_EQ(timed.InPlaceUntil(timed.PlaceOfLastEdge()), At(53));
}

TEST_F(CountedBelt, ValidIsNotGivenForARejectThatMayHaveLeft) {
  WholePart(1, 0, Verdict::kFail);
  gate.On(event::Encoder{1020, At(50), At(54)});  // 10 counts are left: 3.33 ms
  EXPECT_TRUE(out.valid_saw_pass.empty());
  gate.On(event::Encoder{1021, At(55), At(56)});
  EXPECT_EQ(out.valid_saw_pass, std::vector<bool>{false});
  EXPECT_EQ(out.valid_latest, At(58)) << "9 counts";
}

TEST(Belt, OfTheVeryMomentOfALossNothingIsKnown) {
  Belt belt(ByCount());
  belt.Lose(At(5));
  EXPECT_TRUE(belt.LostAt(At(5)));
  EXPECT_FALSE(belt.LostAt(At(5) + Duration(1)));
}

TEST(Belt, TheFirstEdgeAfterALossIsAloneOnlyAtItsDistance) {
  Belt counted(ByCount());
  counted.OnEncoder(100, At(1), At(1));
  counted.Lose(At(5));
  counted.OnEncoder(200, At(5), At(6));  // of the time before
  counted.OnEncoder(300, At(7), At(7));  // the first that is known again
  counted.OnEncoder(400, At(8), At(8));
  const auto spacing = static_cast<std::uint32_t>(ByCount().belt.spacing);
  counted.OnEdge(At(9), 300 + spacing - 1, At(9));
  EXPECT_FALSE(counted.LastEdgeIsAlone());
  counted.OnEdge(At(10), 300 + spacing, At(10));
  EXPECT_TRUE(counted.LastEdgeIsAlone());

  Belt timed(ByTime());
  timed.Lose(At(5));
  const Duration apart(ByTime().belt.spacing);
  timed.OnEdge(At(5) + apart - Duration(1), 0, At(100));
  EXPECT_FALSE(timed.LastEdgeIsAlone());
  timed.OnEdge(At(5) + apart, 0, At(100));
  EXPECT_TRUE(timed.LastEdgeIsAlone());
}

TEST(Belt, ALossBeforeAllCountsIsOverWithTheFirst) {
  Belt belt(ByCount());
  belt.Lose(At(5));
  belt.OnEdge(At(6), 7000, At(6));
  EXPECT_FALSE(belt.LastEdgeIsAlone());
  belt.OnEdge(At(7), 7000 + static_cast<std::uint32_t>(ByCount().belt.spacing), At(7));
  EXPECT_TRUE(belt.LastEdgeIsAlone());
}

TEST(Belt, AnEdgeOfBeforeALossIsNotAloneHoweverFarTheCount) {
  const auto at = [](int nanoseconds) { return TimePoint(Duration(nanoseconds)); };
  Belt belt(ByCount());
  belt.OnEncoder(0, at(1), at(1));
  belt.Lose(at(10));
  belt.OnEdge(at(10), 5000, at(11));
  EXPECT_FALSE(belt.LastEdgeIsAlone());
  belt.OnEncoder(6000, at(10), at(12));  // of the time before, too: still nobody knows where it is
  belt.OnEdge(at(9), 9000, at(13));
  EXPECT_FALSE(belt.LastEdgeIsAlone());
}

TEST(Belt, WithoutALossEachEdgeIsAlone) {
  for (const GateSettings& settings : {ByCount(), ByTime()}) {
    Belt belt(settings);
    belt.OnEdge(At(0), 0, At(0));
    EXPECT_TRUE(belt.LastEdgeIsAlone());
  }
}

TEST_F(CountedBelt, TheGateWakesUpAtTheEndOfTheLongestPass) {
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{985, At(50), At(50)});
  ASSERT_TRUE(out.pass());
  EXPECT_EQ(out.valid_latest, At(60)) << "until then the count says where it is";
  RunUntil(1010);
  ASSERT_TRUE(out.pass()) << "no count came";
  EXPECT_EQ(gate.NextTimer(), At(1050));
}

// Behind the camera parts wait for their place longer than a run may be away.
TEST(BeltAndInference, WhenARunDoesNotComeBackWhatWaitsIsOffline) {
  GateSettings settings = ByTime();
  settings.belt.distance = 2000 * kMs;
  settings.belt.spacing = 500 * kMs;
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  for (std::uint64_t k = 0; k < 2; ++k) {
    const double edge = 500.0 * static_cast<double>(k);
    gate.On(event::Trigger{0, At(edge), At(edge)});
    gate.On(event::Frame{{k, At(edge + 2), At(edge + 2), false, 0}, At(edge + 2)});
    ASSERT_TRUE(out.running);
    const PartId part = *std::exchange(out.running, {});
    if (k == 0) gate.On(event::Answered{part, testing::MakeAnswer(Verdict::kPass), At(4)});
  }
  RunTimers(gate, At(1502));
  EXPECT_TRUE(out.faults.empty());
  gate.On(event::Time{At(1502)});
  EXPECT_EQ(out.faults, std::vector<std::uint64_t>{2});
  EXPECT_EQ(out.Last(AlarmKind::kInferenceAway), Severity::kStop);
  EXPECT_EQ(out.ReasonOf(1), Reason::kOffline);
}

// One part's bin stops the line in the moment in which the next one comes into its place.
TEST_F(TimedBelt, NoPassRisesInTheMomentOfALineStop) {
  GateSettings strict = ByTime();
  strict.bin_within = std::chrono::milliseconds(15);
  strict.escalation.bin_stop = 1;
  testing::Recorder seen;
  Gate other(strict, seen);
  testing::GoOnline(other);
  for (const double edge : {0.0, 20.0, 40.0}) {
    other.On(event::Trigger{0, At(edge), At(edge)});
    const auto frame = static_cast<std::uint64_t>(edge / 20);
    other.On(event::Frame{{frame, At(edge + 2), At(edge + 2), false, 0}, At(edge + 2)});
    const PartId part = *seen.running;
    seen.running.reset();
    other.On(event::Answered{part, testing::MakeAnswer(edge == 0 ? Verdict::kFail : Verdict::kPass),
                             At(edge + 4)});
  }
  RunTimers(other, At(67.9));
  EXPECT_EQ(other.severity(), Severity::kCalm);
  other.On(event::Time{At(68)});
  EXPECT_EQ(other.severity(), Severity::kStop);
  EXPECT_EQ(seen.ReasonOf(2), Reason::kLineStopped);
  EXPECT_EQ(seen.ReasonOf(3), Reason::kLineStopped) << "and all that are on the way";
  EXPECT_TRUE(seen.transitions.empty());
  EXPECT_EQ(seen.valid_saw_pass, (std::vector<bool>{false, false})) << "its reject is told at once";
}

// Ties are decided for REJECT, also where the stop is due in the moment in which the place opens.
TEST_F(TimedBelt, NoPassRisesInTheMomentInWhichThePlcIsSilentOrTheInferenceAway) {
  for (const bool plc : {true, false}) {
    GateSettings settings = ByTime();
    if (plc) settings.plc_beat_within = std::chrono::milliseconds(60);
    if (!plc) settings.fault_after = std::chrono::milliseconds(24);
    testing::Recorder seen;
    Gate other(settings, seen);
    testing::GoOnline(other);
    other.On(event::PlcBeat{false, At(1), At(1)});
    other.On(event::PlcBeat{true, At(8), At(8)});
    for (const double edge : {20.0, 42.0}) {
      other.On(event::Trigger{0, At(edge), At(edge)});
      const auto frame = static_cast<std::uint64_t>(edge / 20 - 1);
      other.On(event::Frame{{frame, At(edge + 2), At(edge + 2), false, 0}, At(edge + 2)});
      if (edge > 20) continue;  // its run does not come back
      const PartId part = *std::exchange(seen.running, {});
      other.On(event::Answered{part, testing::MakeAnswer(Verdict::kPass), At(edge + 4)});
    }
    RunTimers(other, At(67.9));
    EXPECT_FALSE(seen.decisions.contains(1));
    other.On(event::Time{At(68)});
    EXPECT_EQ(seen.ReasonOf(1), plc ? Reason::kPlcAbsent : Reason::kOffline);
    EXPECT_TRUE(seen.transitions.empty()) << plc;
  }
}

TEST(BinOnABelt, WhatIsNotAtTheGateYetCannotHaveFallen) {
  GateSettings settings = ByTime();
  settings.bin_within = std::chrono::milliseconds(100);
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Time{At(8)});  // rejected: it has no frame
  gate.On(event::BinSensor{At(47.9), At(47.9)});
  EXPECT_EQ(gate.counts().bin_disagreements, 1U);
  gate.On(event::BinSensor{At(48), At(48)});
  EXPECT_EQ(gate.counts().bin_disagreements, 1U);
}

// At its edge the challenge ran; that the challenge has ended meanwhile does not make it a good
// part.
TEST(ChallengeOnABelt, APartOfItNeverPasses) {
  GateSettings settings = ByTime();
  settings.belt.spacing = 6 * kMs;
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  gate.On(event::StartChallenge{1, At(0), At(0)});
  const auto answer = [&](Verdict verdict, double ms) {
    const PartId part = *out.running;
    out.running.reset();
    gate.On(event::Answered{part, testing::MakeAnswer(verdict), At(ms)});
  };
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Frame{{0, At(2), At(2), false, 0}, At(2)});
  gate.On(event::Trigger{0, At(6), At(6)});
  answer(Verdict::kFail, 7);
  ASSERT_TRUE(gate.challenge().passed());
  gate.On(event::Frame{{1, At(8), At(8), false, 1}, At(8)});
  answer(Verdict::kPass, 10);
  EXPECT_EQ(out.ReasonOf(2), Reason::kChallenge);
}

// By count nobody knows where the belt was long before the last count.
TEST_F(CountedBelt, ASensorThatIsToldTooLateProvesNothing) {
  GateSettings watched = ByCount();
  watched.gate_sensor = true;
  for (const bool too_late : {false, true}) {
    testing::Recorder seen;
    Gate other(watched, seen);
    testing::GoOnline(other);
    other.On(event::Trigger{0, At(0), At(0)});
    other.On(event::Encoder{985, At(50), At(50)});
    const TimePoint at = At(40) + Duration(too_late ? 0 : 1);
    other.On(event::GateSensor{at, At(50)});
    EXPECT_EQ(other.counts().tracking_lost, too_late ? 1U : 0U);
  }
}

TEST_F(TimedBelt, ValidIsNotGivenForAPartThatIsPast) {
  GoodPart(1, 0);
  gate.On(event::Time{At(300)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kGateMissed);
  EXPECT_TRUE(out.valid_saw_pass.empty());
}

TEST_F(CountedBelt, APartInTheGateThatRunsBackOutOfItLosesItsPass) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{985, At(50), At(50)});
  EXPECT_TRUE(out.pass());
  gate.On(event::Encoder{979, At(51), At(51)});
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  gate.On(event::Encoder{985, At(52), At(52)});
  EXPECT_FALSE(out.pass()) << "a decision is made once";
}

TEST_F(CountedBelt, RunningBackALittleIsFollowedExactly) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{500, At(20), At(20)});
  gate.On(event::Encoder{480, At(21), At(21)});  // the tolerance
  EXPECT_TRUE(out.decisions.empty());
  gate.On(event::Encoder{979, At(40), At(40)});
  EXPECT_FALSE(out.pass());
  gate.On(event::Encoder{980, At(41), At(41)});
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, AtTheStartItMayRunBackAsFarAsAlways) {
  gate.On(event::Encoder{1000, At(0), At(0)});
  gate.On(event::Encoder{980, At(1), At(1)});
  EXPECT_TRUE(out.alarms.empty());
  gate.On(event::Encoder{979, At(2), At(2)});
  EXPECT_EQ(out.alarms.size(), 1U);
  EXPECT_TRUE(out.cut_short.empty()) << "no PASS ever stood";
}

TEST_F(CountedBelt, PassStandsFromTheFirstCountOfThePlaceOn) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{980, At(20), At(20)});
  ASSERT_TRUE(out.pass());
  gate.On(event::Time{At(21)});
  EXPECT_TRUE(out.pass());
}

// The belt jumped over the place and came back a little: that part has been presented already, or
// never is. Half of the hold is left, so a count is good for half of its age.
TEST(CountedBeltThatIsHeardLate, ValidRisesOnlyBeforeItsPartCanHaveLeft) {
  for (const bool in_time : {true, false}) {
    testing::Recorder out;
    Gate gate(ByCount(), out);
    testing::GoOnline(gate);
    gate.On(event::Encoder{0, At(0), At(0)});
    gate.On(event::Trigger{0, At(1), At(1)});
    gate.On(event::Time{At(9)});
    const TimePoint latest = At(25);
    gate.On(event::Encoder{1015, At(20), in_time ? latest - Duration(1) : latest});
    EXPECT_EQ(out.valid_saw_pass.size(), in_time ? 1U : 0U);
  }
}

TEST_F(TimedBelt, AFrameThatCountAndTimeGiveToTwoPartsIsOfNeither) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(20), At(20)});
  Frame(0, 22, 22.5);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
  EXPECT_EQ(out.ReasonOf(2), Reason::kFrameMismatch);
}

TEST(CountedBeltThatJumped, NoValidForAPartThatWasPastAlready) {
  GateSettings settings = ByCount();
  settings.bin_within = std::chrono::seconds(1);  // so that it is still looked after
  for (const std::uint32_t past : {1030U, 1040U}) {
    testing::Recorder out;
    Gate gate(settings, out);
    testing::GoOnline(gate);
    gate.On(event::Encoder{0, At(0), At(0)});
    gate.On(event::Trigger{0, At(1), At(1)});
    gate.On(event::Time{At(9)});
    ASSERT_EQ(out.ReasonOf(1), Reason::kNoFrame);
    gate.On(event::Encoder{past, At(20), At(20)});
    gate.On(event::Encoder{1025, At(21), At(21)});
    EXPECT_TRUE(out.valid_saw_pass.empty()) << past;
    EXPECT_TRUE(out.alarms.empty());
  }
}

TEST_F(TimedBelt, ADoubtAboutOnePartLeavesThePassOfAnotherAlone) {
  GoodPart(1, 0);
  gate.On(event::Trigger{0, At(48.5), At(48.5)});
  ASSERT_TRUE(out.pass());
  gate.On(event::Trigger{0, At(50), At(50)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, HowFarItRanBackCountsFromTheFurthestPosition) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{500, At(20), At(20)});
  EXPECT_FALSE(gate.belt_reversed());
  gate.On(event::Encoder{479, At(21), At(21)});
  EXPECT_TRUE(gate.belt_reversed());
  EXPECT_EQ(out.Last(AlarmKind::kBeltReversed), Severity::kAmber);
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
}

TEST_F(CountedBelt, APassThatIsOverIsNotCutShortByABeltThatRunsBack) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{985, At(20), At(20)});
  gate.On(event::Encoder{1031, At(22), At(22)});
  ASSERT_EQ(out.transitions.size(), 2U);
  gate.On(event::Encoder{1010, At(24), At(24)});
  EXPECT_EQ(out.Last(AlarmKind::kBeltReversed), Severity::kAmber);
  EXPECT_TRUE(out.cut_short.empty());
  EXPECT_EQ(gate.counts().passes_cut_short, 0U);
}

TEST_F(CountedBelt, ABeltThatRunsBackForEverRejectsEverythingAndSaysSoOnce) {
  gate.On(event::Encoder{10, At(0), At(0)});
  GoodPart(1, 0, 10);
  std::uint32_t count = 10;
  for (int k = 0; k < 100'000; ++k) {
    gate.On(event::Encoder{count -= 50'000, At(10.0 + k), At(10.0 + k)});
    if (k % 100 == 0) gate.On(event::Trigger{count, At(10.0 + k), At(10.0 + k)});
  }
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
  EXPECT_EQ(out.alarms.size(), 1U);
  EXPECT_EQ(out.alarms[0].kind, AlarmKind::kBeltReversed);
  EXPECT_EQ(gate.counts().tracking_lost, 1U);
  EXPECT_EQ(gate.counts().released, 0U);
  EXPECT_EQ(out.decisions.size(), 1001U);
  // Offline and online again: the belt is empty, and its count starts here.
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(200'000), At(200'000)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartContinuous, At(200'000), At(200'000)}));
  gate.On(event::Trigger{count, At(200'001), At(200'001)});
  EXPECT_EQ(out.decisions.count(1002), 0U) << "open, not turned away";
}

TEST_F(CountedBelt, NoPartIsInspectedWhileTheBeltRunsBack) {
  gate.On(event::Encoder{1000, At(0), At(0)});
  gate.On(event::Encoder{979, At(1), At(1)});
  gate.On(event::Trigger{979, At(2), At(2)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
  gate.On(event::Encoder{980, At(3), At(3)});  // within the tolerance again
  gate.On(event::Trigger{1200, At(20), At(20)});
  EXPECT_EQ(out.decisions.count(2), 0U);
}

TEST_F(CountedBelt, AJumpOverTheGateReleasesNothing) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{1000, At(20), At(20)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kGateMissed);
}

TEST_F(CountedBelt, ADeadEncoderCannotKeepPassOnTheWire) {
  gate.On(event::Encoder{0, At(0), At(0)});
  GoodPart(1, 0, 0);
  gate.On(event::Encoder{990, At(20), At(20)});
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(out.pass_until, At(1020));
  RunTimers(gate, At(1020));
  EXPECT_TRUE(out.pass());
  gate.On(event::Time{At(1020)});
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
}

TEST_F(CountedBelt, WithoutCountsEveryFurtherPartIsADoubleEdge) {
  gate.On(event::Encoder{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Trigger{199, At(50), At(50)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
  gate.On(event::Trigger{399, At(90), At(90)});
  EXPECT_EQ(out.decisions.count(3), 0U) << "200 counts are far enough";
}

TEST_F(CountedBelt, APartAtTheGateBeforeItsAnswerIsLate) {
  gate.On(event::Encoder{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  gate.On(event::Encoder{1000, At(3), At(3)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
}

TEST_F(TimedBelt, MoreEdgesThanTheRingHoldsGiveUpTheOldestPart) {
  GoodPart(1, 0);
  for (int k = 0; k < 15; ++k) gate.On(event::Trigger{0, At(20 + 0.1 * k), At(20 + 0.1 * k)});
  EXPECT_EQ(out.decisions.count(1), 0U);
  gate.On(event::Trigger{0, At(22), At(22)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kOverrun);
  gate.On(event::Time{At(49)});
  EXPECT_FALSE(out.pass());
}

// Nothing of the belt's lengths is read where the gate is at the camera.
TEST(Belt, AtTheCameraThePlaceFollowsFromTheWindow) {
  GateSettings settings;
  settings.belt.distance = 100;
  settings.belt.lead = 10;
  settings.belt.hold = 20;
  Belt belt(settings);
  belt.OnEdge(At(1), 0, At(1));
  const Place place = belt.PlaceOfLastEdge();
  EXPECT_EQ(place.open, kMs);
  EXPECT_EQ(place.due, 9 * kMs);
  EXPECT_EQ(place.close, 10 * kMs);
}

TEST(Belt, ByTimeAPositionIsKnownNowAndAlways) {
  const Belt belt(ByTime());
  EXPECT_EQ(belt.KnownFrom(At(5)), At(5));
  EXPECT_EQ(belt.KnownUntil(), TimePoint::max());
  EXPECT_TRUE(belt.KnownAt(At(5)));
}

TEST_F(TimedBelt, CountsMeanNothing) {
  gate.On(event::Encoder{100'000, At(1), At(1)});
  gate.On(event::Encoder{0, At(2), At(2)});
  EXPECT_TRUE(out.alarms.empty());
}

// VALID is due when a rejected part comes to the gate, and nothing before.
TEST_F(TimedBelt, TheGateWakesUpWhenARejectedPartIsThere) {
  WholePart(1, 0, Verdict::kFail);
  ASSERT_EQ(out.decisions.size(), 1U);
  EXPECT_EQ(gate.NextTimer(), At(48));
  gate.On(event::Time{At(48)});
  EXPECT_EQ(out.valid_saw_pass, std::vector<bool>{false});
  EXPECT_EQ(out.valid_latest, At(53)) << "when it has left";
  gate.On(event::Time{At(48.5)});
  EXPECT_EQ(gate.NextTimer(), At(53)) << "it is through";
}

}  // namespace
}  // namespace taktgate::gate
