#ifndef TAKTGATE_STATION_RELEASE_SLOT_H_
#define TAKTGATE_STATION_RELEASE_SLOT_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "inspect/inspector.h"

namespace taktgate::station {

// A release that is loaded and warmed up, as a station judges with it.
struct LoadedRelease {
  std::uint32_t number = 1;  // of record::Releases; the gate gives it to its parts
  inspect::Inspector* inspector = nullptr;
  Duration reserve{};  // of its model, on this machine
};

// The release in force and the one before it, which stays loaded and warm: a fault of the new one
// must not wait for a model to be loaded. The gate thread puts the next one down, the inference
// thread takes it over between two runs; no lock, no allocation, and nothing is freed here.
//
// Threads: as marked. What was handed in must live as long as Holds says so.
class ReleaseSlot {
 public:
  explicit ReleaseSlot(const LoadedRelease& first) : in_force_(&first), runs_(first.inspector) {}

  // Of the gate thread and the inference thread. False: the last one was not taken over yet.
  bool IsFree() const { return next_ == nullptr; }
  // Of the gate thread, while it is free.
  void Put(const LoadedRelease& next) { next_ = &next; }

  // Of the inference thread.
  void TakeOver();
  const LoadedRelease& in_force() const { return *in_force_; }
  const LoadedRelease* before() const { return before_; }
  // The next run is this one's, and nothing has told it to stop.
  inspect::Inspector& BeginRun(const LoadedRelease& release);

  // Of any thread: ends the run in progress, whose ever it is.
  void Terminate() { runs_.load()->Terminate(); }
  bool Holds(const LoadedRelease& release) const;

 private:
  std::atomic<const LoadedRelease*> next_{nullptr};
  std::atomic<const LoadedRelease*> in_force_;
  std::atomic<const LoadedRelease*> before_{nullptr};
  std::atomic<inspect::Inspector*> runs_;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_RELEASE_SLOT_H_
