#include "image/pixel_match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace taktgate::image {
namespace {

// Whole bands, not single rows: both sides of an edge must be in it, or a blurred edge looks moved.
constexpr int kBandRows = 32;
constexpr int kMaxBands = 4;
constexpr int kOverlapBands = 2;
// Where the correlation has hardly fallen this far (px) from the main peak, the peak is a ridge.
constexpr int kRimRadius = 2;
constexpr double kRidge = 0.98;

// The rows of up to `most` bands, spread evenly over [first, end).
std::vector<int> BandRows(int first, int end, int most) {
  const int height = end - first;
  const int bands = std::min((height + kBandRows - 1) / kBandRows, most);
  std::vector<int> rows;
  for (int band = 0; band < bands; ++band) {
    const int begin = first + band * height / bands;
    const int stop = std::min(begin + kBandRows, first + (band + 1) * height / bands);
    for (int y = begin; y < stop; ++y) rows.push_back(y);
  }
  return rows;
}

// Correlations at every shift of up to `reach` px in x, and in y from `top` on.
class CorrelationMap {
 public:
  template <typename Measure>
  CorrelationMap(int reach, int top, Measure measure) : reach_(reach), top_(top) {
    for (int y = top; y <= reach; ++y) {
      for (int x = -reach; x <= reach; ++x) scores_.push_back(measure(x, y));
    }
  }

  double at(int x, int y) const {
    const std::ptrdiff_t columns = 2 * std::ptrdiff_t{reach_} + 1;
    return scores_[static_cast<std::size_t>((y - top_) * columns + x + reach_)];
  }

  // The highest peak but the one in the middle, or what the middle one falls to beside it where
  // that is hardly anything.
  double SecondPeak() const {
    double second = -1;
    for (int y = top_; y <= reach_; ++y) {
      for (int x = -reach_; x <= reach_; ++x) {
        if (x == 0 && y == 0) continue;
        const bool is_ridge = std::max(std::abs(x), std::abs(y)) == kRimRadius && at(x, y) > kRidge;
        if (is_ridge || IsPeak(x, y)) second = std::max(second, at(x, y));
      }
    }
    return second;
  }

 private:
  bool IsPeak(int x, int y) const {
    for (int v = std::max(top_, y - 1); v <= std::min(reach_, y + 1); ++v) {
      for (int u = std::max(-reach_, x - 1); u <= std::min(reach_, x + 1); ++u) {
        if (at(u, v) > at(x, y)) return false;
      }
    }
    return true;
  }

  int reach_;
  int top_;
  std::vector<double> scores_;
};

double OverlapCorrelation(const ImageView& image, const std::vector<int>& rows, int x, int y) {
  const int width = image.width - std::abs(x);
  PairSums sums;
  for (const int row : rows) {
    const std::uint8_t* a = image.Row(row) + std::max(0, -x);
    sums.AddFirst(a, width);
    sums.AddSecond(a, image.Row(row + y) + std::max(0, x), width);
  }
  return sums.Correlation();
}

}  // namespace

// A row's sums fit 32 bits: 8192 x 255^2.
void PairSums::AddFirst(const std::uint8_t* row_a, int width) {
  std::int32_t sum = 0;
  std::int32_t squares = 0;
  for (int x = 0; x < width; ++x) {
    const std::int16_t value = row_a[x];
    sum += value;
    squares += value * value;
  }
  count += width;
  a += sum;
  aa += squares;
}

void PairSums::AddSecond(const std::uint8_t* row_a, const std::uint8_t* row_b, int width) {
  std::int32_t sum = 0;
  std::int32_t squares = 0;
  std::int32_t products = 0;
  for (int x = 0; x < width; ++x) {
    const std::int16_t value = row_b[x];
    sum += value;
    squares += value * value;
    products += static_cast<std::int16_t>(row_a[x]) * value;
  }
  b += sum;
  bb += squares;
  ab += products;
}

double PairSums::Correlation() const {
  const auto n = static_cast<double>(count);
  const auto sum_a = static_cast<double>(a);
  const auto sum_b = static_cast<double>(b);
  const double spread_a = n * static_cast<double>(aa) - sum_a * sum_a;
  const double spread_b = n * static_cast<double>(bb) - sum_b * sum_b;
  if (!(spread_a > 0) || !(spread_b > 0)) return 0;
  return (n * static_cast<double>(ab) - sum_a * sum_b) / std::sqrt(spread_a * spread_b);
}

PixelMatcher::PixelMatcher(const ImageView& golden, Rect core)
    : core_(core), rows_(BandRows(core.y, core.y + core.h, kMaxBands)) {
  for (const int y : rows_) {
    const std::uint8_t* row = golden.Row(y) + core.x;
    pixels_.insert(pixels_.end(), row, row + core.w);
    golden_.AddFirst(row, core.w);
  }
}

double PixelMatcher::Score(const ImageView& frame, int shift_x, int shift_y) const {
  PairSums sums = golden_;
  const std::uint8_t* golden = pixels_.data();
  for (const int y : rows_) {
    sums.AddSecond(golden, frame.Row(y + shift_y) + core_.x + shift_x, core_.w);
    golden += core_.w;
  }
  return sums.Correlation();
}

double PixelMatcher::SelfSimilarity(const ImageView& golden, int reach) const {
  // What a frame may show at a wrong place near the right one ...
  const CorrelationMap near(reach, -reach, [&](int x, int y) { return Score(golden, x, y); });
  // ... and at the other end of the search, where the middle does not reach. Shifts of opposite
  // sign compare the same pairs, so those downwards will do.
  const std::vector<int> rows = BandRows(0, golden.height - 2 * reach, kOverlapBands);
  const CorrelationMap far(2 * reach, 0,
                           [&](int x, int y) { return OverlapCorrelation(golden, rows, x, y); });
  return std::max(near.SecondPeak(), far.SecondPeak());
}

}  // namespace taktgate::image
