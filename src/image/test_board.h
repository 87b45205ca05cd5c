#ifndef TAKTGATE_IMAGE_TEST_BOARD_H_
#define TAKTGATE_IMAGE_TEST_BOARD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

#include "image/contract.h"
#include "image/frame.h"

// Made-up boards for this room's tests and benchmarks: dark mask, traces and pads at random.
namespace taktgate::image::testing {

inline Image MakeImage(int width, int height, PixelFormat format) {
  Image image;
  image.width = width;
  image.height = height;
  image.format = format;
  image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                      static_cast<std::size_t>(ChannelsOf(format)));
  return image;
}

inline Image RandomImage(int width, int height, PixelFormat format, unsigned seed) {
  Image image = MakeImage(width, height, format);
  std::mt19937 random(seed);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random() >> 24);
  return image;
}

inline std::uint8_t& At(Image& image, int x, int y) {
  return image.pixels[static_cast<std::size_t>(y * image.width + x)];
}

inline void Paint(Image& grey, Rect box, int value) {
  for (int y = std::max(0, box.y); y < std::min(grey.height, box.y + box.h); ++y) {
    for (int x = std::max(0, box.x); x < std::min(grey.width, box.x + box.w); ++x) {
      At(grey, x, y) = static_cast<std::uint8_t>(value);
    }
  }
}

inline int Draw(std::mt19937& random, int from, int to) {
  return from + static_cast<int>(random() % static_cast<unsigned>(to - from + 1));
}

// A board of one design, larger than the frames that look at it.
inline Image MakeBoard(unsigned design, int width, int height) {
  Image board = MakeImage(width, height, PixelFormat::kGrey8);
  Paint(board, {0, 0, width, height}, 60);
  std::mt19937 random(design);
  for (int i = width * height / 900; i > 0; --i) {
    const int x = Draw(random, -20, width);
    const int y = Draw(random, -20, height);
    const int length = Draw(random, 12, 70);
    const int thick = Draw(random, 3, 6);
    const int value = Draw(random, 100, 150);
    Paint(board, random() % 2 == 0 ? Rect{x, y, length, thick} : Rect{x, y, thick, length}, value);
    const int pad = Draw(random, 6, 14);
    Paint(board, {x - pad / 2, y - pad / 2, pad, pad}, Draw(random, 170, 215));
  }
  return board;
}

struct View {
  int shift_x = 0;  // of the part against the golden image
  int shift_y = 0;
  double gain = 1;
  double noise = 0;  // sigma, grey levels
  int blur = 0;      // half width of a box, px
};

// Mean 0, sigma 1, nearly normal: the sum of four bytes. Cheap, and the same with every library.
inline double Noise(std::mt19937& random) {
  const auto bits = static_cast<unsigned>(random());
  const unsigned sum = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24);
  return (sum - 510.0) / 147.8;
}

// What a camera of `size` px sees of the board's middle. Without a view: the golden image.
inline Image LookAt(const Image& board, int size, const View& view, std::mt19937& random) {
  Image frame = MakeImage(size, size, PixelFormat::kGrey8);
  const int left = (board.width - size) / 2 - view.shift_x;
  const int top = (board.height - size) / 2 - view.shift_y;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      double sum = 0;
      for (int v = -view.blur; v <= view.blur; ++v) {
        for (int u = -view.blur; u <= view.blur; ++u) {
          sum += board.pixels[static_cast<std::size_t>((top + y + v) * board.width + left + x + u)];
        }
      }
      const int side = 2 * view.blur + 1;
      const double level = sum / (side * side) * view.gain + view.noise * Noise(random);
      At(frame, x, y) = static_cast<std::uint8_t>(std::clamp(level, 0.0, 255.0));
    }
  }
  return frame;
}

}  // namespace taktgate::image::testing

#endif  // TAKTGATE_IMAGE_TEST_BOARD_H_
