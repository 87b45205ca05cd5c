#include "image/decode.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "image/test_files.h"

namespace taktgate::image {
namespace {

using testing::Bytes;
using testing::Jpeg;
using testing::PngInFormat;
using testing::PngWithHeader;
using testing::RandomImage;

void ExpectError(const Result<Image>& image, ErrorCode code, const std::string& came) {
  ASSERT_FALSE(image) << "expected: " << came;
  EXPECT_EQ(image.error().code, code) << image.error().message;
  EXPECT_NE(image.error().message.find("expected"), std::string::npos) << image.error().message;
  EXPECT_NE(image.error().message.find(came), std::string::npos) << image.error().message;
}

TEST(Png, ComesBackByteForByte) {
  for (const PixelFormat format : {PixelFormat::kGrey8, PixelFormat::kRgb8}) {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 300}, {257, 3}, {640, 481}}) {
      const Image image = RandomImage(width, height, format, 5);
      const auto bytes = EncodePng(image.View());
      ASSERT_TRUE(bytes);
      const auto again = Decode(*bytes);
      ASSERT_TRUE(again) << again.error().message;
      EXPECT_EQ(again->width, width);
      EXPECT_EQ(again->height, height);
      EXPECT_EQ(again->format, format);
      EXPECT_EQ(again->pixels, image.pixels);
    }
  }
}

TEST(Png, EncodesAPartOfAnImageByItsStride) {
  const Image image = RandomImage(20, 10, PixelFormat::kGrey8, 5);
  ImageView part = image.View();
  part.data += 3;
  part.width = 4;
  part.height = 2;
  const auto again = Decode(*EncodePng(part));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->pixels[5], image.pixels[20 + 4]);
  part.width = 0;
  EXPECT_EQ(EncodePng(part).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(EncodePng(ImageView{}).error().code, ErrorCode::kInvalid);
}

TEST(Png, CutAnywhereIsDamaged) {
  const Bytes bytes = *EncodePng(RandomImage(40, 30, PixelFormat::kRgb8, 2).View());
  for (std::size_t size = 8; size < bytes.size(); size += size < 200 ? 1 : 37) {
    ExpectError(Decode(std::span(bytes).first(size)), ErrorCode::kCorrupt, "damaged");
  }
  ExpectError(Decode(std::span(bytes).first(bytes.size() - 1)), ErrorCode::kCorrupt, "damaged");
}

TEST(Png, AFlippedBitIsNeverAnotherImage) {
  const Image image = RandomImage(12, 9, PixelFormat::kGrey8, 2);
  const Bytes bytes = *EncodePng(image.View());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes flipped = bytes;
    flipped[at] ^= 0x10;
    EXPECT_FALSE(Decode(flipped)) << "byte " << at;
  }
}

TEST(Png, OtherKindsAreNamed) {
  const auto unsupported = ErrorCode::kUnsupported;
  ExpectError(Decode(PngWithHeader(4, 4, 1, PNG_COLOR_TYPE_GRAY)), unsupported, "1-bit grey");
  ExpectError(Decode(PngWithHeader(4, 4, 8, 5)), unsupported, "colour type 5");
  ExpectError(Decode(PngWithHeader(4, 4, 16, PNG_COLOR_TYPE_PALETTE)), unsupported,
              "16-bit palette");
  Bytes animation = *EncodePng(RandomImage(6, 6, PixelFormat::kGrey8, 2).View());
  Bytes chunk{0, 0, 0, 8, 'a', 'c', 'T', 'L', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
  testing::SealChunk(chunk, 0);
  animation.insert(animation.begin() + 33, chunk.begin(), chunk.end());
  ExpectError(Decode(animation), unsupported, "animation");
}

// The contract's rule: the nearest of 256 levels over the same range.
TEST(Png, SixteenBitsKeepTheirRange) {
  std::vector<std::uint16_t> samples;
  Bytes expected;
  for (unsigned value = 0; value < 65530; value += 5) {
    samples.push_back(static_cast<std::uint16_t>(value));
    expected.push_back(static_cast<std::uint8_t>(value / 65535.0 * 255 + 0.5));
  }
  const auto image = Decode(testing::Png16(samples));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->format, PixelFormat::kGrey8);
  EXPECT_EQ(image->pixels, expected);
}

TEST(Png, SixteenBitsWithOnlyLowOnesAreRefused) {
  EXPECT_TRUE(Decode(testing::Png16({0, 4096})));
  ExpectError(Decode(testing::Png16({0, 4095})), ErrorCode::kUnsupported, "none above 4095");
}

TEST(Png, OpaqueAlphaFallsAway) {
  for (const int channels : {2, 4}) {
    Bytes pixels(8 * 8 * 4, 90);
    const auto format = channels == 2 ? PNG_FORMAT_GA : PNG_FORMAT_RGBA;
    const auto step = static_cast<std::size_t>(channels);
    for (std::size_t i = step - 1; i < 64 * step; i += step) pixels[i] = 255;
    const auto image = Decode(PngInFormat(format, pixels));
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->pixels, Bytes(64 * (step - 1), 90));
    pixels[64 * step - 1] = 254;
    ExpectError(Decode(PngInFormat(format, pixels)), ErrorCode::kUnsupported, "transparent pixels");
  }
}

TEST(Png, APaletteOfGreysIsGreyAndOneOfColoursRgb) {
  const Bytes indices{0, 1, 1, 0, 1, 0, 0, 0};  // of an image of 4 x 2
  const auto grey =
      Decode(testing::PngWithPalette({{10, 10, 10, 255}, {70, 70, 70, 255}}, indices));
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_EQ(grey->format, PixelFormat::kGrey8);
  EXPECT_EQ(grey->pixels, (Bytes{10, 70, 70, 10, 70, 10, 10, 10}));
  const auto colour = Decode(testing::PngWithPalette({{1, 2, 3, 255}, {7, 7, 7, 255}}, indices));
  ASSERT_TRUE(colour) << colour.error().message;
  EXPECT_EQ(colour->format, PixelFormat::kRgb8);
  EXPECT_EQ(Bytes(colour->pixels.begin(), colour->pixels.begin() + 6), (Bytes{1, 2, 3, 7, 7, 7}));
  ExpectError(Decode(testing::PngWithPalette({{1, 2, 3, 255}, {7, 7, 7, 9}}, indices)),
              ErrorCode::kUnsupported, "transparent pixels");
  // Nobody sees a transparent colour that no pixel has.
  EXPECT_TRUE(Decode(testing::PngWithPalette({{1, 2, 3, 255}, {7, 7, 7, 9}}, Bytes(8, 0))));
  ExpectError(Decode(testing::PngWithPalette({{1, 2, 3, 255}}, indices)), ErrorCode::kCorrupt,
              "colour 1 of a palette of 1");
}

TEST(Png, ATransparentColourIsRefused) {
  Bytes bytes = *EncodePng(RandomImage(6, 6, PixelFormat::kGrey8, 2).View());
  Bytes chunk{0, 0, 0, 2, 't', 'R', 'N', 'S', 0, 9, 0, 0, 0, 0};
  testing::SealChunk(chunk, 0);
  bytes.insert(bytes.begin() + 33, chunk.begin(), chunk.end());
  ExpectError(Decode(bytes), ErrorCode::kUnsupported, "tRNS");
}

TEST(Png, SizesOutsideTheLimitAreNamed) {
  ExpectError(Decode(PngWithHeader(20000, 20000, 8, 0)), ErrorCode::kUnsupported, "20000 x 20000");
  ExpectError(Decode(PngWithHeader(8193, 1, 8, 2)), ErrorCode::kUnsupported, "8193 x 1");
  ExpectError(Decode(PngWithHeader(0, 4, 8, 0)), ErrorCode::kUnsupported, "0 x 4");
  ExpectError(Decode(PngWithHeader(0xffffffff, 4, 8, 0)), ErrorCode::kUnsupported, "4294967295");
}

TEST(JpegFile, GreyStaysGreyAndColourIsRgb) {
  const auto grey = Decode(Jpeg(40, 30, Bytes(40 * 30, 77), 1));
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_EQ(grey->format, PixelFormat::kGrey8);
  EXPECT_EQ(grey->pixels, Bytes(40 * 30, 77));
  Bytes red;
  for (int i = 0; i < 33 * 17; ++i) red.insert(red.end(), {250, 20, 60});
  for (const bool progressive : {false, true}) {
    const auto colour = Decode(Jpeg(33, 17, red, 3, {progressive, 2}));
    ASSERT_TRUE(colour) << colour.error().message;
    EXPECT_EQ(colour->format, PixelFormat::kRgb8);
    EXPECT_EQ(colour->width, 33);
    EXPECT_EQ(colour->height, 17);
    EXPECT_NEAR(colour->pixels[0], 250, 4);
    EXPECT_NEAR(colour->pixels[1], 20, 4);
    EXPECT_NEAR(colour->pixels[2], 60, 4);
  }
}

// Up to the end of the picture's data every cut takes something of it; the end marker is no pixel.
TEST(JpegFile, CutBeforeItsLastPixelIsDamaged) {
  const Image image = RandomImage(40, 30, PixelFormat::kRgb8, 3);
  for (const bool progressive : {false, true}) {
    const Bytes bytes = Jpeg(40, 30, image.pixels, 3, {progressive, 2});
    const auto whole = Decode(bytes);
    ASSERT_TRUE(whole);
    for (std::size_t size = 3; size < bytes.size() - 4; size += size < 700 ? 7 : 53) {
      Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      ExpectError(Decode(cut), ErrorCode::kCorrupt, "damaged");
      cut.insert(cut.end(), {0xff, 0xd9});
      ExpectError(Decode(cut), ErrorCode::kCorrupt, "damaged");
    }
    const auto unmarked = Decode(std::span(bytes).first(bytes.size() - 2));
    ASSERT_TRUE(unmarked) << unmarked.error().message;
    EXPECT_EQ(unmarked->pixels, whole->pixels);
  }
}

// As cameras send them: no pixel depends on any of these.
TEST(JpegFile, UntidyIsTaken) {
  const Image image = RandomImage(40, 30, PixelFormat::kRgb8, 3);
  for (const bool progressive : {false, true}) {
    const Bytes bytes = Jpeg(40, 30, image.pixels, 3, {progressive, 2});
    const Bytes pixels = Decode(bytes)->pixels;
    const auto expect_same = [&](Bytes untidy, std::size_t at, const Bytes& more) {
      untidy.insert(untidy.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
      const auto taken = Decode(untidy);
      ASSERT_TRUE(taken) << at << ": " << taken.error().message;
      EXPECT_EQ(taken->pixels, pixels) << at;
    };
    Bytes open = bytes;
    open.resize(bytes.size() - 2);
    expect_same(open, open.size(), Bytes(400, 0));        // a buffer's padding
    expect_same(bytes, bytes.size() - 2, Bytes(400, 0));  // and a marker after it
    expect_same(bytes, bytes.size() - 2, {7});
    expect_same(bytes, bytes.size() - 2, {0xff, 0xff});             // fill bytes
    expect_same(bytes, bytes.size(), {0xff, 0xd8, 0xff, 1, 2, 3});  // another picture
    for (std::size_t at = 2; bytes[at + 1] != 0xda;
         at += 2 + bytes[at + 2] * 256U + bytes[at + 3]) {
      expect_same(bytes, at, {0});
      expect_same(bytes, at, {0xff});
      expect_same(bytes, at, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    }
  }
}

TEST(JpegFile, DataLeftOverIsDamage) {
  const Image image = RandomImage(40, 30, PixelFormat::kGrey8, 3);
  Bytes bytes = Jpeg(40, 30, image.pixels, 1);
  const Bytes twenty(20, 0x5a);
  bytes.insert(bytes.end() - 2, twenty.begin(), twenty.end());
  ExpectError(Decode(bytes), ErrorCode::kCorrupt, "extraneous");
}

TEST(JpegFile, FlippedBytesNeverCrash) {
  const Image image = RandomImage(40, 30, PixelFormat::kGrey8, 3);
  const Bytes bytes = Jpeg(40, 30, image.pixels, 1);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes flipped = bytes;
    flipped[at] ^= 0xa5;
    const auto decoded = Decode(flipped);
    if (decoded) {
      EXPECT_EQ(decoded->pixels.size(), static_cast<std::size_t>(decoded->width * decoded->height));
    }
  }
}

TEST(JpegFile, OtherKindsAreNamed) {
  const Bytes cmyk = Jpeg(16, 16, Bytes(16 * 16 * 4, 90), 4);
  ExpectError(Decode(cmyk), ErrorCode::kUnsupported, "CMYK");
  ExpectError(Decode(testing::JpegWithSize(20000, 20000)), ErrorCode::kUnsupported,
              "20000 x 20000");
  Bytes deep = testing::JpegWithSize(8, 8);
  deep[testing::FrameHeaderOf(deep) + 4] = 12;
  ExpectError(Decode(deep), ErrorCode::kUnsupported, "8-bit");
}

TEST(Decode, OtherContentIsNamed) {
  ExpectError(Decode({}), ErrorCode::kCorrupt, "0 bytes");
  const Bytes text{'G', 'I', 'F', '8', '9', 'a', 0, 0};
  ExpectError(Decode(text), ErrorCode::kUnsupported, "another format");
  ExpectError(Decode(std::span(text).first(1)), ErrorCode::kUnsupported, "another format");
}

TEST(DecodeFile, NamesTheFile) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "image_decode_test.png";
  const auto missing = DecodeFile(path / "none");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("none"), std::string::npos);
  const Bytes bytes = *EncodePng(RandomImage(5, 4, PixelFormat::kGrey8, 1).View());
  const auto write = [&](std::size_t size) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(size));
  };
  write(bytes.size());
  EXPECT_TRUE(DecodeFile(path));
  write(bytes.size() / 2);
  const auto cut = DecodeFile(path);
  ExpectError(cut, ErrorCode::kCorrupt, "image_decode_test.png");
  write(0);
  ExpectError(DecodeFile(path), ErrorCode::kCorrupt, "image_decode_test.png");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace taktgate::image
