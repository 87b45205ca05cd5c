#ifndef TAKTGATE_IMAGE_SAMPLES_H_
#define TAKTGATE_IMAGE_SAMPLES_H_

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

// How what files store becomes 8-bit grey or RGB (docs/formats.md, 2).
namespace taktgate::image {

// Rows without padding, channels interleaved: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
struct Samples {
  int width = 0;
  int height = 0;
  int channels = 1;
  int bits = 8;                     // 8, or 16 in the machine's byte order
  std::vector<std::uint8_t> bytes;  // of this size
};

// 16 bits are brought to 8 over their whole range, rounded; alpha falls away.
// unsupported: a pixel that is not opaque, or 16 bits of which no sample uses the upper four: the
// numbers are 12 bits or less, and nothing would be left of them. io: not enough memory.
Result<Image> ImageOfSamples(Samples samples);

// Red, green, blue, alpha.
using Palette = std::vector<std::array<std::uint8_t, 4>>;

// `indices` holds one byte for each pixel. Grey where all colours of the palette are grey, else
// RGB. corrupt, naming `kind`: an index beyond the palette. unsupported: a pixel that is not
// opaque.
Result<Image> ImageOfIndices(int width, int height, const std::vector<std::uint8_t>& indices,
                             const Palette& palette, const char* kind);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_SAMPLES_H_
