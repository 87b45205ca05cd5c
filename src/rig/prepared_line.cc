#include "rig/prepared_line.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include "base/file.h"
#include "base/format_text.h"
#include "boards/board.h"
#include "bundle/read_bundle.h"
#include "inspect/inspector.h"
#include "rig/loop_wiring.h"
#include "rig/real_pace.h"
#include "sim/line_file.h"
#include "sim/random_line.h"

namespace taktgate::rig {
namespace {

constexpr std::size_t kBoards = 256;

std::string Nanoseconds(std::int64_t length) { return "\"" + std::to_string(length) + "ns\""; }

// What the line file says, as a station file says it.
std::string BeltTables(const sim::SoftSettings& line) {
  const gate::BeltSettings& belt = line.gate.belt;
  std::string text = "[camera]\ncapture_until = " + Nanoseconds(line.gate.capture_until.count()) +
                     "\n[deadline]\nwindow = " + Nanoseconds(line.gate.window.count()) + "\n";
  const bool by_count = belt.mode == gate::BeltMode::kByCount;
  if (belt.mode == gate::BeltMode::kAtCamera) {
    text += "pass_hold = " + Nanoseconds(line.gate.pass_hold.count()) + "\n";
  } else {
    text += "[belt]\n";
    const auto length = [by_count](std::int64_t value) {
      return by_count ? std::to_string(value) : Nanoseconds(value);
    };
    text += std::string("mode = ") + (by_count ? "\"count\"" : "\"time\"") +
            "\ndistance = " + length(belt.distance) + "\nlead = " + length(belt.lead) +
            "\nhold = " + length(belt.hold) + "\nspacing = " + length(belt.spacing) +
            "\nparts_in_flight = " + std::to_string(line.gate.parts_in_flight) + "\n";
  }
  if (by_count) {
    const double counts_per_second = 1e9 / static_cast<double>(line.count_time().count());
    text += "reverse_tolerance = " + std::to_string(belt.reverse_tolerance) +
            "\ntop_speed = " + std::to_string(std::llround(counts_per_second * 1.1)) + "\n";
  }
  if (line.gate.gate_sensor) text += "[sensors]\ngate = true\n";
  text += "[plc]\n";
  if (line.gate.plc_names_parts) text += "names_parts = true\n";
  if (line.gate.plc_beat_within > Duration(0)) {
    text += "heartbeat_within = " + Nanoseconds(line.gate.plc_beat_within.count()) + "\n";
  }
  return text;
}

std::string InQuotes(const std::filesystem::path& path) { return "\"" + path.string() + "\""; }

}  // namespace

Result<std::unique_ptr<PreparedLine>> PreparedLine::Create(const RealLineOptions& options) {
  std::unique_ptr<PreparedLine> line(new PreparedLine(options));
  if (Status read = line->ReadLine(); !read) return read.error();
  if (Status open = line->OpenLoop(); !open) return open.error();
  if (Status made = line->MakeBoards(); !made) return made.error();
  if (Status made = line->MakeFolder(); !made) return made.error();
  if (Status made = line->MakeFiles(); !made) return made.error();
  return line;
}

PreparedLine::~PreparedLine() {
  std::error_code ignored;
  if (!folder_kept_ && !folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Status PreparedLine::ReadLine() {
  if (options_.line_seed != 0) {
    settings_ = sim::DrawRealLine(options_.line_seed, options_.parts);
    options_.parts_per_second = settings_.parts_per_second;
  } else if (options_.line.empty()) {
    settings_.parts_per_second = options_.parts_per_second;
  } else {
    auto line = sim::ReadLineFile(options_.line);
    if (!line) return line.error();
    settings_ = *line;
    options_.parts_per_second = line->parts_per_second;
  }
  schedule_.period = Duration(static_cast<Duration::rep>(1e9 / options_.parts_per_second + 0.5));
  schedule_.seed = options_.seed;
  if (options_.line_seed == 0 && options_.line.empty()) KeepPace(schedule_, settings_.gate);
  auto belt = RealBeltOf(settings_);
  if (!belt) return belt.error();
  belt_ = *belt;
  return {};
}

Status PreparedLine::OpenLoop() {
  if (options_.wiring.empty()) return {};
  if (belt_.has_signals()) {
    return Error{ErrorCode::kInvalid,
                 "mode h plays no encoder, sensors or PLC; choose a --line without them"};
  }
  auto wiring = ReadLoopWiring(options_.wiring);
  if (!wiring) return wiring.error();
  station_tables_ = wiring->station_tables;
  auto loop = line::GpioLoop::Open(gpio_, wiring->loop);
  if (!loop) {
    return loop.error().Within(
        "mode h needs a board that is wired back to itself "
        "(docs/linesim-hardware.md)");
  }
  loop_ = std::move(*loop);
  return {};
}

std::filesystem::path PreparedLine::BundleOf(std::size_t release) const {
  std::error_code ignored;
  return std::filesystem::absolute(release == 0 ? options_.bundle : options_.swap_with, ignored)
      .lexically_normal();
}

// Some boards with their truth, and what each release says of them: the line shows them over and
// over, and the station must say the same.
Status PreparedLine::MakeBoards() {
  boards::BoardSettings settings;
  settings.seed = options_.seed;
  settings.defect_share = 0.2;
  boards::BoardRenderer renderer(settings);
  images_.assign(kBoards, renderer.golden());
  for (std::size_t k = 0; k < kBoards; ++k) {
    const boards::Truth truth = renderer.Render(k, images_[k].pixels.data());
    defective_.push_back(truth.defect != boards::Defect::kNone);
  }
  if (Status asked = AskRelease(options_.bundle); !asked || options_.swaps == 0) return asked;
  if (Status asked = AskRelease(options_.swap_with); !asked) return asked;
  if (releases_[0].id != releases_[1].id) return {};
  return Invalid("expected two releases to swap, got " + releases_[0].id + " in both " +
                 options_.bundle + " and " + options_.swap_with +
                 ": name another bundle in --swap-with");
}

Status PreparedLine::AskRelease(const std::string& bundle) {
  auto release = bundle::ReadBundleFile(bundle);
  if (!release) return release.error();
  ReleaseTruth truth;
  truth.id = release->short_id();
  auto inspector = inspect::Inspector::Create(std::move(*release));
  if (!inspector) return inspector.error();
  if (Status fits = (*inspector)->CheckFrame(images_[0].width, images_[0].height); !fits) {
    return fits;
  }
  for (std::size_t k = 0; k < images_.size(); ++k) {
    const inspect::Inspection& said = (*inspector)->Inspect(images_[k].View());
    truth.boards.push_back({defective_[k], said.part.verdict == judge::Verdict::kPass,
                            std::string(judge::ToString(said.part.reason)),
                            said.part.defect_score});
  }
  releases_.push_back(std::move(truth));
  return {};
}

Status PreparedLine::MakeFolder() {
  std::error_code none;
  const std::filesystem::path above = std::filesystem::temp_directory_path(none);
  std::string folder = (above / "taktgate-linesim-XXXXXX").string();
  if (none || mkdtemp(folder.data()) == nullptr) {
    return Error{ErrorCode::kIo, "no folder can be made in " +
                                     (none ? "the one that TMPDIR names" : above.string()) +
                                     "; name another one in TMPDIR"};
  }
  folder_ = folder;
  return {};
}

Status PreparedLine::MakeFiles() {
  auto host = line::SharedHost::Create(shared_line(),
                                       {images_[0].width, images_[0].height, images_[0].format});
  if (!host) return host.error();
  host_ = std::move(*host);
  return WriteFile(station_file(),
                   "[station]\nname = \"linesim\"\nstate = \"state\"\n[release]\nbundle = " +
                       InQuotes(BundleOf(0)) + "\n[line]\nshared = " + InQuotes(shared_line()) +
                       Format("\nparts_per_second = %.9g", options_.parts_per_second) +
                       "\n[record]\nfile = \"records.jsonl\"\n[alarms]\nenabled = false\n" +
                       BeltTables(settings_) + station_tables_);
}

}  // namespace taktgate::rig
