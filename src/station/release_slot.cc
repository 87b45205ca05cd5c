#include "station/release_slot.h"

namespace taktgate::station {

// In this order, so that Holds misses none on its way from one place to the next, and Terminate
// finds none that may be freed by now.
void ReleaseSlot::TakeOver() {
  const LoadedRelease* next = next_;
  if (next == nullptr) return;
  runs_ = next->inspector;
  before_ = in_force_.load();
  in_force_ = next;
  next_ = nullptr;
}

inspect::Inspector& ReleaseSlot::BeginRun(const LoadedRelease& release) {
  runs_ = release.inspector;
  release.inspector->ResetTerminate();
  return *release.inspector;
}

bool ReleaseSlot::Holds(const LoadedRelease& release) const {
  return next_ == &release || in_force_ == &release || before_ == &release;
}

}  // namespace taktgate::station
