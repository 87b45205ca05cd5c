#ifndef TAKTGATE_APPS_RUNTIME_OPTION_H_
#define TAKTGATE_APPS_RUNTIME_OPTION_H_

#include <string>

#include "apps/command.h"
#include "base/result.h"
#include "infer/engine.h"

namespace taktgate::apps {

// --runtime, of the commands that load a release themselves.
void AddRuntimeOption(const Command& command, std::string& runtime);

// What it asks for. invalid: no engine is called so.
Result<infer::LoadSettings> SettingsFor(const std::string& runtime);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_RUNTIME_OPTION_H_
