#ifndef TAKTGATE_SESSION_TEST_EXAMPLE_CAMERA_H_
#define TAKTGATE_SESSION_TEST_EXAMPLE_CAMERA_H_

#include <algorithm>
#include <memory>
#include <utility>

#include "line/replay_kind.h"

// The camera of CONTRIBUTING.md, which shows what stands between the two marks.
namespace taktgate::session::testing {

// [example]
// [camera] source = "grey": each frame is of one shade, a schedule says when.
class GreyCamera final : public line::Camera {
 public:
  GreyCamera(line::Schedule schedule, Clock& clock, std::unique_ptr<image::FramePool> pool,
             int shade)
      : schedule_(schedule), clock_(clock), pool_(std::move(pool)), shade_(shade) {}
  image::FrameFormat format() const override { return {pool_->width(), pool_->height()}; }
  Status Start(TimePoint at) override { return start_ = at, Status{}; }
  line::Wait Next(TimePoint until, image::Frame& frame) override {
    const TimePoint due = schedule_.FrameAt(start_, next_);
    clock_.SleepUntil(std::min(due, until));
    if (due > until) return line::Wait::kTimeout;
    std::uint8_t* pixels = pool_->Acquire(frame);
    frame.info = {next_++, due, due};
    if (pixels == nullptr) return line::Wait::kTimeout;  // all in use: lost, nobody waits
    std::fill_n(pixels, format().bytes(), static_cast<std::uint8_t>(shade_));
    return line::Wait::kReady;
  }
  void Release(const image::Frame& frame) override { pool_->Release(frame); }  // on any thread

 private:
  const line::Schedule schedule_;
  Clock& clock_;
  const std::unique_ptr<image::FramePool> pool_;
  const int shade_;
  TimePoint start_{};
  std::uint64_t next_ = 0;
};

inline line::Opener<line::Camera> ReadGrey(line::DeviceTables& tables, line::LineFacts& facts) {
  int shade = 128;
  tables["camera"].Whole("shade", 0, 255, shade);
  const line::Schedule schedule = line::ReadScheduleOfCamera(tables, facts);
  return [=](line::Surroundings& around) -> Result<std::shared_ptr<line::Camera>> {
    auto pool = image::FramePool::Create(8, 64, 48, image::PixelFormat::kGrey8);
    if (!pool) return pool.error();
    return {std::make_shared<GreyCamera>(schedule, around.clock, std::move(*pool), shade)};
  };
}

inline const line::DeviceKind<line::Camera> kGreyCameraKind{"grey", nullptr, ReadGrey};
// [example]

}  // namespace taktgate::session::testing

#endif  // TAKTGATE_SESSION_TEST_EXAMPLE_CAMERA_H_
