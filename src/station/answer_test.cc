#include "station/answer.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace taktgate::station {
namespace {

TEST(AnswerOf, HasAllThatTheInspectionSays) {
  constexpr std::array<float, 4> kScores = {0.25F, 0.5F, 0.75F, 0.0F};
  std::vector<judge::WindowVerdict> windows(3);
  for (std::size_t i = 0; i < windows.size(); ++i) windows[i].defect_score = kScores[i];
  inspect::Inspection inspection;
  inspection.part = {judge::Verdict::kFail, judge::Reason::kDefect, 5, 0.75, 2};
  inspection.windows = windows;
  inspection.shift = image::Shift{-3, 7, 0.9};
  inspection.image_time = Duration(1);
  inspection.infer_time = Duration(2);
  inspection.judge_time = Duration(3);
  const gate::Answer answer = AnswerOf(inspection);
  EXPECT_EQ(answer.verdict, judge::Verdict::kFail);
  EXPECT_EQ(answer.reason, judge::Reason::kDefect);
  EXPECT_EQ(answer.class_index, 5);
  EXPECT_EQ(answer.defect_score, 0.75);
  EXPECT_EQ(answer.worst_window, 2);
  ASSERT_EQ(answer.windows, 3);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(answer.window_scores[i], kScores[i]) << i;
  EXPECT_TRUE(answer.aligned);
  EXPECT_EQ(answer.shift_x, -3);
  EXPECT_EQ(answer.shift_y, 7);
  EXPECT_EQ(answer.image_time, Duration(1));
  EXPECT_EQ(answer.infer_time, Duration(2));
  EXPECT_EQ(answer.judge_time, Duration(3));
}

TEST(AnswerOf, APartThatWasNotAlignedHasNoShift) {
  const gate::Answer answer = AnswerOf({});
  EXPECT_FALSE(answer.aligned);
  EXPECT_EQ(answer.shift_x, 0);
  EXPECT_EQ(answer.windows, 0);
}

TEST(AnswerOf, OfManyWindowsTheFirstOnesGoAlong) {
  std::vector<judge::WindowVerdict> windows(gate::kMaxWindows + 1);
  inspect::Inspection inspection;
  inspection.windows = windows;
  EXPECT_EQ(AnswerOf(inspection).windows, gate::kMaxWindows);
}

TEST(WithoutVerdict, KeepsTheTimesAlone) {
  gate::Answer answer;
  answer.verdict = judge::Verdict::kPass;
  answer.reason = judge::Reason::kNone;
  answer.defect_score = 0.1;
  answer.windows = 3;
  answer.started_at = TimePoint(std::chrono::milliseconds(3));
  answer.finished_at = TimePoint(std::chrono::milliseconds(5));
  const gate::Answer none = WithoutVerdict(answer);
  EXPECT_EQ(none.verdict, judge::Verdict::kUnknown);
  EXPECT_EQ(none.reason, judge::Reason::kModelError);
  EXPECT_EQ(none.windows, 0U);
  EXPECT_EQ(none.started_at, answer.started_at);
  EXPECT_EQ(none.finished_at, answer.finished_at);
}

}  // namespace
}  // namespace taktgate::station
