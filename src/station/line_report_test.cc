#include "station/line_report.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace taktgate::station {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

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

}  // namespace
}  // namespace taktgate::station
