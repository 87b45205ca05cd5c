#include "station/keep_warm.h"

#include <algorithm>
#include <utility>

namespace taktgate::station {

KeepWarm::KeepWarm(Duration every, image::Image frame, ReleaseSlot& slot, Clock& clock)
    : every_(every),
      frame_(std::move(frame)),
      slot_(slot),
      clock_(clock),
      last_run_(clock.Now()),
      last_part_(last_run_) {}

// Only the first part in flight ends a run: with a part in flight there is none any more, and what
// runs then is a part's.
void KeepWarm::PartCame() {
  if (every_ == Duration(0)) return;
  last_part_ = clock_.Now();
  if (!part_in_flight_.exchange(true) && running_) slot_.Terminate();
}

void KeepWarm::NoPartInFlight() { part_in_flight_ = false; }

TimePoint KeepWarm::Due() const {
  if (every_ == Duration(0)) return TimePoint::max();
  return std::max(last_run_, last_part_.load()) + every_;
}

void KeepWarm::RunIfDue() {
  if (clock_.Now() < Due()) return;
  if (const LoadedRelease* before = slot_.before()) Run(*before);
  Run(slot_.in_force());
  last_run_ = clock_.Now();
}

void KeepWarm::Run(const LoadedRelease& release) {
  inspect::Inspector& inspector = slot_.BeginRun(release);
  // Either PartCame sees `running_` and ends the run, or this sees its part and starts none.
  running_ = true;
  if (!part_in_flight_ && !stopped_) {
    inspector.Exercise(frame_.View());
    ++runs_;
  }
  running_ = false;
}

void KeepWarm::Stop() {
  stopped_ = true;
  if (running_) slot_.Terminate();
}

}  // namespace taktgate::station
