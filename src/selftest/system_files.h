#ifndef TAKTGATE_SELFTEST_SYSTEM_FILES_H_
#define TAKTGATE_SELFTEST_SYSTEM_FILES_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reading of /proc and /sys below a root folder, which tests replace by a made-up tree. What is
// missing or unreadable is nullopt or empty, never an error: every kernel shows other files.
namespace taktgate::selftest {

// The content without white space at its ends, at most 64 KiB of it.
std::optional<std::string> ReadSmallFile(const std::filesystem::path& path);

// A file that holds one whole number in front.
std::optional<std::int64_t> ReadNumber(const std::filesystem::path& path);

// Entries of `folder` that are `prefix` and a number, by number.
std::vector<std::filesystem::path> NumberedEntries(const std::filesystem::path& folder,
                                                   std::string_view prefix);

// The rest of the line that starts with `key`, without white space in front.
std::optional<std::string> ValueOfLine(std::string_view text, std::string_view key);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_SYSTEM_FILES_H_
