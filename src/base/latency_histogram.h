#ifndef TAKTGATE_BASE_LATENCY_HISTOGRAM_H_
#define TAKTGATE_BASE_LATENCY_HISTOGRAM_H_

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace taktgate {

// Log-linear histogram of durations in fixed memory: 64 sub-buckets per power of two, so a
// reported value is at most 1.6 % above the true one; up to about 73 minutes, longer ones are
// counted there. The layout is that of HdrHistogram (Tene): values, never averages, are kept.
//
// Threads: one.
class LatencyHistogram {
 public:
  void Record(Duration value);

  std::uint64_t count() const { return count_; }
  Duration max() const { return Duration(max_); }
  Duration min() const { return Duration(count_ == 0 ? 0 : min_); }

  // The smallest recorded bucket's upper end that at least `quantile` (0..1] of all values do not
  // exceed; zero when empty. The maximum is exact.
  Duration Quantile(double quantile) const;

  // How many values lie in (from, to], at the resolution of the buckets.
  std::uint64_t CountBetween(Duration from, Duration to) const;

 private:
  static constexpr int kSubBits = 6;
  static constexpr int kMaxBits = 42;
  static constexpr std::size_t kBuckets = (kMaxBits - kSubBits + 1) << kSubBits;
  static std::size_t IndexOf(std::uint64_t nanos);
  static std::uint64_t UpperEnd(std::size_t index);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  std::int64_t min_ = INT64_MAX;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_LATENCY_HISTOGRAM_H_
