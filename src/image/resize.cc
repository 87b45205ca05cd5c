#include "image/resize.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace taktgate::image {
namespace {

using std::int64_t;

// Antialias: the weights of a pixel sum to 2^14, and column sums are rounded to 1/256 of a level,
// so that 32 bits hold everything.
constexpr int kAntialiasBits = 14;
constexpr int kAntialiasColumnShift = 6;

class AxisBuilder {
 public:
  void BeginTarget(int64_t first) {
    axis_.targets.push_back(
        {static_cast<std::uint32_t>(first), 0, static_cast<std::uint32_t>(axis_.weights.size())});
  }
  void Add(int64_t weight) {
    axis_.weights.push_back(static_cast<std::uint32_t>(weight));
    ++axis_.targets.back().count;
  }
  AxisWeights Finish(int64_t total) {
    std::uint32_t common = 0;
    for (const std::uint32_t weight : axis_.weights) common = std::gcd(common, weight);
    for (std::uint32_t& weight : axis_.weights) weight /= common;
    axis_.total = static_cast<std::uint32_t>(total) / common;
    return std::move(axis_);
  }
  AxisWeights FinishUnreduced(int64_t total) {
    axis_.total = static_cast<std::uint32_t>(total);
    return std::move(axis_);
  }

 private:
  AxisWeights axis_;
};

AxisWeights MakeArea(int64_t source, int64_t target) {
  AxisBuilder axis;
  for (int64_t i = 0; i < target; ++i) {
    const int64_t begin = i * source;
    const int64_t end = begin + source;
    axis.BeginTarget(begin / target);
    for (int64_t j = begin / target; j * target < end; ++j) {
      axis.Add(std::min(end, (j + 1) * target) - std::max(begin, j * target));
    }
  }
  return axis.Finish(source);
}

AxisWeights MakeBilinear(int64_t source, int64_t target) {
  AxisBuilder axis;
  for (int64_t i = 0; i < target; ++i) {
    const int64_t n = (2 * i + 1) * source - target;  // at least -target: j is -1 or more
    const int64_t j = (n + 2 * target) / (2 * target) - 1;
    const int64_t r = n - 2 * target * j;
    const int64_t first = std::clamp<int64_t>(j, 0, source - 1);
    axis.BeginTarget(first);
    if (r == 0 || std::clamp<int64_t>(j + 1, 0, source - 1) == first) {
      axis.Add(2 * target);
    } else {
      axis.Add(2 * target - r);
      axis.Add(r);
    }
  }
  return axis.Finish(2 * target);
}

// A triangle as wide as the target's pixels (as the source's, where these are wider), normalised.
// Rounded by its running sum, so that nothing of the total is lost.
AxisWeights MakeAntialias(int64_t source, int64_t target) {
  const int64_t reach = 2 * std::max(source, target);
  const auto weight = [&](int64_t i, int64_t j) {
    return std::max<int64_t>(0, reach - std::abs((2 * j + 1) * target - (2 * i + 1) * source));
  };
  AxisBuilder axis;
  for (int64_t i = 0; i < target; ++i) {
    const int64_t centre = (2 * i + 1) * source;
    const int64_t first = std::max<int64_t>(0, (centre - reach) / (2 * target) - 1);
    const int64_t end = std::min(source, (centre + reach) / (2 * target) + 1);
    int64_t total = 0;
    for (int64_t j = first; j < end; ++j) total += weight(i, j);
    axis.BeginTarget(first);
    int64_t sum = 0;
    int64_t before = 0;
    for (int64_t j = first; j < end; ++j) {
      sum += weight(i, j);
      const int64_t rounded = ((sum << (kAntialiasBits + 1)) + total) / (2 * total);
      axis.Add(rounded - before);
      before = rounded;
    }
  }
  return axis.FinishUnreduced(int64_t{1} << kAntialiasBits);
}

}  // namespace

AxisWeights MakeAxisWeights(Resize method, int source, int target) {
  switch (method) {
    case Resize::kArea:
      return MakeArea(source, target);
    case Resize::kBilinear:
      return MakeBilinear(source, target);
    case Resize::kAntialias:
      return MakeAntialias(source, target);
  }
  return {};
}

// With x = sum + total / 2 <= 255.5 total, and m = floor(2^k / total) + 1:
// x m / 2^k - x / total <= x / 2^k < 1 / total as soon as 2^k > 256 total^2, so the floor of
// x m / 2^k is that of x / total. total <= 2^22 keeps x and m within 32 bits.
RoundingDivider::RoundingDivider(std::uint64_t total) : total_(total) {
  if (total > (std::uint64_t{1} << 22)) return;
  shift_ = static_cast<int>(std::bit_width(256 * total * total));
  multiplier_ = (std::uint64_t{1} << shift_) / total + 1;
  half_small_ = static_cast<std::uint32_t>(total / 2);
}

Resizer::Resizer(Resize method, int source_width, int source_height, int width, int height)
    : source_width_(source_width),
      source_height_(source_height),
      x_(MakeAxisWeights(method, source_width, width)),
      y_(MakeAxisWeights(method, source_height, height)),
      column_shift_(method == Resize::kAntialias ? kAntialiasColumnShift : 0),
      divider_((std::uint64_t{x_.total} * y_.total) >> column_shift_) {}

// Below 2^22: at most 255 times a sum of weights of 2^14.
void Resizer::SumColumns(const ImageView& source, const AxisWeights::Target& row,
                         std::uint32_t* __restrict sums) const {
  const std::size_t values = scratch_size(ChannelsOf(source.format));
  for (std::uint32_t tap = 0; tap < row.count; ++tap) {
    const std::uint32_t weight = y_.weights[row.weights + tap];
    const std::uint8_t* __restrict pixels = source.Row(static_cast<int>(row.first + tap));
    if (tap == 0) {
      for (std::size_t i = 0; i < values; ++i) sums[i] = weight * pixels[i];
    } else {
      for (std::size_t i = 0; i < values; ++i) sums[i] += weight * pixels[i];
    }
  }
  if (column_shift_ == 0) return;
  const std::uint32_t half = 1U << (column_shift_ - 1);
  for (std::size_t i = 0; i < values; ++i) sums[i] = (sums[i] + half) >> column_shift_;
}

template <int kChannels, typename Sum>
void Resizer::SumRow(const std::uint32_t* column_sums, std::uint8_t* target) const {
  for (const AxisWeights::Target& column : x_.targets) {
    const std::uint32_t* weights = &x_.weights[column.weights];
    const std::uint32_t* values = column_sums + std::size_t{column.first} * kChannels;
    std::array<Sum, kChannels> sums{};
    for (std::uint32_t tap = 0; tap < column.count; ++tap, values += kChannels) {
      for (std::size_t c = 0; c < kChannels; ++c) sums[c] += Sum{weights[tap]} * values[c];
    }
    for (const Sum sum : sums) *target++ = divider_.Divide(sum);
  }
}

template <int kChannels>
void Resizer::RunChannels(const ImageView& source, std::uint32_t* column_sums,
                          std::uint8_t* target) const {
  for (const AxisWeights::Target& row : y_.targets) {
    SumColumns(source, row, column_sums);
    if (divider_.is_small()) {
      SumRow<kChannels, std::uint32_t>(column_sums, target);
    } else {
      SumRow<kChannels, std::uint64_t>(column_sums, target);
    }
    target += x_.targets.size() * kChannels;
  }
}

void Resizer::Run(const ImageView& source, std::uint32_t* column_sums, std::uint8_t* target) const {
  if (source.format == PixelFormat::kGrey8) {
    RunChannels<1>(source, column_sums, target);
  } else {
    RunChannels<3>(source, column_sums, target);
  }
}

}  // namespace taktgate::image
