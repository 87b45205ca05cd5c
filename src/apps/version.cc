#include <cstdio>

#include "apps/commands.h"
#include "infer/classifier.h"

namespace taktgate::apps {

void AddVersionCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("version", "Print the versions of program and runtime");
  command->footer("Example: taktgate version");
  command->callback([&exit_code] {
    std::printf("taktgate %s\n%s\n", TAKTGATE_VERSION, infer::RuntimeVersion().c_str());
    exit_code = kExitOk;
  });
}

}  // namespace taktgate::apps
