#include "base/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace taktgate {
namespace {

TEST(LatencyHistogram, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.Quantile(0.99), Duration(0));
}

TEST(LatencyHistogram, QuantilesAreWithinTheStatedErrorOfTheExactOnes) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> spread(14.0, 1.5);
  LatencyHistogram histogram;
  std::vector<double> values;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(std::floor(spread(random)));
    histogram.Record(Duration(static_cast<Duration::rep>(values.back())));
  }
  std::sort(values.begin(), values.end());
  for (const double quantile : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(quantile * 50'000)) - 1;
    const auto reported = static_cast<double>(histogram.Quantile(quantile).count());
    EXPECT_GE(reported, values[rank]);
    EXPECT_LE(reported, values[rank] * 1.016 + 1);
  }
  EXPECT_EQ(static_cast<double>(histogram.max().count()), values.back());
  EXPECT_EQ(static_cast<double>(histogram.min().count()), values.front());
}

TEST(LatencyHistogram, TakesAnyValueAndCountsIt) {
  LatencyHistogram histogram;
  for (const Duration::rep nanos : {-5L, 0L, 1L, 63L, 64L, 65L, 1L << 41, 1L << 50}) {
    histogram.Record(Duration(nanos));
  }
  EXPECT_EQ(histogram.count(), 8U);
  EXPECT_EQ(histogram.max(), Duration(1L << 50));
  EXPECT_EQ(histogram.CountBetween(Duration(-1), Duration(64)), 5U);
}

}  // namespace
}  // namespace taktgate
