#ifndef TAKTGATE_BASE_FILE_H_
#define TAKTGATE_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace taktgate {

// The whole file, at most `limit` bytes. not_found, io; invalid: larger than the limit, or no
// regular file.
Result<std::vector<std::uint8_t>> ReadFile(const std::filesystem::path& path, std::size_t limit);

// Writes a file that can be made again if the power fails: no sync, no temporary file.
Status WriteFile(const std::filesystem::path& path, std::string_view bytes);

// Writes `bytes` beside `path`, syncs, renames: the old file or the new one, never half of it.
Status WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes);

// Puts the name of a new file onto the disk, so that a power cut does not take it. io.
Status SyncFolderOf(const std::filesystem::path& path);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_FILE_H_
