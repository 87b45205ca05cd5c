#include "session/station_file.h"

#include <gtest/gtest.h>

#include <string>

namespace taktgate::session {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* kWhole = R"(
[station]
name = "line 3"
state = "state"
[release]
bundle = "demo.tgb"
[camera]
source = "sim"
acquisition_delay = "2.5 ms"
acquisition_jitter = "100us"
capture_until = "5ms"
defect_share = 0.25
[line]
parts_per_second = 50
parts = 1000
[deadline]
window = "8ms"
pass_hold = "2ms"
reserve = "1500us"
[inference]
threads = 2
engine = "taktgate/avx2"
fault_after = "1s"
keep_warm = "200ms"
[record]
file = "records.jsonl"
queue = 128
[realtime]
lock_memory = false
strict = true
gate_core = 3
inference_core = 0
)";

std::string MessageOf(const std::string& text) {
  const auto file = ParseStationFile(text, "/line");
  return file ? "accepted" : file.error().message;
}

std::string Replaced(std::string from, const std::string& to) {
  std::string text = kWhole;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(StationFile, ReadsEveryValueWithItsUnit) {
  const auto file = ParseStationFile(kWhole, "/line");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->name, "line 3");
  EXPECT_EQ(file->bundle, "/line/demo.tgb");
  EXPECT_EQ(file->period, milliseconds(20));
  EXPECT_EQ(file->devices.facts.frames->delay, microseconds(2500));
  EXPECT_EQ(file->devices.facts.frames->jitter, microseconds(100));
  EXPECT_EQ(file->station.gate.window, milliseconds(8));
  EXPECT_EQ(file->station.gate.pass_hold, milliseconds(2));
  EXPECT_EQ(file->reserve, microseconds(1500));
  EXPECT_EQ(file->inference.threads, 2);
  EXPECT_EQ(file->inference.choice.engine, "taktgate");
  EXPECT_EQ(file->inference.choice.kernels, "avx2");
  EXPECT_EQ(file->record_queue, 128U);
  EXPECT_FALSE(file->station.lock_memory);
  EXPECT_TRUE(file->station.strict_realtime);
  EXPECT_EQ(file->station.cores.gate, 3);
  EXPECT_EQ(file->station.cores.camera, std::nullopt);
  EXPECT_EQ(file->station.cores.inference, 0);
  EXPECT_EQ(file->station.keep_warm, milliseconds(200));
}

TEST(StationFile, KernelsThatAreNotKnownAreRefusedWithThoseThatAre) {
  EXPECT_EQ(MessageOf(Replaced("taktgate/avx2", "taktgate/avx1024")),
            "[inference] engine: expected auto, onnxruntime, taktgate, or taktgate/KERNELS "
            "(KERNELS: scalar, avx2, avx-vnni, avx512-vnni, neon, neon-dot, neon-i8mm), got "
            "the text \"taktgate/avx1024\"");
}

TEST(StationFile, AbsolutePathsStay) {
  const auto file = ParseStationFile(Replaced("demo.tgb", "/srv/demo.tgb"), "/line");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bundle, "/srv/demo.tgb");
}

TEST(StationFile, OutputsMayGoToGpioLines) {
  const auto file = ParseStationFile(
      Replaced("[realtime]",
               "[output]\npass = \"pinctrl-rp1/GPIO17\"\nheartbeat = \"x/B\"\n[realtime]"),
      "/line");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->devices.facts.output_wired);
}

// What is wrong with a file, and a word that its message must hold.
struct Wrong {
  const char* from;
  const char* to;
  const char* expected;
};

class WrongStationFile : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongStationFile, IsRefusedInWords) {
  const auto& [from, to, expected] = GetParam();
  const std::string message = MessageOf(Replaced(from, to));
  EXPECT_NE(message.find(expected), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongStationFile,
    ::testing::Values(
        Wrong{"name =", "nmae =", "unknown key \"nmae\""},
        Wrong{"[realtime]", "[real]", "unknown table or key \"real\""},
        Wrong{"window = \"8ms\"", "window = 8", "with its unit"},
        Wrong{"window = \"8ms\"", "window = \"8 minutes\"", "with its unit"},
        Wrong{"window = \"8ms\"", "window = \"-8ms\"", "with its unit"},
        Wrong{"window = \"8ms\"", "window = \"0ms\"", "positive"},
        Wrong{"parts_per_second = 50", "parts_per_second = -1", "got -1"},
        Wrong{"parts_per_second = 50", "parts_per_second = \"50\"", "the text \"50\""},
        Wrong{"parts_per_second = 50", "parts_per_second = nan", "a number from"},
        Wrong{"parts_per_second = 50", "parts_per_second = 101", "9.90099 ms"},
        Wrong{"parts = 1000", "parts = 1.5", "whole number"},
        Wrong{"[realtime]", "[output]\npass = \"chip/A\"\n[realtime]", "heartbeat"},
        Wrong{"[realtime]", "[output]\npass = \"chip\"\n[realtime]", "\"CHIP/LINE\""},
        Wrong{"[realtime]", "[output]\npas = \"c/A\"\n[realtime]", "unknown key \"pas\""},
        Wrong{"parts = 1000", "parts = 10\nshared = \"x\"", "[line] shared"},
        Wrong{"source = \"sim\"", "source = \"gige\"", "one of sim, replay"},
        Wrong{"source = \"sim\"", "source = \"replay\"", "data ="},
        Wrong{"source = \"sim\"", "source = \"sim\"\ndata = \"x.tsv\"", "goes with"},
        Wrong{"acquisition_delay = \"2.5 ms\"", "acquisition_delay = \"9ms\"", "not before"},
        Wrong{"acquisition_delay = \"2.5 ms\"", "acquisition_delay = \"6ms\"", "paired"},
        Wrong{"capture_until = \"5ms\"", "capture_until = \"9ms\"", "deadline window"},
        Wrong{"capture_until = \"5ms\"", "capture_from = \"2ms\"\ncapture_until = \"5ms\"",
              "1.25 ms"},
        Wrong{"state = \"state\"", "", "[station] state"},
        Wrong{"reserve = \"1500us\"", "reserve = \"5.5ms\"", "admitted"},
        Wrong{"bundle = \"demo.tgb\"", "bundle = \"\"", "text in quotes"},
        Wrong{"bundle = \"demo.tgb\"", "", "bundle is missing"},
        Wrong{"threads = 2", "threads = 0", "from 1 to 64"},
        Wrong{"taktgate/avx2", "tensorrt", "expected auto, onnxruntime, taktgate, or"},
        Wrong{"taktgate/avx2", "taktgate/mmx", "got the text \"taktgate/mmx\""},
        Wrong{"lock_memory = false", "lock_memory = 0", "true or false"},
        Wrong{"gate_core = 3", "gate_core = \"3\"", "0 to 4095"},
        Wrong{"[line]", "[line", "column"}));

TEST(StationFile, NoFileAndAFolderAreRefused) {
  EXPECT_EQ(ReadStationFile("/nowhere/station.toml").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(ReadStationFile("/"));
}

constexpr const char* kBelt = R"(
[belt]
mode = "count"
distance = 2500
lead = 50
hold = 60
spacing = 200
top_speed = 10000
[sensors]
gate = true
bin_within = "20ms"
[plc]
names_parts = true
heartbeat_within = "2s"
[output]
heartbeat_every = "250ms"
strobe = "1ms"
[realtime])";

// Parts, frames and signals of another process.
std::string OnSharedLine(std::string text) {
  text.replace(text.find("parts = 1000"), 12, "shared = \"line\"");
  for (const std::string key :
       {"source", "acquisition_delay", "acquisition_jitter", "defect_share"}) {
    const std::size_t at = text.find(key + " = ");
    text.erase(at, text.find('\n', at) + 1 - at);
  }
  return text;
}

std::string OnBelt(const std::string& from, const std::string& to) {
  std::string text = OnSharedLine(Replaced("[realtime]", kBelt));
  text.replace(text.find("pass_hold = \"2ms\""), 17, "");
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(StationFile, ABeltByCountHasSensorsAndAPlc) {
  const auto file = ParseStationFile(OnBelt("", ""), "/line");
  ASSERT_TRUE(file) << file.error().message;
  const gate::GateSettings& gate = file->station.gate;
  EXPECT_EQ(gate.belt.mode, gate::BeltMode::kByCount);
  EXPECT_EQ(gate.belt.distance, 2500);
  EXPECT_EQ(gate.belt.spacing, 200);
  EXPECT_EQ(gate.belt.longest_pass, milliseconds(20));  // 200 / 10000 per second
  EXPECT_EQ(gate.belt.position_age, milliseconds(6));   // 60 / 10000 per second
  EXPECT_TRUE(gate.gate_sensor && gate.plc_names_parts);
  EXPECT_EQ(gate.bin_within, milliseconds(20));
  EXPECT_EQ(gate.plc_beat_within, std::chrono::seconds(2));
  EXPECT_EQ(gate.heartbeat, milliseconds(250));
  EXPECT_EQ(gate.strobe, milliseconds(1));
}

TEST(StationFile, ABeltByTimeHasLengthsInTime) {
  std::string text = Replaced("pass_hold = \"2ms\"", "");
  text +=
      "[belt]\nmode = \"time\"\ndistance = \"100ms\"\nlead = \"3ms\"\nhold = \"4ms\"\n"
      "spacing = \"15ms\"\n";
  const auto by_time = ParseStationFile(text, "/line");
  ASSERT_TRUE(by_time) << by_time.error().message;
  EXPECT_EQ(by_time->station.gate.belt.distance, Duration(milliseconds(100)).count());
}

class WrongBelt : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongBelt, IsRefusedWithTheArithmetic) {
  const auto& [from, to, expected] = GetParam();
  const std::string message = MessageOf(OnBelt(from, to));
  EXPECT_NE(message.find(expected), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongBelt,
    ::testing::Values(
        Wrong{"distance = 2500", "distance = 100",
              "(distance - lead) / top_speed = 50 counts / 10000 counts per second = 5 ms after "
              "the edge, before the answer is due at 8 ms"},
        Wrong{"lead = 50", "lead = 2500", "lead 2500 counts, distance 2500 counts"},
        Wrong{"lead = 50", "lead = 150", "lead + hold = 150 counts + 60 counts = 210 counts"},
        Wrong{"spacing = 200", "spacing = 110\nparts_in_flight = 20", "/ 110 counts + 2 = 25"},
        Wrong{"distance = 2500", "distance = 3000",
              "+ 60 counts) / 200 counts + 2 = 17 parts may be in flight, but parts_in_flight is "
              "16"},
        Wrong{"top_speed = 10000", "top_speed = 10000\nlongest_pass = \"21ms\"", "20 ms"},
        Wrong{"top_speed = 10000", "top_speed = 10000\nposition_age = \"7ms\"",
              "position_age 7 ms is above hold / top_speed = 60 counts / 10000 counts per second = "
              "6 ms"},
        Wrong{"top_speed = 10000", "top_speed = 50000", "not above the capture interval of 5 ms"},
        Wrong{"bin_within = \"20ms\"", "bin_within = \"2s\"",
              "(2500 + 60 + 20000) / 200 + 2 = 114 parts may be in flight until the bin sensor has "
              "answered"},
        Wrong{"top_speed = 10000", "", "expected top_speed"},
        Wrong{"lead = 50", "", "expected lead"},
        Wrong{"lead = 50", "lead = \"5ms\"", "got the text \"5ms\""},
        Wrong{"mode = \"count\"", "mode = \"time\"", "with its unit"},
        Wrong{"mode = \"count\"", "mode = \"camera\"", "unknown key"},
        Wrong{"mode = \"count\"", "mode = \"belt\"", "one of camera, time, count"},
        Wrong{"shared = \"line\"", "", "an encoder, which a replayed line does not have"},
        Wrong{"shared = \"line\"", "shared = \"line\"\nseed = 2", "brings its own parts"},
        Wrong{"[camera]", "[camera]\nsource = \"sim\"", "brings its own parts"},
        Wrong{"[camera]", "[camera]\ndesign = 4", "design goes with [camera] source = \"sim\""},
        Wrong{"strobe =", "pass = \"c/A\"\nheartbeat = \"c/B\"\nstrobe =", "its own wires"},
        Wrong{"parts_per_second = 50", "parts_per_second = 51",
              "[belt] spacing lets them come every 20 ms"},
        Wrong{"reserve = \"1500us\"", "pass_hold = \"2ms\"", "goes with the gate at the camera"},
        Wrong{"names_parts = true", "names = true", "unknown key \"names\""},
        Wrong{"[plc]", "[input]\ngate_sensor = \"c/B\"\n[plc]", "[input] needs trigger"},
        Wrong{"[plc]", "[input]\ntrigger = \"c\"\n[plc]", "CHIP/LINE"},
        Wrong{"[plc]", "[input]\ntrigger = \"c/A\"\n[plc]", "name its line in [input] encoder_a"},
        Wrong{"[plc]",
              "[input]\ntrigger = \"c/A\"\nencoder_a = \"c/B\"\ngate_sensor = \"c/C\"\n"
              "bin_sensor = \"c/D\"\nplc_beat = \"c/E\"\n[plc]",
              "no device that can be named here tells it"}));

TEST(StationFile, ATriggerOnAGpioNeedsACameraThatSeesTheParts) {
  EXPECT_NE(MessageOf(Replaced("[realtime]", "[input]\ntrigger = \"c/A\"\n[realtime]"))
                .find("needs a camera"),
            std::string::npos);
  const auto wired = ParseStationFile(
      OnBelt("[plc]\nnames_parts = true\nheartbeat_within = \"2s\"",
             "[input]\ntrigger = \"c/A\"\nencoder_a = \"c/B\"\nencoder_b = \"c/C\"\n"
             "gate_sensor = \"c/D\"\nbin_sensor = \"c/E\"\ndebounce = \"100us\""),
      "/line");
  ASSERT_TRUE(wired) << wired.error().message;
  EXPECT_TRUE(wired->devices.facts.trigger_wired);
  ASSERT_EQ(wired->devices.signals.size(), 1U) << "the shared line's are not heard";
  EXPECT_EQ(wired->devices.signals[0].kind, "gpio");
}

TEST(StationFile, DecisionsMustBeFasterThanParts) {
  EXPECT_TRUE(CheckPace(milliseconds(10), milliseconds(9)));
  const Status slow = CheckPace(milliseconds(10), milliseconds(10));
  ASSERT_FALSE(slow);
  EXPECT_NE(slow.error().message.find("every 10 ms, but to decide about one takes 10 ms"),
            std::string::npos);
}

}  // namespace
}  // namespace taktgate::session
