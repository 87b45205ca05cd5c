#include "inspect/reserve.h"

#include <time.h>

#include <algorithm>

#include "infer/run_limit.h"

namespace taktgate::inspect {
namespace {

// Mid grey with a ramp, so that no branch of a model is left untried for want of contrast.
image::Image DummyFrame(int width, int height, image::PixelFormat format) {
  image::Image frame;
  frame.width = width;
  frame.height = height;
  frame.format = format;
  frame.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                      static_cast<std::size_t>(ChannelsOf(format)));
  for (std::size_t i = 0; i < frame.pixels.size(); ++i) {
    frame.pixels[i] = static_cast<std::uint8_t>(i * 7 % 251);
  }
  return frame;
}

Duration CostOfThisThread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

image::Image TrialFrame(const Inspector& inspector, int width, int height,
                        image::PixelFormat format) {
  const auto& golden = inspector.release().golden;
  if (golden && golden->width == width && golden->height == height) return *golden;
  return DummyFrame(width, height, format);
}

Result<LatencyHistogram> MeasureInspection(Inspector& inspector, int width, int height,
                                           image::PixelFormat format, const Trials& trials,
                                           LatencyHistogram* own) {
  if (Status fits = inspector.CheckFrame(width, height); !fits) return fits.error();
  const image::Image frame = TrialFrame(inspector, width, height, format);
  LatencyHistogram times;
  infer::RunLimit limit(inspector.classifier(), infer::kLongestRun);
  const TimePoint enough = std::chrono::steady_clock::now() + trials.time;
  for (int run = 0; run < trials.most; ++run) {
    const Duration cost = CostOfThisThread();
    const TimePoint start = std::chrono::steady_clock::now();
    if (run >= trials.least && start >= enough) break;
    limit.Begin();
    inspector.Exercise(frame.View());
    if (Status came = limit.Check(); !came) return came.error();
    times.Record(std::chrono::steady_clock::now() - start);
    if (own != nullptr) own->Record(CostOfThisThread() - cost);
  }
  return times;
}

Duration ReserveFrom(Duration measured, Duration left_after_frame) {
  return std::min(measured, left_after_frame / 2);
}

}  // namespace taktgate::inspect
