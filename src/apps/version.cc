#include <cstdio>

#include "apps/commands.h"
#include "infer/load.h"

namespace taktgate::apps {

void AddVersionCommand(const Command& app, int& exit_code) {
  const Command command =
      app.Sub("version", "Print the versions of the program and of what runs models");
  command.Footer("Example: taktgate version");
  command.Run([&exit_code] {
    std::printf("taktgate %s\n%s", TAKTGATE_VERSION, infer::EnginesInWords().c_str());
    exit_code = kExitOk;
  });
}

}  // namespace taktgate::apps
