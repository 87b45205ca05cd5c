#ifndef TAKTGATE_IMAGE_DECODE_H_
#define TAKTGATE_IMAGE_DECODE_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::image {

// Decodes PNG, JPEG, BMP or TIFF, told by content and not by name, to 8 bit, grey or RGB, at most
// 8192 px a side: as it is to be shown, turned by its orientation. What is read, and what is
// damaged or only untidy, stands in docs/formats.md, 2. The size is checked in the header, before
// any pixel buffer is made. corrupt: truncated or damaged. unsupported: transparency, CMYK, other
// kinds and formats, too large. io: not enough memory.
Result<Image> Decode(std::span<const std::uint8_t> bytes);

// Reads a file of at most 64 MiB and decodes it; messages name the file.
Result<Image> DecodeFile(const std::filesystem::path& path);

// Encodes as PNG (lossless, for golden images, evidence and the simulator).
// invalid: no pixels, or a size outside 1..8192 px.
Result<std::vector<std::uint8_t>> EncodePng(const ImageView& image);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_DECODE_H_
