#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "apps/commands.h"
#include "base/say_now.h"
#include "station/last_catch.h"

namespace taktgate::apps {

int Refuse(const Error& error, ExitCode code) {
  std::fprintf(stderr, "taktgate: error: %s\n", error.message.c_str());
  return code;
}

namespace {

void SayInternal(const char* what) {
  SayNow("taktgate: internal error: ");
  SayNow(what);
  SayNow("\n");
}

// An exception that nobody caught, on any thread, or one where none may be. First the lines are
// made safe, then the message is written, if it can be taken.
[[noreturn]] void OnTerminate() {
  station::LastCatch::MakeSafe();
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
    SayInternal("terminate was called");
  } catch (const std::exception& error) {
    SayInternal(error.what());
  } catch (...) {
    SayInternal("an exception without words");
  }
  std::abort();
}

// A result that could not be written is no success; a reader that has closed its end is no fault.
int EndOfOutput(int code) {
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (!failed || errno == EPIPE || code != kExitOk) return code;
  return Refuse(
      {ErrorCode::kIo, std::string("standard output cannot be written: ") +
                           (errno != 0 ? std::strerror(errno) : "an earlier write failed")});
}

int Main(int argc, char** argv) {
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

}  // namespace
}  // namespace taktgate::apps

int main(int argc, char** argv) {
  // The last catch: outputs are energised for PASS, so a process that ends here is a REJECT.
  std::set_terminate(taktgate::apps::OnTerminate);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone must not stop a line
  try {
    return taktgate::apps::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "taktgate: internal error: %s\n", error.what());
  } catch (...) {
    std::fprintf(stderr, "taktgate: internal error\n");
  }
  return taktgate::apps::kExitInternal;
}
