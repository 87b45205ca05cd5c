#include "apps/linesim_real.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/real_session.h"
#include "base/file.h"
#include "sim/real_report.h"
#include "sim/relay.h"
#include "station/realtime.h"

namespace taktgate::apps {
namespace {

// The relay stands for hardware. It ends with its line, or is killed by it.
int RunRelayProcess(const std::string& line, std::uint64_t silence_ms) {
  (void)station::MakeThisThreadRealtime(84);
  const std::atomic<bool> never{false};
  if (Status ran = sim::RunRelay(line, std::chrono::milliseconds(silence_ms), never); !ran) {
    return Refuse(ran.error());
  }
  return kExitOk;
}

int Compare(RealSession& session, const RealLineOptions& options) {
  const auto records = sim::ReadRecords(session.records());
  if (!records) return Refuse(records.error());
  const sim::RealTruth truth = session.Truth();
  const sim::RealReferee referee(truth, *records);
  const sim::RealConditions conditions = session.Conditions();
  std::printf("%s", sim::RealTable(referee, conditions).c_str());
  if (!options.json.empty()) {
    const std::string json = sim::RealJson(referee, conditions);
    if (Status written = WriteFile(options.json, json); !written) return Refuse(written.error());
  }
  if (referee.findings().total() == 0) return kExitOk;
  session.KeepFolder();
  std::printf("records and logs are kept in %s\n", session.folder().c_str());
  return kExitBadInput;
}

}  // namespace

int RunRealLine(const RealLineOptions& options) {
  auto session = RealSession::Create(options);
  if (!session) return Refuse(session.error());
  const Status ran = (*session)->Run();
  if (ran) return Compare(**session, options);
  if (ran.error().code == ErrorCode::kWrongState) return Refuse(ran.error(), kExitLineFault);
  (*session)->KeepFolder();
  return Refuse({ran.error().code, ran.error().message + "; records and logs are kept in " +
                                       (*session)->folder().string()},
                kExitLineFault);
}

std::vector<CLI::Option*> AddRealLineOptions(CLI::App& command, RealLineOptions& options) {
  std::vector<CLI::Option*> added;
  const auto add = [&](CLI::Option* option) {
    added.push_back(option->group("Mode r"));
    return option;
  };
  add(command.add_option("--rate", options.parts_per_second, "Parts a second"))
      ->capture_default_str()
      ->check(CLI::Range(0.1, 110.0));
  add(command.add_option("--bundle", options.bundle, "What decides (default: the demo's release)"));
  add(command.add_option("--kills", options.kills, "So many SIGKILLs to the station"))
      ->check(CLI::Range(0, 4000));
  add(command.add_option("--freezes", options.freezes, "So many SIGSTOPs to the station, 3 s each"))
      ->check(CLI::Range(0, 1000));
  add(command.add_option("--hogs", options.hogs, "Threads that do nothing but spin"))
      ->check(CLI::Range(0, 64));
  add(command.add_option("--relay-silence", options.relay_silence_ms,
                         "The watchdog relay opens after so long without a heartbeat, ms"))
      ->capture_default_str()
      ->check(CLI::Range(600, 60'000));
  return added;
}

void AddLinesimRelayCommand(CLI::App& app, int& exit_code) {
  CLI::App* relay = app.add_subcommand("linesim-relay", "The relay process of a line")->group("");
  auto line = std::make_shared<std::string>();
  auto silence = std::make_shared<std::uint64_t>(2000);
  relay->add_option("LINE", *line)->required();
  relay->add_option("SILENCE_MS", *silence)->required();
  relay->callback([line, silence, &exit_code] { exit_code = RunRelayProcess(*line, *silence); });
}

}  // namespace taktgate::apps
