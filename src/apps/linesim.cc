#include "apps/linesim.h"

#include <cstdio>
#include <ctime>
#include <memory>

#include "apps/commands.h"
#include "apps/demo_bundle.h"
#include "apps/linesim_real.h"
#include "base/file.h"
#include "sim/line_file.h"
#include "sim/line_report.h"
#include "sim/random_line.h"

namespace taktgate::apps {
namespace {

struct Scenario {
  sim::SoftSettings line;
  std::vector<sim::Fault> faults;
};

Result<Scenario> ReadScenario(const LinesimOptions& options) {
  Scenario scenario;
  std::filesystem::path line = options.line;
  for (const std::string& path : options.faults) {
    auto script = sim::ReadFaultScript(path);
    if (!script) return script.error();
    scenario.faults.insert(scenario.faults.end(), script->faults.begin(), script->faults.end());
    if (script->line.empty() || !options.line.empty()) continue;
    if (!line.empty() && line.lexically_normal() != script->line.lexically_normal()) {
      return Error{ErrorCode::kInvalid, "the fault scripts name different lines, " + line.string() +
                                            " and " + script->line.string() +
                                            "; choose one with --line"};
    }
    line = script->line;
  }
  scenario.line.gate = sim::GateSettingsOf(gate::BeltMode::kAtCamera, 100);
  if (!line.empty()) {
    auto file = sim::ReadLineFile(line);
    if (!file) return file.error();
    scenario.line = *file;
  }
  if (options.line_seed != 0) {
    scenario.line = sim::DrawLine(options.line_seed, options.parts);
    const auto stalls = sim::DrawStalls(options.line_seed, scenario.line);
    scenario.faults.insert(scenario.faults.end(), stalls.begin(), stalls.end());
    return scenario;
  }
  scenario.line.parts = options.parts;
  scenario.line.seed = options.seed;
  if (Status sound = sim::CheckFaults(scenario.faults, scenario.line); !sound) {
    return sound.error();
  }
  return scenario;
}

int RunVirtualLine(const LinesimOptions& options) {
  auto scenario = ReadScenario(options);
  if (!scenario) return Refuse(scenario.error());
  sim::SoftLine line(scenario->line, scenario->faults,
                     [](const gate::GateSettings& settings, gate::GateOutputs& outputs) {
                       return std::make_unique<gate::Gate>(settings, outputs);
                     });
  const std::clock_t before = std::clock();
  line.Run();
  const double cpu =
      static_cast<double>(std::max<std::clock_t>(1, std::clock() - before)) / CLOCKS_PER_SEC;
  std::printf("%s", sim::LineTable(line, cpu).c_str());
  if (!options.json.empty()) {
    if (Status written = WriteFile(options.json, sim::LineJson(line, cpu)); !written) {
      return Refuse(written.error());
    }
  }
  return line.referee().findings().total() == 0 ? kExitOk : kExitBadInput;
}

// Which options were given that the other mode has; empty: none.
std::string Foreign(const std::vector<Option>& of_the_other_mode) {
  for (const Option& option : of_the_other_mode) {
    if (option.given()) return option.name();
  }
  return {};
}

// What a board cannot do to its own station.
std::string ForeignOnBoard(const rig::RealLineOptions& options) {
  if (options.kills != 0) return "--kills";
  if (options.stalls != 0) return "--stalls";
  if (options.swaps != 0) return "--swaps";
  return options.freezes != 0 ? "--freezes" : "";
}

int RefuseForeign(const std::string& option, const std::string& mode) {
  return Refuse({ErrorCode::kInvalid,
                 option + " does not go with --mode " + mode + "; see `taktgate linesim --help`"},
                kExitUsage);
}

}  // namespace

void AddLinesimCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub(
      "linesim", "Run a simulated line with faults and check every part (exit 1: a violation)");
  auto options = std::make_shared<LinesimOptions>();
  auto mode = std::make_shared<std::string>("v");
  auto real = std::make_shared<rig::RealLineOptions>();
  const Option parts =
      command.Add("--parts", options->parts, "How many parts (mode r: 2000, at least)")
          .ShowDefault();
  parts.Between(std::uint64_t{1}, std::uint64_t{100'000'000'000});
  command.Add("--seed", options->seed, "Which line; the same seed gives the same line")
      .ShowDefault();
  const Option line =
      command.Add("--line", options->line,
                  "TOML: belt, rate, sensors (default: gate at the camera, 100 parts/s)");
  const Option line_seed =
      command.Add("--line-seed", options->line_seed,
                  "Draw line and stalls at random by this number; mode r: the line alone");
  line_seed.Between(std::uint64_t{1}, std::uint64_t{1} << 62);
  line_seed.Excludes(line);
  line_seed.Excludes(command.Find("--seed"));
  std::vector<Option> virtual_only{
      command.Add("--fault", options->faults, "TOML: what goes wrong; may be given repeatedly")};
  for (const Option& option : virtual_only) option.Group("Mode v");
  const std::vector<Option> real_only = AddRealLineOptions(command, *real);
  line.Excludes(command.Find("--rate"));  // a line file has its rate
  line_seed.Excludes(command.Find("--rate"));
  command
      .Add("--mode", *mode,
           "v: virtual time, in this process; r: the real station on the wall clock; h: the "
           "same on a board whose GPIO lines are wired back (--wiring)")
      .ShowDefault()
      .OneOf({"v", "r", "h"});
  const Option wiring =
      command.Add("--wiring", real->wiring, "TOML: which GPIO line is wired to which")
          .Group("Mode h");
  command.Add("--json", options->json, "Write the result there as JSON");
  command.Footer(
      "Example: taktgate linesim --parts 1000000 --seed 7\n"
      "Example: taktgate linesim --fault demo/faults/bounce.toml --line demo/lines/count.toml\n"
      "Example: taktgate linesim --mode r --parts 6000 --hogs 2\n"
      "Example: taktgate linesim --line-seed 17 --parts 1000\n"
      "Example: taktgate linesim --mode r --kills 20\n"
      "Example: taktgate linesim --mode r --rate 200 --swaps 100 --swap-with other.tgb\n"
      "Example: taktgate linesim --mode h --wiring board.toml");
  command.Run([=, &exit_code] {
    std::string foreign = Foreign(*mode == "v" ? real_only : virtual_only);
    if (foreign.empty() && *mode != "h") foreign = Foreign({wiring});
    if (foreign.empty() && *mode == "h") foreign = ForeignOnBoard(*real);
    if (!foreign.empty()) {
      exit_code = RefuseForeign(foreign, *mode);
    } else if (*mode == "h" && real->wiring.empty()) {
      exit_code = Refuse({ErrorCode::kInvalid,
                          "--mode h needs --wiring FILE; see "
                          "docs/linesim-hardware.md"},
                         kExitUsage);
    } else if (const std::string missing = WhatIsMissing(*real); !missing.empty()) {
      exit_code = Refuse({ErrorCode::kInvalid, missing}, kExitUsage);
    } else if (*mode == "v") {
      exit_code = RunVirtualLine(*options);
    } else {
      if (parts.given()) real->parts = options->parts;
      real->seed = options->seed;
      real->line = options->line;
      real->line_seed = options->line_seed;
      real->json = options->json;
      if (real->bundle.empty()) real->bundle = FindDemoBundle();
      exit_code = RunRealLine(*real);
    }
  });
}

}  // namespace taktgate::apps
