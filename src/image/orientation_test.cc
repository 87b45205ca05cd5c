// Orientation, from the tag in a file to the picture that is shown.
#include <gtest/gtest.h>

#include "image/decode.h"
#include "image/exif.h"
#include "image/test_files.h"
#include "image/turn.h"

namespace taktgate::image {
namespace {

using testing::Bytes;

// An EXIF block with one entry before the orientation.
Bytes Exif(int orientation, bool big_endian, int type = 3, int count = 1) {
  Bytes block;
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (big_endian ? bytes - 1 - i : i);
      block.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  block.assign(2, big_endian ? 'M' : 'I');
  put(42, 2);
  put(10, 4);  // where the directory is
  put(0, 2);   // a gap
  put(2, 2);   // entries
  put(0x0100, 2), put(4, 2), put(1, 4), put(30, 4);
  put(0x0112, 2), put(static_cast<std::uint32_t>(type), 2);
  put(static_cast<std::uint32_t>(count), 4);
  put(static_cast<std::uint32_t>(orientation), 2), put(0, 2);
  put(0, 4);
  return block;
}

TEST(Exif, NamesTheOrientationInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(OrientationOfExif(Exif(orientation, true)), orientation);
    EXPECT_EQ(OrientationOfExif(Exif(orientation, false)), orientation);
  }
}

TEST(Exif, ADamagedBlockSaysAsStored) {
  EXPECT_EQ(OrientationOfExif({}), 1);
  for (const bool big_endian : {false, true}) {
    for (const int value : {0, 9, 0xffff}) EXPECT_EQ(OrientationOfExif(Exif(value, big_endian)), 1);
    EXPECT_EQ(OrientationOfExif(Exif(6, big_endian, 4)), 1);  // no SHORT
    EXPECT_EQ(OrientationOfExif(Exif(6, big_endian, 3, 2)), 1);
    const Bytes block = Exif(6, big_endian);
    for (std::size_t size = 0; size < block.size(); ++size) {
      const int found = OrientationOfExif(std::span(block).first(size));
      EXPECT_EQ(found, size < 34 ? 1 : 6) << size;  // the value ends there
    }
    for (std::size_t at = 0; at < block.size(); ++at) {  // never reads beyond its end
      for (int bit = 0; bit < 8; ++bit) {
        Bytes flipped = block;
        flipped[at] = static_cast<std::uint8_t>(flipped[at] ^ 1U << bit);
        OrientationOfExif(flipped);
      }
    }
  }
}

TEST(Turned, ShowsTheStoredPicture) {
  // 3 x 2: 1 2 3 / 4 5 6
  const Image stored{{1, 2, 3, 4, 5, 6}, 3, 2, PixelFormat::kGrey8};
  const std::vector<std::pair<int, Bytes>> expected{
      {1, {1, 2, 3, 4, 5, 6}}, {2, {3, 2, 1, 6, 5, 4}}, {3, {6, 5, 4, 3, 2, 1}},
      {4, {4, 5, 6, 1, 2, 3}}, {5, {1, 4, 2, 5, 3, 6}}, {6, {4, 1, 5, 2, 6, 3}},
      {7, {6, 3, 5, 2, 4, 1}}, {8, {3, 6, 2, 5, 1, 4}}};
  for (const auto& [orientation, pixels] : expected) {
    const auto shown = Turned(stored, orientation);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->pixels, pixels) << orientation;
    EXPECT_EQ(shown->width, orientation < 5 ? 3 : 2) << orientation;
    EXPECT_EQ(shown->height, orientation < 5 ? 2 : 3) << orientation;
  }
}

TEST(Turned, KeepsColoursTogether) {
  const Image stored{{1, 2, 3, 4, 5, 6}, 2, 1, PixelFormat::kRgb8};
  EXPECT_EQ(Turned(stored, 6)->pixels, (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(Turned(stored, 8)->pixels, (Bytes{4, 5, 6, 1, 2, 3}));
}

TEST(Decode, TurnsByTheTagOfJpegAndPng) {
  const Image image = testing::RandomImage(24, 16, PixelFormat::kGrey8, 3);
  const Bytes jpeg = testing::Jpeg(24, 16, image.pixels, 1);
  const Bytes png = *EncodePng(image.View());
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes block = Exif(orientation, orientation % 2 == 0);
    Bytes segment{0xff, 0xe1, 0, static_cast<std::uint8_t>(block.size() + 8), 'E', 'x', 'i',
                  'f',  0,    0};
    segment.insert(segment.end(), block.begin(), block.end());
    Bytes tagged = jpeg;
    tagged.insert(tagged.begin() + 2, segment.begin(), segment.end());
    const Image upright = *Turned(*Decode(jpeg), orientation);
    EXPECT_EQ(Decode(tagged)->pixels, upright.pixels) << orientation;
    EXPECT_EQ(Decode(tagged)->width, upright.width) << orientation;
    Bytes chunk{0, 0, 0, static_cast<std::uint8_t>(block.size()), 'e', 'X', 'I', 'f'};
    chunk.insert(chunk.end(), block.begin(), block.end());
    chunk.resize(chunk.size() + 4);
    testing::SealChunk(chunk, 0);
    tagged = png;
    tagged.insert(tagged.end() - 12, chunk.begin(), chunk.end());
    EXPECT_EQ(Decode(tagged)->pixels, Turned(image, orientation)->pixels) << orientation;
  }
}

}  // namespace
}  // namespace taktgate::image
