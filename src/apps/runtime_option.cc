#include "apps/runtime_option.h"

#include <utility>

namespace taktgate::apps {

void AddRuntimeOption(const Command& command, std::string& runtime) {
  command.Add("--runtime", runtime, "What runs the model: " + infer::EngineChoicesInWords())
      .ShowDefault();
}

Result<infer::LoadSettings> SettingsFor(const std::string& runtime) {
  auto choice = infer::ParseEngineChoice(runtime);
  if (!choice) return choice.error().Within("--runtime");
  infer::LoadSettings settings;
  settings.choice = std::move(*choice);
  return settings;
}

}  // namespace taktgate::apps
