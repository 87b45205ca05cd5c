#include "sim/line_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"
#include "sim/report_text.h"

namespace taktgate::sim {
namespace {

using std::chrono::microseconds;

::testing::AssertionResult Has(const std::string& text, const std::string& words) {
  if (text.find(words) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected \"" << words << "\" in:\n" << text;
}

TEST(Findings, CountEachInvariantAndKeepTheWordsOfTheFirst) {
  Findings findings;
  EXPECT_TRUE(findings.Count(Invariant::kInTime)) << "the first wants words";
  findings.SetWords("part 7 was late");
  EXPECT_FALSE(findings.Count(Invariant::kInTime));
  EXPECT_FALSE(findings.Count(Invariant::kSafeLines));
  EXPECT_EQ(findings.total(), 3U);
  EXPECT_EQ(findings.Of(Invariant::kInTime), 2U);
  EXPECT_EQ(findings.Of(Invariant::kSafeLines), 1U);
  EXPECT_EQ(findings.Of(Invariant::kOneDecision), 0U);
  EXPECT_EQ(findings.words(), "part 7 was late");
}

TEST(Findings, EachInvariantHasItsOwnNameAndMeaning) {
  std::set<std::string_view> names, meanings;
  for (std::size_t k = 0; k < kInvariants; ++k) {
    names.insert(NameOf(static_cast<Invariant>(k)));
    meanings.insert(MeaningOf(static_cast<Invariant>(k)));
  }
  EXPECT_EQ(names.size(), kInvariants);
  EXPECT_EQ(meanings.size(), kInvariants);
  EXPECT_EQ(NameOf(Invariant::kOneDecision), "I1");
  EXPECT_EQ(NameOf(Invariant::kSafeLines), "I7");
  EXPECT_EQ(NameOf(Invariant::kRightCommand), "state");
}

TEST(ReportText, AViolationHasItsNameItsCountAndWhatItSays) {
  Findings findings;
  for (int k = 0; k < 12; ++k) findings.Count(Invariant::kInTime);
  EXPECT_EQ(ViolationRow(findings, Invariant::kInTime),
            "  I2             12  decision and level in time\n");
}

TEST(ReportText, BarsAreOfQuartersOfAMillisecondAndTheLongestHasFifty) {
  LatencyHistogram times;
  for (int k = 0; k < 10; ++k) times.Record(microseconds(4100));
  for (int k = 0; k < 5; ++k) times.Record(microseconds(4300));
  EXPECT_EQ(Bars(times), "  up to  4.25         10  " + std::string(50, '#') +
                             "\n"
                             "  up to  4.50          5  " +
                             std::string(25, '#') + "\n");
}

TEST(ReportText, BarsEndAtNineMillisecondsAndOfNothingThereAreNone) {
  EXPECT_EQ(Bars({}), "");
  LatencyHistogram late;
  late.Record(std::chrono::milliseconds(12));
  EXPECT_EQ(Bars(late), "");
}

class LineReport : public ::testing::Test {
 protected:
  std::unique_ptr<SoftLine> Run(std::vector<Fault> faults, MakeGate make = Sound()) const {
    SoftSettings settings;
    settings.parts = 500;
    settings.gate = GateSettingsOf(gate::BeltMode::kByTime, settings.parts_per_second);
    auto line = std::make_unique<SoftLine>(settings, std::move(faults), std::move(make));
    line->Run();
    return line;
  }
  static MakeGate Sound() {
    return [](const gate::GateSettings& settings, gate::GateOutputs& outputs) {
      return std::make_unique<gate::Gate>(settings, outputs);
    };
  }
  static Fault At(FaultKind kind, std::uint64_t part) {
    Fault fault;
    fault.kind = kind;
    fault.first_part = fault.last_part = part;
    return fault;
  }
};

TEST_F(LineReport, ASoundLineIsShownWithItsCost) {
  const auto line = Run({});
  const std::string table = LineTable(*line, 0.5);
  EXPECT_TRUE(Has(table, "parts      500 in "));
  EXPECT_TRUE(Has(table, "station    1 start, 0 alarms, 0 line stops"));
  EXPECT_TRUE(Has(table, "cpu        0.50 s, 1000 parts/s\n"));
  EXPECT_TRUE(Has(table, "all invariants hold\n"));
  EXPECT_EQ(table.find("taken off"), std::string::npos);
  EXPECT_EQ(table.find("(no decision)"), std::string::npos);
}

TEST_F(LineReport, WhatWentWrongIsCountedWhereItBelongs) {
  Fault killed;
  killed.kind = FaultKind::kStationKilled;
  killed.at = std::chrono::seconds(3);
  killed.lasts = std::chrono::milliseconds(100);
  const auto line =
      Run({At(FaultKind::kPartRemoved, 100), At(FaultKind::kMissingEdge, 110),
           At(FaultKind::kFrameLost, 120), At(FaultKind::kTriggerIgnored, 130), killed});
  const std::string table = LineTable(*line, 1);
  EXPECT_TRUE(Has(table, ", 1 taken off"));
  EXPECT_TRUE(Has(table, " reported + 1 missed + "));
  EXPECT_TRUE(Has(table, " taken, 1 lost, 1 triggers ignored"));
  EXPECT_TRUE(Has(table, "station    2 starts"));
  EXPECT_TRUE(Has(table, "in flight when the station was killed; none passed"));
  const auto json = LooseJson(LineJson(*line, 1));
  EXPECT_EQ(json.value("removed", 0), 1);
  EXPECT_EQ(json["edges"].value("missed", 0), 1);
  EXPECT_EQ(json["frames"].value("lost", 0), 1);
  EXPECT_EQ(json["frames"].value("triggers_ignored", 0), 1);
  EXPECT_EQ(json.value("stations", 0), 2);
  EXPECT_GT(json.value("lost_with_station", 0), 0);
}

TEST_F(LineReport, TheNumbersOfTheJsonAddUp) {
  const auto json = LooseJson(LineJson(*Run({At(FaultKind::kPartRemoved, 100)}), 0.25));
  EXPECT_EQ(json.value("passed", 0) + json.value("ejected", 0) + json.value("removed", 0),
            json.value("parts", 0));
  const auto& edges = json.at("edges");
  EXPECT_EQ(edges.value("reported", 0) + edges.value("missed", 0) + edges.value("no_station", 0),
            edges.value("crossings", 0));
  std::uint64_t rejected = 0;
  for (const auto& [reason, count] : json.at("reasons").items())
    rejected += count.get<std::uint64_t>();
  EXPECT_EQ(rejected + json.value("released", 0U), json.value("decisions", 0U));
  EXPECT_EQ(json.at("reasons").size(), judge::kReasons - 1);
  EXPECT_EQ(json.at("violations").size(), kInvariants);
  EXPECT_EQ(json["cpu"].value("parts_per_second", 0.0), 2000);
  EXPECT_GE(json["edge_to_answer_ms"].value("p100", 0.0),
            json["edge_to_answer_ms"].value("p50", 99.0));
}

// A gate that tells no decision at all.
class Silent : public gate::GateOutputs {
 public:
  explicit Silent(gate::GateOutputs& line) : line_(line) {}
  bool SetLine(gate::Line line, bool energised, TimePoint latest, TimePoint until) override {
    return line_.SetLine(line, energised, latest, until);
  }
  void StartInference(gate::PartId part, std::uint32_t slot) override {
    line_.StartInference(part, slot);
  }
  void TerminateInference(gate::PartId part) override { line_.TerminateInference(part); }
  void ReleaseFrame(std::uint32_t slot) override { line_.ReleaseFrame(slot); }
  void Decided(const gate::Decision&) override {}

 private:
  gate::GateOutputs& line_;
};

struct SilentLine {
  explicit SilentLine(gate::GateOutputs& line) : silent(line) {}
  Silent silent;
};

class SilentGate : private SilentLine, public gate::Gate {
 public:
  SilentGate(const gate::GateSettings& settings, gate::GateOutputs& line)
      : SilentLine(line), Gate(settings, silent) {}
};

TEST_F(LineReport, ABrokenGateIsShownWithTheFirstViolation) {
  const auto line = Run({}, [](const gate::GateSettings& settings, gate::GateOutputs& outputs) {
    return std::make_unique<SilentGate>(settings, outputs);
  });
  const std::string table = LineTable(*line, 1);
  const auto json = LooseJson(LineJson(*line, 1));
  EXPECT_TRUE(Has(table, " VIOLATIONS, the first:\n" + json.value("first_violation", "missing")));
  EXPECT_NE(json.value("first_violation", ""), "");
  EXPECT_GT(json["violations"].value("I1", 0), 0);
  EXPECT_EQ(table.find("all invariants hold"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::sim
