#include "image/samples.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "image/codec.h"

namespace taktgate::image {
namespace {

constexpr unsigned kMost12Bits = 4095;

Error NotOpaque() {
  return {ErrorCode::kUnsupported,
          "expected an opaque image, got one with transparent pixels; remove the alpha channel"};
}

// The nearest of 256 levels over the same range: 65535 -> 255.
std::uint8_t EightBits(unsigned sample) {
  return static_cast<std::uint8_t>((sample * 255 + 32767) / 65535);
}

Status To8Bits(Samples& samples) {
  const std::size_t count = samples.bytes.size() / 2;
  const bool has_alpha = samples.channels % 2 == 0;
  const auto channels = static_cast<std::size_t>(samples.channels);
  unsigned largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t sample = 0;
    std::memcpy(&sample, &samples.bytes[2 * i], 2);
    if (has_alpha && i % channels == channels - 1) {
      if (sample != 0xffff) return NotOpaque();
    } else {
      largest = std::max<unsigned>(largest, sample);
    }
    samples.bytes[i] = EightBits(sample);  // never beyond what is still to be read
  }
  if (largest <= kMost12Bits) {
    return Error{ErrorCode::kUnsupported,
                 "expected 16-bit samples over their whole range of 0 to 65535, got none above " +
                     std::to_string(largest) +
                     " (12 bits or less in the low bits?); shift them up, or save 8 bits"};
  }
  samples.bytes.resize(count);
  return {};
}

Status DropAlpha(Samples& samples) {
  const auto channels = static_cast<std::size_t>(samples.channels);
  const std::size_t pixels = samples.bytes.size() / channels;
  std::uint8_t* target = samples.bytes.data();
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* pixel = &samples.bytes[i * channels];
    if (pixel[channels - 1] != 0xff) return NotOpaque();
    target = std::copy_n(pixel, channels - 1, target);
  }
  samples.bytes.resize(pixels * (channels - 1));
  --samples.channels;
  return {};
}

bool IsGrey(const Palette& palette) {
  return std::all_of(palette.begin(), palette.end(), [](const auto& colour) {
    return colour[0] == colour[1] && colour[1] == colour[2];
  });
}

}  // namespace

Result<Image> ImageOfSamples(Samples samples) {
  if (samples.bits == 16) {
    if (Status taken = To8Bits(samples); !taken) return taken.error();
  }
  if (samples.channels % 2 == 0) {
    if (Status taken = DropAlpha(samples); !taken) return taken.error();
  }
  return Image{std::move(samples.bytes), samples.width, samples.height,
               samples.channels == 1 ? PixelFormat::kGrey8 : PixelFormat::kRgb8};
}

Result<Image> ImageOfIndices(int width, int height, const std::vector<std::uint8_t>& indices,
                             const Palette& palette, const char* kind) {
  auto image = MakeImage(width, height, IsGrey(palette) ? PixelFormat::kGrey8 : PixelFormat::kRgb8);
  if (!image) return image;
  const int channels = ChannelsOf(image->format);
  std::uint8_t* target = image->pixels.data();
  for (const std::uint8_t index : indices) {
    if (index >= palette.size()) {
      return DamagedImage(kind, "colour " + std::to_string(index) + " of a palette of " +
                                    std::to_string(palette.size()));
    }
    if (palette[index][3] != 0xff) return NotOpaque();
    target = std::copy_n(palette[index].data(), channels, target);
  }
  return image;
}

}  // namespace taktgate::image
