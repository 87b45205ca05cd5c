#include "apps/linesim_real.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "base/file.h"
#include "rig/real_pace.h"
#include "rig/real_report.h"
#include "rig/real_session.h"
#include "rig/relay.h"
#include "station/realtime.h"

namespace taktgate::apps {
namespace {

// The relay stands for hardware. It ends with its line, or is killed by it.
int RunRelayProcess(const std::string& line, std::uint64_t silence_ms) {
  (void)station::MakeThisThreadRealtime(84);
  const std::atomic<bool> never{false};
  if (Status ran = rig::RunRelay(line, std::chrono::milliseconds(silence_ms), never); !ran) {
    return Refuse(ran.error());
  }
  return kExitOk;
}

int Compare(rig::RealSession& session, const rig::RealLineOptions& options) {
  const auto records = rig::ReadRecords(session.records());
  if (!records) return Refuse(records.error());
  const rig::RealTruth truth = session.Truth();
  const rig::RealReferee referee(truth, *records);
  const rig::RealConditions conditions = session.Conditions();
  std::printf("%s", rig::RealTable(referee, conditions).c_str());
  if (!options.json.empty()) {
    const std::string json = rig::RealJson(referee, conditions);
    if (Status written = WriteFile(options.json, json); !written) return Refuse(written.error());
  }
  if (referee.findings().total() == 0) return kExitOk;
  session.KeepFolder();
  std::printf("records and logs are kept in %s\n", session.folder().c_str());
  return kExitBadInput;
}

}  // namespace

std::string WhatIsMissing(const rig::RealLineOptions& options) {
  if (options.swaps != 0 && options.swap_with.empty()) {
    return "--swaps needs --swap-with BUNDLE, the other release; see docs/linesim-real.md";
  }
  if (options.swaps == 0 && !options.swap_with.empty()) {
    return "--swap-with needs --swaps N, how often; see docs/linesim-real.md";
  }
  return {};
}

int RunRealLine(const rig::RealLineOptions& options) {
  auto session = rig::RealSession::Create(options);
  if (!session) return Refuse(session.error());
  const Status ran = (*session)->Run();
  if (ran) return Compare(**session, options);
  if (ran.error().code == ErrorCode::kWrongState) return Refuse(ran.error(), kExitLineFault);
  (*session)->KeepFolder();
  return Refuse({ran.error().code, ran.error().message + "; records and logs are kept in " +
                                       (*session)->folder().string()},
                kExitLineFault);
}

std::vector<Option> AddRealLineOptions(const Command& command, rig::RealLineOptions& options) {
  std::vector<Option> added;
  const auto add = [&](Option option) {
    added.push_back(option.Group("Mode r"));
    return option;
  };
  add(command.Add("--rate", options.parts_per_second, "Parts a second"))
      .ShowDefault()
      .Between(0.1, rig::kMostPartsPerSecond);
  add(command.Add("--bundle", options.bundle, "What decides (default: the demo's release)"));
  add(command.Add("--kills", options.kills, "So many SIGKILLs to the station")).Between(0, 4000);
  add(command.Add("--freezes", options.freezes, "So many SIGSTOPs to the station, 3 s each"))
      .Between(0, 1000);
  add(command.Add("--stalls", options.stalls, "So many SIGSTOPs to the station, 5 to 400 ms each"))
      .Between(0, 10'000);
  const Option swaps =
      command.Add("--swaps", options.swaps, "Change the running station's release so often");
  add(swaps);
  swaps.Between(0, 100'000);
  for (const char* other : {"--kills", "--freezes", "--stalls"})
    swaps.Excludes(command.Find(other));
  add(command.Add("--swap-with", options.swap_with, "The other bundle of --swaps"));
  add(command.Add("--hogs", options.hogs, "Threads that do nothing but spin")).Between(0, 64);
  add(command.Add("--relay-silence", options.relay_silence_ms,
                  "The watchdog relay opens after so long without a heartbeat, ms"))
      .ShowDefault()
      .Between(600, 60'000);
  return added;
}

void AddLinesimRelayCommand(const Command& app, int& exit_code) {
  const Command relay = app.Sub("linesim-relay", "The relay process of a line").Hidden();
  auto line = std::make_shared<std::string>();
  auto silence = std::make_shared<std::uint64_t>(2000);
  relay.Add("LINE", *line).Required();
  relay.Add("SILENCE_MS", *silence).Required();
  relay.Run([line, silence, &exit_code] { exit_code = RunRelayProcess(*line, *silence); });
}

}  // namespace taktgate::apps
