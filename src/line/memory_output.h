#ifndef TAKTGATE_LINE_MEMORY_OUTPUT_H_
#define TAKTGATE_LINE_MEMORY_OUTPUT_H_

#include <array>
#include <cstddef>
#include <vector>

#include "line/line.h"

namespace taktgate::line {

// An output without a wire: remembers its levels and its last changes, and fails on request.
//
// Threads: Set from one; the rest when nobody sets.
class MemoryOutput final : public Output {
 public:
  struct Transition {
    OutputLine line;
    bool energised;
    TimePoint at;
    TimePoint until;
  };

  MemoryOutput() { transitions_.reserve(kKept); }

  bool Set(OutputLine line, bool energised, TimePoint now, TimePoint until) override {
    if (failing_) return false;
    bool& level = levels_[static_cast<std::size_t>(line)];
    if (energised != level) Remember({line, energised, now, until});
    level = energised;
    return true;
  }

  void Fail(bool failing) { failing_ = failing; }
  bool energised(OutputLine line) const { return levels_[static_cast<std::size_t>(line)]; }
  // The last kKept changes; the oldest first until the memory is full, then in ring order.
  const std::vector<Transition>& transitions() const { return transitions_; }

  static constexpr std::size_t kKept = 1024;

 private:
  void Remember(const Transition& transition) {
    if (transitions_.size() < kKept) {
      transitions_.push_back(transition);
    } else {
      transitions_[changes_ % kKept] = transition;
    }
    ++changes_;
  }

  std::array<bool, kOutputLines> levels_{};
  bool failing_ = false;
  std::size_t changes_ = 0;
  std::vector<Transition> transitions_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_MEMORY_OUTPUT_H_
