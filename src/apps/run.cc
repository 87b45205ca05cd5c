#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "apps/line_session.h"
#include "station/line_report.h"

namespace taktgate::apps {
namespace {

void PrintIncidents(const station::IncidentRecorder& incidents) {
  if (incidents.written() + incidents.not_written() == 0) return;
  std::printf("incidents: %llu written, %llu not (too soon after another one, or no room)\n",
              static_cast<unsigned long long>(incidents.written()),
              static_cast<unsigned long long>(incidents.not_written()));
}

void PrintEnd(const LineSession& session) {
  const station::LineCounts counts = session.statistics().Look();
  std::printf("parts %llu, pass %llu, reject %llu, misses %llu\n",
              static_cast<unsigned long long>(counts.parts),
              static_cast<unsigned long long>(counts.released),
              static_cast<unsigned long long>(counts.parts - counts.released),
              static_cast<unsigned long long>(counts.misses()));
  std::printf("reasons of rejects:\n%s", station::ReasonTable(counts).c_str());
  std::printf("%s", station::StageTable(counts.stages, counts.latency).c_str());
  std::printf("late answers %llu, passes cut short %llu, stray frames %llu, events dropped %llu\n",
              static_cast<unsigned long long>(counts.late_answers),
              static_cast<unsigned long long>(counts.passes_cut_short),
              static_cast<unsigned long long>(session.station().stray_frames()),
              static_cast<unsigned long long>(session.station().dropped_events()));
  if (session.records_dropped() + session.records_lost() > 0) {
    std::printf("records: %llu dropped from the queue, %llu not written\n",
                static_cast<unsigned long long>(session.records_dropped()),
                static_cast<unsigned long long>(session.records_lost()));
  }
  if (session.incidents() != nullptr) PrintIncidents(*session.incidents());
}

std::string AlarmsInWords(const station::StationFile& file, const std::string& path) {
  const gate::EscalationSettings& alarms = file.station.gate.escalation;
  const bool stops = alarms.rejects_stop + alarms.faults_stop + alarms.rate_stop +
                         alarms.miss_row_stop + alarms.bin_stop !=
                     0;
  if (!stops) return "alarms: stop no line ([alarms]); see `taktgate status " + path + "`";
  return "alarms: on; `taktgate ack " + path + " --name NAME` ends one";
}

int RunLine(const std::string& path, bool strict) {
  const TimePoint started = std::chrono::steady_clock::now();
  const station::Notice notice = [](std::string_view text) {
    std::fprintf(stderr, "taktgate: %.*s\n", static_cast<int>(text.size()), text.data());
  };
  auto file = station::ReadStationFile(path);
  if (!file) return Refuse(file.error());
  file->station.strict_realtime = file->station.strict_realtime || strict;
  auto session = LineSession::Create(*file, notice);
  if (!session) return Refuse(session.error());
  if (Status started = (*session)->Start(); !started) {
    const bool ours = started.error().code == ErrorCode::kInvalid;
    return Refuse(started.error(), ours ? kExitBadInput : kExitLineFault);
  }
  const bundle::Release& release = (*session)->release();
  std::printf("station %s, boot %u: release %s %s (%s), reserve %s, READY after %s\n",
              file->name.c_str(), (*session)->boot(), release.name.c_str(), release.version.c_str(),
              release.short_id().c_str(), station::InMilliseconds((*session)->reserve()).c_str(),
              station::InMilliseconds(std::chrono::steady_clock::now() - started).c_str());
  std::printf("%s\n", file->state.empty()
                          ? "alarms: off; without [station] state nobody could acknowledge one"
                          : AlarmsInWords(*file, path).c_str());
  std::fflush(stdout);
  const bool live = isatty(STDOUT_FILENO) != 0;
  const Status ended = (*session)->Run([&] {
    if (!live) return;
    std::printf("\r\x1b[K%s", station::LiveLine((*session)->statistics().Look(),
                                                std::chrono::steady_clock::now() - started)
                                  .c_str());
    std::fflush(stdout);
  });
  if (live) std::printf("\n");
  PrintEnd(**session);
  if ((*session)->stopped_by() != 0) std::printf("stopped by a signal; the output is at REJECT\n");
  return EndOfLine(**session, ended);
}

}  // namespace

void AddRunCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("run", "Run the station that a station file describes");
  auto path = std::make_shared<std::string>();
  command.Add("STATION.toml", *path, "The station file (docs/station-file.md)").Required();
  auto strict = std::make_shared<bool>(false);
  command.Flag("--strict-rt", *strict,
               "Do not start unless all that [realtime] asks for is granted");
  command.Footer(
      "Example: taktgate run station.toml --strict-rt\n"
      "Ctrl-C or SIGTERM: output to REJECT, records written out, exit 0.\n"
      "Exit 1: an input was refused. Exit 3: a device or the inference failed; restart it.");
  command.Run([path, strict, &exit_code] { exit_code = RunLine(*path, *strict); });
}

}  // namespace taktgate::apps
