#include "selftest/system_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <utility>

namespace taktgate::selftest {
namespace {

constexpr std::string_view kSpace = " \t\n";

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<std::int64_t> NumberIn(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

// Files of the kernel have no size that could be asked for first.
std::optional<std::string> ReadSmallFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(64 << 10, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return std::string(Trimmed(text));
}

std::optional<std::int64_t> ReadNumber(const std::filesystem::path& path) {
  const auto text = ReadSmallFile(path);
  return text ? NumberIn(*text) : std::nullopt;
}

std::vector<std::filesystem::path> NumberedEntries(const std::filesystem::path& folder,
                                                   std::string_view prefix) {
  std::vector<std::pair<std::int64_t, std::filesystem::path>> found;
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    const std::string name = entries->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const std::string_view digits = std::string_view(name).substr(prefix.size());
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
      continue;
    }
    if (const auto number = NumberIn(digits)) found.emplace_back(*number, entries->path());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::filesystem::path> paths;
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

std::optional<std::string> ValueOfLine(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return std::string(Trimmed(line.substr(key.size())));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return std::nullopt;
}

}  // namespace taktgate::selftest
