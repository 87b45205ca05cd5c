#ifndef TAKTGATE_SIM_LINE_FILE_H_
#define TAKTGATE_SIM_LINE_FILE_H_

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/fault.h"
#include "sim/soft_settings.h"

namespace taktgate::sim {

// The soft line of a file (docs/linesim.md): invalid, with what was expected and what was given.
Result<SoftSettings> ParseLineFile(std::string_view text);
Result<SoftSettings> ReadLineFile(const std::filesystem::path& path);

// A fault script: faults, and the line that it is written for, if it names one.
struct FaultScript {
  std::filesystem::path line;
  std::vector<Fault> faults;
};
Result<FaultScript> ParseFaultScript(std::string_view text, const std::filesystem::path& folder);
Result<FaultScript> ReadFaultScript(const std::filesystem::path& path);

// The line must have what each fault breaks; `invalid` says what is missing.
Status CheckFaults(const std::vector<Fault>& faults, const SoftSettings& line);

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_LINE_FILE_H_
