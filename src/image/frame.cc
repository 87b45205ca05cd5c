#include "image/frame.h"

#include <cstdlib>
#include <new>
#include <string>

namespace taktgate::image {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kMaxPoolBytes = std::size_t{4} << 30;

// Buffers of different threads share no cache line.
std::size_t SlotBytes(std::size_t buffer_bytes) {
  return (buffer_bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
}

}  // namespace

FramePool::FramePool(int buffers, int width, int height, PixelFormat format)
    : width_(width),
      height_(height),
      format_(format),
      buffer_bytes_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                    static_cast<std::size_t>(ChannelsOf(format))),
      // Writing the zeros touches every page.
      pixels_(SlotBytes(buffer_bytes_) * static_cast<std::size_t>(buffers), 0),
      in_use_(static_cast<std::size_t>(buffers)) {}

Result<std::unique_ptr<FramePool>> FramePool::Create(int buffers, int width, int height,
                                                     PixelFormat format) {
  if (buffers < 1) {
    return Error{ErrorCode::kInvalid, "a frame pool needs 1 buffer or more, got " +
                                          std::to_string(buffers) + "; raise the number"};
  }
  if (!IsSupportedSize(width, height)) {
    return Error{ErrorCode::kInvalid, "a frame pool takes frames of 1 to 8192 px a side, got " +
                                          std::to_string(width) + " x " + std::to_string(height) +
                                          "; correct the size"};
  }
  const std::size_t frame_bytes = static_cast<std::size_t>(width) *
                                  static_cast<std::size_t>(height) *
                                  static_cast<std::size_t>(ChannelsOf(format));
  if (static_cast<std::size_t>(buffers) > kMaxPoolBytes / frame_bytes) {
    return Error{ErrorCode::kInvalid, "a frame pool takes at most 4 GiB, got " +
                                          std::to_string(buffers) + " buffers of " +
                                          std::to_string(frame_bytes) + " bytes; use fewer"};
  }
  try {
    return std::unique_ptr<FramePool>(new FramePool(buffers, width, height, format));
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kIo, "no memory for " + std::to_string(buffers) + " frames of " +
                                     std::to_string(width) + " x " + std::to_string(height) +
                                     " px; use fewer or smaller ones"};
  }
}

std::uint8_t* FramePool::Acquire(Frame& frame) {
  const std::size_t slots = in_use_.size();
  for (std::size_t tried = 0; tried < slots; ++tried) {
    const std::size_t slot = next_;
    next_ = (next_ + 1) % slots;
    // Only this thread takes buffers, so a free one stays free. Acquire: the last reader is done.
    if (in_use_[slot].load(std::memory_order_acquire)) continue;
    in_use_[slot].store(true, std::memory_order_relaxed);
    std::uint8_t* pixels = pixels_.data() + slot * SlotBytes(buffer_bytes_);
    frame = Frame{};
    frame.view = {pixels, width_, height_, buffer_bytes_ / static_cast<std::size_t>(height_),
                  format_};
    frame.slot = static_cast<std::uint32_t>(slot);
    return pixels;
  }
  return nullptr;
}

void FramePool::Release(const Frame& frame) {
  // A frame given back twice would let two parts share one buffer: a bug that must not go on.
  if (frame.slot >= in_use_.size() ||
      frame.view.data != pixels_.data() + frame.slot * SlotBytes(buffer_bytes_) ||
      !in_use_[frame.slot].exchange(false, std::memory_order_release)) {
    std::abort();
  }
}

}  // namespace taktgate::image
