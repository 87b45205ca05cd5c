#include "bundle/zstd.h"

#include <zstd.h>

#include <string>

namespace taktgate::bundle {
namespace {

Error Corrupt(const std::string& expected, const std::string& came) {
  return {ErrorCode::kCorrupt, "expected " + expected + ", got " + came};
}

std::string BytesText(unsigned long long count) { return std::to_string(count) + " bytes"; }

}  // namespace

Result<std::vector<std::uint8_t>> DecodeZstd(std::span<const std::uint8_t> bytes,
                                             std::size_t size) {
  // Before any buffer is made. A frame may leave its size out; then the decoder finds it.
  const unsigned long long content = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (content == ZSTD_CONTENTSIZE_ERROR) return Corrupt("a zstd frame", "other bytes");
  if (content != ZSTD_CONTENTSIZE_UNKNOWN && content != size) {
    return Corrupt("a zstd frame of " + BytesText(size), "one of " + BytesText(content));
  }
  const std::size_t frame = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
  if (ZSTD_isError(frame) != 0) return Corrupt("a whole zstd frame", "a damaged or cut one");
  if (frame != bytes.size()) {
    return Corrupt("nothing after the zstd frame", BytesText(bytes.size() - frame));
  }
  std::vector<std::uint8_t> decoded(size);
  const std::size_t got =
      ZSTD_decompress(decoded.data(), decoded.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0) {
    return Corrupt(
        "a zstd frame of " + BytesText(size),
        std::string("one that does not decode to that (") + ZSTD_getErrorName(got) + ")");
  }
  if (got != size) return Corrupt("a zstd frame of " + BytesText(size), BytesText(got));
  return decoded;
}

}  // namespace taktgate::bundle
