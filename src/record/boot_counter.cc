#include "record/boot_counter.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/utf8.h"

namespace taktgate::record {
namespace {

Error NoNumber(const std::filesystem::path& path, std::string_view text) {
  return {ErrorCode::kCorrupt,
          path.string() + ": expected one number, below 4294967295, and a line end, got " +
              Quoted(text) + "; write a number above every boot number in the records"};
}

}  // namespace

Result<std::uint32_t> RaiseBootCounter(const std::filesystem::path& folder, std::uint32_t known) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return Error{ErrorCode::kIo, "state folder " + folder.string() + ": " + failed.message() +
                                     "; name a writable folder in [station] state"};
  }
  const std::filesystem::path path = folder / "boot";
  std::uint32_t counter = 0;
  if (auto bytes = ReadFile(path, 64); bytes) {
    const char* begin = reinterpret_cast<const char*>(bytes->data());
    const char* end = begin + bytes->size();
    const auto [rest, status] = std::from_chars(begin, end, counter);
    if (status != std::errc() || rest + 1 != end || *rest != '\n') {
      return NoNumber(path, {begin, bytes->size()});
    }
  } else if (bytes.error().code != ErrorCode::kNotFound) {
    return bytes.error();
  }
  counter = std::max(counter, known);
  if (counter == std::numeric_limits<std::uint32_t>::max()) {
    return NoNumber(path, std::to_string(counter));
  }
  ++counter;
  if (Status written = WriteFileAtomically(path, std::to_string(counter) + "\n"); !written) {
    return written.error().Within("boot counter");
  }
  return counter;
}

}  // namespace taktgate::record
