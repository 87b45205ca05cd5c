#include "record/run_mark.h"

#include <charconv>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/utf8.h"

namespace taktgate::record {
namespace {

constexpr std::string_view kBegan = " began\n";
constexpr std::string_view kEnded = " ended\n";

}  // namespace

Result<RunMark> ReadRunMark(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "run";
  const auto bytes = ReadFile(path, 64);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return RunMark{};
  if (!bytes) return bytes.error();
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  RunMark mark;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), mark.boot);
  const std::string_view word(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  mark.ended = word == kEnded;
  if (status != std::errc() || mark.boot == 0 || (word != kEnded && word != kBegan)) {
    return Error{ErrorCode::kCorrupt, path.string() +
                                          ": expected a boot number and `began` or `ended`, got " +
                                          Quoted(text) +
                                          "; write the last "
                                          "boot number in the records and `began` there"};
  }
  return mark;
}

Status WriteRunMark(const std::filesystem::path& folder, const RunMark& mark) {
  return WriteFileAtomically(folder / "run",
                             std::to_string(mark.boot) + std::string(mark.ended ? kEnded : kBegan));
}

}  // namespace taktgate::record
