#include "sim/line_file.h"

#include <gtest/gtest.h>

namespace taktgate::sim {
namespace {

std::string Refused(std::string_view line) {
  const auto parsed = ParseLineFile(line);
  return parsed ? "taken" : parsed.error().message;
}

std::string RefusedScript(std::string_view script) {
  const auto parsed = ParseFaultScript(script, "folder");
  return parsed ? "taken" : parsed.error().message;
}

void ExpectWords(const std::string& message, std::initializer_list<const char*> words) {
  for (const char* word : words) EXPECT_NE(message.find(word), std::string::npos) << message;
}

TEST(LineFile, ReadsEveryKey) {
  const auto line = ParseLineFile(R"(
belt = "count"
spacing = "bursts"
parts_per_second = 50
defect_share = 0.25
parts_in_flight = 20
[sensors]
gate = true
bin_within = "80ms"
plc_names_parts = true
plc_heartbeat = true
[model]
takes = "2ms"
jitter = "100us"
false_reject = 0.01
missed = 0
unknown = 0.02
measure_runs = true
)");
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->gate.belt.mode, gate::BeltMode::kByCount);
  EXPECT_EQ(line->spacing, SpacingLaw::kBursts);
  EXPECT_EQ(line->parts_per_second, 50);
  EXPECT_EQ(line->defect_share, 0.25);
  EXPECT_EQ(line->gate.parts_in_flight, 20U);
  EXPECT_TRUE(line->gate.gate_sensor && line->gate.plc_names_parts && line->gate.measure_runs);
  EXPECT_EQ(line->gate.bin_within, std::chrono::milliseconds(80));
  EXPECT_EQ(line->gate.plc_beat_within, std::chrono::seconds(2));
  EXPECT_EQ(line->model_takes, std::chrono::milliseconds(2));
  EXPECT_EQ(line->model_jitter, std::chrono::microseconds(100));
  EXPECT_EQ(line->false_reject, 0.01);
  EXPECT_EQ(line->missed, 0);
  EXPECT_EQ(line->unknown, 0.02);
}

TEST(LineFile, RefusesWhatItDoesNotKnow) {
  ExpectWords(Refused("bellt = \"count\""), {"unknown key \"bellt\"", "known keys: belt"});
  ExpectWords(Refused("[sensors]\nnose = true"), {"[sensors]", "unknown key \"nose\""});
  ExpectWords(Refused("belt = \"rope\""), {"one of camera, time, count", "\"rope\""});
  ExpectWords(Refused("parts_per_second = 0"), {"parts_per_second", "a number from"});
  ExpectWords(Refused("[model]\ntakes = 2"), {"takes", "time with its unit"});
  ExpectWords(Refused("sensors = 1"), {"[sensors]: expected a table", "got 1"});
  ExpectWords(Refused("belt = "), {"line 1"});
}

TEST(LineFile, RefusesALineThatIsTooFastForItsGate) {
  ExpectWords(Refused("parts_per_second = 200"), {"every 5000000", "9000000", "lower"});
  ExpectWords(Refused("belt = \"time\"\nparts_in_flight = 4"), {"parts_in_flight is 4"});
  ExpectWords(Refused("[sensors]\ngate = true"), {"a gate sensor needs"});
}

TEST(FaultScript, ReadsFaultsOfPartsAndOfTimes) {
  const auto script = ParseFaultScript(R"(
line = "../lines/count.toml"
[[fault]]
kind = "bounce"
parts = [10, 20]
every = 5
probability = 0.5
count = 3
time = "2ms"
[[fault]]
kind = "camera_stalls"
at = "3s"
for = "50ms"
again = "10s"
)",
                                       "demo/faults");
  ASSERT_TRUE(script) << script.error().message;
  EXPECT_EQ(script->line.lexically_normal(), "demo/lines/count.toml");
  ASSERT_EQ(script->faults.size(), 2U);
  const Fault& bounce = script->faults[0];
  EXPECT_EQ(bounce.count, 3U);
  EXPECT_EQ(bounce.time, std::chrono::milliseconds(2));
  EXPECT_FALSE(bounce.Hits(9, 0));
  EXPECT_TRUE(bounce.Hits(10, 0));
  EXPECT_FALSE(bounce.Hits(11, 0));
  EXPECT_TRUE(bounce.Hits(20, 0.49));
  EXPECT_FALSE(bounce.Hits(20, 0.5));
  EXPECT_FALSE(bounce.Hits(25, 0));
  EXPECT_EQ(script->faults[1].lasts, std::chrono::milliseconds(50));
  EXPECT_EQ(script->faults[1].again, std::chrono::seconds(10));
}

TEST(FaultScript, RefusesWhatItDoesNotKnow) {
  ExpectWords(RefusedScript("[[fault]]\nkind = \"gremlins\""),
              {"fault 1", "expected a kind of fault", "bounce, missing_edge", "\"gremlins\""});
  ExpectWords(RefusedScript("[[fault]]\nevery = 2"), {"fault 1", "kind"});
  ExpectWords(RefusedScript("[[fault]]\nkind = \"bounce\"\ntime = \"1ms\""), {"expected count"});
  ExpectWords(RefusedScript("[[fault]]\nkind = \"frame_lost\"\ncount = 3"),
              {"unknown key \"count\"", "parts, every, probability"});
  ExpectWords(RefusedScript("[[fault]]\nkind = \"belt_stops\"\nat = \"1s\""), {"expected for"});
  ExpectWords(RefusedScript("[[fault]]\nkind = \"frame_lost\"\nparts = [5, 4]"),
              {"a first and a last part"});
  ExpectWords(RefusedScript("[[fault]]\nkind = \"frame_lost\"\nparts = 5"),
              {"a first and a last part"});
  ExpectWords(RefusedScript("[[fault]]\nkind = \"gate_starved\"\nat = \"1s\"\nfor = \"2s\"\n"
                            "again = \"1s\""),
              {"again must be longer than for"});
  ExpectWords(RefusedScript("fault = 3"), {"expected [[fault]]"});
}

TEST(FaultScript, AFaultNeedsALineThatHasWhatItBreaks) {
  const auto needs = [](FaultKind kind) {
    Fault fault;
    fault.kind = kind;
    SoftSettings line;
    line.gate = GateSettingsOf(gate::BeltMode::kAtCamera, 100);
    const Status sound = CheckFaults({fault}, line);
    return sound ? std::string("taken") : sound.error().message;
  };
  ExpectWords(needs(FaultKind::kBeltStops), {"belt_stops", "belt = \"count\"", "--line"});
  ExpectWords(needs(FaultKind::kPartRemoved), {"belt = \"time\" or \"count\""});
  ExpectWords(needs(FaultKind::kPlcNumberTwice), {"plc_names_parts"});
  ExpectWords(needs(FaultKind::kPlcBeatHigh), {"plc_heartbeat"});
  ExpectWords(needs(FaultKind::kBinMisses), {"bin_within"});
  EXPECT_EQ(needs(FaultKind::kBounce), "taken");
}

// The table of kinds is read by the place of its kind.
TEST(FaultScript, EveryKindIsFoundByItsNameAndItsPlace) {
  for (int k = 0; k <= static_cast<int>(FaultKind::kCountersNearWrap); ++k) {
    const auto kind = static_cast<FaultKind>(k);
    EXPECT_EQ(InfoOf(kind).kind, kind);
    ASSERT_NE(FindFaultKind(InfoOf(kind).name), nullptr);
    EXPECT_EQ(FindFaultKind(InfoOf(kind).name)->kind, kind);
  }
}

}  // namespace
}  // namespace taktgate::sim
