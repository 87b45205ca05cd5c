#ifndef TAKTGATE_STATION_KEEP_WARM_H_
#define TAKTGATE_STATION_KEEP_WARM_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "image/frame.h"
#include "station/release_slot.h"

namespace taktgate::station {

// Runs the models on a made-up frame while the line stands, that of the release before and then
// that of the one in force, so that the first part after a pause does not find cold caches and a
// slow clock. Such a run starts only when no part is in flight and is told to stop at the edge of
// the next one; its frame comes milliseconds later. A run that is not back by then costs that part
// time, as a busy machine would: the deadline holds all the same.
//
// Threads: as marked. No lock; the order of two atomics decides who sees whom.
class KeepWarm {
 public:
  // `every`: how long after the last part or run; zero: never.
  KeepWarm(Duration every, image::Image frame, ReleaseSlot& slot, Clock& clock);

  // Of the gate thread.
  void PartCame();
  void NoPartInFlight();

  // Of the inference thread. Due is TimePoint::max() where it is off.
  TimePoint Due() const;
  // Also puts the next run off when a part is in flight.
  void RunIfDue();
  void PartInspected() { last_run_ = clock_.Now(); }

  // Of any thread: no run from here on, and the one in progress ends.
  void Stop();
  std::uint64_t runs() const { return runs_; }

 private:
  void Run(const LoadedRelease& release);

  // Constant after construction.
  const Duration every_;
  const image::Image frame_;
  ReleaseSlot& slot_;
  Clock& clock_;

  TimePoint last_run_;  // of the inference thread
  std::atomic<TimePoint> last_part_;
  std::atomic<bool> part_in_flight_{false};
  std::atomic<bool> running_{false};
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> runs_{0};
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_KEEP_WARM_H_
