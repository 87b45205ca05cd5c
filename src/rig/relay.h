#ifndef TAKTGATE_RIG_RELAY_H_
#define TAKTGATE_RIG_RELAY_H_

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::rig {

// What the watchdog relay sees of the station.
struct Pulse {
  std::uint64_t run = 0;  // which station it is, counted
  bool heartbeat = false;
  bool ready = false;
};

// The watchdog relay before the ejector's valve: PASS counts only while it is closed. It
// opens when HEARTBEAT has not changed for `silence`, and at once when another station is there;
// it closes at a change of HEARTBEAT while READY is energised.
//
// Threads: one.
class WatchdogRelay {
 public:
  explicit WatchdogRelay(Duration silence) : silence_(silence) {}
  // The contact from now on: true is closed.
  bool Step(TimePoint now, const Pulse& pulse);

 private:
  const Duration silence_;
  Pulse last_;
  TimePoint changed_at_{};
  bool closed_ = false;
};

// Plays the relay of a shared line until `stop`, or until the line's process is gone: looks every
// 2 ms, and notes each change. Errors are those of SharedLine::Open.
Status RunRelay(const std::filesystem::path& line, Duration silence, const std::atomic<bool>& stop);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_RELAY_H_
