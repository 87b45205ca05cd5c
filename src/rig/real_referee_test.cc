#include "rig/real_referee.h"

#include <gtest/gtest.h>

#include <string>

#include "rig/test_real_line.h"

namespace taktgate::rig {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

using testing::kParts;

class RealRefereeTest : public ::testing::Test, protected testing::TestRealLine {
 protected:
  void ExpectOnly(sim::Invariant invariant, std::uint64_t times = 1) {
    const RealReferee referee(truth, records);
    EXPECT_EQ(referee.findings().Of(invariant), times) << referee.findings().words();
    EXPECT_EQ(referee.findings().total(), times) << referee.findings().words();
  }
};

TEST_F(RealRefereeTest, NothingIsSaidOfALineOnWhichAllIsWell) {
  PassAllReleased();
  truth.misses_reported = 0;
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
  EXPECT_EQ(referee.tallies().passed, 8U);
  EXPECT_EQ(referee.tallies().ejected, 2U);
  EXPECT_EQ(referee.tallies().decided_to_issued.max(), microseconds(3));
  EXPECT_EQ(referee.tallies().decided_to_wire.max(), microseconds(2));
}

// On a board a one-shot's time cannot be seen, and edges come when the barrier's driver makes them.
class WitnessedLine : public RealRefereeTest {
 protected:
  WitnessedLine() {
    std::vector<TimePoint> edges;
    for (std::uint64_t part = 0; part < kParts; ++part) {
      edges.push_back(truth.EdgeOf(part) + microseconds(70 * (part % 4)));
      records.parts[part].trigger_at = edges[part] + microseconds(9);  // another input's time
    }
    truth.edges = edges;
  }
  void PassSeen(std::uint64_t part, Duration from = milliseconds(5)) {
    const TimePoint rise = truth.edges[part] + from;
    const TimePoint fall = truth.edges[part] + milliseconds(9);
    truth.pass.Add({0, true, TimePoint::max(), rise, rise});
    truth.pass.Add({0, false, TimePoint::max(), fall, fall});
  }
};

TEST_F(WitnessedLine, IsJudgedByWhatCameBack) {
  for (std::uint64_t part = 0; part < kParts; ++part) {
    if (records.parts[part].released) PassSeen(part);
  }
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
  EXPECT_EQ(referee.tallies().passed, 8U);
  EXPECT_EQ(referee.tallies().one_shots, 0U);
}

TEST_F(WitnessedLine, PassForABadPartOrAfterTheDeadlineIsFound) {
  for (std::uint64_t part = 0; part < kParts; ++part) {
    PassSeen(part, part == 5 ? Duration(microseconds(8300)) : Duration(milliseconds(5)));
  }
  const RealReferee referee(truth, records);
  EXPECT_GE(referee.findings().Of(sim::Invariant::kSafeLines), 2U) << "3 and 7 were rejected";
  EXPECT_GE(referee.findings().Of(sim::Invariant::kInTime), 1U) << "5 rose after its deadline";
}

TEST_F(WitnessedLine, ARecordOfAPartThatNobodySawIsFound) {
  for (std::uint64_t part = 0; part < kParts; ++part) {
    if (records.parts[part].released) PassSeen(part);
  }
  records.parts[4].trigger_at += milliseconds(4);
  const RealReferee referee(truth, records);
  EXPECT_GE(referee.findings().Of(sim::Invariant::kReconciled), 1U);
}

TEST_F(RealRefereeTest, AMissIsCountedTheSameOnBothSides) {
  Reject(5, "late");
  PassAllReleased();
  truth.misses_reported = 1;
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
  EXPECT_EQ(referee.tallies().good_misses_recorded, 1U);
  EXPECT_EQ(referee.tallies().good_misses_on_wire, 1U);
  truth.misses_reported = 2;
  ExpectOnly(sim::Invariant::kReconciled);
}

TEST_F(RealRefereeTest, APartWithoutDecisionIsFound) {
  PassAllReleased();
  records.parts.pop_back();
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().Of(sim::Invariant::kOneDecision), 1U);
  EXPECT_EQ(referee.findings().Of(sim::Invariant::kSafeLines), 1U) << "and it passed";
}

TEST_F(RealRefereeTest, TwoDecisionsAreFound) {
  PassAllReleased();
  PartRecord twice = records.parts[4];
  twice.sequence = kParts + 1;
  records.parts.push_back(twice);
  ExpectOnly(sim::Invariant::kOneDecision);
}

TEST_F(RealRefereeTest, AnIdGivenTwiceIsFound) {
  PassAllReleased();
  records.parts[9].sequence = 9;
  ExpectOnly(sim::Invariant::kReconciled);
}

TEST_F(RealRefereeTest, VerdictsShiftedByOnePartAreFound) {
  for (std::uint64_t part = kParts - 1; part > 0; --part) {
    PartRecord shifted = records.parts[part - 1];
    shifted.sequence = part + 1;
    shifted.trigger_at = truth.EdgeOf(part);
    records.parts[part] = shifted;
  }
  PassAllReleased();
  const RealReferee referee(truth, records);
  // 3 and 7 pass with the score of the part before; 4 and 8 are rejected for causes that they do
  // not have.
  EXPECT_GE(referee.findings().Of(sim::Invariant::kOnlyProven), 2U);
  EXPECT_EQ(referee.findings().Of(sim::Invariant::kRightReason), 2U);
}

TEST_F(RealRefereeTest, AnAnswerAboutAnotherBoardIsFound) {
  PassAllReleased();
  records.parts[2].score = 0.2500001;
  ExpectOnly(sim::Invariant::kOnlyProven);
}

TEST_F(RealRefereeTest, ALateDecisionIsFound) {
  PassAllReleased();
  records.parts[2].decided = truth.window;
  ExpectOnly(sim::Invariant::kInTime);
}

TEST_F(RealRefereeTest, APassAfterTheDeadlineIsFound) {
  for (std::uint64_t part = 0; part < kParts; ++part) {
    if (records.parts[part].released) Pass(part, part == 6 ? milliseconds(8) : milliseconds(5));
  }
  const RealReferee referee(truth, records);
  EXPECT_GE(referee.findings().Of(sim::Invariant::kInTime), 1U);
  EXPECT_GE(referee.tallies().passes_after_deadline, 1U);
}

TEST_F(RealRefereeTest, APassForARejectedPartIsFound) {
  records.parts[4].released = false;
  records.parts[4].reason = "defect";
  for (std::uint64_t part = 0; part < kParts; ++part) {
    if (part != 3 && part != 7) Pass(part);
  }
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().Of(sim::Invariant::kSafeLines), 1U);
  EXPECT_EQ(referee.findings().Of(sim::Invariant::kRightReason), 1U);
}

TEST_F(RealRefereeTest, APassForNobodyIsFound) {
  PassAllReleased();
  truth.pass.Add(Level(true, In(9, milliseconds(9)), In(9, milliseconds(12))));
  ExpectOnly(sim::Invariant::kSafeLines);
}

TEST_F(RealRefereeTest, AReleasedPartThatDidNotPassIsFound) {
  for (std::uint64_t part = 0; part < kParts; ++part) {
    if (records.parts[part].released) {
      Pass(part, milliseconds(5), part == 1 ? milliseconds(7) : milliseconds(9));
    }
  }
  ExpectOnly(sim::Invariant::kNothingLost);
}

class WrongReason : public RealRefereeTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(WrongReason, IsFound) {
  Reject(5, GetParam());
  PassAllReleased();
  ExpectOnly(sim::Invariant::kRightReason);
}

INSTANTIATE_TEST_SUITE_P(Each, WrongReason,
                         ::testing::Values("no_frame", "frame_mismatch", "restart", "overrun",
                                           "shutdown", "offline", "low_confidence", "what"));

TEST_F(RealRefereeTest, PartsOfAKilledRunNeedNoDecisionButMustNotPass) {
  truth.runs[0].killed = true;
  records.parts.pop_back();
  PassAllReleased();
  {
    const RealReferee referee(truth, records);
    EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
    EXPECT_EQ(referee.tallies().lost_at_kill, 1U);
  }
  Pass(9);
  ExpectOnly(sim::Invariant::kSafeLines);
}

TEST_F(RealRefereeTest, PartsInFlightAtAKillAreRestartAndDoNotPass) {
  Reject(8, "restart").recovered = true;
  Reject(9, "restart").recovered = true;
  records.parts[9].may_have_passed = true;
  PassAllReleased();
  {
    const RealReferee referee(truth, records);
    EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
    EXPECT_EQ(referee.tallies().restarts, 2U);
  }
  Pass(8);
  ExpectOnly(sim::Invariant::kSafeLines);
}

TEST_F(RealRefereeTest, PartsThatNobodyHeardOfMustNotPass) {
  truth.runs[0].taken_edges = 9;
  records.parts.pop_back();
  PassAllReleased();
  {
    const RealReferee referee(truth, records);
    EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
    EXPECT_EQ(referee.tallies().unheard, 1U);
  }
  Pass(9);
  ExpectOnly(sim::Invariant::kSafeLines);
}

TEST_F(RealRefereeTest, AnOpenRelayEjectsWhatWasReleased) {
  truth.relay.Add(Level(false, In(5, Duration(0)), TimePoint::max()));
  PassAllReleased();
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
  EXPECT_EQ(referee.tallies().passed, 4U);
  EXPECT_EQ(referee.tallies().behind_open_relay, 4U);
}

TEST_F(RealRefereeTest, ARelayThatStaysClosedOverAFreezeIsFound) {
  PassAllReleased();
  truth.freezes = {{In(9, seconds(1)), In(9, seconds(4))}};
  ExpectOnly(sim::Invariant::kSafeLines);
}

TEST_F(RealRefereeTest, WiresThatContradictTheirHistoryAreFound) {
  PassAllReleased();
  const TimePoint in_gate = In(0, milliseconds(8) + microseconds(500));
  truth.readings = {{in_gate, in_gate + microseconds(1), true}};
  ExpectOnly(sim::Invariant::kSafeLines, 0);
  truth.readings = {{in_gate, in_gate + microseconds(1), false}};
  ExpectOnly(sim::Invariant::kSafeLines);
  truth.readings = {{In(3, milliseconds(8)), In(3, milliseconds(8)), true}};
  ExpectOnly(sim::Invariant::kSafeLines);
  truth.readings = {{In(0, milliseconds(4)), in_gate, true}};
  ExpectOnly(sim::Invariant::kSafeLines, 0);  // it changed in between: no contradiction
}

TEST_F(RealRefereeTest, ALateRejectThatPassedIsNoViolationOnlyWhenTheStationSlept) {
  Reject(4, "late");
  records.parts[4].answered = true;
  for (std::uint64_t part = 0; part < kParts; ++part) {
    if (part == 4) {
      truth.pass.Add({0, true, In(4, milliseconds(9)), In(4, milliseconds(5)),
                      In(4, milliseconds(8) + microseconds(200))});
      truth.pass.Add(Level(false, In(4, milliseconds(9)), TimePoint::max()));
    } else if (records.parts[part].released) {
      Pass(part);
    }
  }
  const RealReferee referee(truth, records);
  EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
  EXPECT_EQ(referee.tallies().late_on_wire, 1U);
}

TEST(WireHistory, KnowsWhatItCannotKnow) {
  WireHistory wire;
  const auto at = [](int ms) { return TimePoint(milliseconds(ms)); };
  wire.Add({0, true, at(50), at(10), at(12)});
  wire.Add({0, false, TimePoint::max(), at(20), at(25)});
  wire.Add({0, true, at(40), at(30), at(31)});
  EXPECT_EQ(wire.At(at(9)), Stood::kNo);
  EXPECT_EQ(wire.At(at(11)), Stood::kMaybe);
  EXPECT_EQ(wire.At(at(12)), Stood::kYes);
  EXPECT_EQ(wire.At(at(22)), Stood::kMaybe);
  EXPECT_EQ(wire.At(at(25)), Stood::kNo);
  EXPECT_EQ(wire.At(at(39)), Stood::kYes);
  EXPECT_EQ(wire.At(at(40)), Stood::kNo) << "the one-shot";
  wire.Add({0, true, at(60), at(55), at(56)});
  EXPECT_EQ(wire.contradictions(), 1U);
}

TEST(RealRecords, ReadsWhatAStationWrites) {
  const auto all = ParseRecords(
      R"({"kind":"decision","part":"3-17","released":true,"reason":"none","trigger_ns":5000,)"
      R"("decided_us":1.234,"issued_us":1.5,"frame":1,"verdict":"pass","score":0.1})"
      "\n"
      R"({"kind":"decision","part":"3-18","released":false,"reason":"restart","trigger_ns":6000,)"
      R"("may_have_passed":true,"recovered":true})"
      "\n"
      R"({"kind":"late_verdict","part":"3-16","score":0.5})"
      "\n"
      R"({"kind":"restart","boot":2,"in_flight":null})"
      "\n");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->parts.size(), 2U);
  EXPECT_EQ(all->parts[0].boot, 3U);
  EXPECT_EQ(all->parts[0].sequence, 17U);
  EXPECT_EQ(all->parts[0].decided, Duration(1234));
  EXPECT_TRUE(all->parts[0].answered);
  EXPECT_TRUE(all->parts[1].may_have_passed && all->parts[1].recovered);
  EXPECT_EQ(all->late.size(), 1U);
  EXPECT_EQ(all->unknown_restarts, 1U);
}

TEST(RealRecords, NamesTheLineThatIsNone) {
  for (const char* text : {"{", "[]", "{\"kind\":\"what\"}", "{\"kind\":\"decision\"}",
                           "{\"kind\":\"late_verdict\",\"part\":\"3\",\"score\":0.5}"}) {
    const auto all = ParseRecords("{\"kind\":\"alarm\"}\n" + std::string(text) + "\n");
    ASSERT_FALSE(all) << text;
    EXPECT_NE(all.error().message.find("line 2"), std::string::npos) << all.error().message;
  }
}

}  // namespace
}  // namespace taktgate::rig
