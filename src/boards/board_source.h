#ifndef TAKTGATE_BOARDS_BOARD_SOURCE_H_
#define TAKTGATE_BOARDS_BOARD_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "boards/board.h"
#include "line/replay.h"

namespace taktgate::boards {

// Made-up boards as the images of a replayed line. Keeps which defect the last parts had.
//
// Threads: Fill from the camera's; DefectOf from any, for parts that were delivered.
class BoardSource final : public line::ImageSource {
 public:
  explicit BoardSource(const BoardSettings& settings)
      : settings_(settings), renderer_(settings), defects_(kKept) {}

  image::FrameFormat format() const override {
    return {settings_.width, settings_.height, image::PixelFormat::kGrey8};
  }
  void Fill(std::uint64_t part, std::uint8_t* pixels) override {
    const Truth truth = renderer_.Render(part, pixels);
    defects_[part % kKept].store(truth.defect, std::memory_order_release);
  }

  // Of one of the last kKept parts.
  Defect DefectOf(std::uint64_t part) const {
    return defects_[part % kKept].load(std::memory_order_acquire);
  }

  static constexpr std::size_t kKept = 65'536;

 private:
  const BoardSettings settings_;
  BoardRenderer renderer_;
  std::vector<std::atomic<Defect>> defects_;
};

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_BOARD_SOURCE_H_
