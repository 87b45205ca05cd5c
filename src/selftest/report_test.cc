#include "selftest/report.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/json_text.h"
#include "base/test_tree.h"
#include "inspect/test_whole_bundle.h"

namespace taktgate::selftest {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

::testing::AssertionResult Has(const std::string& text, const std::string& words) {
  if (text.find(words) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected \"" << words << "\" in:\n" << text;
}

class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    report.points = {{"kernel", Standing::kOk, "6.1 PREEMPT_RT", ""},
                     {"swap", Standing::kWarn, "2 GiB", "swapoff -a"},
                     {"isolated cores", Standing::kNotApplicable, "not shown", ""}};
    for (int k = 0; k < 999; ++k) report.timer.realtime.Record(microseconds(50));
    report.timer.realtime.Record(milliseconds(1));
    report.timer.ordinary.Record(milliseconds(2));
  }
  std::string Text() const { return ReportText(report, milliseconds(8)); }
  nlohmann::ordered_json Json() const { return LooseJson(ReportJson(report, milliseconds(8))); }

  Report report;
};

TEST_F(ReportTest, EachPointHasItsStandingAndWhatToDo) {
  EXPECT_TRUE(Has(Text(), "ok              kernel                6.1 PREEMPT_RT\n"));
  EXPECT_TRUE(Has(Text(), "warn            swap                  2 GiB\n"));
  EXPECT_TRUE(Has(Text(), "   -> swapoff -a\n"));
  EXPECT_TRUE(Has(Text(), "not applicable  isolated cores        not shown\n"));
  EXPECT_EQ(Text().find("->"), Text().rfind("->")) << "a remedy for one only";
}

TEST_F(ReportTest, SaysWhoseTimerItWas) {
  EXPECT_TRUE(Has(Text(), "How late a thread of the gate's priority woke up"));
  report.timer.refused = "not allowed";
  EXPECT_TRUE(Has(Text(), "How late a thread without priority woke up"));
}

TEST_F(ReportTest, EndsWithAConclusion) {
  EXPECT_TRUE(Has(Text(), "\n8 ms held during this test, but is at risk: swap.\n"));
  report.points[1].standing = Standing::kOk;
  EXPECT_TRUE(Has(Text(), "8 ms can be trusted here, as far as this test reaches"));
  report.points[0].standing = Standing::kFail;
  report.points[1].standing = Standing::kFail;
  EXPECT_TRUE(Has(Text(), "8 ms cannot be trusted here: kernel, swap."));
}

TEST_F(ReportTest, JsonHasTheSame) {
  const auto json = Json();
  EXPECT_EQ(json.value("schema", 0), 1);
  EXPECT_EQ(json.value("standing", ""), "warn");
  EXPECT_TRUE(Has(Text(), json.value("conclusion", "missing")));
  ASSERT_EQ(json.at("points").size(), 3U);
  EXPECT_EQ(json["points"][1].value("name", ""), "swap");
  EXPECT_EQ(json["points"][1].value("standing", ""), "warn");
  EXPECT_EQ(json["points"][1].value("found", ""), "2 GiB");
  EXPECT_EQ(json["points"][1].value("remedy", ""), "swapoff -a");
  const auto& realtime = json["timer_latency"]["realtime"];
  EXPECT_EQ(realtime.value("n", 0), 1000);
  EXPECT_NEAR(realtime.value("p50_us", 0.0), 50, 2);
  EXPECT_NEAR(realtime.value("max_us", 0.0), 1000, 1);
}

TEST(Standing, TheWorstOfAllCountsAndWhatIsNotApplicableIsFine) {
  EXPECT_EQ(WorstOf({}), Standing::kOk);
  EXPECT_EQ(WorstOf({{"a", Standing::kNotApplicable, "", ""}}), Standing::kOk);
  EXPECT_EQ(WorstOf({{"a", Standing::kWarn, "", ""}, {"b", Standing::kNotApplicable, "", ""}}),
            Standing::kWarn);
  EXPECT_EQ(WorstOf({{"a", Standing::kFail, "", ""}, {"b", Standing::kWarn, "", ""}}),
            Standing::kFail);
}

// The points of a station whose release loads: the simulator is its camera.
class TestStationTest : public ::testing::Test {
 protected:
  TestStationTest() {
    EXPECT_TRUE(WriteFile(tree.root() / "whole.tgb", inspect::testing::WholeBundle().Bytes()));
    auto parsed = session::ParseStationFile(
        "[station]\nname = \"line 3\"\n[release]\nbundle = \"whole.tgb\"\n"
        "[camera]\nsource = \"sim\"\n",
        tree.root());
    EXPECT_TRUE(parsed) << parsed.error().message;
    file = std::move(*parsed);
  }
  // By name: its standing and what was found.
  std::map<std::string, std::string> Found() const {
    std::map<std::string, std::string> found;
    for (const Point& point : TestStation(file)) {
      found[point.name] = std::string(ToString(point.standing)) + ": " + point.found;
    }
    return found;
  }

  taktgate::testing::Tree tree;
  session::StationFile file;
};

TEST_F(TestStationTest, AReleaseThatLoadsHasACameraAndNoFolderIsTried) {
  const auto found = Found();
  EXPECT_TRUE(Has(found.at("camera"), "ok: "));
  for (const char* name : {"state folder", "records", "incident folder"}) {
    EXPECT_EQ(found.count(name), 0U) << name;
  }
}

TEST_F(TestStationTest, WhereTheReleaseFailsTheCameraIsNotToBlame) {
  file.bundle = tree.root() / "none.tgb";
  EXPECT_EQ(Found().at("camera"), "not applicable: needs a release that loads");
}

TEST_F(TestStationTest, FoldersAndFilesAreTriedAndLeftAsTheyWere) {
  file.state = tree.root() / "state";
  file.records = tree.root() / "records.jsonl";
  file.incident.folder = tree.root() / "incidents";
  const auto found = Found();
  for (const char* name : {"state folder", "records", "incident folder"}) {
    EXPECT_TRUE(Has(found.at(name), "ok: "));
  }
  EXPECT_TRUE(std::filesystem::is_empty(file.state)) << "no part id is used up";
  EXPECT_FALSE(std::filesystem::exists(file.records));
}

}  // namespace
}  // namespace taktgate::selftest
