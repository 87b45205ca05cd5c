#ifndef TAKTGATE_SIM_SOFT_CLOCK_H_
#define TAKTGATE_SIM_SOFT_CLOCK_H_

#include "base/clock.h"

namespace taktgate::sim {

// The station's clock, which may stand still while the line goes on. All arguments are times of
// the line.
//
// Threads: one.
class SoftClock {
 public:
  // What it shows at this time, as far as is known now.
  TimePoint At(TimePoint time) const {
    return (time < stands_until_   ? stands_at_
            : time < sleeps_until_ ? sleeps_from_
                                   : time) -
           slept_;
  }
  // It shows the same all the time, and then the right time again.
  void Stand(TimePoint from, TimePoint until) {
    stands_at_ = from;
    stands_until_ = until;
  }
  // The whole unit sleeps: what it sleeps through stays missing.
  void Sleep(TimePoint from, TimePoint until) {
    sleeps_from_ = from;
    sleeps_until_ = until;
  }
  // False if that sleep does not end now.
  bool WakeUp(TimePoint now) {
    if (now != sleeps_until_) return false;
    slept_ += sleeps_until_ - sleeps_from_;
    return true;
  }

  bool asleep(TimePoint now) const { return now < sleeps_until_; }
  bool stands(TimePoint now) const { return now < stands_until_; }
  TimePoint stands_until() const { return stands_until_; }
  // This much is missing from it for good.
  Duration slept() const { return slept_; }

 private:
  TimePoint stands_at_{}, stands_until_{};
  TimePoint sleeps_from_{}, sleeps_until_{};
  Duration slept_{};
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_CLOCK_H_
