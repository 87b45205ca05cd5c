#include "fuzz_target.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/file.h"

namespace taktgate::fuzz {
namespace {

constexpr std::size_t kLongestMessage = 4096;

class ScratchFolder {
 public:
  ScratchFolder() : path_("/dev/shm/taktgate_fuzz." + std::to_string(getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

}  // namespace

void Expect(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void ExpectForAPerson(const Error& error) {
  const std::string& text = error.message;
  std::string what = "a refusal is text for a person, and here it is: " + text;
  Expect(!text.empty() && text.size() <= kLongestMessage, what);
  for (const char c : text) Expect(c == '\n' || static_cast<unsigned char>(c) >= 0x20, what);
  Expect(error.code != ErrorCode::kInternal, what);
}

const std::filesystem::path& Folder() {
  static const ScratchFolder folder;
  return folder.path();
}

std::filesystem::path FileOf(std::string_view name, Bytes bytes) {
  const std::filesystem::path path = Folder() / name;
  Expect(WriteFile(path, TextOf(bytes)).has_value(), "the scratch folder can be written");
  return path;
}

}  // namespace taktgate::fuzz
