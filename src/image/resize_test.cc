#include "image/resize.h"

#include <gtest/gtest.h>

#include <random>

namespace taktgate::image {
namespace {

TEST(AxisWeights, SumToTheTotalAndStayInside) {
  for (const Resize method : {Resize::kArea, Resize::kBilinear, Resize::kAntialias}) {
    for (const auto& [source, target] :
         {std::pair{1, 1}, {1, 320}, {8192, 320}, {8191, 319}, {160, 64}, {64, 64}, {3, 7}}) {
      const AxisWeights axis = MakeAxisWeights(method, source, target);
      ASSERT_EQ(axis.targets.size(), static_cast<std::size_t>(target));
      for (const AxisWeights::Target& pixel : axis.targets) {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < pixel.count; ++i) sum += axis.weights[pixel.weights + i];
        EXPECT_EQ(sum, axis.total);
        EXPECT_LE(pixel.first + pixel.count, static_cast<std::uint32_t>(source));
      }
    }
  }
}

// Halved: the triangle spans four pixels, 1 3 3 1 of 8; at the borders what is left of it, 3 3 1.
TEST(AxisWeights, OfAntialiasAreATriangle) {
  const AxisWeights axis = MakeAxisWeights(Resize::kAntialias, 8, 4);
  EXPECT_EQ(axis.total, 16384U);
  std::vector<std::uint32_t> inner;
  for (std::uint32_t i = 0; i < axis.targets[1].count; ++i) {
    const std::uint32_t weight = axis.weights[axis.targets[1].weights + i];
    if (weight != 0) inner.push_back(weight);
  }
  EXPECT_EQ(inner, (std::vector<std::uint32_t>{2048, 6144, 6144, 2048}));
  EXPECT_EQ(axis.weights[axis.targets[0].weights], 7022U);  // 3/7
}

TEST(AxisWeights, HaveNothingInCommon) {
  EXPECT_EQ(MakeAxisWeights(Resize::kArea, 128, 64).total, 2U);
  EXPECT_EQ(MakeAxisWeights(Resize::kArea, 160, 64).total, 5U);
  EXPECT_EQ(MakeAxisWeights(Resize::kBilinear, 64, 64).total, 1U);
}

// Around every multiple of the total, where a wrong rounding would show.
void ExpectExact(std::uint64_t total) {
  const RoundingDivider divider(total);
  for (std::uint64_t value = 0; value <= 255; ++value) {
    const std::uint64_t tie = value * total + total / 2 + total % 2;  // the first that rounds up
    for (std::uint64_t sum = tie < 3 ? 0 : tie - 3; sum < tie + 3 && sum <= 255 * total; ++sum) {
      const std::uint64_t expected = (sum + total / 2) / total;
      ASSERT_EQ(divider.Divide(sum), expected) << sum << " / " << total;
      if (divider.is_small()) {
        ASSERT_EQ(divider.Divide(static_cast<std::uint32_t>(sum)), expected)
            << sum << " / " << total;
      }
    }
  }
}

TEST(RoundingDivider, IsExactAtEveryTie) {
  for (std::uint64_t total = 1; total <= 600; ++total) ExpectExact(total);
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) ExpectExact(1 + random() % (1U << 22));
  for (const std::uint64_t total : {4194303U, 4194304U, 4194305U, 67108864U}) ExpectExact(total);
  EXPECT_TRUE(RoundingDivider(4194304).is_small());
  EXPECT_FALSE(RoundingDivider(4194305).is_small());
}

}  // namespace
}  // namespace taktgate::image
