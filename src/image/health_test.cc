#include "image/health.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace taktgate::image {
namespace {

Image Grey(int width, int height, auto&& value) {
  Image image;
  image.width = width;
  image.height = height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.pixels.push_back(static_cast<std::uint8_t>(value(x, y)));
  }
  return image;
}

// A pattern without structure that is the same everywhere.
int Noise(int x, int y) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 2654435761U + static_cast<std::uint32_t>(y);
  h = (h ^ (h >> 15)) * 2246822519U;
  h = (h ^ (h >> 13)) * 3266489917U;
  return static_cast<int>((h ^ (h >> 16)) & 0xFFU);
}

TEST(Health, OfAFlatFrame) {
  const Health health = MeasureHealth(Grey(64, 48, [](int, int) { return 7; }).View());
  EXPECT_EQ(health.brightness, 7.0);
  EXPECT_EQ(health.contrast, 0.0);
  EXPECT_EQ(health.sharpness, 0.0);
}

TEST(Health, OfStripesByHand) {
  // Columns 0 0 200 200 0 0 200 200: every pixel two columns further is the other value.
  const Health health =
      MeasureHealth(Grey(8, 3, [](int x, int) { return x % 4 < 2 ? 0 : 200; }).View());
  EXPECT_EQ(health.brightness, 100.0);
  EXPECT_EQ(health.contrast, 100.0);
  EXPECT_EQ(health.sharpness, 200.0 * 200.0 / (2 * 100.0 * 100.0));
}

TEST(Health, NoiseIsSharpAndABlurredFrameIsNot) {
  const auto blurred = [](int x, int y) {
    int sum = 0;
    for (int dx = 0; dx < 16; ++dx) sum += Noise(x + dx, y);
    return sum / 16;
  };
  const Health sharp = MeasureHealth(Grey(320, 240, Noise).View());
  const Health soft = MeasureHealth(Grey(320, 240, blurred).View());
  EXPECT_NEAR(sharp.sharpness, 1.0, 0.05);
  EXPECT_LT(soft.sharpness, 0.25);
  EXPECT_NEAR(sharp.contrast, 74, 2) << "of 0 to 255, all alike: 255 / sqrt(12)";
}

TEST(Health, ColourIsLookedAtInGrey) {
  Image colour;
  colour.width = 4;
  colour.height = 1;
  colour.format = PixelFormat::kRgb8;
  colour.pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
  const Health health = MeasureHealth(colour.View());
  EXPECT_EQ(health.brightness, (76 + 150 + 29 + 255) / 4.0);
}

TEST(Health, LargeFramesAreSampledInEvenlySpreadRows) {
  // 1,024 rows: every fourth is looked at, and only those are bright.
  const Image image = Grey(16, 1024, [](int, int y) { return y % 4 == 0 ? 250 : 3; });
  EXPECT_EQ(MeasureHealth(image.View()).brightness, 250.0);
  // Less than 512 rows: all of them.
  const Image small = Grey(16, 500, [](int, int y) { return y % 4 == 0 ? 250 : 2; });
  EXPECT_EQ(MeasureHealth(small.View()).brightness, 64.0);
}

TEST(Health, TinyFramesAndPaddedRows) {
  EXPECT_EQ(MeasureHealth({}).brightness, 0.0);
  const Image one = Grey(1, 1, [](int, int) { return 9; });
  EXPECT_EQ(MeasureHealth(one.View()).brightness, 9.0);
  Image padded = Grey(8, 4, [](int x, int) { return x < 6 ? 10 : 255; });
  ImageView view = padded.View();
  view.width = 6;
  EXPECT_EQ(MeasureHealth(view).brightness, 10.0);
}

TEST(Health, LimitsHoldAtTheirEnds) {
  HealthLimits limits;
  limits.brightness = {10, 20};
  limits.contrast = {1, 2};
  limits.sharpness = {0.5, 0.7};
  EXPECT_TRUE(limits.Hold({10, 2, 0.5}));
  EXPECT_FALSE(limits.Hold({9.99, 2, 0.5}));
  EXPECT_FALSE(limits.Hold({10, 2.01, 0.5}));
  EXPECT_FALSE(limits.Hold({10, 2, 0.71}));
}

}  // namespace
}  // namespace taktgate::image
