#ifndef TAKTGATE_BUNDLE_ZSTD_H_
#define TAKTGATE_BUNDLE_ZSTD_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace taktgate::bundle {

// Decodes exactly one zstd frame that gives exactly `size` bytes; never writes more than that,
// whatever the frame says. corrupt: damaged, another size, or bytes after the frame.
Result<std::vector<std::uint8_t>> DecodeZstd(std::span<const std::uint8_t> bytes, std::size_t size);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_ZSTD_H_
