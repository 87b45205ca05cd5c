#include "station/station_file.h"

#include <toml++/toml.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <initializer_list>
#include <utility>

#include "base/file.h"

namespace taktgate::station {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

std::string InMilliseconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%g ms", static_cast<double>(duration.count()) / 1e6);
  return text;
}

std::string Describe(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return "the text \"" + *text + "\"";
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto real = node.value_exact<double>()) return std::to_string(*real);
  if (node.is_boolean()) return node.value_or(false) ? "true" : "false";
  return "a table or list";
}

// One table of the file; takes known keys and remembers the first thing that is wrong.
class Section {
 public:
  Section(toml::table& file, std::string name, std::optional<Error>& error)
      : name_(std::move(name)), error_(error) {
    toml::node* node = file.get(name_);
    if (node == nullptr) return;
    table_ = node->as_table();
    if (table_ == nullptr)
      Fail(Invalid("[" + name_ + "]: expected a table, came " + Describe(*node)));
  }

  // Calls `take` with the value of `key` if it is there; `take` gives what was expected on refusal.
  void Take(std::string_view key,
            const std::function<std::optional<std::string>(const toml::node&)>& take) {
    known_.emplace_back(key);
    if (table_ == nullptr || error_) return;
    const toml::node* node = table_->get(key);
    if (node == nullptr) return;
    if (const auto expected = take(*node)) {
      Fail(Invalid("[" + name_ + "] " + std::string(key) + ": expected " + *expected + ", came " +
                   Describe(*node)));
    }
  }

  void Text(std::string_view key, std::string& value) {
    Take(key, [&](const toml::node& node) -> std::optional<std::string> {
      const auto text = node.value_exact<std::string>();
      if (!text || text->empty()) return "a text in quotes";
      value = *text;
      return std::nullopt;
    });
  }

  void Path(std::string_view key, std::filesystem::path& value, const std::filesystem::path& base) {
    std::string text;
    Text(key, text);
    if (!text.empty()) value = base / text;
  }

  void Time(std::string_view key, Duration& value, bool positive) {
    Take(key, [&](const toml::node& node) -> std::optional<std::string> {
      const auto text = node.value_exact<std::string>();
      const auto parsed = text ? ParseDuration(*text) : Result<Duration>(Error{});
      if (!parsed || (positive && *parsed <= Duration(0))) {
        return std::string("a ") + (positive ? "positive " : "") +
               "time with its unit in quotes, such as \"8ms\" (ns, us, ms, s)";
      }
      value = *parsed;
      return std::nullopt;
    });
  }

  void Whole(std::string_view key, std::int64_t low, std::int64_t high,
             const std::function<void(std::int64_t)>& set) {
    Take(key, [&](const toml::node& node) -> std::optional<std::string> {
      const auto whole = node.value_exact<std::int64_t>();
      if (!whole || *whole < low || *whole > high) {
        return "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
      }
      set(*whole);
      return std::nullopt;
    });
  }

  void Real(std::string_view key, double low, double high, const std::function<void(double)>& set) {
    Take(key, [&](const toml::node& node) -> std::optional<std::string> {
      const auto real = node.is_number() ? node.value<double>() : std::nullopt;
      if (!real || !std::isfinite(*real) || *real < low || *real > high) {
        char text[80];
        std::snprintf(text, sizeof text, "a number from %g to %g", low, high);
        return text;
      }
      set(*real);
      return std::nullopt;
    });
  }

  void Flag(std::string_view key, bool& value) {
    Take(key, [&](const toml::node& node) -> std::optional<std::string> {
      if (!node.is_boolean()) return "true or false";
      value = node.value_or(value);
      return std::nullopt;
    });
  }

  void RefuseUnknownKeys() {
    if (table_ == nullptr || error_) return;
    for (const auto& [key, node] : *table_) {
      bool known = false;
      std::string all;
      for (const std::string& name : known_) {
        known = known || key.str() == name;
        all += (all.empty() ? "" : ", ") + name;
      }
      if (!known) {
        Fail(Invalid("[" + name_ + "]: unknown key \"" + std::string(key.str()) +
                     "\"; known keys: " + all));
        return;
      }
    }
  }

 private:
  void Fail(Error error) {
    if (!error_) error_ = std::move(error);
  }

  const std::string name_;
  std::optional<Error>& error_;
  toml::table* table_ = nullptr;
  std::vector<std::string> known_;
};

std::optional<Error> RefuseUnknownTables(const toml::table& file) {
  constexpr std::string_view kTables[] = {"station",  "release",   "camera", "line",
                                          "deadline", "inference", "record", "incident",
                                          "realtime", "output"};
  for (const auto& [key, node] : file) {
    bool known = false;
    std::string all;
    for (const std::string_view name : kTables) {
      known = known || key.str() == name;
      all += (all.empty() ? "[" : ", [") + std::string(name) + "]";
    }
    if (!known) {
      return Invalid("unknown table or key \"" + std::string(key.str()) + "\"; known: " + all);
    }
  }
  return std::nullopt;
}

void ReadCamera(toml::table& root, const std::filesystem::path& folder, StationFile& file,
                std::optional<Error>& error) {
  Section camera(root, "camera", error);
  camera.Take("source", [&](const toml::node& node) -> std::optional<std::string> {
    const auto text = node.value_exact<std::string>();
    if (text == "sim") {
      file.source = StationFile::Source::kSim;
    } else if (text == "replay") {
      file.source = StationFile::Source::kReplay;
    } else {
      return "\"sim\" or \"replay\"";
    }
    return std::nullopt;
  });
  camera.Path("data", file.data, folder);
  camera.Text("split", file.split);
  camera.Time("acquisition_delay", file.schedule.acquisition_delay, false);
  camera.Time("acquisition_jitter", file.schedule.acquisition_jitter, false);
  camera.Time("capture_from", file.station.gate.capture_from, false);
  camera.Time("capture_until", file.station.gate.capture_until, true);
  camera.Whole("design", 0, INT64_MAX,
               [&](std::int64_t v) { file.design = static_cast<std::uint64_t>(v); });
  camera.Real("defect_share", 0, 1, [&](double v) { file.defect_share = v; });
  camera.RefuseUnknownKeys();
}

void ReadLine(toml::table& root, const std::filesystem::path& folder, StationFile& file,
              std::optional<Error>& error) {
  Section line(root, "line", error);
  line.Path("shared", file.shared_line, folder);
  line.Real("parts_per_second", 0.001, 10'000, [&](double v) {
    file.schedule.period = Duration(static_cast<Duration::rep>(std::llround(1e9 / v)));
  });
  line.Whole("parts", 0, INT64_MAX,
             [&](std::int64_t v) { file.schedule.parts = static_cast<std::uint64_t>(v); });
  line.Whole("seed", 0, INT64_MAX,
             [&](std::int64_t v) { file.schedule.seed = static_cast<std::uint64_t>(v); });
  line.RefuseUnknownKeys();
}

void ReadOutput(toml::table& root, StationFile& file, std::optional<Error>& error) {
  Section output(root, "output", error);
  for (std::size_t k = 0; k < kOutputLines; ++k) {
    std::string key(ToString(static_cast<OutputLine>(k)));
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    output.Take(key, [&](const toml::node& node) -> std::optional<std::string> {
      const auto text = node.value_exact<std::string>();
      const auto name = text ? line::ParseGpioName(*text) : Result<line::GpioName>(Error{});
      if (!name) return "a GPIO line as \"CHIP/LINE\", as gpioinfo shows them";
      file.gpio_output[k] = *name;
      return std::nullopt;
    });
  }
  output.RefuseUnknownKeys();
}

Status CheckOutput(const StationFile& file) {
  const auto wired = [&file](OutputLine line) {
    return file.gpio_output[static_cast<std::size_t>(line)].has_value();
  };
  bool any = false;
  for (const auto& name : file.gpio_output) any = any || name.has_value();
  if (!any) return {};
  if (!file.shared_line.empty()) {
    return Invalid("[line] shared brings its own wires; leave out [output] or [line] shared");
  }
  if (!wired(OutputLine::kPass) || !wired(OutputLine::kHeartbeat)) {
    return Invalid(
        "[output] needs pass and heartbeat: a GPIO keeps PASS on the wire when the station dies, "
        "and only the watchdog relay that HEARTBEAT holds ends it");
  }
  return {};
}

void ReadStationTables(toml::table& root, const std::filesystem::path& folder, StationFile& file,
                       std::optional<Error>& error) {
  Section station(root, "station", error);
  station.Text("name", file.name);
  station.Path("state", file.state, folder);
  station.RefuseUnknownKeys();
  Section release(root, "release", error);
  release.Path("bundle", file.bundle, folder);
  release.RefuseUnknownKeys();
  Section deadline(root, "deadline", error);
  deadline.Time("window", file.station.gate.window, true);
  deadline.Time("pass_hold", file.station.gate.pass_hold, true);
  deadline.Time("reserve", file.reserve, true);
  deadline.RefuseUnknownKeys();
  Section inference(root, "inference", error);
  inference.Whole("threads", 1, 64,
                  [&](std::int64_t v) { file.intra_op_threads = static_cast<int>(v); });
  inference.Whole("warm_up_runs", 1, 100'000,
                  [&](std::int64_t v) { file.warm_up_runs = static_cast<int>(v); });
  inference.Time("fault_after", file.station.gate.fault_after, true);
  inference.RefuseUnknownKeys();
  Section record(root, "record", error);
  record.Path("file", file.records, folder);
  record.Whole("queue", 2, 1'000'000,
               [&](std::int64_t v) { file.record_queue = static_cast<std::size_t>(v); });
  record.RefuseUnknownKeys();
  Section incident(root, "incident", error);
  incident.Path("folder", file.incident.folder, folder);
  incident.Whole("frames", 0, 256,
                 [&](std::int64_t v) { file.incident.frames = static_cast<std::size_t>(v); });
  incident.Whole("keep", 1, 10'000,
                 [&](std::int64_t v) { file.incident.keep = static_cast<std::size_t>(v); });
  incident.RefuseUnknownKeys();
  Section realtime(root, "realtime", error);
  realtime.Flag("lock_memory", file.station.lock_memory);
  realtime.Flag("threads", file.station.realtime_threads);
  realtime.RefuseUnknownKeys();
}

Status CheckWhole(const StationFile& file) {
  if (file.bundle.empty()) {
    return Invalid(
        "[release] bundle is missing: name the bundle that decides, such as "
        "bundle = \"demo.tgb\"");
  }
  if (file.source == StationFile::Source::kReplay && file.data.empty()) {
    return Invalid("[camera] source = \"replay\" needs data = \"LIST.tsv\" or a folder");
  }
  if (file.source == StationFile::Source::kSim && !file.data.empty()) {
    return Invalid(
        "[camera] data goes with source = \"replay\"; the simulator makes its own images");
  }
  const bool own_line = file.source == StationFile::Source::kReplay || file.schedule.parts != 0;
  if (!file.shared_line.empty() && own_line) {
    return Invalid(
        "[line] shared brings its own parts and frames; leave out [line] parts and [camera] "
        "source = \"replay\"");
  }
  if (!file.records.empty() && file.state.empty()) {
    return Invalid(
        "[record] file needs [station] state = \"FOLDER\": without its boot counter part "
        "ids in the records would be given again after a restart");
  }
  if (Status output = CheckOutput(file); !output) return output;
  return CheckTiming(file);
}

Result<toml::table> ParseToml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& problem) {
    const auto& where = problem.source().begin;
    return Invalid("line " + std::to_string(where.line) + ", column " +
                   std::to_string(where.column) + ": " + std::string(problem.description()));
  }
}

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  for (const auto& [name, factor] : kUnits) {
    if (status != std::errc() || unit != name) continue;
    const double nanos = number * factor;
    if (!std::isfinite(nanos) || nanos < 0 || nanos > 1e15) break;
    return Duration(static_cast<Duration::rep>(std::llround(nanos)));
  }
  return Invalid("expected a time such as \"8ms\" (ns, us, ms, s), came \"" + std::string(text) +
                 "\"");
}

Status CheckTiming(const StationFile& file) {
  const gate::GateSettings& gate = file.station.gate;
  const line::Schedule& schedule = file.schedule;
  const Duration line_time = gate.window + gate.pass_hold;
  if (schedule.period < line_time) {
    return Invalid("parts come every " + InMilliseconds(schedule.period) + ", but one part needs " +
                   InMilliseconds(gate.window) + " (deadline window) + " +
                   InMilliseconds(gate.pass_hold) + " (pass_hold) = " + InMilliseconds(line_time) +
                   "; lower [line] parts_per_second or shorten [deadline]");
  }
  const Duration frame_there = schedule.acquisition_delay + schedule.acquisition_jitter;
  if (frame_there >= gate.window) {
    return Invalid("a frame is there " + InMilliseconds(schedule.acquisition_delay) + " + " +
                   InMilliseconds(schedule.acquisition_jitter) + " = " +
                   InMilliseconds(frame_there) + " after the edge, not before the deadline of " +
                   InMilliseconds(gate.window) + "; no part could ever pass");
  }
  if (gate.capture_until <= gate.capture_from || gate.capture_until > gate.window) {
    return Invalid("[camera] capture_from " + InMilliseconds(gate.capture_from) +
                   " must lie before capture_until " + InMilliseconds(gate.capture_until) +
                   ", and that not behind the deadline window " + InMilliseconds(gate.window));
  }
  if (frame_there > gate.capture_until) {
    return Invalid("a frame may be captured " + InMilliseconds(frame_there) +
                   " after the edge, but [camera] capture_until is " +
                   InMilliseconds(gate.capture_until) + "; no frame would be paired with its part");
  }
  // A replayed frame is captured half way between edge and arrival.
  if (schedule.acquisition_delay / 2 < gate.capture_from) {
    return Invalid("a frame is captured " + InMilliseconds(schedule.acquisition_delay / 2) +
                   " after the edge, before [camera] capture_from " +
                   InMilliseconds(gate.capture_from) + "; no frame would be paired with its part");
  }
  gate::GateSettings rest = gate;
  rest.inference_reserve = file.reserve;  // zero: measured at start, from what is left
  if (Status sound = gate::CheckSettings(rest); !sound) return sound;
  if (file.reserve >= gate.window - frame_there && file.reserve > Duration(0)) {
    return Invalid("[deadline] reserve " + InMilliseconds(file.reserve) +
                   " is not under what is left behind the frame, " +
                   InMilliseconds(gate.window - frame_there) + "; no part could ever be admitted");
  }
  return {};
}

Result<StationFile> ParseStationFile(std::string_view text, const std::filesystem::path& folder) {
  auto root = ParseToml(text);
  if (!root) return root.error();
  if (auto unknown = RefuseUnknownTables(*root)) return *unknown;
  StationFile file;
  std::optional<Error> error;
  ReadStationTables(*root, folder, file, error);
  ReadCamera(*root, folder, file, error);
  ReadLine(*root, folder, file, error);
  ReadOutput(*root, file, error);
  if (error) return *error;
  if (Status sound = CheckWhole(file); !sound) return sound.error();
  return file;
}

Result<StationFile> ReadStationFile(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error().Within("station file");
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return ParseStationFile(text, path.parent_path()).Within(path.string());
}

}  // namespace taktgate::station
