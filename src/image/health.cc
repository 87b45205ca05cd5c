#include "image/health.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "image/grey.h"

namespace taktgate::image {
namespace {

constexpr int kRows = 256;
constexpr std::size_t kLongestRow = 8192;  // its sums of squares fit 32 bit

struct Sums {
  std::uint64_t pixels = 0;
  std::uint64_t pairs = 0;
  std::uint64_t values = 0;
  std::uint64_t squares = 0;
  std::uint64_t steps = 0;  // squared differences of pixels two columns apart
};

void AddRow(const std::uint8_t* grey, std::size_t length, Sums& sums) {
  std::uint32_t values = 0;
  std::uint32_t squares = 0;
  std::uint32_t steps = 0;
  for (std::size_t x = 0; x < length; ++x) {
    const std::uint32_t value = grey[x];
    values += value;
    squares += value * value;
  }
  for (std::size_t x = 2; x < length; ++x) {
    const int step = static_cast<int>(grey[x]) - static_cast<int>(grey[x - 2]);
    steps += static_cast<std::uint32_t>(step * step);
  }
  sums.pixels += length;
  sums.pairs += length > 2 ? length - 2 : 0;
  sums.values += values;
  sums.squares += squares;
  sums.steps += steps;
}

}  // namespace

Health MeasureHealth(const ImageView& frame) {
  const std::size_t length = std::min(static_cast<std::size_t>(frame.width), kLongestRow);
  const int stride = std::max(1, frame.height / kRows);
  std::array<std::uint8_t, kLongestRow> grey;
  Sums sums;
  for (int y = 0; y < frame.height; y += stride) {
    const std::uint8_t* row = frame.Row(y);
    if (frame.format == PixelFormat::kRgb8) {
      GreyFromRgb(row, length, grey.data());
      row = grey.data();
    }
    AddRow(row, length, sums);
  }
  if (sums.pixels == 0) return {};
  const auto pixels = static_cast<double>(sums.pixels);
  const auto spread =
      static_cast<double>(sums.pixels * sums.squares - sums.values * sums.values);  // pixels^2 x
  Health health;
  health.brightness = static_cast<double>(sums.values) / pixels;
  health.contrast = std::sqrt(spread) / pixels;
  if (sums.pairs != 0 && spread > 0) {
    const double step = static_cast<double>(sums.steps) / static_cast<double>(sums.pairs);
    health.sharpness = step * pixels * pixels / (2 * spread);
  }
  return health;
}

}  // namespace taktgate::image
