// Records of a line whose release was swapped, with what a station may do wrong.
#include <gtest/gtest.h>

#include "rig/real_referee.h"
#include "rig/test_real_line.h"

namespace taktgate::rig {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// "two" comes into force between parts 4 and 5, and calls board 0 bad. "one" is back after part 7.
class SwappedLine : public ::testing::Test, protected testing::TestRealLine {
 protected:
  SwappedLine() {
    truth.releases.push_back(
        {"two", {{false, false, "low_confidence", 0.5}, {true, false, "defect", 0.875}}});
    Swap("two", 4);
    Swap("one", 7);
    for (std::uint64_t part = 5; part <= 7; ++part) {
      PartRecord& record = records.parts[part];
      const BoardTruth& board = truth.board(part, 1);
      record.release = "two";
      record.released = false;
      record.reason = board.reason;
      record.score = board.score;
    }
  }
  // Obeyed in the pause after part `after`.
  void Swap(const std::string& release, std::uint64_t after) {
    const TimePoint at = In(after, milliseconds(9) + microseconds(500));
    truth.swaps.push_back({release, at - milliseconds(3), at + milliseconds(2), true, 0});
    records.orders.push_back({1, "release", release, at});
  }
  // Part `part` was in flight at swap `swap`, which comes 7 ms after its edge.
  void CutOff(std::uint64_t part) { Reject(part, "offline").decided = milliseconds(7); }

  RealReferee Judged() {
    truth.pass = {};
    PassAllReleased();
    return RealReferee(truth, records);
  }
  void ExpectOnly(sim::Invariant invariant, const char* words) {
    const RealReferee referee = Judged();
    EXPECT_EQ(referee.findings().Of(invariant), 1U) << referee.findings().words();
    EXPECT_EQ(referee.findings().total(), 1U) << referee.findings().words();
    EXPECT_NE(referee.findings().words().find(words), std::string::npos)
        << referee.findings().words();
  }
};

TEST_F(SwappedLine, EachPartIsJudgedByItsOwnRelease) {
  const RealReferee referee = Judged();
  EXPECT_EQ(referee.findings().total(), 0U) << referee.findings().words();
  EXPECT_EQ(referee.tallies().swaps, 2U);
  EXPECT_EQ(referee.tallies().sure_releases, 10U);
  EXPECT_EQ(referee.tallies().wrong_releases, 0U);
}

TEST_F(SwappedLine, AReleaseThatWasNotInForceYetIsFound) {
  records.parts[3].release = "two";
  records.parts[3].score = 0.875;
  ExpectOnly(sim::Invariant::kRightCommand, "expected release one, got two");
  EXPECT_EQ(Judged().tallies().wrong_releases, 1U);
}

TEST_F(SwappedLine, AReleaseThatWasNoLongerInForceIsFound) {
  records.parts[7].release = "one";
  records.parts[7].score = 0.75;
  ExpectOnly(sim::Invariant::kRightCommand, "expected release two, got one");
}

TEST_F(SwappedLine, AReleaseThatIsNoneOfTheLinesIsFound) {
  records.parts[2].release = "three";
  ExpectOnly(sim::Invariant::kRightCommand, "expected release one, got three");
}

TEST_F(SwappedLine, APassOfTheOtherReleaseIsFound) {
  records.parts[5].released = true;
  records.parts[5].reason = "none";
  ExpectOnly(sim::Invariant::kOnlyProven, "released; the model says low_confidence");
}

TEST_F(SwappedLine, AnAnswerOfTheOtherReleaseIsFound) {
  records.parts[7].score = 0.75;  // as "one" says
  ExpectOnly(sim::Invariant::kRightReason, "defect");
}

TEST_F(SwappedLine, APartHasTwoPossibleReleasesOnlyWhileItIsNotHeardOf) {
  records.orders[0].at = In(5, milliseconds(1));
  EXPECT_EQ(Judged().findings().total(), 0U);
  EXPECT_EQ(Judged().tallies().sure_releases, 9U);
  records.parts[5] = records.parts[4];  // as "one" would
  records.parts[5].sequence = 6;
  records.parts[5].trigger_at = truth.EdgeOf(5);
  EXPECT_EQ(Judged().findings().total(), 0U);
}

TEST_F(SwappedLine, TwoDecisionsAreFound) {
  PartRecord again = records.parts[5];
  again.sequence = testing::kParts + 1;
  again.release = "one";
  records.parts.push_back(again);
  ExpectOnly(sim::Invariant::kOneDecision, "two decisions");
}

TEST_F(SwappedLine, ARestartBeginsWithTheFirstRelease) {
  for (std::uint64_t part = 6; part < testing::kParts; ++part) {
    records.parts[part].boot = 2;
    records.parts[part].sequence = part - 5;
  }
  records.orders.pop_back();
  truth.swaps.pop_back();
  EXPECT_EQ(Judged().tallies().wrong_releases, 2U) << "6 and 7, after the restart";
  EXPECT_EQ(Judged().findings().Of(sim::Invariant::kRightCommand), 2U);
}

TEST_F(SwappedLine, NoMorePartsAreCutOffThanTheAnswerSays) {
  for (SwapTruth& swap : truth.swaps) swap.asked = swap.asked - milliseconds(2);
  records.orders[0].at = In(4, milliseconds(7));
  CutOff(4);
  ExpectOnly(sim::Invariant::kRightReason, "offline");  // the answer says none
  truth.swaps[0].cut_off = 1;
  EXPECT_EQ(Judged().findings().total(), 0U) << Judged().findings().words();
  EXPECT_EQ(Judged().tallies().cut_off, 1U);
  EXPECT_EQ(Judged().tallies().cut_off_records, 1U);
  Reject(3, "offline").decided = milliseconds(17);
  ExpectOnly(sim::Invariant::kRightCommand, "expected 1 parts to be cut off by a swap, got more");
}

TEST_F(SwappedLine, APartThatIsOfflineWithoutASwapIsFound) {
  truth.swaps[0].cut_off = 1;
  CutOff(2);
  ExpectOnly(sim::Invariant::kRightReason, "offline");
}

TEST_F(SwappedLine, AnOrderThatNobodyGaveIsFound) {
  records.orders.push_back({1, "stop", "one", In(9, milliseconds(5))});
  ExpectOnly(sim::Invariant::kRightCommand, "the order stop to one was never given");
}

TEST_F(SwappedLine, AnOrderToAnotherReleaseIsFound) {
  records.orders[1].release = "two";
  EXPECT_EQ(Judged().findings().Of(sim::Invariant::kRightCommand), 4U)
      << "it was not given, the one that was is missing, and parts 8 and 9 have the wrong release";
}

TEST_F(SwappedLine, AChangeThatIsNotRecordedOrTwiceIsFound) {
  truth.swaps.push_back({"two", In(9, milliseconds(1)), In(9, milliseconds(2)), true, 0});
  ExpectOnly(sim::Invariant::kRightCommand, "is not recorded");
  truth.swaps.back().taken = false;
  EXPECT_EQ(Judged().findings().total(), 0U) << "a refused one needs no record";
  EXPECT_EQ(Judged().tallies().refused_swaps, 1U);
  truth.swaps.pop_back();
  records.orders.push_back(records.orders.back());
  ExpectOnly(sim::Invariant::kRightCommand, "is recorded twice");
}

}  // namespace
}  // namespace taktgate::rig
