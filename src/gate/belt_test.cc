// The gate behind the camera: several parts in flight, each with PASS around its own place only.
#include "gate/belt.h"

#include <gtest/gtest.h>

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
  settings.belt = {BeltMode::kByCount, 1000, 20, 30, 200, 20, std::chrono::seconds(1)};
  return settings;
}

class TimedBelt : public GateFixture {
 protected:
  TimedBelt() : GateFixture(ByTime()) {}
};

TEST_F(TimedBelt, APassWaitsForItsPlaceAndIsDroppedBehindIt) {
  GoodPart(1, 0);
  EXPECT_TRUE(out.decisions.empty()) << "a doubt may still come";
  EXPECT_EQ(gate.NextTimer(), At(48));
  gate.OnTime(At(47.9));
  EXPECT_FALSE(out.pass());
  gate.OnTime(At(48));
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(out.pass_until, At(53));
  EXPECT_TRUE(out.decisions[1].released);
  EXPECT_EQ(out.decisions[1].decided_at, At(4));
  EXPECT_EQ(out.decisions[1].level_due, At(50));
  gate.OnTime(At(52.9));
  EXPECT_TRUE(out.pass());
  gate.OnTime(At(53));
  EXPECT_FALSE(out.pass());
  EXPECT_TRUE(out.cut_short.empty());
  EXPECT_TRUE(gate.idle());
}

TEST_F(TimedBelt, SeveralPartsInFlightKeepTheirOwnVerdicts) {
  for (std::uint64_t k = 1; k <= 4; ++k) {
    WholePart(k, 10.0 * static_cast<double>(k), k % 2 == 0 ? Verdict::kPass : Verdict::kFail);
  }
  for (int ms = 50; ms < 120; ++ms) {
    gate.OnTime(At(ms));
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
  gate.OnTime(At(49));
  EXPECT_FALSE(out.pass());
}

TEST_F(TimedBelt, AThreadThatSleptThroughTheOpeningMissesTheGate) {
  GoodPart(1, 0);
  gate.OnTime(At(50));  // PASS should have been on the wire before
  EXPECT_EQ(out.ReasonOf(1), Reason::kGateMissed);
  EXPECT_TRUE(out.transitions.empty());
}

TEST_F(TimedBelt, TouchingPartsAreBothRejectedInTheirPlaces) {
  GoodPart(1, 0);
  gate.OnTrigger(At(9.9), At(9.9));
  EXPECT_EQ(out.ReasonOf(1), Reason::kDoubleEdge);
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
  gate.OnTime(At(100));
  EXPECT_TRUE(out.transitions.empty());
}

TEST_F(TimedBelt, GoingOfflineRejectsWhatIsInFlight) {
  GoodPart(1, 0);
  GoodPart(2, 10);
  gate.OnTime(At(48));
  EXPECT_TRUE(out.pass());
  ASSERT_TRUE(gate.Take(Command::kStop, At(49)));
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  EXPECT_EQ(out.ReasonOf(2), Reason::kOffline);
}

class CountedBelt : public GateFixture {
 protected:
  CountedBelt() : GateFixture(ByCount()) {}
};

TEST_F(CountedBelt, OpensAndClosesOnTheCountWhateverTheTime) {
  gate.OnEncoder(5000, At(0));
  GoodPart(1, 0, 5000);
  gate.OnEncoder(5979, At(1000));  // the belt stood for a second
  EXPECT_FALSE(out.pass());
  gate.OnEncoder(5980, At(1001));
  EXPECT_TRUE(out.pass());
  gate.OnEncoder(6029, At(1002));
  EXPECT_TRUE(out.pass());
  gate.OnEncoder(6030, At(1003));
  EXPECT_FALSE(out.pass());
  EXPECT_TRUE(out.cut_short.empty());
}

TEST_F(CountedBelt, CountsAreRightAcrossTheWrap) {
  const std::uint32_t start = 0xffffff00U;
  gate.OnEncoder(start, At(0));
  GoodPart(1, 0, start);
  gate.OnEncoder(start + 979, At(100));  // beyond 2^32
  EXPECT_FALSE(out.pass());
  gate.OnEncoder(start + 980, At(101));
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, AnEdgeReportedBehindLaterCountsKeepsItsOwnPosition) {
  gate.OnEncoder(5000, At(0));
  gate.OnEncoder(5010, At(1));
  GoodPart(1, 2, 5003);
  gate.OnEncoder(5982, At(50));
  EXPECT_FALSE(out.pass());
  gate.OnEncoder(5983, At(51));
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, APartInTheGateThatRunsBackOutOfItLosesItsPass) {
  gate.OnEncoder(0, At(0));
  GoodPart(1, 0, 0);
  gate.OnEncoder(985, At(50));
  EXPECT_TRUE(out.pass());
  gate.OnEncoder(979, At(51));
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  gate.OnEncoder(985, At(52));
  EXPECT_FALSE(out.pass()) << "a decision is made once";
}

TEST_F(CountedBelt, RunningBackALittleIsFollowedExactly) {
  gate.OnEncoder(0, At(0));
  GoodPart(1, 0, 0);
  gate.OnEncoder(500, At(20));
  gate.OnEncoder(480, At(21));  // the tolerance
  EXPECT_TRUE(out.decisions.empty());
  gate.OnEncoder(979, At(40));
  EXPECT_FALSE(out.pass());
  gate.OnEncoder(980, At(41));
  EXPECT_TRUE(out.pass());
}

TEST_F(CountedBelt, ABeltThatRunsBackForEverRejectsEverythingAndSaysSoOnce) {
  gate.OnEncoder(10, At(0));
  GoodPart(1, 0, 10);
  std::uint32_t count = 10;
  for (int k = 0; k < 100'000; ++k) {
    gate.OnEncoder(count -= 50'000, At(10.0 + k));
    if (k % 100 == 0) gate.OnTrigger(At(10.0 + k), At(10.0 + k), count);
  }
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
  EXPECT_EQ(out.alarms.size(), 1U);
  EXPECT_EQ(out.alarms[0].kind, AlarmKind::kBeltReversed);
  EXPECT_EQ(gate.counts().released, 0U);
  EXPECT_EQ(out.decisions.size(), 1001U);
  // Off and on again: the belt is empty, its count starts here.
  ASSERT_TRUE(gate.Take(Command::kStop, At(200'000)));
  ASSERT_TRUE(gate.Take(Command::kStartContinuous, At(200'000)));
  gate.OnTrigger(At(200'001), At(200'001), count);
  EXPECT_EQ(out.decisions.count(1002), 0U) << "open, not turned away";
}

TEST_F(CountedBelt, NoPartIsInspectedWhileTheBeltRunsBack) {
  gate.OnEncoder(1000, At(0));
  gate.OnEncoder(979, At(1));
  gate.OnTrigger(At(2), At(2), 979);
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
  gate.OnEncoder(980, At(3));  // within the tolerance again
  gate.OnTrigger(At(20), At(20), 1200);
  EXPECT_EQ(out.decisions.count(2), 0U);
}

TEST_F(CountedBelt, AJumpOverTheGateReleasesNothing) {
  gate.OnEncoder(0, At(0));
  GoodPart(1, 0, 0);
  gate.OnEncoder(1000, At(20));
  EXPECT_EQ(out.ReasonOf(1), Reason::kGateMissed);
}

TEST_F(CountedBelt, ADeadEncoderCannotKeepPassOnTheWire) {
  gate.OnEncoder(0, At(0));
  GoodPart(1, 0, 0);
  gate.OnEncoder(990, At(20));
  EXPECT_TRUE(out.pass());
  EXPECT_EQ(out.pass_until, At(1020));
  RunTimers(gate, At(1020));
  EXPECT_TRUE(out.pass());
  gate.OnTime(At(1020));
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
}

TEST_F(CountedBelt, WithoutCountsEveryFurtherPartIsADoubleEdge) {
  gate.OnEncoder(0, At(0));
  gate.OnTrigger(At(0), At(0), 0);
  gate.OnTrigger(At(50), At(50), 199);
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
  gate.OnTrigger(At(90), At(90), 399);
  EXPECT_EQ(out.decisions.count(3), 0U) << "200 counts are far enough";
}

TEST_F(CountedBelt, APartAtTheGateBeforeItsAnswerIsLate) {
  gate.OnEncoder(0, At(0));
  gate.OnTrigger(At(0), At(0), 0);
  Frame(0, 2, 2.5);
  gate.OnEncoder(1000, At(3));
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
}

TEST_F(TimedBelt, MoreEdgesThanTheRingHoldsGiveUpTheOldestPart) {
  GoodPart(1, 0);
  for (int k = 0; k < 15; ++k) gate.OnTrigger(At(20 + 0.1 * k), At(20 + 0.1 * k));
  EXPECT_EQ(out.decisions.count(1), 0U);
  gate.OnTrigger(At(22), At(22));
  EXPECT_EQ(out.ReasonOf(1), Reason::kOverrun);
  gate.OnTime(At(49));
  EXPECT_FALSE(out.pass());
}

}  // namespace
}  // namespace taktgate::gate
