#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/demo_bundle.h"
#include "apps/end_of_line.h"
#include "apps/runtime_option.h"
#include "base/format_text.h"
#include "record/line_report.h"
#include "session/line_session.h"

namespace taktgate::apps {
namespace {

struct DemoOptions {
  std::string bundle;
  std::string runtime = "auto";
  double seconds = 30;
  double parts_per_second = 100;
  std::uint64_t seed = 1;
  double defect_share = 0.2;
  double window_ms = 8;
};

// The station file of a simulated line.
Result<session::StationFile> DemoStation(const DemoOptions& options) {
  auto inference = SettingsFor(options.runtime);
  if (!inference) return inference.error();
  const double parts = std::max(1.0, options.seconds * options.parts_per_second);
  const double capture_until_ms = std::min(5.0, options.window_ms);
  auto file = session::ParseStationFile(
      Format("[station]\nname = \"demo\"\n[release]\nbundle = \"demo.tgb\"\n"
             "[camera]\nsource = \"sim\"\ndefect_share = %.17g\ncapture_until = \"%.17gms\"\n"
             "[line]\nparts_per_second = %.17g\nparts = %.0f\nseed = %llu\n"
             "[deadline]\nwindow = \"%.17gms\"\n",
             options.defect_share, capture_until_ms, options.parts_per_second, parts,
             static_cast<unsigned long long>(options.seed), options.window_ms),
      {});
  if (!file) return file;
  file->inference = std::move(*inference);
  // Its path may hold what a station file could not.
  file->bundle = options.bundle.empty() ? FindDemoBundle() : options.bundle;
  return file;
}

std::vector<bool> PassingOf(const bundle::Release& release) {
  std::vector<bool> passes;
  for (const bundle::Label& label : release.labels) passes.push_back(label.pass);
  return passes;
}

std::string BeginningInWords(session::LineSession& session, const DemoOptions& options,
                             Duration ready) {
  const bundle::Release& release = session.release();
  return Format(
      "A simulated line: %.0f boards a second for %.0f s, a decision due %g ms after each "
      "trigger edge.\n"
      "release   %s %s, id %s\n"
      "runtime   %s\n"
      "READY     after %s; acquisition (exposure + transport) is simulated with 2.5 ms\n\n",
      options.parts_per_second, options.seconds, options.window_ms, release.name.c_str(),
      release.version.c_str(), release.short_id().c_str(),
      session.classifier().description().c_str(), record::InMilliseconds(ready).c_str());
}

std::string EndInWords(const session::LineSession& session, const session::StationFile& file) {
  const Duration window = file.station.gate.window;
  const record::LineCounts counts = session.statistics().Look();
  std::string text = "\nTruth against verdict\n" +
                     record::TruthTable(session.truth_names(), PassingOf(session.release()),
                                        session.statistics().LookAtTruth());
  text += "\nReasons of the rejects\n" + record::ReasonTable(counts);
  text +=
      "\nFrom trigger edge to output level, every answer, late ones too (counts on a square-root "
      "scale)\n" +
      record::LatencyPicture(counts.latency, window);
  text += "\nWhere each microsecond went\n" + record::StageTable(counts.stages, counts.latency);
  text += Format(
      "\nparts %llu   misses (no timely answer, rejected) %llu   PASS after the deadline %llu\n",
      static_cast<unsigned long long>(counts.parts),
      static_cast<unsigned long long>(counts.misses()),
      static_cast<unsigned long long>(counts.pass_after_deadline));
  const LatencyHistogram& hiccups = session.hiccups();
  text += Format("this machine, beside it: a thread that only sleeps woke up to %s late (p99 %s)\n",
                 record::InMilliseconds(hiccups.max()).c_str(),
                 record::InMilliseconds(hiccups.Quantile(0.99)).c_str());
  return text + record::TooSlow(counts, session.tried(), file.devices.facts.frames->delay, window);
}

int RunDemo(const DemoOptions& options) {
  const TimePoint started = std::chrono::steady_clock::now();
  Console console("note: ");
  const auto file = DemoStation(options);
  if (!file) return console.Refuse(file.error());
  auto session = session::LineSession::Create(*file, console.notice());
  if (!session) return console.Refuse(session.error());
  if (Status begun = (*session)->Start(); !begun) {
    return console.Refuse(begun.error(), kExitLineFault);
  }
  const TimePoint ready = std::chrono::steady_clock::now();
  console.Print(BeginningInWords(**session, options, ready - started));
  const bool live = isatty(STDOUT_FILENO) != 0;
  int ticks = 0;
  const Status ended = (*session)->Run([&] {
    const auto line = [&] {
      return record::LiveLine((*session)->statistics().Look(),
                              std::chrono::steady_clock::now() - ready);
    };
    if (live) console.PrintLive("\r\x1b[K" + line());
    if (!live && ++ticks % 10 == 5) console.Print(line() + "\n");
  });
  console.Print((live ? "\n" : "") + EndInWords(**session, *file));
  return EndOfLine(**session, ended, console);
}

}  // namespace

void AddDemoCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("demo", "Run a simulated line with the demo release");
  auto options = std::make_shared<DemoOptions>();
  command.Add("--bundle", options->bundle, "Another bundle for the simulated boards");
  AddRuntimeOption(command, options->runtime);
  command.Add("--seconds", options->seconds, "How long the line runs")
      .ShowDefault()
      .Between(0.1, 86'400.0);
  command.Add("--rate", options->parts_per_second, "Parts a second")
      .ShowDefault()
      .Between(0.1, 1'000.0);
  command.Add("--defect-share", options->defect_share, "Share of defective boards")
      .ShowDefault()
      .Between(0.0, 1.0);
  command.Add("--window", options->window_ms, "Milliseconds from trigger edge to output")
      .ShowDefault()
      .Between(1.0, 10'000.0);
  command.Add("--seed", options->seed, "Another series of boards").ShowDefault();
  command.Footer("Example: taktgate demo --seconds 10 --rate 50");
  command.Run([options, &exit_code] { exit_code = RunDemo(*options); });
}

}  // namespace taktgate::apps
