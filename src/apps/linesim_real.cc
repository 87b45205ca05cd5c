#include "apps/linesim_real.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>

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
  std::printf("records and logs are kept in %s\n", session.folder().c_str());
  return kExitBadInput;
}

}  // namespace

int RunRealLine(const RealLineOptions& options) {
  auto session = RealSession::Create(options);
  if (!session) return Refuse(session.error());
  const Status ran = (*session)->Run();
  const int code = ran ? Compare(**session, options) : Refuse(ran.error(), kExitLineFault);
  if (code == kExitOk) (*session)->RemoveFolder();
  return code;
}

void AddRealLineOptions(CLI::App& command, RealLineOptions& options) {
  command.add_option("--rate", options.parts_per_second, "Parts a second")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 110.0));
  command.add_option("--bundle", options.bundle, "The release that decides (default: the demo's)");
  command.add_option("--kills", options.kills, "Kill the station so often (SIGKILL)")
      ->check(CLI::Range(0, 4000));
  command.add_option("--freezes", options.freezes, "Stop the station for 3 s so often (SIGSTOP)")
      ->check(CLI::Range(0, 1000));
  command.add_option("--hogs", options.hogs, "Threads that do nothing but spin")
      ->check(CLI::Range(0, 64));
  command
      .add_option_function<std::uint64_t>(
          "--relay-silence-ms",
          [&options](std::uint64_t ms) { options.relay_silence = std::chrono::milliseconds(ms); },
          "The watchdog relay opens after so long without a heartbeat (default 2000)")
      ->check(CLI::Range(std::uint64_t{600}, std::uint64_t{60'000}));
}

void AddRealLineCommands(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("linesim-real", "Mode R of the line simulator")->group("");
  auto options = std::make_shared<RealLineOptions>();
  command->add_option("--parts", options->parts, "How many parts, at least")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}));
  command->add_option("--seed", options->seed, "Of boards and kills");
  command->add_option("--json", options->json, "Write the result there as JSON");
  AddRealLineOptions(*command, *options);
  command->callback([options, &exit_code] { exit_code = RunRealLine(*options); });

  CLI::App* relay = app.add_subcommand("linesim-relay", "The relay process of a line")->group("");
  auto line = std::make_shared<std::string>();
  auto silence = std::make_shared<std::uint64_t>(2000);
  relay->add_option("LINE", *line)->required();
  relay->add_option("SILENCE_MS", *silence)->required();
  relay->callback([line, silence, &exit_code] { exit_code = RunRelayProcess(*line, *silence); });
}

}  // namespace taktgate::apps
