#include "apps/linesim.h"

#include <cstdio>
#include <ctime>
#include <memory>

#include "apps/commands.h"
#include "base/file.h"
#include "sim/line_file.h"
#include "sim/line_report.h"

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
                       return std::make_unique<sim::GatePort>(settings, outputs);
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

}  // namespace

void AddLinesimCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "linesim", "Run a simulated line with faults and check every part (exit 1: a violation)");
  auto options = std::make_shared<LinesimOptions>();
  auto mode = std::make_shared<std::string>("v");
  command->add_option("--parts", options->parts, "How many parts")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000'000}));
  command->add_option("--seed", options->seed, "Which line; the same seed gives the same line")
      ->capture_default_str();
  command->add_option("--line", options->line,
                      "TOML: belt, rate, sensors (default: gate at the camera, 100 parts/s)");
  command->add_option("--fault", options->faults, "TOML: what goes wrong; may be given repeatedly");
  command->add_option("--mode", *mode, "v: virtual time, in this process")
      ->capture_default_str()
      ->check(CLI::IsMember({"v"}));
  command->add_option("--json", options->json, "Write the result there as JSON");
  command->footer(
      "Example: taktgate linesim --parts 1000000 --seed 7\n"
      "Example: taktgate linesim --fault demo/faults/bounce.toml --line demo/lines/count.toml");
  command->callback([options, &exit_code] { exit_code = RunVirtualLine(*options); });
}

}  // namespace taktgate::apps
