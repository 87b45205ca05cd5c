#include "incident/frame_history.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace taktgate::incident {

FrameHistory::FrameHistory(std::size_t frames, std::size_t bytes) : ring_(frames) {
  for (KeptFrame& kept : ring_) {
    kept.pixels.resize(bytes);
    kept.pixels.clear();  // keeps the memory
  }
}

void FrameHistory::Keep(const image::Frame& frame) {
  const auto row = static_cast<std::size_t>(frame.view.width) *
                   static_cast<std::size_t>(image::ChannelsOf(frame.view.format));
  const std::size_t bytes = row * static_cast<std::size_t>(frame.view.height);
  // Set before paused_ is read: either this sees the pause, or Look sees the copy.
  copying_.store(true);
  if (paused_.load() || ring_.empty() || bytes > ring_.front().pixels.capacity()) {
    not_kept_.fetch_add(1, std::memory_order_relaxed);
    copying_.store(false);
    return;
  }
  KeptFrame& kept = ring_[kept_++ % ring_.size()];
  kept.info = frame.info;
  kept.slot = frame.slot;
  kept.width = frame.view.width;
  kept.height = frame.view.height;
  kept.format = frame.view.format;
  if (frame.view.stride_bytes == row) {
    kept.pixels.assign(frame.view.data, frame.view.data + bytes);
  } else {
    kept.pixels.resize(bytes);
    for (int y = 0; y < frame.view.height; ++y) {
      std::memcpy(kept.pixels.data() + static_cast<std::size_t>(y) * row, frame.view.Row(y), row);
    }
  }
  copying_.store(false);
}

std::vector<const KeptFrame*> FrameHistory::Look() {
  while (copying_.load()) std::this_thread::sleep_for(std::chrono::microseconds(50));
  std::vector<const KeptFrame*> frames;
  const std::uint64_t there = std::min<std::uint64_t>(kept_, ring_.size());
  for (std::uint64_t i = kept_ - there; i < kept_; ++i) {
    frames.push_back(&ring_[i % ring_.size()]);
  }
  return frames;
}

}  // namespace taktgate::incident
