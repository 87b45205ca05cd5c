#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "apps/commands.h"
#include "base/file.h"
#include "selftest/report.h"

namespace taktgate::apps {
namespace {

struct SelftestOptions {
  std::string station;
  double seconds = 10;
  std::string json;
};

int RunSelftest(const SelftestOptions& options) {
  Duration window = gate::GateSettings{}.window;
  std::optional<session::StationFile> file;
  if (!options.station.empty()) {
    auto read = session::ReadStationFile(options.station);
    if (!read) return Refuse(read.error());
    file = std::move(*read);
    window = file->station.gate.window;
  }
  if (isatty(STDERR_FILENO) != 0) {
    std::fprintf(stderr, "timer latency, %g s ...\n", options.seconds);
  }
  selftest::Report report =
      selftest::TestMachine(Duration(static_cast<Duration::rep>(options.seconds * 1e9)), window);
  if (file) {
    for (selftest::Point& point : selftest::TestStation(*file)) {
      report.points.push_back(std::move(point));
    }
  }
  std::fputs(selftest::ReportText(report, window).c_str(), stdout);
  if (!options.json.empty()) {
    const std::string json = selftest::ReportJson(report, window);
    if (Status written = WriteFileAtomically(options.json, json); !written) {
      return Refuse(written.error());
    }
  }
  return selftest::WorstOf(report.points) == selftest::Standing::kFail ? kExitBadInput : kExitOk;
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
