#ifndef TAKTGATE_RIG_RELEASE_ORDER_H_
#define TAKTGATE_RIG_RELEASE_ORDER_H_

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace taktgate::rig {

// Orders the station of this state folder to change to the release of a bundle (absolute path), as
// a person would; returns when that is done, with the number of parts in flight that it cut off.
// The error says why it was not done.
Result<std::uint64_t> OrderRelease(const std::filesystem::path& state,
                                   const std::filesystem::path& bundle);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_RELEASE_ORDER_H_
