#include "image/contract.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "image/test_board.h"

namespace taktgate::image {
namespace {

using testing::RandomImage;

constexpr Resize kResizes[] = {Resize::kArea, Resize::kBilinear, Resize::kAntialias};

InputContract Contract(int width, int height, PixelFormat channels, bool golden, Resize resize) {
  InputContract contract;
  contract.width = width;
  contract.height = height;
  contract.channels = channels;
  contract.golden = golden;
  contract.resize = resize;
  const auto count = static_cast<std::size_t>(contract.channel_count());
  contract.scale.assign(count, 1.0);
  contract.offset.assign(count, 0.0);
  return contract;
}

// --- the arithmetic of docs/formats.md once more, written for clarity ---

std::int64_t Weight(Resize resize, std::int64_t source, std::int64_t target, std::int64_t i,
                    std::int64_t j) {
  if (resize == Resize::kArea) {
    return std::max<std::int64_t>(
        0, std::min((i + 1) * source, (j + 1) * target) - std::max(i * source, j * target));
  }
  const std::int64_t n = (2 * i + 1) * source - target;
  const auto left = static_cast<std::int64_t>(
      std::floor(static_cast<long double>(n) / static_cast<long double>(2 * target)));
  const std::int64_t r = n - 2 * target * left;
  const auto clamped = [&](std::int64_t k) {
    return std::min(std::max<std::int64_t>(k, 0), source - 1);
  };
  return (clamped(left) == j ? 2 * target - r : 0) + (clamped(left + 1) == j ? r : 0);
}

int Grey(const Image& image, int x, int y) {
  const auto pixel = static_cast<std::size_t>(y * image.width + x);
  if (image.format == PixelFormat::kGrey8) return image.pixels[pixel];
  const std::uint8_t* rgb = &image.pixels[3 * pixel];
  return (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 32768) >> 16;
}

int Colour(const Image& image, int x, int y, int channel) {
  if (image.format == PixelFormat::kGrey8) return Grey(image, x, y);
  return image.pixels[static_cast<std::size_t>((y * image.width + x) * 3 + channel)];
}

// Of each source pixel: the triangle's share of 2^14, rounded by its running sum.
std::vector<std::int64_t> Triangle(std::int64_t source, std::int64_t target, std::int64_t i) {
  std::vector<std::int64_t> running{0};
  for (std::int64_t j = 0; j < source; ++j) {
    const std::int64_t distance = std::abs((2 * j + 1) * target - (2 * i + 1) * source);
    running.push_back(running.back() +
                      std::max<std::int64_t>(0, 2 * std::max(source, target) - distance));
  }
  const std::int64_t total = running.back();
  std::vector<std::int64_t> weights;
  const auto rounded = [&](std::int64_t sum) { return (32768 * sum + total) / (2 * total); };
  for (std::size_t j = 1; j < running.size(); ++j) {
    weights.push_back(rounded(running[j]) - rounded(running[j - 1]));
  }
  return weights;
}

template <typename PixelAt>
int ExpectedAntialiased(const InputContract& contract, Rect window, int x, int y,
                        const PixelAt& pixel_at) {
  const auto across = Triangle(window.w, contract.width, x);
  const auto down = Triangle(window.h, contract.height, y);
  std::int64_t sum = 0;
  for (int u = 0; u < window.w; ++u) {
    if (across[static_cast<std::size_t>(u)] == 0) continue;
    std::int64_t column = 0;
    for (int v = 0; v < window.h; ++v) column += down[static_cast<std::size_t>(v)] * pixel_at(u, v);
    sum += across[static_cast<std::size_t>(u)] * ((column + 32) / 64);
  }
  return static_cast<int>((sum + (1 << 21)) / (1 << 22));
}

template <typename PixelAt>
int ExpectedExact(const InputContract& contract, Rect window, int x, int y,
                  const PixelAt& pixel_at) {
  std::int64_t sum = 0;
  std::int64_t total = 0;
  for (int v = 0; v < window.h; ++v) {
    const std::int64_t row = Weight(contract.resize, window.h, contract.height, y, v);
    if (row == 0) continue;
    for (int u = 0; u < window.w; ++u) {
      const std::int64_t weight = row * Weight(contract.resize, window.w, contract.width, x, u);
      sum += weight * pixel_at(u, v);
      total += weight;
    }
  }
  return static_cast<int>((sum + total / 2) / total);
}

// One value of the tensor before scaling.
int Expected(const InputContract& contract, const Image& frame, Rect window, int shift_x,
             int shift_y, const Image* golden, int x, int y, int channel) {
  const bool from_golden = channel == ChannelsOf(contract.channels);
  const auto pixel_at = [&](int u, int v) {
    const int left = window.x + u;
    const int top = window.y + v;
    return from_golden ? Grey(*golden, left, top)
           : contract.channels == PixelFormat::kGrey8
               ? Grey(frame, left + shift_x, top + shift_y)
               : Colour(frame, left + shift_x, top + shift_y, channel);
  };
  return contract.resize == Resize::kAntialias
             ? ExpectedAntialiased(contract, window, x, y, pixel_at)
             : ExpectedExact(contract, window, x, y, pixel_at);
}

// The pixels of FindPlanes, HWC.
Status PixelsOf(TensorMaker& maker, const ImageView& frame, Rect window, int shift_x, int shift_y,
                const ImageView* golden, std::span<std::uint8_t> pixels) {
  const InputContract& contract = maker.contract();
  const auto channels = static_cast<std::size_t>(contract.channel_count());
  std::vector<Plane> planes(channels);
  if (Status found = maker.FindPlanes(frame, window, shift_x, shift_y, golden, 0, planes); !found) {
    return found;
  }
  std::size_t at = 0;
  for (std::ptrdiff_t y = 0; y < contract.height; ++y) {
    for (std::ptrdiff_t x = 0; x < contract.width; ++x) {
      for (const Plane& plane : planes) {
        pixels[at++] = plane.first[y * plane.row_step + x * plane.step];
      }
    }
  }
  return {};
}

struct Case {
  InputContract contract;
  Rect window;
  int shift_x = 0;
  int shift_y = 0;
};

void ExpectExact(const Case& test, const Image& frame, const Image& golden) {
  SCOPED_TRACE("window " + std::to_string(test.window.w) + " x " + std::to_string(test.window.h) +
               " to " + std::to_string(test.contract.width) + " x " +
               std::to_string(test.contract.height) + " " +
               std::string(ToString(test.contract.resize)));
  TensorMaker maker(test.contract, 256);
  ASSERT_TRUE(maker.Prepare(test.window.w, test.window.h));
  std::vector<std::uint8_t> pixels(test.contract.tensor_size());
  std::vector<float> tensor(test.contract.tensor_size());
  const ImageView golden_view = golden.View();
  ASSERT_TRUE(
      PixelsOf(maker, frame.View(), test.window, test.shift_x, test.shift_y, &golden_view, pixels));
  ASSERT_TRUE(
      maker.Fill(frame.View(), test.window, test.shift_x, test.shift_y, &golden_view, tensor));
  const int channels = test.contract.channel_count();
  int wrong = 0;
  for (int y = 0; y < test.contract.height; ++y) {
    for (int x = 0; x < test.contract.width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int expected = Expected(test.contract, frame, test.window, test.shift_x, test.shift_y,
                                      &golden, x, y, c);
        const int hwc = (y * test.contract.width + x) * channels + c;
        const int nchw = (c * test.contract.height + y) * test.contract.width + x;
        if (pixels[static_cast<std::size_t>(hwc)] != expected) ++wrong;
        if (tensor[static_cast<std::size_t>(nchw)] != static_cast<float>(expected)) ++wrong;
      }
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(TensorMaker, IsExactForRandomSizesFormatsAndShifts) {
  std::mt19937 random(1);
  for (int round = 0; round < 120; ++round) {
    const auto format = [&] {
      return random() % 2 == 0 ? PixelFormat::kGrey8 : PixelFormat::kRgb8;
    };
    const Image frame = RandomImage(testing::Draw(random, 20, 90), testing::Draw(random, 20, 90),
                                    format(), static_cast<unsigned>(random()));
    const Image golden =
        RandomImage(frame.width, frame.height, format(), static_cast<unsigned>(random()));
    Case test;
    test.contract = Contract(testing::Draw(random, 1, 70), testing::Draw(random, 1, 70), format(),
                             random() % 2 == 0, kResizes[random() % 3]);
    test.window.w = testing::Draw(random, 1, frame.width - 8);
    test.window.h = testing::Draw(random, 1, frame.height - 8);
    if (random() % 4 == 0) {
      test.contract.width = std::max(1, test.window.w);
      test.contract.height = std::max(1, test.window.h);
    }
    test.window.x = testing::Draw(random, 4, frame.width - 4 - test.window.w);
    test.window.y = testing::Draw(random, 4, frame.height - 4 - test.window.h);
    test.shift_x = testing::Draw(random, -4, 4);
    test.shift_y = testing::Draw(random, -4, 4);
    ExpectExact(test, frame, golden);
  }
}

TEST(TensorMaker, IsExactForEveryRatioOfShortLengths) {
  const Image image = RandomImage(24, 24, PixelFormat::kGrey8, 4);
  for (int source = 1; source <= 24; ++source) {
    for (int target = 1; target <= 24; ++target) {
      for (const Resize resize : kResizes) {
        ExpectExact({Contract(target, 3, PixelFormat::kGrey8, false, resize), {0, 0, source, 5}},
                    image, image);
      }
    }
  }
}

std::uint8_t OnePixel(Resize resize, int width, const std::vector<std::uint8_t>& pixels) {
  TensorMaker maker(Contract(1, 1, PixelFormat::kGrey8, false, resize), 8192);
  const int height = static_cast<int>(pixels.size()) / width;
  EXPECT_TRUE(maker.Prepare(width, height));
  std::uint8_t pixel = 0;
  const ImageView view{pixels.data(), width, height, static_cast<std::size_t>(width),
                       PixelFormat::kGrey8};
  EXPECT_TRUE(PixelsOf(maker, view, {0, 0, width, height}, 0, 0, nullptr, std::span(&pixel, 1)));
  return pixel;
}

TEST(TensorMaker, RoundsTiesUp) {
  EXPECT_EQ(OnePixel(Resize::kArea, 2, {0, 1}), 1);        // 1/2
  EXPECT_EQ(OnePixel(Resize::kArea, 2, {0, 1, 0, 0}), 0);  // 1/4
  EXPECT_EQ(OnePixel(Resize::kArea, 2, {1, 0, 0, 1}), 1);  // 2/4
  EXPECT_EQ(OnePixel(Resize::kArea, 2, {254, 255}), 255);
  EXPECT_EQ(OnePixel(Resize::kArea, 3, {0, 0, 1}), 0);  // 1/3
  EXPECT_EQ(OnePixel(Resize::kArea, 3, {0, 1, 1}), 1);  // 2/3
  EXPECT_EQ(OnePixel(Resize::kBilinear, 2, {4, 5}), 5);
  EXPECT_EQ(OnePixel(Resize::kBilinear, 4, {9, 4, 5, 9}), 5);  // the two in the middle
  EXPECT_EQ(OnePixel(Resize::kAntialias, 2, {4, 5}), 5);
  EXPECT_EQ(OnePixel(Resize::kAntialias, 4, {0, 16, 16, 0}), 9);  // 5 7 7 5 of 24: 9.33
}

// Sums beyond 32 bits, and those just below.
TEST(TensorMaker, IsExactForLargeWindows) {
  for (const auto& [width, height] :
       {std::pair{8192, 2048}, {2048, 2048}, {2049, 2048}, {8191, 1}}) {
    const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    EXPECT_EQ(OnePixel(Resize::kArea, width, std::vector<std::uint8_t>(count, 255)), 255);
    EXPECT_EQ(OnePixel(Resize::kAntialias, width, std::vector<std::uint8_t>(count, 255)), 255);
    std::vector<std::uint8_t> half(count, 7);
    for (std::size_t i = 0; i < count / 2; ++i) half[i] = 8;
    EXPECT_EQ(OnePixel(Resize::kArea, width, half), count % 2 == 0 ? 8 : 7);
  }
}

TEST(TensorMaker, ScalesInDoubleAndRoundsOnce) {
  InputContract contract = Contract(256, 1, PixelFormat::kRgb8, true, Resize::kArea);
  contract.scale = {0.00784313725490196, 1.0 / 58.395, 0.1, -3.0};
  contract.offset = {-1.0, -123.675 / 58.395, 1e-3, 7.0};
  TensorMaker maker(contract, 256);
  ASSERT_TRUE(maker.Prepare(256, 1));
  Image frame = testing::MakeImage(256, 1, PixelFormat::kRgb8);
  Image golden = testing::MakeImage(256, 1, PixelFormat::kGrey8);
  for (std::size_t i = 0; i < 256; ++i) {
    frame.pixels[3 * i] = static_cast<std::uint8_t>(i);
    frame.pixels[3 * i + 1] = static_cast<std::uint8_t>(255 - i);
    frame.pixels[3 * i + 2] = static_cast<std::uint8_t>(i ^ 0x55);
    golden.pixels[i] = static_cast<std::uint8_t>(i * 3);
  }
  std::vector<float> tensor(contract.tensor_size());
  const ImageView golden_view = golden.View();
  ASSERT_TRUE(maker.Fill(frame.View(), {0, 0, 256, 1}, 0, 0, &golden_view, tensor));
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint8_t pixel = c == 3 ? golden.pixels[i] : frame.pixels[3 * i + c];
      const volatile double product =
          static_cast<double>(pixel) * contract.scale[c];  // never fused
      EXPECT_EQ(tensor[c * 256 + i], static_cast<float>(product + contract.offset[c]));
    }
  }
  EXPECT_EQ(tensor[255], 1.0F);
  EXPECT_EQ(tensor[0], -1.0F);
}

TEST(TensorMaker, ReadsFramesWithPaddedRows) {
  const Image image = RandomImage(40, 20, PixelFormat::kGrey8, 8);
  ImageView padded = image.View();
  padded.width = 33;
  TensorMaker maker(Contract(4, 4, PixelFormat::kGrey8, false, Resize::kArea), 64);
  ASSERT_TRUE(maker.Prepare(4, 4));
  std::vector<std::uint8_t> pixels(16);
  ASSERT_TRUE(PixelsOf(maker, padded, {29, 16, 4, 4}, 0, 0, nullptr, pixels));
  EXPECT_EQ(pixels[5], image.pixels[17 * 40 + 30]);
  EXPECT_FALSE(PixelsOf(maker, padded, {30, 16, 4, 4}, 0, 0, nullptr, pixels));
}

class Refusals : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(maker.Prepare(16, 16)); }
  Status Fill(Rect window, int shift_x, int shift_y, const ImageView* reference) {
    return maker.Fill(view, window, shift_x, shift_y, reference, tensor);
  }
  void Expect(const Status& status, ErrorCode code, const std::string& word) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, code);
    EXPECT_NE(status.error().message.find(word), std::string::npos) << status.error().message;
  }
  TensorMaker maker{Contract(8, 8, PixelFormat::kGrey8, true, Resize::kArea), 64};
  const Image frame = RandomImage(40, 30, PixelFormat::kGrey8, 1);
  const Image small = RandomImage(20, 30, PixelFormat::kGrey8, 1);
  const ImageView view = frame.View();
  const ImageView golden = frame.View();
  const ImageView small_golden = small.View();
  std::vector<float> tensor = std::vector<float>(2 * 8 * 8);
};

TEST_F(Refusals, AWindowOutsideTheFrameAfterTheShift) {
  EXPECT_TRUE(Fill({24, 14, 16, 16}, 0, 0, &golden));
  EXPECT_TRUE(Fill({8, 14, 16, 16}, 16, -14, &golden));
  for (const auto& [x, y] :
       {std::pair{1, 0}, {0, 1}, {-25, 0}, {0, -15}, {2147483647, 0}, {0, -2147483647}}) {
    EXPECT_FALSE(Contains(view, {24, 14, 16, 16}, x, y));
    Expect(Fill({24, 14, 16, 16}, x, y, &golden), ErrorCode::kInvalid, "inside the frame");
  }
  EXPECT_FALSE(Contains(view, {0, 0, 0, 16}, 0, 0));
  EXPECT_FALSE(Contains(view, {2147483647, 0, 2147483647, 16}, 0, 0));
}

TEST_F(Refusals, GoldenImagesThatAreMissingOrTooSmall) {
  Expect(Fill({0, 0, 16, 16}, 0, 0, nullptr), ErrorCode::kInvalid, "golden image");
  Expect(Fill({10, 0, 16, 16}, 0, 0, &small_golden), ErrorCode::kInvalid,
         "golden image of 20 x 30");
  EXPECT_TRUE(Fill({4, 0, 16, 16}, 4, 0, &small_golden));
}

TEST_F(Refusals, SizesThatWereNotPreparedAndWrongRoom) {
  Expect(Fill({0, 0, 16, 15}, 0, 0, &golden), ErrorCode::kWrongState, "16 x 15");
  tensor.pop_back();
  Expect(Fill({0, 0, 16, 16}, 0, 0, &golden), ErrorCode::kInvalid, "128");
}

TEST_F(Refusals, WindowsThatCannotBePrepared) {
  Expect(maker.Prepare(65, 16), ErrorCode::kInvalid, "65 x 16");
  Expect(maker.Prepare(16, 0), ErrorCode::kInvalid, "16 x 0");
  InputContract contract = Contract(8, 8, PixelFormat::kRgb8, true, Resize::kArea);
  contract.offset.pop_back();
  TensorMaker wrong(contract, 64);
  Expect(wrong.Prepare(16, 16), ErrorCode::kInvalid, "4 channels");
}

TEST(TensorMaker, PixelsThatNeedNoChangeAreReadWhereTheyLie) {
  const Image frame = RandomImage(40, 30, PixelFormat::kRgb8, 1);
  const Image golden = RandomImage(40, 30, PixelFormat::kGrey8, 2);
  const ImageView golden_view = golden.View();
  TensorMaker maker(Contract(8, 6, PixelFormat::kRgb8, true, Resize::kArea), 64);
  ASSERT_TRUE(maker.Prepare(8, 6));
  std::vector<Plane> planes(4);
  ASSERT_TRUE(maker.FindPlanes(frame.View(), {5, 3, 8, 6}, 2, -1, &golden_view, 0, planes));
  EXPECT_EQ(planes[2].first, frame.pixels.data() + (2 * 40 + 7) * 3 + 2);
  EXPECT_EQ(planes[2].row_step, 120);
  EXPECT_EQ(planes[2].step, 3);
  EXPECT_EQ(planes[3].first, golden.pixels.data() + 3 * 40 + 5);
  EXPECT_EQ(planes[3].row_step, 40);
  EXPECT_EQ(planes[3].step, 1);
  planes.pop_back();
  const Status refused =
      maker.FindPlanes(frame.View(), {5, 3, 8, 6}, 0, 0, &golden_view, 0, planes);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("room for 4 planes, got 3"), std::string::npos);
}

TEST(TensorMaker, PlacesKeepWhatWasResizedApart) {
  const Image frame = RandomImage(40, 30, PixelFormat::kGrey8, 1);
  const ImageView golden = frame.View();
  TensorMaker maker(Contract(8, 8, PixelFormat::kGrey8, true, Resize::kArea), 64, 2);
  ASSERT_TRUE(maker.Prepare(16, 16));
  std::vector<Plane> first(2), second(2);
  ASSERT_TRUE(maker.FindPlanes(frame.View(), {0, 0, 16, 16}, 0, 0, &golden, 0, first));
  const std::vector<std::uint8_t> before(first[0].first, first[0].first + 64);
  ASSERT_TRUE(maker.FindPlanes(frame.View(), {20, 10, 16, 16}, 0, 0, &golden, 1, second));
  EXPECT_EQ(std::vector<std::uint8_t>(first[0].first, first[0].first + 64), before);
  EXPECT_NE(std::vector<std::uint8_t>(second[0].first, second[0].first + 64), before);
  EXPECT_EQ(std::vector<std::uint8_t>(first[1].first, first[1].first + 64), before);
}

TEST(TensorMaker, KeepsTablesOfManySizes) {
  const Image image = RandomImage(80, 80, PixelFormat::kGrey8, 1);
  const InputContract contract = Contract(10, 10, PixelFormat::kGrey8, false, Resize::kBilinear);
  TensorMaker all(contract, 80);
  for (int size = 1; size <= 64; ++size) ASSERT_TRUE(all.Prepare(size, 65 - size));
  for (int size = 1; size <= 64; ++size) {
    TensorMaker one(contract, 80);
    ASSERT_TRUE(one.Prepare(size, 65 - size));
    std::vector<float> a(100);
    std::vector<float> b(100);
    ASSERT_TRUE(all.Fill(image.View(), {3, 2, size, 65 - size}, 0, 0, nullptr, a));
    ASSERT_TRUE(one.Fill(image.View(), {3, 2, size, 65 - size}, 0, 0, nullptr, b));
    EXPECT_EQ(a, b);
  }
}

TEST(LetterboxTest, KeepsTheAspectAndRoundsHalvesUp) {
  InputContract contract = Contract(64, 48, PixelFormat::kGrey8, false, Resize::kArea);
  EXPECT_EQ(FittedSize(contract, 1000, 10), (Size{64, 48}));
  contract.fit = Fit::kLetterbox;
  EXPECT_EQ(FittedSize(contract, 128, 96), (Size{64, 48}));
  EXPECT_EQ(FittedSize(contract, 128, 64), (Size{64, 32}));
  EXPECT_EQ(FittedSize(contract, 128, 65), (Size{64, 33}));  // 32.5
  EXPECT_EQ(FittedSize(contract, 10, 20), (Size{24, 48}));
  EXPECT_EQ(FittedSize(contract, 8192, 1), (Size{64, 1}));
  EXPECT_EQ(FittedSize(contract, 1, 8192), (Size{1, 48}));
}

// The picture in the middle is that of a contract of its size; around it is grey, also after a
// window of another size has been there.
TEST(LetterboxTest, GreyAroundThePictureAndTheGolden) {
  const Image frame = RandomImage(90, 70, PixelFormat::kRgb8, 3);
  const Image golden = RandomImage(90, 70, PixelFormat::kGrey8, 4);
  const ImageView golden_view = golden.View();
  InputContract contract = Contract(64, 48, PixelFormat::kRgb8, true, Resize::kBilinear);
  contract.fit = Fit::kLetterbox;
  TensorMaker maker(contract, 100);
  for (const Rect window : {Rect{0, 0, 90, 30}, Rect{5, 5, 20, 60}, Rect{0, 0, 90, 30}}) {
    const Size inner = FittedSize(contract, window.w, window.h);
    const InputContract inner_contract =
        Contract(inner.width, inner.height, PixelFormat::kRgb8, true, Resize::kBilinear);
    ASSERT_TRUE(maker.Prepare(window.w, window.h));
    std::vector<std::uint8_t> pixels(contract.tensor_size());
    ASSERT_TRUE(PixelsOf(maker, frame.View(), window, 0, 0, &golden_view, pixels));
    const int left = (64 - inner.width) / 2;
    const int top = (48 - inner.height) / 2;
    for (int y = 0; y < 48; ++y) {
      for (int x = 0; x < 64; ++x) {
        for (int c = 0; c < 4; ++c) {
          const bool inside =
              x >= left && x < left + inner.width && y >= top && y < top + inner.height;
          const int expected =
              inside ? Expected(inner_contract, frame, window, 0, 0, &golden, x - left, y - top, c)
                     : 128;
          ASSERT_EQ(pixels[static_cast<std::size_t>((y * 64 + x) * 4 + c)], expected)
              << x << ' ' << y << ' ' << c;
        }
      }
    }
  }
}

}  // namespace
}  // namespace taktgate::image
