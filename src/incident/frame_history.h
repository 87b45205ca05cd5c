#ifndef TAKTGATE_INCIDENT_FRAME_HISTORY_H_
#define TAKTGATE_INCIDENT_FRAME_HISTORY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/frame.h"

namespace taktgate::incident {

// A frame whose pixels were copied: rows without padding.
struct KeptFrame {
  image::FrameInfo info;
  std::uint32_t slot = 0;  // of the camera's pool
  int width = 0;
  int height = 0;
  image::PixelFormat format = image::PixelFormat::kGrey8;
  std::vector<std::uint8_t> pixels;

  image::ImageView View() const {
    const auto row =
        static_cast<std::size_t>(width) * static_cast<std::size_t>(image::ChannelsOf(format));
    return {pixels.data(), width, height, row, format};
  }
};

// The last frames with their pixels, for incidents. The camera thread copies a frame after it has
// handed it to the gate thread, so no frame waits for its copy. All memory is made and touched at
// construction.
//
// Threads: Keep from the camera thread, Pause from the gate thread, Look and Resume from the one
// that writes.
class FrameHistory {
 public:
  // `bytes` of the largest frame; a larger one is not kept.
  FrameHistory(std::size_t frames, std::size_t bytes);

  // Copies the pixels, unless paused.
  void Keep(const image::Frame& frame);

  // What is kept stays as it is until Resume.
  void Pause() { paused_.store(true); }
  // While paused: oldest first. Waits for a copy that is being made (microseconds).
  std::vector<const KeptFrame*> Look();
  void Resume() { paused_.store(false); }

  // Frames that came while paused, or were too large.
  std::uint64_t not_kept() const { return not_kept_.load(std::memory_order_relaxed); }

 private:
  std::vector<KeptFrame> ring_;
  std::uint64_t kept_ = 0;  // the camera thread's; others read it while paused
  std::atomic<bool> paused_{false};
  std::atomic<bool> copying_{false};
  std::atomic<std::uint64_t> not_kept_{0};
};

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_FRAME_HISTORY_H_
