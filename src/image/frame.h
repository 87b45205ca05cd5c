#ifndef TAKTGATE_IMAGE_FRAME_H_
#define TAKTGATE_IMAGE_FRAME_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::image {

enum class PixelFormat : std::uint8_t { kGrey8, kRgb8 };

constexpr int ChannelsOf(PixelFormat format) { return format == PixelFormat::kGrey8 ? 1 : 3; }

// What all frames of one camera have in common.
struct FrameFormat {
  int width = 0;  // px
  int height = 0;
  PixelFormat pixels = PixelFormat::kGrey8;

  // Of the pixels of one frame, rows not padded.
  std::size_t bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(ChannelsOf(pixels));
  }
  friend bool operator==(const FrameFormat&, const FrameFormat&) = default;
};

inline constexpr int kMaxSide = 8192;  // of any image, px

constexpr bool IsSupportedSize(int width, int height) {
  return width >= 1 && width <= kMaxSide && height >= 1 && height <= kMaxSide;
}

// A borrowed look at pixels, rows top to bottom, channels interleaved. Valid while its owner is.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::size_t stride_bytes = 0;
  PixelFormat format = PixelFormat::kGrey8;

  const std::uint8_t* Row(int y) const { return data + static_cast<std::size_t>(y) * stride_bytes; }
};

// One channel of a picture: its pixel at (row, column) is first[row * row_step + column * step].
struct Plane {
  const std::uint8_t* first = nullptr;
  std::ptrdiff_t row_step = 0;
  std::ptrdiff_t step = 1;
};

// An image that owns its pixels: golden images, decoded files. Rows are not padded.
struct Image {
  std::vector<std::uint8_t> pixels;
  int width = 0;
  int height = 0;
  PixelFormat format = PixelFormat::kGrey8;

  ImageView View() const {
    return {pixels.data(), width, height,
            static_cast<std::size_t>(width) * static_cast<std::size_t>(ChannelsOf(format)), format};
  }
};

enum class FrameStatus : std::uint8_t { kComplete, kPartial };

// What the camera says about a frame, besides its pixels.
struct FrameInfo {
  std::uint64_t sequence = 0;  // counts frames of the camera; a gap is lost frames
  TimePoint captured_at{};     // end of exposure, on the station's clock
  TimePoint arrived_at{};      // when the last byte was there
  FrameStatus status = FrameStatus::kComplete;
};

class FramePool;

// A handle to one buffer of a pool: copying it costs nothing and copies no pixels. The last holder
// of the frame gives it back with FramePool::Release. Trivially copyable, so it fits the rings.
struct Frame {
  FrameInfo info;
  ImageView view;          // the buffer's content
  std::uint32_t slot = 0;  // the buffer's number in its pool
};

// Buffers of one size, made and touched once. No allocation after Create.
//
// Threads: Acquire from one thread (the camera's), Release from any.
// Owns:    the pixels; must outlive every Frame of it.
class FramePool {
 public:
  // invalid: no buffer, a size outside 1..8192 px, or more than 4 GiB in all. io: not enough
  // memory.
  static Result<std::unique_ptr<FramePool>> Create(int buffers, int width, int height,
                                                   PixelFormat format);

  // A free buffer to write into, which `frame` then describes; its info is the caller's to fill.
  // nullptr when all are in use.
  std::uint8_t* Acquire(Frame& frame);
  // Once per acquired frame. A frame that is not out, or of another pool, is a bug and aborts.
  void Release(const Frame& frame);

  int width() const { return width_; }
  int height() const { return height_; }
  PixelFormat format() const { return format_; }
  std::size_t buffer_bytes() const { return buffer_bytes_; }

 private:
  FramePool(int buffers, int width, int height, PixelFormat format);

  // Constant after construction.
  const int width_;
  const int height_;
  const PixelFormat format_;
  const std::size_t buffer_bytes_;
  std::vector<std::uint8_t> pixels_;
  // Of the acquiring thread.
  std::size_t next_ = 0;
  // Shared by all threads.
  std::vector<std::atomic<bool>> in_use_;
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_FRAME_H_
