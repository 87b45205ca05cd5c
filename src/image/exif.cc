#include "image/exif.h"

#include <cstddef>
#include <optional>

namespace taktgate::image {
namespace {

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShort = 3;
constexpr std::size_t kEntryBytes = 12;

// Reads numbers of a block in its byte order; nullopt beyond its end.
class ExifBlock {
 public:
  explicit ExifBlock(std::span<const std::uint8_t> block)
      : block_(block), big_endian_(block.size() > 1 && block[0] == 'M' && block[1] == 'M') {}

  bool has_byte_order() const {
    return big_endian_ || (block_.size() > 1 && block_[0] == 'I' && block_[1] == 'I');
  }
  std::optional<std::uint32_t> U16(std::size_t at) const { return Read(at, 2); }
  std::optional<std::uint32_t> U32(std::size_t at) const { return Read(at, 4); }

 private:
  std::optional<std::uint32_t> Read(std::size_t at, std::size_t bytes) const {
    if (at > block_.size() || bytes > block_.size() - at) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | block_[at + (big_endian_ ? i : bytes - 1 - i)];
    }
    return value;
  }

  std::span<const std::uint8_t> block_;
  bool big_endian_;
};

}  // namespace

int OrientationOfExif(std::span<const std::uint8_t> block) {
  const ExifBlock exif(block);
  const auto directory = exif.U32(4);
  if (!exif.has_byte_order() || exif.U16(2) != 42U || !directory) return 1;
  const std::size_t entries = exif.U16(*directory).value_or(0);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = *directory + 2 + i * kEntryBytes;
    if (exif.U16(at) != kOrientationTag) continue;
    const std::uint32_t value = exif.U16(at + 8).value_or(0);
    const bool sound = exif.U16(at + 2) == kShort && exif.U32(at + 4) == 1U;
    return sound && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace taktgate::image
