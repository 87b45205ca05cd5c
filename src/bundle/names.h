#ifndef TAKTGATE_BUNDLE_NAMES_H_
#define TAKTGATE_BUNDLE_NAMES_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace taktgate::bundle {

inline constexpr std::array<std::string_view, 3> kSplits = {"train", "val", "test"};

// A member's name: [a-z0-9_./-]{1,96}, relative, no empty part, no part `.` or `..`.
bool IsMemberName(std::string_view name);

// 1 to `longest` characters out of letters, digits and `others`.
bool IsWord(std::string_view text, std::string_view others, std::size_t longest,
            bool upper_case = true);

// 1 to `longest` bytes without control characters: fits one field of a line.
bool IsPlain(std::string_view text, std::size_t longest);

// Unicode's composed form (NFC): what looks the same is the same. Bytes that are no UTF-8 stay as
// they are.
std::string OneForm(std::string_view text);

// Unicode's decomposed form (NFD), as some systems write the names of files.
std::string Decomposed(std::string_view text);

// train, val or test, where a folder or a field calls one of them by a usual name (valid, training,
// ...), capitals aside; else empty.
std::string_view SplitNamed(std::string_view name);

// Whether a file or folder is hidden, or what systems and archives leave among a person's files.
bool IsLitter(std::string_view name);

// 64 lower-case hex digits.
bool IsSha256(std::string_view text);

bool Contains(std::span<const std::string_view> names, std::string_view name);

// For a message: "a, b, c"; of more than 20 the first, "and 980 more".
std::string Joined(std::span<const std::string_view> names);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_NAMES_H_
