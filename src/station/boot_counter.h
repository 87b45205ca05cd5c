#ifndef TAKTGATE_STATION_BOOT_COUNTER_H_
#define TAKTGATE_STATION_BOOT_COUNTER_H_

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace taktgate::station {

// Raises the counter in `folder`/boot and syncs it before it returns, so that no part id is ever
// given twice. The folder is made when it is missing. corrupt: the file holds no number; it is not
// overwritten, because starting from 1 would give old ids again.
Result<std::uint32_t> RaiseBootCounter(const std::filesystem::path& folder);

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_BOOT_COUNTER_H_
