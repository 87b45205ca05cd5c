#ifndef TAKTGATE_RECORD_BOOT_COUNTER_H_
#define TAKTGATE_RECORD_BOOT_COUNTER_H_

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace taktgate::record {

// Raises the counter in `folder`/boot and syncs it before it returns, so that no part id is ever
// given twice: above what is there and above `known`, the largest number known from elsewhere,
// because somebody may have removed the file. The folder is made when it is missing. corrupt: the
// file holds no number; it is not overwritten.
Result<std::uint32_t> RaiseBootCounter(const std::filesystem::path& folder, std::uint32_t known);

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_BOOT_COUNTER_H_
