#include "sim/line_file.h"

#include "base/file.h"
#include "base/strict_table.h"
#include "base/utf8.h"

namespace taktgate::sim {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr Duration kBeatWithin = std::chrono::seconds(2);

void ReadSensors(StrictTable sensors, gate::GateSettings& gate) {
  sensors.Flag("gate", gate.gate_sensor);
  sensors.Time("bin_within", gate.bin_within);
  sensors.Flag("plc_names_parts", gate.plc_names_parts);
  bool beats = false;
  sensors.Flag("plc_heartbeat", beats);
  if (beats) gate.plc_beat_within = kBeatWithin;
  sensors.RefuseOtherKeys();
}

void ReadModel(StrictTable model, SoftSettings& line) {
  model.Time("takes", line.model_takes);
  model.Time("jitter", line.model_jitter);
  model.Real("false_reject", 0, 1, line.false_reject);
  model.Real("missed", 0, 1, line.missed);
  model.Real("unknown", 0, 1, line.unknown);
  model.Flag("measure_runs", line.gate.measure_runs);
  model.RefuseOtherKeys();
}

}  // namespace

Result<SoftSettings> ParseLineFile(std::string_view text) {
  auto root = TomlFile::Parse(text);
  if (!root) return root.error();
  std::optional<Error> error;
  SoftSettings line;
  StrictTable table = StrictTable::Top(*root, "line file", error);
  std::size_t belt = 0, spacing = 0;
  table.Choice("belt", {"camera", "time", "count"}, belt);
  table.Choice("spacing", {"fixed", "jittered", "bursts", "touching"}, spacing);
  table.Real("parts_per_second", 0.1, 1000, line.parts_per_second);
  table.Real("defect_share", 0, 1, line.defect_share);
  std::uint64_t in_flight = 0;
  table.Whole("parts_in_flight", 2, 256, in_flight);
  StrictTable sensors = table.Inner("sensors");
  StrictTable model = table.Inner("model");
  table.RefuseOtherKeys();
  line.spacing = static_cast<SpacingLaw>(spacing);
  line.gate = GateSettingsOf(static_cast<gate::BeltMode>(belt), line.parts_per_second);
  if (in_flight != 0) line.gate.parts_in_flight = static_cast<std::size_t>(in_flight);
  ReadSensors(std::move(sensors), line.gate);
  ReadModel(std::move(model), line);
  if (error) return *error;
  if (Status sound = CheckSoftSettings(line); !sound) return sound.error();
  return line;
}

Result<SoftSettings> ReadLineFile(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error().Within("line file");
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return ParseLineFile(text).Within(path.string());
}

namespace {

Fault ReadFault(StrictTable table, const std::string& where, std::optional<Error>& error) {
  Fault fault;
  std::string name;
  table.Text("kind", name);
  table.Need("kind", "the kind of the fault");
  const FaultKindInfo* info = FindFaultKind(name);
  if (error) return fault;
  if (info == nullptr) {
    error =
        Error{ErrorCode::kInvalid, where + ": expected a kind of fault (" +
                                       std::string(FaultKindNames()) + "), got " + Quoted(name)};
    return fault;
  }
  fault.kind = info->kind;
  const auto has = [&](FaultKey key) { return (info->keys & key) != 0; };
  if (has(kTakesParts)) {
    table.Range("parts", fault.first_part, fault.last_part);
    table.Whole("every", 1, UINT32_MAX, fault.every);
    table.Real("probability", 0, 1, fault.probability);
  }
  if (has(kTakesMoment)) {
    table.Time("at", fault.at);
    table.Time("again", fault.again);
  }
  if (has(kTakesLasts) || has(kNeedsLasts)) table.Time("for", fault.lasts);
  if (has(kNeedsTime)) table.Time("time", fault.time);
  if (has(kNeedsCount)) table.Whole("count", 1, 1'000'000, fault.count);
  if (has(kNeedsFactor)) table.Real("factor", 0.05, 100, fault.factor);
  table.RefuseOtherKeys();
  if (has(kTakesMoment)) table.Need("at", "when it begins, such as at = \"3s\"");
  if (has(kNeedsLasts)) table.Need("for", "how long it lasts, such as for = \"50ms\"");
  if (has(kNeedsTime)) table.Need("time", "such as time = \"12ms\"");
  if (has(kNeedsCount)) table.Need("count", "a whole number");
  if (has(kNeedsFactor)) table.Need("factor", "a number");
  if (!error && fault.again > Duration(0) && fault.lasts != Duration::max() &&
      fault.again <= fault.lasts) {
    error = Error{ErrorCode::kInvalid, where + ": again must be longer than for"};
  }
  return fault;
}

}  // namespace

Result<FaultScript> ParseFaultScript(std::string_view text, const std::filesystem::path& folder) {
  auto root = TomlFile::Parse(text);
  if (!root) return root.error();
  std::optional<Error> error;
  FaultScript script;
  StrictTable table = StrictTable::Top(*root, "fault script", error);
  std::string line;
  table.Text("line", line);
  if (!line.empty()) script.line = folder / line;
  std::vector<StrictTable> faults = table.InnerList("fault");
  table.RefuseOtherKeys();
  for (std::size_t k = 0; k < faults.size() && !error; ++k) {
    script.faults.push_back(
        ReadFault(std::move(faults[k]), "fault " + std::to_string(k + 1), error));
  }
  if (error) return *error;
  return script;
}

Result<FaultScript> ReadFaultScript(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error().Within("fault script");
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return ParseFaultScript(text, path.parent_path()).Within(path.string());
}

Status CheckFaults(const std::vector<Fault>& faults, const SoftSettings& line) {
  const gate::GateSettings& gate = line.gate;
  for (const Fault& fault : faults) {
    const FaultKindInfo& info = InfoOf(fault.kind);
    const auto lacks = [&](FaultKey key, bool there) { return (info.keys & key) != 0 && !there; };
    std::string needs;
    if (lacks(kByCountOnly, gate.belt.mode == gate::BeltMode::kByCount)) {
      needs = "belt = \"count\"";
    } else if (lacks(kBehindCamera, gate.belt.mode != gate::BeltMode::kAtCamera)) {
      needs = "belt = \"time\" or \"count\"";
    } else if (lacks(kPlcNumbers, gate.plc_names_parts)) {
      needs = "[sensors] plc_names_parts = true";
    } else if (lacks(kPlcBeats, gate.plc_beat_within != Duration(0))) {
      needs = "[sensors] plc_heartbeat = true";
    } else if (lacks(kBinSensor, gate.bin_within != Duration(0))) {
      needs = "[sensors] bin_within";
    } else {
      continue;
    }
    return Error{ErrorCode::kInvalid, "the fault " + std::string(info.name) +
                                          " needs a line with " + needs +
                                          "; choose one with --line"};
  }
  return {};
}

}  // namespace taktgate::sim
