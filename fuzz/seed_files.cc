// fuzz_seed_files FOLDER: sound inputs that only the program itself can make, a folder for each
// target; seeds.py makes the others.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "bundle/test_bundle.h"
#include "gate/recorded_gate.h"
#include "gate/replay_log.h"
#include "image/frame.h"
#include "incident/incident.h"
#include "int8/network/test_small_network.h"

namespace taktgate::fuzz {
namespace {

using std::chrono::milliseconds;
namespace event = gate::event;

bool Write(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  const Status written = WriteFile(path, bytes);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.has_value();
}

bool WriteBundle(const std::filesystem::path& folder) {
  bundle::testing::TestBundle bundle = bundle::testing::WithNetwork();
  bool done = Write(folder / "bundle" / "sound.tgb", bundle.Bytes());
  for (const auto& member : bundle.members) {
    if (!member.name.ends_with(".json")) continue;
    done = Write(folder / "json" / member.name, member.content) && done;
  }
  done = Write(folder / "json" / "manifest.json", bundle.Manifest()) && done;
  bundle.Remove("golden");
  bundle.Member("recipe").content =
      R"({"schema": 1, "thresholds": {"pass_at_most": 0.25, "fail_at_least": 0.5}})";
  return Write(folder / "bundle" / "small.tgb", bundle.Bytes()) && done;
}

bool WriteNetworks(const std::filesystem::path& folder) {
  const auto network = int8::testing::SmallNetwork().File();
  int8::testing::NetworkMaker maker(2, 7);
  maker.Scores(maker.Mean(maker.Conv(maker.Input(5, 4, 1), 3, {3, 1}, true)));
  const auto other = maker.File();
  const auto text = [](const std::vector<std::uint8_t>& bytes) {
    return std::string(bytes.begin(), bytes.end());
  };
  return Write(folder / "network" / "small.tgn", text(network)) &&
         Write(folder / "network" / "scores.tgn", text(other));
}

class NoOutputs final : public gate::GateOutputs {
 public:
  void StartInference(gate::PartId part, std::uint32_t) override { running = part; }

  gate::PartId running;
};

gate::GateSettings SettingsOf(gate::BeltMode mode) {
  gate::GateSettings settings;
  settings.parts_in_flight = 6;
  settings.belt.mode = mode;
  settings.bin_within = milliseconds(20);
  if (mode == gate::BeltMode::kAtCamera) return settings;
  const std::int64_t unit = mode == gate::BeltMode::kByCount ? 1 : 1'000'000;
  settings.belt.distance = 12 * unit;
  settings.belt.lead = 2 * unit;
  settings.belt.hold = 2 * unit;
  settings.belt.spacing = 10 * unit;
  settings.belt.longest_pass = milliseconds(8);
  settings.belt.position_age = milliseconds(2);
  settings.gate_sensor = true;
  return settings;
}

// A few parts in a line's rhythm: good ones, one without a frame, one whose answer is late.
void RunParts(gate::RecordedGate& gate, const NoOutputs& outputs) {
  const auto at = [](std::int64_t ms) { return TimePoint(milliseconds(1000 + ms)); };
  using enum gate::Command;
  gate.On(event::Command{kInitialize, at(0), at(0)});
  gate.On(event::ChangeRelease{2, milliseconds(1), at(0), at(0)});
  for (const gate::Command command : {kPrepare, kStartContinuous}) {
    gate.On(event::Command{command, at(0), at(0)});
  }
  std::uint32_t count = 0;
  for (std::int64_t part = 1; part <= 6; ++part) {
    const std::int64_t edge = 12 * part;
    gate.On(event::Trigger{count, at(edge), at(edge)});
    if (part != 3) {
      const gate::FrameSeen frame{static_cast<std::uint64_t>(part), at(edge + 2), at(edge + 2),
                                  false, static_cast<std::uint32_t>(part)};
      gate.On(event::Frame{frame, at(edge + 2)});
      gate::Answer answer;
      answer.verdict = part == 5 ? judge::Verdict::kFail : judge::Verdict::kPass;
      answer.reason = part == 5 ? judge::Reason::kDefect : judge::Reason::kNone;
      answer.windows = 2;
      answer.started_at = at(edge + 2);
      answer.finished_at = at(edge + (part == 4 ? 9 : 5));
      gate.On(event::Answered{outputs.running, answer, answer.finished_at});
    }
    for (std::int64_t ms = 1; ms <= 12; ++ms) {
      gate.On(event::Encoder{++count, at(edge + ms), at(edge + ms)});
      if (ms == 11) gate.On(event::GateSensor{at(edge + ms), at(edge + ms)});
    }
  }
  gate.On(event::Acknowledge{event::ShortName("Ada"), at(90), at(90)});
  gate.On(event::StartChallenge{2, at(91), at(91)});
  gate.On(event::Resumed{at(95), at(95)});
}

bool WriteIncident(const std::filesystem::path& path, gate::BeltMode mode, std::size_t side) {
  const gate::GateSettings settings = SettingsOf(mode);
  if (const Status sound = gate::CheckSettings(settings); !sound) {
    std::fprintf(stderr, "%s\n", sound.error().message.c_str());
    return false;
  }
  gate::EventLog log(settings);
  NoOutputs outputs;
  gate::RecordedGate gate(settings, outputs, &log);
  RunParts(gate, outputs);
  const auto taken = gate.HandOverLog();
  incident::KeptFrame frame;
  frame.info.sequence = 2;
  frame.width = frame.height = static_cast<int>(side);
  frame.pixels.assign(side * side, 7);
  const std::array<const incident::KeptFrame*, 1> frames = {&frame};
  const incident::IncidentHeader header{
      "1.0",
      "line 3",
      "request",
      1,
      {{1, std::string(64, 'a'), "small", "1"}, {2, std::string(64, 'b'), "small", "2"}},
      "2026-01-01T00:00:00Z",
      0};
  const auto stretches = std::span(taken->stretches).first(taken->count);
  const auto replay = gate::ReplayLog(settings, stretches);
  if (!replay || replay->difference || replay->decisions < 5) {
    std::fprintf(stderr, "%s: a seed that cannot be replayed reaches nothing\n", path.c_str());
    return false;
  }
  return Write(path, incident::EncodeIncident(header, settings, stretches,
                                              std::span(frames).first(side == 0 ? 0 : 1)));
}

}  // namespace
}  // namespace taktgate::fuzz

int main(int argc, char** argv) {
  using namespace taktgate;
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  bool done = fuzz::WriteBundle(folder);
  done = fuzz::WriteNetworks(folder) && done;
  const auto incident = [&](const char* name, gate::BeltMode mode, std::size_t side) {
    done = fuzz::WriteIncident(folder / "incident" / name, mode, side) && done;
  };
  incident("at_camera.tgi", gate::BeltMode::kAtCamera, 4);
  incident("by_time.tgi", gate::BeltMode::kByTime, 0);
  incident("by_count.tgi", gate::BeltMode::kByCount, 0);
  return done ? 0 : 1;
}
