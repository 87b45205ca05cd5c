#ifndef TAKTGATE_IMAGE_CODEC_H_
#define TAKTGATE_IMAGE_CODEC_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "image/frame.h"

// What the decoders of this room share; others use decode.h.
namespace taktgate::image {

bool IsPng(std::span<const std::uint8_t> bytes);
bool IsJpeg(std::span<const std::uint8_t> bytes);
Result<Image> DecodePng(std::span<const std::uint8_t> bytes);
Result<Image> DecodeJpeg(std::span<const std::uint8_t> bytes);

Error DamagedImage(std::string_view kind, std::string_view what);

// A buffer for pixels, once the header is known to be sound. unsupported: too large.
Result<Image> MakeImage(std::int64_t width, std::int64_t height, PixelFormat format);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_CODEC_H_
