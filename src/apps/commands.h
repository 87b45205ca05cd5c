#ifndef TAKTGATE_APPS_COMMANDS_H_
#define TAKTGATE_APPS_COMMANDS_H_

#include "apps/command.h"
#include "base/result.h"

namespace taktgate::apps {

// Exit codes of the program, the same for every subcommand (docs/command-line.md).
enum ExitCode : int {
  kExitOk = 0,         // done; also: a line stopped by Ctrl-C or SIGTERM
  kExitBadInput = 1,   // an input was refused; the message says which and what to do
  kExitUsage = 2,      // the command line was wrong
  kExitLineFault = 3,  // a device or the inference failed while the line ran; output at REJECT
  kExitInternal = 70,  // a bug of ours
};

// Each registers one subcommand; its callback sets `exit_code`. One file per subcommand.
void AddBenchCommand(const Command& app, int& exit_code);
void AddBundleCommand(const Command& app, int& exit_code);
// ack, challenge, release, start, status, stop
void AddControlCommands(const Command& app, int& exit_code);
void AddDemoCommand(const Command& app, int& exit_code);
void AddInspectCommand(const Command& app, int& exit_code);
void AddLinesimCommand(const Command& app, int& exit_code);
void AddLinesimRelayCommand(const Command& app, int& exit_code);
void AddReplayCommand(const Command& app, int& exit_code);
void AddRunCommand(const Command& app, int& exit_code);
void AddSelftestCommand(const Command& app, int& exit_code);
void AddSimCommand(const Command& app, int& exit_code);
void AddVersionCommand(const Command& app, int& exit_code);

// Prints "taktgate: error: MESSAGE" on standard error and gives the code back.
int Refuse(const Error& error, ExitCode code = kExitBadInput);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_COMMANDS_H_
