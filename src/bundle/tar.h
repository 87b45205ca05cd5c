#ifndef TAKTGATE_BUNDLE_TAR_H_
#define TAKTGATE_BUNDLE_TAR_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace taktgate::bundle {

inline constexpr std::size_t kMaxBundleBytes = 256U << 20;
inline constexpr std::size_t kMaxFileBytes = 64U << 20;
inline constexpr std::size_t kMaxFiles = 512;

// One regular file of an archive. The content is borrowed from the archive's bytes.
struct TarEntry {
  std::string name;
  std::span<const std::uint8_t> content;
};

// Takes a strict ustar archive apart (docs/formats.md, 5): every byte that is not content has
// exactly one right value, except in names and sizes. Nothing is copied, nothing interpreted.
// corrupt: cut, or a header's checksum is wrong. invalid: anything the format does not allow.
Result<std::vector<TarEntry>> ReadTar(std::span<const std::uint8_t> bytes);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_TAR_H_
