#include "record/line_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace taktgate::record {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(InMilliseconds, HasThreeDigitsAndNoExponent) {
  EXPECT_EQ(InMilliseconds(std::chrono::microseconds(28)), "0.028 ms");
  EXPECT_EQ(InMilliseconds(std::chrono::microseconds(4718)), "4.72 ms");
  EXPECT_EQ(InMilliseconds(std::chrono::milliseconds(428)), "428 ms");
  EXPECT_EQ(InMilliseconds(std::chrono::milliseconds(1063)), "1063 ms");
  EXPECT_EQ(InMilliseconds(std::chrono::milliseconds(299'999)), "299999 ms");
}

TEST(LineReport, TheTruthTableMarksWhatIsWrongAndWhatIsNot) {
  const std::string text = TruthTable({"good", "open"}, {true, false}, {{90, 3, 1}, {2, 50, 0}});
  EXPECT_NE(text.find("3 false rejects"), std::string::npos) << text;
  EXPECT_NE(text.find("2 missed"), std::string::npos) << text;
  EXPECT_EQ(TruthTable({"good"}, {true}, {{90, 0, 1}}).find("<-"), std::string::npos);
}

TEST(LineReport, ThePictureDrawsEveryPartAndTheDeadline) {
  LatencyHistogram latency;
  for (int i = 0; i < 1000; ++i) latency.Record(microseconds(3500 + i % 100));
  latency.Record(milliseconds(12));
  const std::string text = LatencyPicture(latency, milliseconds(8));
  EXPECT_NE(text.find("8.00 ms +---"), std::string::npos) << text;
  EXPECT_NE(text.find("# 1000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# 1\n"), std::string::npos) << "the straggler is seen: " << text;
  EXPECT_NE(LatencyPicture({}, milliseconds(8)).find("no part"), std::string::npos);
}

TEST(LineReport, AStragglerOfSecondsStillGivesABoundedPicture) {
  LatencyHistogram latency;
  latency.Record(milliseconds(3));
  latency.Record(std::chrono::seconds(20));
  const std::string text = LatencyPicture(latency, milliseconds(8));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 45);
}

TEST(LineReport, TheLiveLineHoldsTheCounts) {
  LineCounts counts;
  counts.parts = 100;
  counts.released = 90;
  counts.answered = 97;
  counts.reasons[static_cast<std::size_t>(judge::Reason::kDefect)] = 7;
  counts.reasons[static_cast<std::size_t>(judge::Reason::kLate)] = 3;
  const std::string text = LiveLine(counts, std::chrono::seconds(1));
  for (const char* part :
       {"parts 100", "pass 90", "reject 10", "defect 7", "other 3", "misses 3"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  EXPECT_NE(ReasonTable(counts).find("late"), std::string::npos);
}

// Of 100 inspected parts `answered` were answered, each after `took`; the frame is there
// at 2.5 ms and the level takes 0.1 ms.
LineCounts Answered(std::uint64_t answered, Duration took) {
  LineCounts counts;
  counts.parts = 104;
  counts.not_inspected = 4;
  counts.answered = answered;
  for (std::uint64_t i = 0; i < answered; ++i) {
    counts.latency.Record(took);
    counts.stages.wait.Record(microseconds(2500));
    counts.stages.output.Record(microseconds(100));
  }
  // A run that was stopped when its answer was due does not show how long it would have taken.
  for (std::uint64_t i = answered; i < 100; ++i) counts.latency.Record(microseconds(8050));
  return counts;
}

LatencyHistogram Tried(Duration fastest, Duration usual) {
  LatencyHistogram times;
  for (int i = 0; i < 200; ++i) times.Record(i < 10 ? fastest : usual);
  return times;
}

bool Says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

// Figures are upper ends of buckets, at most 1.6 % too high; the fastest is exact.
TEST(LineReport, AMachineThatIsTooSlowForEveryPartIsToldByHowMuch) {
  const std::string text = TooSlow(Answered(20, milliseconds(7)),
                                   Tried(milliseconds(7), milliseconds(9)), {}, milliseconds(8));
  EXPECT_TRUE(Says(text, "80 of 100 parts (80.0 %) had no answer within the window of 8.00 ms"))
      << text;
  EXPECT_TRUE(Says(text,
                   "This machine is too slow for a window of 8.00 ms: the fastest part would "
                   "take 9.6"))
      << text;
  EXPECT_TRUE(Says(text, "inspection 7.00 ms")) << text;
  EXPECT_TRUE(Says(text, "the fastest of 200 tried")) << text;
}

TEST(LineReport, AMachineThatIsTooSlowInTheMiddleCaseIsToldByHowMuch) {
  const std::string text = TooSlow(Answered(49, milliseconds(7)),
                                   Tried(milliseconds(3), milliseconds(9)), {}, milliseconds(8));
  EXPECT_TRUE(Says(text,
                   "too slow for a window of 8.00 ms: in the middle case (p50) a part would "
                   "take 11."))
      << text;
  EXPECT_TRUE(Says(text, "ms too long")) << text;
}

// Trials beside other work and without real-time priority say less than the line itself.
TEST(LineReport, WhatTheLineMeasuredIsTakenBeforeWhatWasTried) {
  const std::string text = TooSlow(Answered(50, milliseconds(6)),
                                   Tried(milliseconds(30), milliseconds(80)), {}, milliseconds(8));
  EXPECT_TRUE(
      Says(text, "too slow for a window of 8.00 ms: in the middle case (p50) a part took 6."))
      << text;
  EXPECT_TRUE(Says(text, "ms less than the window; the slower ones (p99) would take 8")) << text;
}

// 2.50 + 9.00 + 0.10 - 8.00 ms
TEST(LineReport, WhereThePartsAtTheEndAreTooSlowItSaysByHowMuch) {
  const std::string text = TooSlow(Answered(50, milliseconds(6)),
                                   Tried(milliseconds(5), milliseconds(9)), {}, milliseconds(8));
  EXPECT_TRUE(Says(text, "; the slower ones (p99) would take 11.60 ms, 3.60 ms too long")) << text;
  EXPECT_TRUE(Says(text, "of 200 tried before the line ran).\n")) << text;
}

// 8.00 - (2.50 + 3.00 + 0.10) ms
TEST(LineReport, WhereWhatWasTriedFitsItSaysHowMuchTheLineAdds) {
  const LatencyHistogram tried = Tried(milliseconds(2), milliseconds(3));
  const std::string few = TooSlow(Answered(50, milliseconds(6)), tried, {}, milliseconds(8));
  EXPECT_TRUE(Says(few, "; the slower ones (p99) took at least 2.40 ms")) << few;
  const std::string most = TooSlow(Answered(49, milliseconds(6)), tried, {}, milliseconds(8));
  EXPECT_TRUE(Says(most, ": in the middle case (p50) a part took at least 2.40 ms")) << most;
  for (const std::string& text : {few, most}) {
    EXPECT_TRUE(Says(text, " longer than the 5.60 ms of before the line ran")) << text;
    EXPECT_TRUE(Says(text, ", of 200 tried).\n")) << text;
  }
}

TEST(LineReport, WhereNothingWasTriedItSaysWhatTheFastestTook) {
  const std::string text = TooSlow(Answered(20, milliseconds(7)), {}, {}, milliseconds(8));
  EXPECT_TRUE(Says(text, ": more than half of the parts took longer, and how long is not known"))
      << text;
  EXPECT_TRUE(Says(text, "none was tried before (the fastest part took 7.00 ms).\n")) << text;
  LineCounts none;
  none.parts = 10;
  EXPECT_TRUE(Says(TooSlow(none, {}, {}, milliseconds(8)), "(no part was answered in time)"));
}

TEST(LineReport, OneMissInAHundredIsNoSlowMachine) {
  const std::string text = TooSlow(Answered(99, milliseconds(5)),
                                   Tried(milliseconds(2), milliseconds(3)), {}, milliseconds(8));
  EXPECT_TRUE(Says(text, "1 of 100 parts (1.0 %)")) << text;
  EXPECT_FALSE(Says(text, "too slow")) << text;
}

TEST(LineReport, WhereNoPartWasAnsweredTheCamerasTimeIsTaken) {
  LineCounts none;
  none.parts = 10;
  const std::string text =
      TooSlow(none, Tried(milliseconds(1), milliseconds(1)), milliseconds(2), microseconds(2100));
  EXPECT_TRUE(Says(text, "10 of 10 parts (100.0 %)")) << text;
  EXPECT_TRUE(Says(text, "the fastest part would take 3.00 ms, 0.90 ms too long")) << text;
}

TEST(LineReport, WithoutMissesThereIsNothingToSay) {
  EXPECT_EQ(TooSlow(Answered(100, milliseconds(7)), Tried(milliseconds(20), milliseconds(20)), {},
                    milliseconds(8)),
            "");
}

}  // namespace
}  // namespace taktgate::record
