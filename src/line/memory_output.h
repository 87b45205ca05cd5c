#ifndef TAKTGATE_LINE_MEMORY_OUTPUT_H_
#define TAKTGATE_LINE_MEMORY_OUTPUT_H_

#include <cstddef>
#include <vector>

#include "line/line.h"

namespace taktgate::line {

// An output without a wire: remembers its level and its last changes, and fails on request.
//
// Threads: Set from one; level, transitions and Fail when nobody sets.
class MemoryOutput final : public Output {
 public:
  struct Transition {
    Level level;
    TimePoint at;
  };

  MemoryOutput() { transitions_.reserve(kKept); }

  bool Set(Level level, TimePoint now) override {
    if (failing_) return false;
    if (level != level_) Remember({level, now});
    level_ = level;
    return true;
  }

  void Fail(bool failing) { failing_ = failing; }
  Level level() const { return level_; }
  std::size_t changes() const { return changes_; }
  // The last kKept changes; the oldest first until the memory is full, then in ring order.
  const std::vector<Transition>& transitions() const { return transitions_; }

  static constexpr std::size_t kKept = 1024;

 private:
  void Remember(Transition transition) {
    if (transitions_.size() < kKept) {
      transitions_.push_back(transition);
    } else {
      transitions_[changes_ % kKept] = transition;
    }
    ++changes_;
  }

  Level level_ = Level::kReject;
  bool failing_ = false;
  std::size_t changes_ = 0;
  std::vector<Transition> transitions_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_MEMORY_OUTPUT_H_
