#ifndef TAKTGATE_IMAGE_TEST_FILES_H_
#define TAKTGATE_IMAGE_TEST_FILES_H_

#include <png.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/decode.h"
#include "image/test_board.h"

// Encoded images of every kind, good and bad, for this room's tests.
namespace taktgate::image::testing {

using Bytes = std::vector<std::uint8_t>;

inline void PutBigEndian(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

// Writes the checksum of the chunk that starts at `at` (its length field).
inline void SealChunk(Bytes& bytes, std::size_t at) {
  const std::size_t length = static_cast<std::size_t>(bytes[at]) << 24 |
                             static_cast<std::size_t>(bytes[at + 1]) << 16 |
                             static_cast<std::size_t>(bytes[at + 2]) << 8 | bytes[at + 3];
  const auto crc = crc32(0, &bytes[at + 4], static_cast<uInt>(length + 4));
  PutBigEndian(bytes, at + 8 + length, static_cast<std::uint32_t>(crc));
}

// A small PNG whose header tells something else than its pixels, with a correct checksum.
inline Bytes PngWithHeader(std::uint32_t width, std::uint32_t height, int depth, int colour) {
  Bytes bytes = *EncodePng(RandomImage(4, 4, PixelFormat::kGrey8, 1).View());
  PutBigEndian(bytes, 16, width);
  PutBigEndian(bytes, 20, height);
  bytes[24] = static_cast<std::uint8_t>(depth);
  bytes[25] = static_cast<std::uint8_t>(colour);
  SealChunk(bytes, 8);
  return bytes;
}

// A whole PNG in one of libpng's own formats (PNG_FORMAT_RGBA, PNG_FORMAT_LINEAR_Y, ...).
inline Bytes PngInFormat(png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = 8;
  image.height = 8;
  image.format = format;
  image.colormap_entries = 4;
  const Bytes pixels(8 * 8 * 8, 1);
  const Bytes colours(4 * 4, 90);
  png_alloc_size_t size = 4096;
  Bytes bytes(size);
  png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, colours.data());
  bytes.resize(size);
  return bytes;
}

// `pixel` is a TJPF, `subsampling` a TJSAMP; CMYK pixels make a CMYK file.
inline Bytes Jpeg(int width, int height, const Bytes& pixels, int pixel, int subsampling,
                  int flags = 0) {
  tjhandle encoder = tjInitCompress();
  unsigned char* made = nullptr;
  unsigned long size = 0;
  tjCompress2(encoder, pixels.data(), width, 0, height, pixel, &made, &size, subsampling, 95,
              flags);
  Bytes bytes(made, made + size);
  tjFree(made);
  tjDestroy(encoder);
  return bytes;
}

// Where the JPEG's frame header (SOF0) starts.
inline std::size_t FrameHeaderOf(const Bytes& jpeg) {
  std::size_t at = 0;
  while (jpeg[at] != 0xff || jpeg[at + 1] != 0xc0) ++at;
  return at;
}

// A small JPEG whose header tells of another size.
inline Bytes JpegWithSize(int width, int height) {
  Bytes bytes = Jpeg(8, 8, Bytes(64, 100), TJPF_GRAY, TJSAMP_GRAY);
  const std::size_t at = FrameHeaderOf(bytes);
  bytes[at + 5] = static_cast<std::uint8_t>(height >> 8);
  bytes[at + 6] = static_cast<std::uint8_t>(height);
  bytes[at + 7] = static_cast<std::uint8_t>(width >> 8);
  bytes[at + 8] = static_cast<std::uint8_t>(width);
  return bytes;
}

}  // namespace taktgate::image::testing

#endif  // TAKTGATE_IMAGE_TEST_FILES_H_
