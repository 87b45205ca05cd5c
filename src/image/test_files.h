#ifndef TAKTGATE_IMAGE_TEST_FILES_H_
#define TAKTGATE_IMAGE_TEST_FILES_H_

#include <png.h>
#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

// After <cstdio>: libjpeg's header needs FILE.
#include <jpeglib.h>

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

// A small PNG whose header says something other than its pixels, with a correct checksum.
inline Bytes PngWithHeader(std::uint32_t width, std::uint32_t height, int depth, int colour) {
  Bytes bytes = *EncodePng(RandomImage(4, 4, PixelFormat::kGrey8, 1).View());
  PutBigEndian(bytes, 16, width);
  PutBigEndian(bytes, 20, height);
  bytes[24] = static_cast<std::uint8_t>(depth);
  bytes[25] = static_cast<std::uint8_t>(colour);
  SealChunk(bytes, 8);
  return bytes;
}

// A whole PNG of 8 x 8 px in one of libpng's own formats (PNG_FORMAT_RGBA, ...).
inline Bytes PngInFormat(png_uint_32 format, const Bytes& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = 8;
  image.height = 8;
  image.format = format;
  png_alloc_size_t size = 4096;
  Bytes bytes(size);
  png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr);
  bytes.resize(size);
  return bytes;
}

// A PNG chunk by chunk: depth, colour type, rows with their filter byte, and what stands before
// them.
inline Bytes PngOf(std::uint32_t width, std::uint32_t height, int depth, int colour,
                   const Bytes& rows, const std::vector<std::pair<std::string, Bytes>>& before) {
  Bytes file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  const auto add = [&](const std::string& name, const Bytes& content) {
    const std::size_t at = file.size();
    file.resize(at + 4);
    PutBigEndian(file, at, static_cast<std::uint32_t>(content.size()));
    file.insert(file.end(), name.begin(), name.end());
    file.insert(file.end(), content.begin(), content.end());
    file.resize(file.size() + 4);
    SealChunk(file, at);
  };
  Bytes header(13, 0);
  PutBigEndian(header, 0, width);
  PutBigEndian(header, 4, height);
  header[8] = static_cast<std::uint8_t>(depth);
  header[9] = static_cast<std::uint8_t>(colour);
  add("IHDR", header);
  for (const auto& [name, content] : before) add(name, content);
  Bytes packed(compressBound(static_cast<uLong>(rows.size())));
  uLongf size = packed.size();
  compress(packed.data(), &size, rows.data(), static_cast<uLong>(rows.size()));
  packed.resize(size);
  add("IDAT", packed);
  add("IEND", {});
  return file;
}

// One row of 16-bit grey: no more than 8192 samples a row.
inline Bytes Png16(std::vector<std::uint16_t> samples) {
  const std::size_t width = samples.size() > 8192 ? samples.size() / 2 : samples.size();
  Bytes rows;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i % width == 0) rows.push_back(0);
    rows.push_back(static_cast<std::uint8_t>(samples[i] >> 8));
    rows.push_back(static_cast<std::uint8_t>(samples[i]));
  }
  return PngOf(static_cast<std::uint32_t>(width),
               static_cast<std::uint32_t>(samples.size() / width), 16, PNG_COLOR_TYPE_GRAY, rows,
               {});
}

// 4 x 2 px of at most two colours (red, green, blue, alpha), one bit each.
inline Bytes PngWithPalette(const std::vector<std::array<std::uint8_t, 4>>& palette,
                            const Bytes& indices) {
  Bytes colours;
  Bytes alphas;
  for (const auto& colour : palette) {
    colours.insert(colours.end(), colour.begin(), colour.begin() + 3);
    alphas.push_back(colour[3]);
  }
  Bytes rows;
  for (std::size_t y = 0; y < 2; ++y) {
    std::uint8_t bits = 0;
    for (std::size_t x = 0; x < 4; ++x) {
      bits = static_cast<std::uint8_t>(bits | indices[4 * y + x] << (7 - x));
    }
    rows.insert(rows.end(), {0, bits});
  }
  return PngOf(4, 2, 1, PNG_COLOR_TYPE_PALETTE, rows, {{"PLTE", colours}, {"tRNS", alphas}});
}

struct JpegForm {
  bool progressive = false;
  int sampling = 1;  // colour at 1 / sampling of the width
  int quality = 95;
};

// Of interleaved pixels: 1 channel grey, 3 RGB, 4 CMYK.
inline Bytes Jpeg(int width, int height, const Bytes& pixels, int channels, JpegForm form = {}) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* made = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &made, &size);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, form.quality, TRUE);
  jpeg.comp_info[0].h_samp_factor = form.sampling;
  jpeg.comp_info[0].v_samp_factor = 1;
  if (form.progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  const auto row_bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = const_cast<JSAMPROW>(pixels.data() + jpeg.next_scanline * row_bytes);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  Bytes bytes(made, made + size);
  std::free(made);
  jpeg_destroy_compress(&jpeg);
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
  Bytes bytes = Jpeg(8, 8, Bytes(64, 100), 1);
  const std::size_t at = FrameHeaderOf(bytes);
  bytes[at + 5] = static_cast<std::uint8_t>(height >> 8);
  bytes[at + 6] = static_cast<std::uint8_t>(height);
  bytes[at + 7] = static_cast<std::uint8_t>(width >> 8);
  bytes[at + 8] = static_cast<std::uint8_t>(width);
  return bytes;
}

}  // namespace taktgate::image::testing

#endif  // TAKTGATE_IMAGE_TEST_FILES_H_
