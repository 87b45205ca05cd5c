#ifndef TAKTGATE_IMAGE_DECODE_H_
#define TAKTGATE_IMAGE_DECODE_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::image {

// Decodes PNG or JPEG (told by content, not by name): 8 bit, grey or RGB, at most 8192 px a side.
// The size is checked in the header, before any pixel buffer is made.
// corrupt: truncated or damaged. unsupported: 16 bit, palette, alpha, CMYK, other formats, too
// large. io: not enough memory.
// JPEG: libjpeg-turbo, accurate integer DCT, fancy upsampling, so that other readers of the same
// library get the same bytes.
Result<Image> Decode(std::span<const std::uint8_t> bytes);

// Reads a file of at most 64 MiB and decodes it; messages name the file.
Result<Image> DecodeFile(const std::filesystem::path& path);

// Encodes as PNG (lossless, for golden images, evidence and the simulator).
// invalid: no pixels, or a size outside 1..8192 px.
Result<std::vector<std::uint8_t>> EncodePng(const ImageView& image);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_DECODE_H_
