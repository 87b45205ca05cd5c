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

const LoadedRelease* ReleaseSlot::Find(std::uint32_t number) const {
  for (const LoadedRelease* release : {in_force_.load(), before_.load()}) {
    if (release != nullptr && release->number == number) return release;
  }
  return nullptr;
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
