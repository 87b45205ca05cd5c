#include "session/station_file.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/file.h"
#include "base/strict_table.h"
#include "base/utf8.h"

namespace taktgate::session {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

using MaybeError = std::optional<Error>;

constexpr const char* kAlarmKeys[] = {"rejects", "faults",        "rate",       "rate_window",
                                      "misses",  "misses_in_100", "miss_quiet", "bin"};

constexpr std::string_view kTables[] = {"station", "release",  "camera",   "line",     "belt",
                                        "sensors", "plc",      "output",   "deadline", "inference",
                                        "record",  "incident", "realtime", "alarms",   "input"};

void ReadCamera(const TomlFile& root, const std::filesystem::path& folder, StationFile& file,
                MaybeError& error) {
  StrictTable camera(root, "camera", error);
  std::size_t source = 0;
  camera.Choice("source", {"sim", "replay"}, source);
  file.source = static_cast<StationFile::Source>(source);
  camera.Path("data", file.data, folder);
  camera.Text("split", file.split);
  camera.TimeOrZero("acquisition_delay", file.schedule.acquisition_delay);
  camera.TimeOrZero("acquisition_jitter", file.schedule.acquisition_jitter);
  camera.TimeOrZero("capture_from", file.station.gate.capture_from);
  camera.Time("capture_until", file.station.gate.capture_until);
  camera.Whole("design", 0, INT64_MAX, file.design);
  camera.Real("defect_share", 0, 1, file.defect_share);
  camera.RefuseOtherKeys();
}

void ReadLine(const TomlFile& root, const std::filesystem::path& folder, StationFile& file,
              MaybeError& error) {
  StrictTable line(root, "line", error);
  line.Path("shared", file.shared_line, folder);
  double parts_per_second = 1e9 / static_cast<double>(file.schedule.period.count());
  line.Real("parts_per_second", 0.001, 10'000, parts_per_second);
  file.schedule.period = Duration(static_cast<Duration::rep>(std::llround(1e9 / parts_per_second)));
  line.Whole("parts", 0, INT64_MAX, file.schedule.parts);
  line.Whole("seed", 0, INT64_MAX, file.schedule.seed);
  line.RefuseOtherKeys();
}

// Lengths are times on a belt of constant speed and encoder counts otherwise.
void ReadBelt(const TomlFile& root, StationFile& file, MaybeError& error) {
  StrictTable belt(root, "belt", error);
  gate::BeltSettings& settings = file.station.gate.belt;
  std::size_t mode = 0;
  belt.Choice("mode", {"camera", "time", "count"}, mode);
  settings.mode = static_cast<gate::BeltMode>(mode);
  if (settings.mode == gate::BeltMode::kAtCamera) return belt.RefuseOtherKeys();
  const auto length = [&](std::string_view key, std::int64_t& value) {
    if (settings.mode == gate::BeltMode::kByCount) return belt.Whole(key, 1, UINT32_MAX / 4, value);
    Duration time(value);
    belt.Time(key, time);
    value = time.count();
  };
  length("distance", settings.distance);
  length("lead", settings.lead);
  length("hold", settings.hold);
  length("spacing", settings.spacing);
  belt.Need("distance", "the way from light barrier to gate");
  belt.Need("lead", "how far ahead of the gate PASS is energised");
  belt.Need("hold", "how far behind the gate PASS is dropped");
  belt.Need("spacing", "the least distance of two parts");
  belt.Whole("parts_in_flight", 2, 4096, file.station.gate.parts_in_flight);
  if (settings.mode == gate::BeltMode::kByCount) {
    belt.Whole("reverse_tolerance", 0, UINT32_MAX / 4, settings.reverse_tolerance);
    belt.Whole("top_speed", 1, 100'000'000, file.top_speed);
    belt.Need("top_speed", "the encoder counts per second that the belt never exceeds");
    settings.longest_pass = {};
    belt.Time("longest_pass", settings.longest_pass);
    belt.Time("position_age", settings.position_age);
  }
  belt.RefuseOtherKeys();
}

void ReadSensors(const TomlFile& root, StationFile& file, MaybeError& error) {
  gate::GateSettings& gate = file.station.gate;
  StrictTable sensors(root, "sensors", error);
  sensors.Flag("gate", gate.gate_sensor);
  sensors.Time("bin_within", gate.bin_within);
  sensors.RefuseOtherKeys();
  StrictTable plc(root, "plc", error);
  plc.Flag("names_parts", gate.plc_names_parts);
  plc.Time("heartbeat_within", gate.plc_beat_within);
  plc.RefuseOtherKeys();
}

void TakeGpioLine(StrictTable& table, std::string_view key, std::optional<line::GpioName>& line) {
  table.Parsed(key, [&](const std::string& text) -> std::optional<std::string> {
    const auto name = line::ParseGpioName(text);
    if (!name) return "a GPIO line as \"CHIP/LINE\", as gpioinfo shows them";
    line = *name;
    return std::nullopt;
  });
}

// When rejects become an alarm: [amber, line stop] of each, 0 for never.
void ReadAlarms(const TomlFile& root, StationFile& file, MaybeError& error) {
  StrictTable alarms(root, "alarms", error);
  bool enabled = !file.state.empty();
  alarms.Flag("enabled", enabled);
  if (enabled && file.state.empty()) {
    alarms.Refuse("enabled", "needs [station] state: nobody could acknowledge a line stop");
  }
  gate::EscalationSettings& settings = file.station.gate.escalation;
  settings = enabled ? gate::EscalationSettings{} : gate::EscalationSettings::Off();
  if (!enabled) {
    for (const char* key : kAlarmKeys) alarms.Refuse(key, "goes with enabled alarms only");
    return alarms.RefuseOtherKeys();
  }
  alarms.Pair("rejects", settings.rejects_amber, settings.rejects_stop);
  alarms.Pair("faults", settings.faults_amber, settings.faults_stop);
  alarms.Whole("rate_window", 1, 256, settings.rate_window);
  alarms.Pair("rate", settings.rate_amber, settings.rate_stop);
  alarms.Pair("misses", settings.miss_row_amber, settings.miss_row_stop);
  alarms.Whole("misses_in_100", 0, 100, settings.misses_amber);
  alarms.Whole("miss_quiet", 1, UINT32_MAX, settings.miss_quiet);
  alarms.Pair("bin", settings.bin_amber, settings.bin_stop);
  alarms.RefuseOtherKeys();
}

void ReadInput(const TomlFile& root, StationFile& file, MaybeError& error) {
  StrictTable input(root, "input", error);
  for (std::size_t k = 0; k < line::kGpioInputs; ++k) {
    TakeGpioLine(input, line::ToString(static_cast<line::GpioInput>(k)), file.gpio_input.lines[k]);
  }
  input.Time("debounce", file.gpio_input.debounce);
  input.RefuseOtherKeys();
}

void ReadOutput(const TomlFile& root, StationFile& file, MaybeError& error) {
  StrictTable output(root, "output", error);
  for (std::size_t k = 0; k < kOutputLines; ++k) {
    std::string key(ToString(static_cast<OutputLine>(k)));
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    TakeGpioLine(output, key, file.gpio_output[k]);
  }
  output.Time("heartbeat_every", file.station.gate.heartbeat);
  output.Time("strobe", file.station.gate.strobe);
  output.RefuseOtherKeys();
}

void ReadStation(const TomlFile& root, const std::filesystem::path& folder, StationFile& file,
                 MaybeError& error) {
  StrictTable station(root, "station", error);
  station.Text("name", file.name);
  station.Path("state", file.state, folder);
  station.Flag("challenge_first", file.station.gate.challenge_first);
  station.RefuseOtherKeys();
  StrictTable release(root, "release", error);
  release.Path("bundle", file.bundle, folder);
  release.RefuseOtherKeys();
  StrictTable realtime(root, "realtime", error);
  realtime.Flag("lock_memory", file.station.lock_memory);
  realtime.Flag("threads", file.station.realtime_threads);
  realtime.Flag("strict", file.station.strict_realtime);
  const auto core = [&realtime](std::string_view key, std::optional<int>& value) {
    int number = 0;
    realtime.Whole(key, 0, 4095, number);
    if (realtime.Has(key)) value = number;
  };
  core("gate_core", file.station.cores.gate);
  core("camera_core", file.station.cores.camera);
  core("inference_core", file.station.cores.inference);
  realtime.RefuseOtherKeys();
}

void ReadDeciding(const TomlFile& root, StationFile& file, MaybeError& error) {
  gate::GateSettings& gate = file.station.gate;
  StrictTable deadline(root, "deadline", error);
  deadline.Time("window", gate.window);
  if (gate.belt.mode == gate::BeltMode::kAtCamera) {
    deadline.Time("pass_hold", gate.pass_hold);
  } else {
    deadline.Refuse("pass_hold", "goes with the gate at the camera; behind it [belt] hold counts");
  }
  deadline.Time("reserve", file.reserve);
  deadline.RefuseOtherKeys();
  StrictTable inference(root, "inference", error);
  inference.Whole("threads", 1, 64, file.intra_op_threads);
  inference.Whole("warm_up_runs", 1, 100'000, file.warm_up_runs);
  inference.Flag("measure_runs", gate.measure_runs);
  inference.Time("fault_after", gate.fault_after);
  inference.TimeOrZero("keep_warm", file.station.keep_warm);
  inference.RefuseOtherKeys();
}

void ReadKeeping(const TomlFile& root, const std::filesystem::path& folder, StationFile& file,
                 MaybeError& error) {
  StrictTable record(root, "record", error);
  record.Path("file", file.records, folder);
  record.Whole("queue", 2, 1'000'000, file.record_queue);
  std::uint64_t megabytes = 0;
  record.Whole("rotate_mb", 1, 1'000'000, megabytes);
  file.rotation.bytes = megabytes * 1'000'000;
  record.Time("rotate_every", file.rotation.age);
  record.Whole("keep", 1, 10'000, file.rotation.keep);
  for (const char* key : {"rotate_mb", "rotate_every", "keep", "queue"}) {
    if (file.records.empty()) record.Refuse(key, "needs a file; name one in [record] file");
  }
  record.RefuseOtherKeys();
  StrictTable incident(root, "incident", error);
  incident.Path("folder", file.incident.folder, folder);
  incident.Whole("frames", 0, 256, file.incident.frames);
  incident.Whole("keep", 1, 10'000, file.incident.keep);
  incident.RefuseOtherKeys();
}

// What a file leaves out and other values give.
void Complete(const TomlFile& root, StationFile& file) {
  gate::BeltSettings& belt = file.station.gate.belt;
  const bool by_count = belt.mode == gate::BeltMode::kByCount;
  if (by_count && belt.longest_pass == Duration(0)) belt.longest_pass = LeastPeriod(file);
  if (by_count && belt.position_age == Duration(0)) belt.position_age = MostPositionAge(file);
  MaybeError none;
  const bool rate_given = StrictTable(root, "line", none).Has("parts_per_second");
  const bool rate_known = file.shared_line.empty() || rate_given;
  if (!rate_known) file.schedule.period = LeastPeriod(file);
}

}  // namespace

Result<StationFile> ParseStationFile(std::string_view text, const std::filesystem::path& folder) {
  auto root = TomlFile::Parse(text);
  if (!root) return root.error();
  if (auto unknown = root->UnknownTable(kTables)) return *unknown;
  StationFile file;
  MaybeError error;
  ReadStation(*root, folder, file, error);
  ReadCamera(*root, folder, file, error);
  ReadLine(*root, folder, file, error);
  ReadBelt(*root, file, error);
  ReadSensors(*root, file, error);
  ReadAlarms(*root, file, error);
  ReadInput(*root, file, error);
  ReadOutput(*root, file, error);
  ReadDeciding(*root, file, error);
  ReadKeeping(*root, folder, file, error);
  if (error) return *error;
  Complete(*root, file);
  if (Status sound = CheckStationFile(file); !sound) return sound.error();
  return file;
}

Result<StationFile> ReadStationFile(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error().Within("station file");
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return ParseStationFile(text, path.parent_path()).Within(path.string());
}

}  // namespace taktgate::session
