#include "base/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace taktgate {

std::size_t LatencyHistogram::IndexOf(std::uint64_t nanos) {
  constexpr std::uint64_t kSub = std::uint64_t{1} << kSubBits;
  nanos = std::min(nanos, (std::uint64_t{1} << kMaxBits) - 1);
  if (nanos < kSub) return nanos;
  const int shift = static_cast<int>(std::bit_width(nanos)) - kSubBits - 1;
  return (static_cast<std::size_t>(shift + 1) << kSubBits) + ((nanos >> shift) - kSub);
}

std::uint64_t LatencyHistogram::UpperEnd(std::size_t index) {
  constexpr std::uint64_t kSub = std::uint64_t{1} << kSubBits;
  if (index < kSub) return index;
  const auto shift = (index >> kSubBits) - 1;
  return (((index & (kSub - 1)) + kSub + 1) << shift) - 1;
}

void LatencyHistogram::Record(Duration value) {
  const std::int64_t nanos = std::max<std::int64_t>(0, value.count());
  ++buckets_[IndexOf(static_cast<std::uint64_t>(nanos))];
  ++count_;
  max_ = std::max(max_, nanos);
  min_ = std::min(min_, nanos);
}

Duration LatencyHistogram::Quantile(double quantile) const {
  if (count_ == 0) return Duration(0);
  const double wanted = std::ceil(quantile * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) {
      return Duration(std::min(static_cast<std::int64_t>(UpperEnd(i)), max_));
    }
  }
  return max();
}

std::uint64_t LatencyHistogram::CountBetween(Duration from, Duration to) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto end = static_cast<std::int64_t>(UpperEnd(i));
    if (buckets_[i] != 0 && end > from.count() && end <= to.count()) total += buckets_[i];
  }
  return total;
}

}  // namespace taktgate
