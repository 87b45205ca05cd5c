#include "apps/program.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "apps/commands.h"

namespace taktgate::apps {

int Refuse(const Error& error, ExitCode code) {
  std::fprintf(stderr, "taktgate: error: %s\n", error.message.c_str());
  return code;
}

namespace {

// A result that nobody gets is no success; a reader that has seen enough is no fault.
int EndOfOutput(int code) {
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (!failed || errno == EPIPE || code != kExitOk) return code;
  return Refuse(
      {ErrorCode::kIo, std::string("standard output cannot be written: ") +
                           (errno != 0 ? std::strerror(errno) : "an earlier write failed")});
}

}  // namespace

int RunProgram(int argc, const char* const* argv) {
  CLI::App app("taktgate: one decision per part, inside the window", "taktgate");
  app.require_subcommand(1);
  app.footer("`taktgate COMMAND --help` shows an example of each command.");
  const Command commands(&app);
  int exit_code = kExitOk;
  AddDemoCommand(commands, exit_code);
  AddRunCommand(commands, exit_code);
  AddControlCommands(commands, exit_code);
  AddInspectCommand(commands, exit_code);
  AddBenchCommand(commands, exit_code);
  AddBundleCommand(commands, exit_code);
  AddLinesimCommand(commands, exit_code);
  AddLinesimRelayCommand(commands, exit_code);
  AddReplayCommand(commands, exit_code);
  AddSelftestCommand(commands, exit_code);
  AddSimCommand(commands, exit_code);
  AddVersionCommand(commands, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? EndOfOutput(kExitOk) : kExitUsage;
  }
  return EndOfOutput(exit_code);
}

}  // namespace taktgate::apps
