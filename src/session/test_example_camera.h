#ifndef TAKTGATE_SESSION_TEST_EXAMPLE_CAMERA_H_
#define TAKTGATE_SESSION_TEST_EXAMPLE_CAMERA_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "line/device_kind.h"

// The camera of CONTRIBUTING.md, which shows what stands between the two marks.
namespace taktgate::session::testing {

// [example]
// [camera] source = "grey": every 5 ms a frame of one shade.
class GreyCamera final : public line::Camera {
 public:
  GreyCamera(Clock& clock, std::uint8_t shade) : clock_(clock), pixels_(64 * 48, shade) {}
  image::FrameFormat format() const override { return {64, 48}; }
  Status Start(TimePoint at) override { return due_ = at, Status{}; }
  line::Wait Next(TimePoint until, image::Frame& frame) override {
    clock_.SleepUntil(std::min(due_, until));
    if (due_ > until) return line::Wait::kTimeout;
    frame = {{next_++, due_, due_}, {pixels_.data(), 64, 48, 64, image::PixelFormat::kGrey8}};
    due_ += std::chrono::milliseconds(5);
    return line::Wait::kReady;
  }
  void Release(const image::Frame&) override {}  // a driver gets its buffer back, on any thread

 private:
  Clock& clock_;
  const std::vector<std::uint8_t> pixels_;
  TimePoint due_{};
  std::uint64_t next_ = 0;
};

inline line::Opener<line::Camera> ReadGrey(line::DeviceTables& tables, line::LineFacts&) {
  int shade = 128;
  tables["camera"].Whole("shade", 0, 255, shade);
  return [shade](line::Surroundings& around) -> Result<std::shared_ptr<line::Camera>> {
    return {std::make_shared<GreyCamera>(around.clock, static_cast<std::uint8_t>(shade))};
  };
}
inline const line::DeviceKind<line::Camera> kGreyCameraKind{"grey", nullptr, ReadGrey};
// [example]

}  // namespace taktgate::session::testing

#endif  // TAKTGATE_SESSION_TEST_EXAMPLE_CAMERA_H_
