#include "apps/runtime_option.h"

#include <utility>

namespace taktgate::apps {

void AddRuntimeOption(const Command& command, std::string& runtime) {
  command.Add("--runtime", runtime, "What runs the model: " + infer::EngineChoicesInWords())
      .ShowDefault();
}

Result<infer::LoadSettings> SettingsFor(const std::string& runtime) {
  constexpr std::string_view kOption = "--runtime";
  auto choice = infer::ParseEngineChoice(runtime, kOption);
  if (!choice) return choice.error().Within(kOption);
  infer::LoadSettings settings;
  settings.choice = std::move(*choice);
  return settings;
}

}  // namespace taktgate::apps
