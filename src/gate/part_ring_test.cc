#include "gate/part_ring.h"

#include <gtest/gtest.h>

namespace taktgate::gate {
namespace {

TEST(PartRing, CountsFromOneAndForgetsTheOldest) {
  PartRing ring(3);
  EXPECT_EQ(ring.next(), 1U);
  EXPECT_EQ(ring.kept_from(), 1U);
  EXPECT_EQ(ring.Find(0), nullptr);
  EXPECT_EQ(ring.Find(1), nullptr);
  for (std::uint64_t k = 1; k <= 5; ++k) {
    EXPECT_EQ(ring.Add().decision.part.sequence, k);
    ring.Retire();
  }
  EXPECT_EQ(ring.next(), 6U);
  EXPECT_EQ(ring.kept_from(), 3U);
  EXPECT_EQ(ring.Find(2), nullptr);
  for (std::uint64_t k = 3; k <= 5; ++k) {
    ASSERT_NE(ring.Find(k), nullptr);
    EXPECT_EQ(ring.Find(k)->decision.part.sequence, k);
  }
  EXPECT_EQ(ring.Find(6), nullptr);
}

TEST(PartRing, KeepsAllUntilItIsFullOnce) {
  PartRing ring(3);
  for (int k = 0; k < 3; ++k) ring.Add();
  EXPECT_EQ(ring.kept_from(), 1U);
  ASSERT_NE(ring.Find(1), nullptr);
  EXPECT_EQ(ring.Find(1)->decision.part.sequence, 1U);
}

TEST(PartRing, IsFullOfPartsInFlightOnly) {
  PartRing ring(2);
  EXPECT_FALSE(ring.full());
  ring.Add();
  EXPECT_FALSE(ring.full());
  ring.Add();
  EXPECT_TRUE(ring.full());
  EXPECT_EQ(ring.live_from(), 1U);
  ring.Retire();
  EXPECT_EQ(ring.live_from(), 2U);
  EXPECT_FALSE(ring.full());
}

TEST(PartRing, ANewPartHasNothingOfTheOneWhoseSlotItTakes) {
  PartRing ring(2);
  Part& old = ring.Add();
  old.stage = Part::Stage::kDecided;
  old.presented = old.seen = old.closed = old.cut_short = old.in_bin = old.checked = true;
  old.challenge = true;
  old.decision.released = true;
  old.decision.has_frame = true;
  old.closed_at = TimePoint(Duration(7));
  old.place = {1, 2, 3};
  ring.Retire();
  ring.Add();
  Part& part = ring.Add();
  ASSERT_EQ(&part, &old);
  EXPECT_EQ(part.stage, Part::Stage::kTriggered);
  EXPECT_FALSE(part.decided());
  EXPECT_FALSE(part.presented || part.seen || part.closed || part.cut_short || part.in_bin ||
               part.checked || part.challenge);
  EXPECT_FALSE(part.decision.released || part.decision.has_frame || part.decision.has_answer ||
               part.decision.has_plc_part || part.decision.has_late_verdict);
  EXPECT_EQ(part.decision.verified, Verified::kNotChecked);
  EXPECT_EQ(part.closed_at, TimePoint{});
  EXPECT_EQ(part.place.open, 0);
  EXPECT_EQ(part.place.due, 0);
  EXPECT_EQ(part.place.close, 0);
}

// A slot that no part has used yet counts as a part that is finished.
TEST(PartRing, AnEmptySlotIsDecided) { EXPECT_TRUE(Part{}.decided()); }

TEST(Decision, SaysNothingGoodBeforeSomethingWasFound) {
  const Decision decision;
  EXPECT_FALSE(decision.released);
  EXPECT_EQ(decision.verdict, judge::Verdict::kUnknown);
  EXPECT_EQ(decision.reason, judge::Reason::kNoFrame);
  EXPECT_EQ(decision.late_verdict, judge::Verdict::kUnknown);
  EXPECT_EQ(decision.part.sequence, 0U);
  const Answer answer;
  EXPECT_EQ(answer.verdict, judge::Verdict::kUnknown);
  EXPECT_EQ(answer.reason, judge::Reason::kModelError);
  EXPECT_EQ(answer.class_index, -1);
  EXPECT_EQ(answer.worst_window, -1);
  EXPECT_EQ(answer.defect_score, 1.0);
  EXPECT_EQ(answer.shift_x, 0);
  EXPECT_EQ(answer.shift_y, 0);
  EXPECT_FALSE(answer.aligned);
  EXPECT_EQ(answer.windows, 0);
  const FrameSeen frame;
  EXPECT_EQ(frame.sequence, 0U);
  EXPECT_EQ(frame.slot, 0U);
  EXPECT_FALSE(frame.partial);
}

TEST(Decision, SlackIsWhatWasLeftUntilTheAnswerWasDue) {
  Decision decision;
  decision.decided_at = TimePoint(Duration(30));
  decision.answer_due = TimePoint(Duration(80));
  EXPECT_EQ(decision.slack(), Duration(50));
}

}  // namespace
}  // namespace taktgate::gate
