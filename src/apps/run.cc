#include <unistd.h>

#include <memory>
#include <string>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/end_of_line.h"
#include "base/file.h"
#include "base/format_text.h"
#include "record/line_report.h"
#include "session/end_report.h"
#include "session/line_session.h"
#include "session/station_file.h"

namespace taktgate::apps {
namespace {

std::string AlarmsInWords(const session::StationFile& file, const std::string& path) {
  const gate::EscalationSettings& alarms = file.station.gate.escalation;
  const bool stops = alarms.rejects_stop + alarms.faults_stop + alarms.rate_stop +
                         alarms.miss_row_stop + alarms.bin_stop !=
                     0;
  if (!stops) return "alarms: stop no line ([alarms]); see `taktgate status " + path + "`";
  return "alarms: on; `taktgate ack " + path + " --name NAME` ends one";
}

int RunLine(const std::string& path, bool strict, const std::string& json) {
  const TimePoint started = std::chrono::steady_clock::now();
  Console console("taktgate: ");
  auto file = session::ReadStationFile(path);
  if (!file) return console.Refuse(file.error());
  file->station.strict_realtime = file->station.strict_realtime || strict;
  auto session = session::LineSession::Create(*file, console.notice());
  if (!session) return console.Refuse(session.error());
  if (Status begun = (*session)->Start(); !begun) {
    const bool ours = begun.error().code == ErrorCode::kInvalid;
    return console.Refuse(begun.error(), ours ? kExitBadInput : kExitLineFault);
  }
  const bundle::Release& release = (*session)->release();
  console.Print(Format(
      "station %s, boot %u: release %s %s (%s) on %s, reserve %s, READY after %s (loading %s, "
      "trial runs %s)\n%s\n",
      file->name.c_str(), (*session)->boot(), release.name.c_str(), release.version.c_str(),
      release.short_id().c_str(), (*session)->classifier().name().c_str(),
      record::InMilliseconds((*session)->reserve()).c_str(),
      record::InMilliseconds(std::chrono::steady_clock::now() - started).c_str(),
      record::InMilliseconds((*session)->loading_took()).c_str(),
      record::InMilliseconds((*session)->trials_took()).c_str(),
      file->state.empty() ? "alarms: off; without [station] state nobody could acknowledge one"
                          : AlarmsInWords(*file, path).c_str()));
  const bool live = isatty(STDOUT_FILENO) != 0;
  const Status ended = (*session)->Run([&] {
    if (!live) return;
    console.PrintLive("\r\x1b[K" + record::LiveLine((*session)->statistics().Look(),
                                                    std::chrono::steady_clock::now() - started));
  });
  console.Print((live ? "\n" : "") + session::EndText(**session));
  const Status written =
      json.empty() ? Status{} : WriteFileAtomically(json, session::EndJson(**session));
  const int code = EndOfLine(**session, ended, console);
  return written || code != kExitOk ? code : console.Refuse(written.error());
}

}  // namespace

void AddRunCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("run", "Run the station that a station file describes");
  auto path = std::make_shared<std::string>();
  command.Add("STATION.toml", *path, "The station file (docs/station-file.md)").Required();
  auto strict = std::make_shared<bool>(false);
  command.Flag("--strict-rt", *strict,
               "Do not start unless all that [realtime] asks for is granted");
  auto json = std::make_shared<std::string>();
  command.Add("--json", *json, "Write the last counts to this file, too, when the line has ended");
  command.Footer(
      "Example: taktgate run station.toml --strict-rt\n"
      "Ctrl-C or SIGTERM: output to REJECT, records written out, exit 0.\n"
      "Exit 1: an input was refused. Exit 3: a device or the inference failed; restart it.");
  command.Run([path, strict, json, &exit_code] { exit_code = RunLine(*path, *strict, *json); });
}

}  // namespace taktgate::apps
