#include <gtest/gtest.h>

#include <algorithm>

#include "image/decode.h"
#include "image/test_files.h"
#include "image/test_flips.h"

namespace taktgate::image {
namespace {

using testing::Bytes;

struct BmpForm {
  int bits = 24;
  int header = 40;  // bytes
  bool from_below = true;
  int compression = 0;
  Bytes palette;  // 4 bytes a colour, 3 with a header of 12
  std::uint32_t colours = 0;
  std::vector<std::uint32_t> masks;
};

// `rows` as they are stored, padded.
Bytes Bmp(int width, int height, const Bytes& rows, const BmpForm& form) {
  Bytes file{'B', 'M'};
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  };
  const auto masks = static_cast<int>(form.masks.size()) * 4;
  const int after = std::max(form.header - 40, masks);
  const int start = 14 + std::min(form.header, 40) + (form.header == 12 ? 0 : after);
  put(0, 4), put(0, 4);  // many writers leave the file's size at 0
  put(static_cast<std::uint32_t>(start) + static_cast<std::uint32_t>(form.palette.size()), 4);
  put(static_cast<std::uint32_t>(form.header), 4);
  const int size_bytes = form.header == 12 ? 2 : 4;
  put(static_cast<std::uint32_t>(width), size_bytes);
  put(static_cast<std::uint32_t>(form.from_below ? height : -height), size_bytes);
  put(1, 2), put(static_cast<std::uint32_t>(form.bits), 2);
  if (form.header != 12) {
    put(static_cast<std::uint32_t>(form.compression), 4), put(0, 4), put(0, 4), put(0, 4);
    put(form.colours, 4), put(0, 4);
    for (const std::uint32_t mask : form.masks) put(mask, 4);
    file.resize(static_cast<std::size_t>(start), 0);
  }
  file.insert(file.end(), form.palette.begin(), form.palette.end());
  file.insert(file.end(), rows.begin(), rows.end());
  return file;
}

Bytes Ramp(int colour_bytes) {
  Bytes palette;
  for (int i = 0; i < 256; ++i) {
    palette.insert(palette.end(), static_cast<std::size_t>(colour_bytes),
                   static_cast<std::uint8_t>(i));
  }
  return palette;
}

void ExpectRefused(const Bytes& file, ErrorCode code, const std::string& word) {
  const auto image = Decode(file);
  ASSERT_FALSE(image) << word;
  EXPECT_EQ(image.error().code, code) << image.error().message;
  EXPECT_NE(image.error().message.find(word), std::string::npos) << image.error().message;
}

const Bytes kRowsOfGrey{4, 5, 6, 0, 1, 2, 3, 0};  // 3 x 2: the lower row first
const Bytes kRowsOfRgb{30, 20, 10, 60, 50, 40, 0, 0};

TEST(BmpFile, GreyRampIsGrey) {
  for (const auto& [header, colour_bytes] : {std::pair{40, 4}, {12, 3}, {108, 4}, {124, 4}}) {
    const auto image =
        Decode(Bmp(3, 2, kRowsOfGrey, {8, header, true, 0, Ramp(colour_bytes), 0, {}}));
    ASSERT_TRUE(image) << header << ": " << image.error().message;
    EXPECT_EQ(image->format, PixelFormat::kGrey8);
    EXPECT_EQ(image->pixels, (Bytes{1, 2, 3, 4, 5, 6}));
  }
  const auto down = Decode(Bmp(3, 2, kRowsOfGrey, {8, 40, false, 0, Ramp(4), 0, {}}));
  ASSERT_TRUE(down);
  EXPECT_EQ(down->pixels, (Bytes{4, 5, 6, 1, 2, 3}));
}

TEST(BmpFile, ColoursAreRgb) {
  for (const int header : {12, 40, 124}) {
    const auto image = Decode(Bmp(2, 1, kRowsOfRgb, {24, header, true, 0, {}, 0, {}}));
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->format, PixelFormat::kRgb8);
    EXPECT_EQ(image->pixels, (Bytes{10, 20, 30, 40, 50, 60}));
  }
  const auto palette =
      Decode(Bmp(1, 1, {1, 0, 0, 0}, {8, 40, true, 0, {0, 0, 0, 0, 3, 2, 1, 0}, 2, {}}));
  ASSERT_TRUE(palette) << palette.error().message;
  EXPECT_EQ(palette->pixels, (Bytes{1, 2, 3}));
}

TEST(BmpFile, TheFourthByteIsAlphaOnlyWithAMask) {
  const Bytes pixel{3, 2, 1, 0};
  const std::vector<std::uint32_t> rgb{0xff0000, 0xff00, 0xff};
  std::vector<std::uint32_t> rgba = rgb;
  rgba.push_back(0xff000000);
  EXPECT_EQ(Decode(Bmp(1, 1, pixel, {32, 40, true, 0, {}, 0, {}}))->pixels, (Bytes{1, 2, 3}));
  EXPECT_EQ(Decode(Bmp(1, 1, pixel, {32, 40, true, 3, {}, 0, rgb}))->pixels, (Bytes{1, 2, 3}));
  const BmpForm alpha{32, 56, true, 3, {}, 0, rgba};
  EXPECT_EQ(Decode(Bmp(1, 1, {3, 2, 1, 255}, alpha))->pixels, (Bytes{1, 2, 3}));
  ExpectRefused(Bmp(1, 1, {3, 2, 1, 9}, alpha), ErrorCode::kUnsupported, "transparent");
  const BmpForm other{32, 56, true, 3, {}, 0, {0xff, 0xff00, 0xff0000, 0}};
  ExpectRefused(Bmp(1, 1, pixel, other), ErrorCode::kUnsupported, "masks");
}

TEST(BmpFile, OtherKindsAreNamed) {
  const auto unsupported = ErrorCode::kUnsupported;
  ExpectRefused(Bmp(3, 2, kRowsOfGrey, {4, 40, true, 0, Ramp(4), 0, {}}), unsupported, "4 bits");
  ExpectRefused(Bmp(3, 2, kRowsOfGrey, {8, 40, true, 1, Ramp(4), 0, {}}), unsupported,
                "compression 1");
  ExpectRefused(Bmp(20000, 1, kRowsOfGrey, {24, 40, true, 0, {}, 0, {}}), unsupported, "20000 x 1");
  ExpectRefused(Bmp(3, 2, kRowsOfGrey, {8, 64, true, 0, {}, 0, {}}), ErrorCode::kCorrupt,
                "palette");
}

TEST(BmpFile, CutAnywhereIsDamagedButForTheLastPadding) {
  const Bytes whole = Bmp(3, 2, kRowsOfGrey, {8, 40, true, 0, Ramp(4), 0, {}});
  for (std::size_t size = 2; size < whole.size() - 1; ++size) {
    ExpectRefused(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
                  ErrorCode::kCorrupt, "damaged");
  }
  EXPECT_TRUE(Decode(std::span(whole).first(whole.size() - 1)));
  ExpectRefused(
      Bmp(3, 2, {9, 1, 1, 0, 0, 0, 0, 0}, {8, 40, true, 0, {0, 0, 0, 0, 1, 1, 1, 0}, 2, {}}),
      ErrorCode::kCorrupt, "colour 9 of a palette of 2");
}

TEST(BmpFile, FlippedBytesNeverCrash) {
  const Bytes whole = Bmp(3, 2, kRowsOfGrey, {8, 40, true, 0, Ramp(4), 0, {}});
  testing::ExpectHarmless(whole, {0x01, 0x80, 0xff});
}

}  // namespace
}  // namespace taktgate::image
