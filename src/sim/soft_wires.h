#ifndef TAKTGATE_SIM_SOFT_WIRES_H_
#define TAKTGATE_SIM_SOFT_WIRES_H_

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/output_line.h"

namespace taktgate::sim {

// What the output lines are wired to: a one-shot that drops PASS when its time is over, and a
// watchdog relay before the ejector's valve that opens when HEARTBEAT does not change for 2 s.
// Times are those of the line, not of the station.
//
// Threads: one.
class SoftWires {
 public:
  // `until`: when the one-shot drops PASS.
  void Set(OutputLine line, bool energised, TimePoint at, TimePoint until) {
    levels_[static_cast<std::size_t>(line)] = energised;
    if (line == OutputLine::kPass) {
      pass_since_ = at;
      pass_until_ = until;
    }
    if (line == OutputLine::kHeartbeat) relay_until_ = at + kRelay;
  }
  bool Has(OutputLine line) const { return levels_[static_cast<std::size_t>(line)]; }
  // The ejector is held back from `from` to `to`, if PASS was not set in between.
  bool HeldBack(TimePoint from, TimePoint to) const {
    return Has(OutputLine::kPass) && from >= pass_since_ &&
           to < std::min(pass_until_, relay_until_);
  }

 private:
  static constexpr Duration kRelay = std::chrono::seconds(2);

  std::array<bool, kOutputLines> levels_{};
  TimePoint pass_since_{}, pass_until_{};
  TimePoint relay_until_{};
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_WIRES_H_
