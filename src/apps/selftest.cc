#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/line_session.h"
#include "base/file.h"
#include "base/json_text.h"
#include "station/readiness.h"
#include "station/readiness_grants.h"
#include "station/readiness_machine.h"
#include "station/readiness_station.h"
#include "station/readiness_threads.h"
#include "station/readiness_timer.h"

namespace taktgate::apps {
namespace {

using station::Point;
using station::Standing;

struct SelftestOptions {
  std::string station;
  double seconds = 10;
  std::string json;
};

struct SelftestReport {
  std::vector<Point> points;
  station::TimerLatency timer;
};

void Append(std::vector<Point>& points, std::vector<Point> more) {
  for (Point& point : more) points.push_back(std::move(point));
}

SelftestReport TestMachine(const SelftestOptions& options, Duration window) {
  const std::filesystem::path root = "/";
  SelftestReport report;
  report.points = station::LookAtMachine(root);
  if (isatty(STDERR_FILENO) != 0) {
    std::fprintf(stderr, "timer latency, %g s ...\n", options.seconds);
  }
  const auto before = station::RealtimeThreads(root);
  const TimePoint start = std::chrono::steady_clock::now();
  report.timer = station::MeasureTimer(Duration(static_cast<Duration::rep>(options.seconds * 1e9)));
  const auto after = station::RealtimeThreads(root);
  Append(report.points, station::JudgeTimer(report.timer, window));
  report.points.push_back(station::RealtimeShare(
      before, after, std::chrono::steady_clock::now() - start, sysconf(_SC_CLK_TCK)));
  Append(report.points, station::LookAtHeat(root));  // after the load
  return report;
}

// Camera and output as `run` makes them, but no station is started: PASS is never energised, no
// part id is used up, nothing is recorded.
std::vector<Point> TestDevices(station::StationFile file, const Point& release) {
  file.state.clear();
  file.records.clear();
  file.incident.folder.clear();
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  auto session = LineSession::Create(file, [](std::string_view) {});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);  // the session waits for signals, this does not
  if (!session && session.error().message == release.found) {
    return {{"camera", Standing::kNotApplicable, "needs a release that loads", ""}};
  }
  if (!session) {
    return {
        {"camera", Standing::kFail, session.error().message, "see [camera] of the station file"}};
  }
  MonotonicClock clock;
  const station::Devices devices = (*session)->devices();
  return {station::CheckCamera(devices.camera, clock, std::chrono::seconds(2)),
          station::CheckOutput(devices.output, clock)};
}

std::vector<Point> TestStation(const station::StationFile& file) {
  const Point release = station::CheckRelease(file);
  std::vector<Point> points = station::LookAtGrants(file, "/");
  points.push_back(release);
  Append(points, TestDevices(file, release));
  std::filesystem::path disk = ".";
  if (!file.state.empty()) {
    points.push_back(station::CheckFolder("state folder", file.state));
    disk = file.state;
  }
  if (!file.records.empty()) {
    points.push_back(station::CheckAppend("records", file.records));
    if (file.records.has_parent_path()) disk = file.records.parent_path();
  }
  if (!file.incident.folder.empty()) {
    points.push_back(station::CheckFolder("incident folder", file.incident.folder));
    disk = file.incident.folder;
  }
  points.push_back(station::CheckDiskSpace(disk));
  return points;
}

void Print(const SelftestReport& report, Duration window) {
  for (const Point& point : report.points) {
    std::printf("%-14s  %-20s  %s\n", std::string(ToString(point.standing)).c_str(),
                point.name.c_str(), point.found.c_str());
    if (!point.remedy.empty()) std::printf("%36s  -> %s\n", "", point.remedy.c_str());
  }
  std::printf("\nHow late a thread %s woke up, per due millisecond (square-root scale)\n%s",
              report.timer.refused.empty() ? "of the gate's priority" : "without priority",
              station::TimerPicture(report.timer.realtime).c_str());
  std::printf("\n%s\n", station::Conclusion(report.points, window).c_str());
}

nlohmann::ordered_json TimesOf(const LatencyHistogram& latency) {
  const auto us = [](Duration time) { return static_cast<double>(time.count()) / 1e3; };
  return {{"n", latency.count()},
          {"p50_us", us(latency.Quantile(0.5))},
          {"p99_us", us(latency.Quantile(0.99))},
          {"p999_us", us(latency.Quantile(0.999))},
          {"max_us", us(latency.max())}};
}

Status WriteJson(const SelftestReport& report, Duration window, const std::string& path) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["standing"] = ToString(station::WorstOf(report.points));
  document["conclusion"] = station::Conclusion(report.points, window);
  document["timer_latency"] = {{"realtime", TimesOf(report.timer.realtime)},
                               {"ordinary", TimesOf(report.timer.ordinary)}};
  document["points"] = nlohmann::ordered_json::array();
  for (const Point& point : report.points) {
    document["points"].push_back({{"name", point.name},
                                  {"standing", ToString(point.standing)},
                                  {"found", point.found},
                                  {"remedy", point.remedy}});
  }
  return WriteFileAtomically(path, JsonText(document, 2) + "\n");
}

int RunSelftest(const SelftestOptions& options) {
  Duration window = gate::GateSettings{}.window;
  std::optional<station::StationFile> file;
  if (!options.station.empty()) {
    auto read = station::ReadStationFile(options.station);
    if (!read) return Refuse(read.error());
    file = std::move(*read);
    window = file->station.gate.window;
  }
  SelftestReport report = TestMachine(options, window);
  if (file) Append(report.points, TestStation(*file));
  Print(report, window);
  if (!options.json.empty()) {
    if (Status written = WriteJson(report, window, options.json); !written) {
      return Refuse(written.error());
    }
  }
  return station::WorstOf(report.points) == Standing::kFail ? kExitBadInput : kExitOk;
}

}  // namespace

void AddSelftestCommand(const Command& app, int& exit_code) {
  const Command command =
      app.Sub("selftest", "Whether this machine, and a station on it, can keep the window");
  auto options = std::make_shared<SelftestOptions>();
  command.Add("STATION.toml", options->station,
              "The station file; without it only the machine is tested");
  command.Add("--seconds", options->seconds, "Length of the timer test")
      .ShowDefault()
      .Between(0.1, 86400.0);
  command.Add("--json", options->json, "Write the result to this file, too");
  command.Footer(
      "Example: taktgate selftest station.toml --seconds 60 --json selftest.json\n"
      "Needs no privilege, but says what is missing. Stop the station first: it owns its devices.\n"
      "Exit 0: no point says FAIL. Exit 1: one does, or an input was refused.");
  command.Run([options, &exit_code] { exit_code = RunSelftest(*options); });
}

}  // namespace taktgate::apps
