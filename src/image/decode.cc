#include "image/decode.h"

#include <new>
#include <string>

#include "base/file.h"
#include "image/codec.h"

namespace taktgate::image {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

}  // namespace

Error DamagedImage(std::string_view kind, std::string_view what) {
  return {ErrorCode::kCorrupt, "expected a whole " + std::string(kind) + ", came a damaged one (" +
                                   std::string(what) + "); replace the file"};
}

Result<Image> MakeImage(std::int64_t width, std::int64_t height, PixelFormat format) {
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
    return Error{ErrorCode::kUnsupported, "expected an image of 1 to 8192 px a side, came " +
                                              std::to_string(width) + " x " +
                                              std::to_string(height) + "; crop or scale it"};
  }
  Image image;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.format = format;
  try {
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                        static_cast<std::size_t>(ChannelsOf(format)));
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kIo, "no memory for an image of " + std::to_string(width) + " x " +
                                     std::to_string(height) + " px; crop or scale it"};
  }
  return image;
}

Result<Image> Decode(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) {
    return Error{ErrorCode::kCorrupt,
                 "expected a PNG or JPEG image, came 0 bytes; replace the file"};
  }
  if (IsPng(bytes)) return DecodePng(bytes);
  if (IsJpeg(bytes)) return DecodeJpeg(bytes);
  return Error{ErrorCode::kUnsupported,
               "expected a PNG or JPEG image, came another format; convert the file"};
}

Result<Image> DecodeFile(const std::filesystem::path& path) {
  const auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error();
  return Decode(*bytes).Within(path.string());
}

}  // namespace taktgate::image
