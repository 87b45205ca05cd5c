#include "selftest/report.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/format_text.h"
#include "base/json_text.h"
#include "selftest/grants.h"
#include "selftest/machine.h"
#include "selftest/realtime_threads.h"
#include "selftest/station_points.h"
#include "session/line_session.h"

namespace taktgate::selftest {
namespace {

void Append(std::vector<Point>& points, std::vector<Point> more) {
  for (Point& point : more) points.push_back(std::move(point));
}

// Camera and output as `run` makes them, but no station is started: PASS is never energised, no
// part id is used up, nothing is recorded.
std::vector<Point> TestDevices(session::StationFile file, const ReleaseTried& release) {
  file.state.clear();
  file.records.clear();
  file.incident.folder.clear();
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  auto session = session::LineSession::Create(file, [](std::string_view) {});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);  // the session waits for signals, this does not
  if (!session && session.error().message == release.refused) {
    return {{"camera", Standing::kNotApplicable, "needs a release that loads", ""}};
  }
  if (!session) {
    return {
        {"camera", Standing::kFail, session.error().message, "see [camera] of the station file"}};
  }
  MonotonicClock clock;
  const station::Devices devices = (*session)->devices();
  return {CheckCamera(devices.camera, clock, std::chrono::seconds(2)),
          CheckOutput(devices.output, clock)};
}

nlohmann::ordered_json TimesOf(const LatencyHistogram& latency) {
  return {{"n", latency.count()},
          {"p50_us", Microseconds(latency.Quantile(0.5))},
          {"p99_us", Microseconds(latency.Quantile(0.99))},
          {"p999_us", Microseconds(latency.Quantile(0.999))},
          {"max_us", Microseconds(latency.max())}};
}

}  // namespace

Report TestMachine(Duration timer_test, Duration window) {
  const std::filesystem::path root = "/";
  Report report;
  report.points = LookAtMachine(root);
  const auto before = RealtimeThreads(root);
  const TimePoint start = std::chrono::steady_clock::now();
  report.timer = MeasureTimer(timer_test);
  const auto after = RealtimeThreads(root);
  Append(report.points, JudgeTimer(report.timer, window));
  report.points.push_back(
      RealtimeShare(before, after, std::chrono::steady_clock::now() - start, sysconf(_SC_CLK_TCK)));
  Append(report.points, LookAtHeat(root));  // after the load
  return report;
}

std::vector<Point> TestStation(const session::StationFile& file) {
  const ReleaseTried release = CheckRelease(file);
  std::vector<Point> points = LookAtGrants(file, release.threads, "/");
  points.push_back(release.point);
  Append(points, TestDevices(file, release));
  std::filesystem::path disk = ".";
  if (!file.state.empty()) {
    points.push_back(CheckFolder("state folder", file.state));
    disk = file.state;
  }
  if (!file.records.empty()) {
    points.push_back(CheckAppend("records", file.records));
    if (file.records.has_parent_path()) disk = file.records.parent_path();
  }
  if (!file.incident.folder.empty()) {
    points.push_back(CheckFolder("incident folder", file.incident.folder));
    disk = file.incident.folder;
  }
  points.push_back(CheckDiskSpace(disk));
  return points;
}

std::string ReportText(const Report& report, Duration window) {
  std::string text;
  for (const Point& point : report.points) {
    text += Format("%-14s  %-20s  %s\n", std::string(ToString(point.standing)).c_str(),
                   point.name.c_str(), point.found.c_str());
    if (!point.remedy.empty()) text += Format("%36s  -> %s\n", "", point.remedy.c_str());
  }
  text += Format("\nHow late a thread %s woke up, per due millisecond (square-root scale)\n%s",
                 report.timer.refused.empty() ? "of the gate's priority" : "without priority",
                 TimerPicture(report.timer.realtime).c_str());
  text += Format("\n%s\n", Conclusion(report.points, window).c_str());
  return text;
}

std::string ReportJson(const Report& report, Duration window) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["standing"] = ToString(WorstOf(report.points));
  document["conclusion"] = Conclusion(report.points, window);
  document["timer_latency"] = {{"realtime", TimesOf(report.timer.realtime)},
                               {"ordinary", TimesOf(report.timer.ordinary)}};
  document["points"] = nlohmann::ordered_json::array();
  for (const Point& point : report.points) {
    document["points"].push_back({{"name", point.name},
                                  {"standing", ToString(point.standing)},
                                  {"found", point.found},
                                  {"remedy", point.remedy}});
  }
  return JsonText(document, 2) + "\n";
}

}  // namespace taktgate::selftest
