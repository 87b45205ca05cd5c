#include <gtest/gtest.h>
#include <tiffio.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "image/decode.h"
#include "image/test_files.h"
#include "image/test_flips.h"

namespace taktgate::image {
namespace {

using testing::Bytes;

struct TiffForm {
  int compression = COMPRESSION_NONE;
  int bits = 8;
  int channels = 1;
  int photometric = PHOTOMETRIC_MINISBLACK;
  const char* mode = "wl";  // byte order
  int orientation = 1;
  int planes = PLANARCONFIG_CONTIG;
  int format = SAMPLEFORMAT_UINT;
  int rows_a_strip = 2;
  int predictor = 1;
  int pictures = 1;
  int kind_of_second = 0;
  int tile = 0;
};

// `pixels` in the machine's byte order, 5 px high.
Bytes Tiff(int width, const Bytes& pixels, const TiffForm& form) {
  const auto path = std::filesystem::path(::testing::TempDir()) /
                    ("image_tiff_test_" + std::to_string(getpid()) + ".tif");
  TIFFSetWarningHandler(nullptr);  // it warns of an old code for deflate
  TIFF* tiff = TIFFOpen(path.c_str(), form.mode);
  for (int picture = 0; picture < form.pictures; ++picture) {
    if (picture > 0) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, form.kind_of_second);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 5);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, form.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, form.channels);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, form.photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, form.compression);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, form.orientation);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, form.planes);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, form.format);
    if (form.predictor != 1) TIFFSetField(tiff, TIFFTAG_PREDICTOR, form.predictor);
    if (form.channels % 2 == 0) {
      const std::uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
      TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
    }
    Bytes rows = pixels;  // libtiff turns the bytes of what it is given
    if (form.tile > 0) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, form.tile);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, form.tile);
      rows.resize(static_cast<std::size_t>(TIFFTileSize(tiff)));
      TIFFWriteEncodedTile(tiff, 0, rows.data(), static_cast<tmsize_t>(rows.size()));
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, form.rows_a_strip);
      const auto row_bytes = static_cast<std::size_t>(TIFFScanlineSize(tiff));
      for (unsigned y = 0; y < 5; ++y) TIFFWriteScanline(tiff, &rows[y * row_bytes], y, 0);
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::filesystem::remove(path);
  return bytes;
}

void ExpectRefused(const Bytes& file, ErrorCode code, const std::string& word) {
  const auto image = Decode(file);
  ASSERT_FALSE(image) << word;
  EXPECT_EQ(image.error().code, code) << image.error().message;
  EXPECT_NE(image.error().message.find(word), std::string::npos) << image.error().message;
}

TEST(TiffFile, GreyAndRgbComeBackByteForByte) {
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                COMPRESSION_DEFLATE, COMPRESSION_PACKBITS}) {
    for (const char* mode : {"wl", "wb", "wl8"}) {
      const Bytes grey = testing::RandomImage(7, 5, PixelFormat::kGrey8, 4).pixels;
      TiffForm form{.compression = compression, .mode = mode};
      const auto image = Decode(Tiff(7, grey, form));
      ASSERT_TRUE(image) << compression << mode << image.error().message;
      EXPECT_EQ(image->format, PixelFormat::kGrey8);
      EXPECT_EQ(image->pixels, grey);
      const Bytes rgb = testing::RandomImage(7, 5, PixelFormat::kRgb8, 4).pixels;
      form.channels = 3;
      form.photometric = PHOTOMETRIC_RGB;
      if (compression == COMPRESSION_LZW) form.predictor = 2;
      const auto colour = Decode(Tiff(7, rgb, form));
      ASSERT_TRUE(colour) << colour.error().message;
      EXPECT_EQ(colour->format, PixelFormat::kRgb8);
      EXPECT_EQ(colour->pixels, rgb);
    }
  }
}

TEST(TiffFile, SixteenBitsInBothByteOrders) {
  Bytes samples(5 * 7 * 2);
  Bytes expected;
  for (std::size_t i = 0; i < 35; ++i) {
    const auto value = static_cast<std::uint16_t>(i * 1800);
    std::memcpy(&samples[2 * i], &value, 2);
    expected.push_back(static_cast<std::uint8_t>(value / 65535.0 * 255 + 0.5));
  }
  for (const char* mode : {"wl", "wb"}) {
    const auto image = Decode(Tiff(7, samples, {.bits = 16, .mode = mode}));
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->pixels, expected) << mode;
  }
}

TEST(TiffFile, WhiteMayBeZeroAndAlphaMustBeOpaque) {
  Bytes pixels(35, 250);
  const auto inverted = Decode(Tiff(7, pixels, {.photometric = PHOTOMETRIC_MINISWHITE}));
  ASSERT_TRUE(inverted);
  EXPECT_EQ(inverted->pixels, Bytes(35, 5));
  Bytes with_alpha(70, 255);
  const auto opaque = Decode(Tiff(7, with_alpha, {.channels = 2}));
  ASSERT_TRUE(opaque) << opaque.error().message;
  EXPECT_EQ(opaque->pixels, Bytes(35, 255));
  with_alpha[69] = 1;
  ExpectRefused(Tiff(7, with_alpha, {.channels = 2}), ErrorCode::kUnsupported, "transparent");
}

TEST(TiffFile, IsTurnedByItsTag) {
  const Image image = testing::RandomImage(7, 5, PixelFormat::kGrey8, 4);
  const auto shown = Decode(Tiff(7, image.pixels, {.orientation = 6}));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->width, 5);
  EXPECT_EQ(shown->pixels[0], image.pixels[28]);
}

TEST(TiffFile, OtherKindsAreNamed) {
  const Bytes pixels(4096, 9);
  const auto unsupported = ErrorCode::kUnsupported;
  ExpectRefused(Tiff(7, pixels, {.compression = COMPRESSION_LZMA}), unsupported, "LZMA");
  ExpectRefused(Tiff(7, pixels, {.bits = 1}), unsupported, "1-bit");
  ExpectRefused(Tiff(7, pixels, {.bits = 32, .format = SAMPLEFORMAT_IEEEFP}), unsupported,
                "whole numbers");
  ExpectRefused(
      Tiff(7, pixels,
           {.channels = 3, .photometric = PHOTOMETRIC_RGB, .planes = PLANARCONFIG_SEPARATE}),
      unsupported, "plane");
  ExpectRefused(Tiff(7, pixels, {.tile = 16}), unsupported, "tiles");
  ExpectRefused(Tiff(9000, Bytes(45000), {}), unsupported, "9000 x 5");
  ExpectRefused(Tiff(7, pixels, {.pictures = 2}), unsupported, "several pictures");
  EXPECT_TRUE(Decode(Tiff(7, pixels, {.pictures = 2, .kind_of_second = FILETYPE_REDUCEDIMAGE})));
}

TEST(TiffFile, CutAnywhereIsDamaged) {
  const Bytes grey = testing::RandomImage(7, 5, PixelFormat::kGrey8, 4).pixels;
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
    const Bytes whole = Tiff(7, grey, {.compression = compression});
    for (std::size_t size = 4; size < whole.size() - 6; ++size) {  // its end names the next picture
      const auto image = Decode(std::span(whole).first(size));
      if (image) {
        EXPECT_EQ(image->pixels, grey) << compression << " cut at " << size;
      }
    }
    EXPECT_FALSE(Decode(std::span(whole).first(30)));
  }
}

TEST(TiffFile, FlippedBytesNeverCrash) {
  const Bytes grey = testing::RandomImage(7, 5, PixelFormat::kGrey8, 4).pixels;
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
    const Bytes whole = Tiff(7, grey, {.compression = compression});
    testing::ExpectHarmless(whole, {0x01, 0x40, 0xff});
  }
}

}  // namespace
}  // namespace taktgate::image
