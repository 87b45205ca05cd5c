#include "rig/real_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "rig/test_real_line.h"

namespace taktgate::rig {
namespace {

using std::chrono::milliseconds;

class RealReportTest : public ::testing::Test, protected testing::TestRealLine {
 protected:
  RealReportTest() {
    conditions.parts_per_second = 100;
    conditions.length = milliseconds(1500);
    conditions.starts = 1;
    conditions.hiccups.Record(milliseconds(2));
  }
  std::string Table() const { return RealTable(RealReferee(truth, records), conditions); }
  nlohmann::ordered_json Json() const {
    return LooseJson(RealJson(RealReferee(truth, records), conditions));
  }
  static ::testing::AssertionResult Has(const std::string& text, const std::string& words) {
    if (text.find(words) != std::string::npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "expected \"" << words << "\" in:\n" << text;
  }

  RealConditions conditions;
};

TEST_F(RealReportTest, ALineOnWhichAllIsWellSaysSo) {
  PassAllReleased();
  const std::string table = Table();
  EXPECT_TRUE(Has(table, "parts      10 in 1.5 s of line at 100 a second: 8 passed, 2 ejected\n"));
  EXPECT_TRUE(Has(table, "2 defective, of them 0 passed; 0 good ones ejected"));
  EXPECT_TRUE(Has(table, "edges      10 = 10 decided + 0 while no station was there + 0 lost"));
  EXPECT_TRUE(Has(table, "station    1 start, 0 kills"));
  EXPECT_TRUE(Has(table, "decisions  10: 8 released\n  defect                      2\n"));
  EXPECT_TRUE(Has(table, "edge to PASS on the wire, N = 8, ms"));
  EXPECT_TRUE(Has(table, "all invariants hold\n"));
  EXPECT_EQ(table.find("kill to READY"), std::string::npos) << "none was killed";
  EXPECT_EQ(table.find("recorded by the next run"), std::string::npos);
  EXPECT_EQ(table.find("failed:"), std::string::npos);
}

TEST_F(RealReportTest, WhatThisLineCannotBreakIsNotInItsTable) {
  const std::string table = Table();
  EXPECT_TRUE(Has(table, std::string(sim::MeaningOf(sim::Invariant::kOneDecision))));
  EXPECT_EQ(table.find(sim::MeaningOf(sim::Invariant::kExactAlarms)), std::string::npos);
}

TEST_F(RealReportTest, TheFirstViolationIsShownWithItsWords) {
  const std::string table = Table();  // eight parts that were released did not pass
  EXPECT_TRUE(Has(table, "9 VIOLATIONS, the first:\nlive: part 0 "));
  EXPECT_EQ(table.find("all invariants hold"), std::string::npos);
  const auto json = Json();
  EXPECT_EQ(json["violations"].value("live", 0), 8);
  EXPECT_EQ(json["violations"].value("I5", 0), 1) << "good boards that missed it are not recorded";
  EXPECT_EQ(json["violations"].value("I1", 1), 0);
  EXPECT_TRUE(Has(table, json.value("first_violation", "missing")));
}

TEST_F(RealReportTest, ADisturbedLineSaysWhatWasDoneToIt) {
  truth.runs[0].killed = true;
  records.parts.pop_back();
  Reject(8, "restart").recovered = true;
  records.parts[8].may_have_passed = true;
  PassAllReleased();
  conditions.starts = 2;
  conditions.kills = 1;
  conditions.failures = 1;
  conditions.failure = "exit 3, camera gone";
  conditions.hogs = 4;
  conditions.restart.Record(milliseconds(700));
  const std::string table = Table();
  EXPECT_TRUE(Has(table, "10 = 9 decided + 0 while no station was there + 1 lost at a kill"));
  EXPECT_TRUE(Has(table, "station    2 starts, 1 kills"));
  EXPECT_TRUE(Has(table, "failed: exit 3, camera gone\n"));
  EXPECT_TRUE(Has(table, "recorded by the next run: 1, of them 1 in flight at a kill, 1 where"));
  EXPECT_TRUE(Has(table, "kill to READY of the next run, N = 1, ms"));
  EXPECT_TRUE(Has(table, "with 4 hogs, N = 1"));
}

TEST_F(RealReportTest, APartWhosePassChangedInThatMomentIsNeither) {
  for (std::uint64_t part = 0; part < testing::kParts; ++part) {
    if (records.parts[part].released && part != 5) Pass(part);
  }
  const TimePoint gate = truth.EdgeOf(5) + truth.belt.at_gate();
  truth.pass = {};
  truth.pass.Add({0, true, TimePoint::max(), gate - milliseconds(1), gate + milliseconds(1)});
  EXPECT_TRUE(Has(Table(), "1 where PASS changed in that moment"));
  EXPECT_EQ(Json().value("maybe_passed", 0), 1);
}

TEST_F(RealReportTest, SwapsAreTold) {
  PassAllReleased();
  EXPECT_EQ(Table().find("swaps"), std::string::npos) << "none was asked for";
  truth.releases.push_back({"two", truth.releases[0].boards});
  const TimePoint at = In(5, milliseconds(9));
  truth.swaps = {{"two", at - milliseconds(3), at - milliseconds(2), false, 0},
                 {"two", at, at + milliseconds(1), true, 2}};
  records.orders = {{1, "release", "two", at}};
  for (std::uint64_t part = 6; part < testing::kParts; ++part) {
    records.parts[part].release = part == 8 ? "one" : "two";
  }
  conditions.swaps = 1;
  conditions.refusal = "too busy";
  const std::string table = Table();
  EXPECT_TRUE(Has(table,
                  "swaps      1 of the release, 1 orders refused; parts cut off 2, of them 0 in "
                  "the records as offline\n           refused: too busy\n"
                  "releases   1 wrong of 10; 9 parts could be of one release only\n"));
  EXPECT_TRUE(Has(table, "1 VIOLATIONS, the first:\nstate: part 8 "));
  const auto json = Json();
  EXPECT_EQ(json.value("swaps", 0), 1);
  EXPECT_EQ(json.value("swaps_refused", 0), 1);
  EXPECT_EQ(json.value("cut_off", 0), 2);
  EXPECT_EQ(json.value("cut_off_recorded", 1), 0);
  EXPECT_EQ(json.value("releases_wrong", 0), 1);
  EXPECT_EQ(json.value("releases_sure", 0), 9);
  EXPECT_EQ(json["violations"].value("state", 0), 1);
}

TEST_F(RealReportTest, JsonHasTheSameNumbers) {
  Reject(5, "late");
  PassAllReleased();
  const auto json = Json();
  EXPECT_EQ(json.value("parts", 0), 10);
  EXPECT_EQ(json.value("line_s", 0.0), 1.5);
  EXPECT_EQ(json.value("decisions", 0), 10);
  EXPECT_EQ(json.value("released", 0), 7);
  EXPECT_EQ(json.value("passed", 0), 7);
  EXPECT_EQ(json.value("ejected_good", 0), 1);
  EXPECT_EQ(json["reasons"].value("late", 0), 1);
  EXPECT_EQ(json["reasons"].value("defect", 0), 2);
  EXPECT_EQ(json["misses"].value("recorded", 0), 1);
  EXPECT_EQ(json["misses"].value("good_recorded", 0), 1);
  EXPECT_EQ(json["edge_to_wire_ms"].value("n", 0), 7);
  EXPECT_NEAR(json["edge_to_wire_ms"].value("p100", 0.0), 5, 0.1);
  EXPECT_NEAR(json["decided_to_issued_us"].value("p50", 0.0), 3, 0.1);
  EXPECT_NEAR(json["hiccups_ms"].value("p99.9", 0.0), 2, 0.1);
  EXPECT_EQ(json["restart_ms"].value("n", 1), 0);
  EXPECT_EQ(json["violations"].size(), sim::kInvariants);
  EXPECT_EQ(json.value("first_violation", "missing"), "");
}

}  // namespace
}  // namespace taktgate::rig
