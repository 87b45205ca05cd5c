#ifndef TAKTGATE_FUZZ_FUZZ_TARGET_H_
#define TAKTGATE_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// What the targets of this folder share. libFuzzer calls LLVMFuzzerTestOneInput with one input
// after the other, in one thread; a sanitizer or Expect ends the process at the first that is
// wrong.
namespace taktgate::fuzz {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view TextOf(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Ends the process with `what` if it does not hold.
void Expect(bool holds, std::string_view what);

// A refusal that its reader can act on: one or more lines of text, not too long, and no bug of
// ours.
void ExpectForAPerson(const Error& error);

// A folder in memory for readers that take a path; removed at exit.
const std::filesystem::path& Folder();
// The file of this name there, now with these bytes.
std::filesystem::path FileOf(std::string_view name, Bytes bytes);

}  // namespace taktgate::fuzz

#endif  // TAKTGATE_FUZZ_FUZZ_TARGET_H_
