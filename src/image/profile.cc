#include "image/profile.h"

#include <algorithm>
#include <utility>

namespace taktgate::image {
namespace {

constexpr int kRowsIn16Bits = 256;  // 256 x 255 < 2^16

std::uint8_t Difference(std::uint8_t a, std::uint8_t b) {
  return static_cast<std::uint8_t>(std::max(a, b) - std::min(a, b));
}

std::uint32_t SumOfDifferences(const std::uint8_t* a, const std::uint8_t* b, std::size_t pixels) {
  std::uint32_t sum = 0;  // at most 8192 x 255
  for (std::size_t i = 0; i < pixels; ++i) sum += Difference(a[i], b[i]);
  return sum;
}

// By 1 2 1: an edge of a sharp golden image also meets the wider one of a blurred frame.
void Smooth(std::vector<double>& values) {
  double before = values.front();
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    const double smooth = (before + 2 * values[i] + values[i + 1]) / 4;
    before = std::exchange(values[i], smooth);
  }
  values.back() = (before + 3 * values.back()) / 4;
}

}  // namespace

Profiler::Profiler(int width, int height) {
  const auto w = static_cast<std::size_t>(width);
  profiles_.columns.resize(w - 1);
  profiles_.rows.resize(static_cast<std::size_t>(height) - 1);
  few_rows_.resize(w - 1);
  column_sums_.resize(w - 1);
}

void Profiler::AddColumns(const std::uint8_t* row) {
  const std::size_t pairs = few_rows_.size();
  std::uint16_t* __restrict sums = few_rows_.data();
  for (std::size_t x = 0; x < pairs; ++x) {
    sums[x] = static_cast<std::uint16_t>(sums[x] + Difference(row[x], row[x + 1]));
  }
  if (++rows_added_ == kRowsIn16Bits) FlushColumns();
}

void Profiler::FlushColumns() {
  for (std::size_t x = 0; x < few_rows_.size(); ++x) column_sums_[x] += few_rows_[x];
  std::fill(few_rows_.begin(), few_rows_.end(), std::uint16_t{0});
  rows_added_ = 0;
}

const EdgeProfiles& Profiler::Measure(const ImageView& image, Rect core) {
  std::fill(column_sums_.begin(), column_sums_.end(), 0U);
  for (int y = core.y; y < core.y + core.h; ++y) AddColumns(image.Row(y));
  FlushColumns();
  for (std::size_t x = 0; x < column_sums_.size(); ++x) {
    profiles_.columns[x] = column_sums_[x] / static_cast<double>(core.h);
  }
  for (int y = 0; y + 1 < image.height; ++y) {
    const std::uint32_t sum = SumOfDifferences(image.Row(y) + core.x, image.Row(y + 1) + core.x,
                                               static_cast<std::size_t>(core.w));
    profiles_.rows[static_cast<std::size_t>(y)] = sum / static_cast<double>(core.w);
  }
  Smooth(profiles_.columns);
  Smooth(profiles_.rows);
  return profiles_;
}

}  // namespace taktgate::image
