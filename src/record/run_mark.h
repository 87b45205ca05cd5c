#ifndef TAKTGATE_RECORD_RUN_MARK_H_
#define TAKTGATE_RECORD_RUN_MARK_H_

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace taktgate::record {

// The file `run` in a state folder: the last run that began to decide about parts, and whether it
// ended with all of them recorded. It outlives a restart of the unit.
struct RunMark {
  std::uint32_t boot = 0;  // 0: there was no run
  bool ended = true;
};

// corrupt: the file holds something else.
Result<RunMark> ReadRunMark(const std::filesystem::path& folder);
// Synced when it returns. io.
Status WriteRunMark(const std::filesystem::path& folder, const RunMark& mark);

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RUN_MARK_H_
