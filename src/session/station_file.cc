#include "session/station_file.h"

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/strict_table.h"
#include "line/device_tables.h"

namespace taktgate::session {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

using line::DeviceTables;
using MaybeError = std::optional<Error>;

constexpr const char* kAlarmKeys[] = {"rejects", "faults",        "rate",       "rate_window",
                                      "misses",  "misses_in_100", "miss_quiet", "bin"};

constexpr std::string_view kTables[] = {"station", "release",  "camera",   "line",     "belt",
                                        "sensors", "plc",      "output",   "deadline", "inference",
                                        "record",  "incident", "realtime", "alarms",   "input"};

// What the pairing of frames and parts needs; the rest of the table is the camera's own.
void ReadCapture(DeviceTables& tables, StationFile& file) {
  tables["camera"].TimeOrZero("capture_from", file.station.gate.capture_from);
  tables["camera"].Time("capture_until", file.station.gate.capture_until);
}

// Lengths are times on a belt of constant speed and encoder counts otherwise.
void ReadBelt(DeviceTables& tables, StationFile& file) {
  StrictTable& belt = tables["belt"];
  gate::BeltSettings& settings = file.station.gate.belt;
  std::size_t mode = 0;
  belt.Choice("mode", {"camera", "time", "count"}, mode);
  settings.mode = static_cast<gate::BeltMode>(mode);
  if (settings.mode == gate::BeltMode::kAtCamera) return;
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
}

void ReadSensors(DeviceTables& tables, StationFile& file) {
  gate::GateSettings& gate = file.station.gate;
  StrictTable& sensors = tables["sensors"];
  sensors.Flag("gate", gate.gate_sensor);
  sensors.Time("bin_within", gate.bin_within);
  StrictTable& plc = tables["plc"];
  plc.Flag("names_parts", gate.plc_names_parts);
  plc.Time("heartbeat_within", gate.plc_beat_within);
}

// When rejects become an alarm: [amber, line stop] of each, 0 for never.
void ReadAlarms(DeviceTables& tables, StationFile& file) {
  StrictTable& alarms = tables["alarms"];
  bool enabled = !file.state.empty();
  alarms.Flag("enabled", enabled);
  if (enabled && file.state.empty()) {
    alarms.Refuse("enabled", "needs [station] state: nobody could acknowledge a line stop");
  }
  gate::EscalationSettings& settings = file.station.gate.escalation;
  settings = enabled ? gate::EscalationSettings{} : gate::EscalationSettings::Off();
  if (!enabled) {
    for (const char* key : kAlarmKeys) alarms.Refuse(key, "goes with enabled alarms only");
    return;
  }
  alarms.Pair("rejects", settings.rejects_amber, settings.rejects_stop);
  alarms.Pair("faults", settings.faults_amber, settings.faults_stop);
  alarms.Whole("rate_window", 1, 256, settings.rate_window);
  alarms.Pair("rate", settings.rate_amber, settings.rate_stop);
  alarms.Pair("misses", settings.miss_row_amber, settings.miss_row_stop);
  alarms.Whole("misses_in_100", 0, 100, settings.misses_amber);
  alarms.Whole("miss_quiet", 1, UINT32_MAX, settings.miss_quiet);
  alarms.Pair("bin", settings.bin_amber, settings.bin_stop);
}

void ReadLevels(DeviceTables& tables, StationFile& file) {
  tables["output"].Time("heartbeat_every", file.station.gate.heartbeat);
  tables["output"].Time("strobe", file.station.gate.strobe);
}

void ReadStation(DeviceTables& tables, StationFile& file) {
  StrictTable& station = tables["station"];
  station.Text("name", file.name);
  station.Path("state", file.state, tables.folder());
  station.Flag("challenge_first", file.station.gate.challenge_first);
  StrictTable& release = tables["release"];
  release.Path("bundle", file.bundle, tables.folder());
  StrictTable& realtime = tables["realtime"];
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
}

void ReadDeciding(DeviceTables& tables, StationFile& file) {
  gate::GateSettings& gate = file.station.gate;
  StrictTable& deadline = tables["deadline"];
  deadline.Time("window", gate.window);
  if (gate.belt.mode == gate::BeltMode::kAtCamera) {
    deadline.Time("pass_hold", gate.pass_hold);
  } else {
    deadline.Refuse("pass_hold", "goes with the gate at the camera; behind it [belt] hold counts");
  }
  deadline.Time("reserve", file.reserve);
  StrictTable& inference = tables["inference"];
  inference.Parsed("engine", [&](const std::string& text) -> std::optional<std::string> {
    auto choice = infer::ParseEngineChoice(text, "[inference] engine");
    if (!choice) return infer::EngineChoicesInWords();
    file.inference.choice = std::move(*choice);
    return {};
  });
  inference.Whole("threads", 1, 64, file.inference.threads);
  inference.Whole("warm_up_runs", 1, 100'000, file.inference.warm_up_runs);
  inference.Flag("measure_runs", gate.measure_runs);
  inference.Time("fault_after", gate.fault_after);
  inference.TimeOrZero("keep_warm", file.station.keep_warm);
}

void ReadKeeping(DeviceTables& tables, StationFile& file) {
  StrictTable& record = tables["record"];
  record.Path("file", file.records, tables.folder());
  record.Whole("queue", 2, 1'000'000, file.record_queue);
  std::uint64_t megabytes = 0;
  record.Whole("rotate_mb", 1, 1'000'000, megabytes);
  file.rotation.bytes = megabytes * 1'000'000;
  record.Time("rotate_every", file.rotation.age);
  record.Whole("keep", 1, 10'000, file.rotation.keep);
  for (const char* key : {"rotate_mb", "rotate_every", "keep", "queue"}) {
    if (file.records.empty()) record.Refuse(key, "needs a file; name one in [record] file");
  }
  StrictTable& incident = tables["incident"];
  incident.Path("folder", file.incident.folder, tables.folder());
  incident.Whole("frames", 0, 256, file.incident.frames);
  incident.Whole("keep", 1, 10'000, file.incident.keep);
}

// What a file leaves out and follows from other values.
void Complete(StationFile& file) {
  gate::BeltSettings& belt = file.station.gate.belt;
  const bool by_count = belt.mode == gate::BeltMode::kByCount;
  if (by_count && belt.longest_pass == Duration(0)) belt.longest_pass = LeastPeriod(file);
  if (by_count && belt.position_age == Duration(0)) belt.position_age = MostPositionAge(file);
  file.period = file.devices.facts.period.value_or(LeastPeriod(file));
}

// A table that nobody has asked for, among them those that only some devices read.
MaybeError UnknownTable(const TomlFile& root, DeviceTables& tables) {
  std::vector<std::string_view> known(std::begin(kTables), std::end(kTables));
  for (const auto& [name, table] : tables.asked_for()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
  }
  return root.UnknownTable(known);
}

}  // namespace

Result<StationFile> ParseStationFile(std::string_view text, const std::filesystem::path& folder,
                                     const DeviceKinds& kinds) {
  auto root = TomlFile::Parse(text);
  if (!root) return root.error();
  StationFile file;
  MaybeError error;
  DeviceTables tables(*root, folder, error);
  for (const auto read : {ReadStation, ReadCapture, ReadBelt, ReadSensors, ReadAlarms, ReadLevels,
                          ReadDeciding, ReadKeeping}) {
    read(tables, file);
  }
  file.devices = ReadDevices(tables, kinds);
  if (auto unknown = UnknownTable(*root, tables)) return *unknown;
  for (auto& [name, table] : tables.asked_for()) table.RefuseOtherKeys();
  if (error) return *error;
  Complete(file);
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
