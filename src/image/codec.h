#ifndef TAKTGATE_IMAGE_CODEC_H_
#define TAKTGATE_IMAGE_CODEC_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

// What the decoders of this room share; others use decode.h.
namespace taktgate::image {

// A picture as it is stored, and how it is to be shown: the orientation of TIFF and EXIF, 1 to 8.
struct Stored {
  Image image;
  int orientation = 1;
};

bool IsPng(std::span<const std::uint8_t> bytes);
bool IsJpeg(std::span<const std::uint8_t> bytes);
bool IsBmp(std::span<const std::uint8_t> bytes);
bool IsTiff(std::span<const std::uint8_t> bytes);
Result<Stored> DecodePng(std::span<const std::uint8_t> bytes);
Result<Stored> DecodeJpeg(std::span<const std::uint8_t> bytes);
Result<Stored> DecodeBmp(std::span<const std::uint8_t> bytes);
Result<Stored> DecodeTiff(std::span<const std::uint8_t> bytes);

Error DamagedImage(std::string_view kind, std::string_view what);
// A kind of file that is sound, but not supported here.
Error WrongKind(std::string_view came, std::string_view remedy);

// unsupported: larger or smaller than what is read.
Status CheckSize(std::int64_t width, std::int64_t height);

// A buffer for pixels, once the header is known to be sound. unsupported: too large.
Result<Image> MakeImage(std::int64_t width, std::int64_t height, PixelFormat format);

// `bytes` of memory, or why not.
Result<std::vector<std::uint8_t>> MakeBytes(std::size_t bytes);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_CODEC_H_
