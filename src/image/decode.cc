#include "image/decode.h"

#include <new>
#include <string>
#include <utility>

#include "base/file.h"
#include "image/codec.h"
#include "image/turn.h"

namespace taktgate::image {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

Result<Stored> DecodeStored(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) {
    return Error{ErrorCode::kCorrupt,
                 "expected an image, got an empty file of 0 bytes; replace "
                 "the file"};
  }
  if (IsPng(bytes)) return DecodePng(bytes);
  if (IsJpeg(bytes)) return DecodeJpeg(bytes);
  if (IsTiff(bytes)) return DecodeTiff(bytes);
  if (IsBmp(bytes)) return DecodeBmp(bytes);
  return Error{ErrorCode::kUnsupported,
               "expected a PNG, JPEG, BMP or TIFF image, got another format; convert the file"};
}

}  // namespace

Error DamagedImage(std::string_view kind, std::string_view what) {
  return {ErrorCode::kCorrupt, "expected a whole " + std::string(kind) + ", got a damaged one (" +
                                   std::string(what) + "); replace the file"};
}

Error WrongKind(std::string_view came, std::string_view remedy) {
  return {ErrorCode::kUnsupported, "expected 8-bit grey or RGB without transparency, got " +
                                       std::string(came) + "; " + std::string(remedy)};
}

Status CheckSize(std::int64_t width, std::int64_t height) {
  if (width >= 1 && height >= 1 && width <= kMaxSide && height <= kMaxSide) return {};
  return Error{ErrorCode::kUnsupported, "expected an image of 1 to 8192 px a side, got " +
                                            std::to_string(width) + " x " + std::to_string(height) +
                                            "; crop or scale it"};
}

Result<std::vector<std::uint8_t>> MakeBytes(std::size_t bytes) {
  try {
    return std::vector<std::uint8_t>(bytes);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kIo,
                 "no memory for an image of " + std::to_string(bytes) + " bytes; crop or scale it"};
  }
}

Result<Image> MakeImage(std::int64_t width, std::int64_t height, PixelFormat format) {
  if (Status sound = CheckSize(width, height); !sound) return sound.error();
  auto pixels = MakeBytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                          static_cast<std::size_t>(ChannelsOf(format)));
  if (!pixels) return pixels.error();
  return Image{std::move(*pixels), static_cast<int>(width), static_cast<int>(height), format};
}

Result<Image> Decode(std::span<const std::uint8_t> bytes) {
  auto stored = DecodeStored(bytes);
  if (!stored) return stored.error();
  return Turned(std::move(stored->image), stored->orientation);
}

Result<Image> DecodeFile(const std::filesystem::path& path) {
  const auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error();
  return Decode(*bytes).Within(path.string());
}

}  // namespace taktgate::image
