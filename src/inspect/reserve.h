#ifndef TAKTGATE_INSPECT_RESERVE_H_
#define TAKTGATE_INSPECT_RESERVE_H_

#include "base/clock.h"
#include "base/latency_histogram.h"
#include "base/result.h"
#include "image/frame.h"
#include "inspect/inspector.h"

namespace taktgate::inspect {

// A frame to try a release on: its golden image where that has the camera's size, else a made-up
// one.
image::Image TrialFrame(const Inspector& inspector, int width, int height,
                        image::PixelFormat format);

// How often something is tried: `least` times, and then until `time` is over, at most `most` times.
struct Trials {
  int least = 1;
  int most = 1;
  Duration time{};
};

// How long inspections of a TrialFrame take on this machine. Also the last warm-up before READY.
// The error is what is wrong with the frame (size, missing golden image). `own` gets the CPU time
// of this thread for each run: with one inference thread that is what a run takes when nothing else
// runs here.
Result<LatencyHistogram> MeasureInspection(Inspector& inspector, int width, int height,
                                           image::PixelFormat format, const Trials& trials,
                                           LatencyHistogram* own = nullptr);

// The admission reserve: the measured time, but never more than half of what a part has left when
// its frame is there; a machine that stalled during the measurement must not turn every part away.
Duration ReserveFrom(Duration measured, Duration left_after_frame);

}  // namespace taktgate::inspect

#endif  // TAKTGATE_INSPECT_RESERVE_H_
