#ifndef TAKTGATE_RIG_WIRE_HISTORY_H_
#define TAKTGATE_RIG_WIRE_HISTORY_H_

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "line/shared/change_log.h"

namespace taktgate::rig {

// Whether a level was on at some time, as far as can be known.
enum class Stood : std::uint8_t { kNo, kMaybe, kYes };

// One stretch of an energised wire: it rose between `rise.before` and `rise.after`, was dropped by
// its driver between `fall.before` and `fall.after` (or never), and by its one-shot at `until`.
struct Stretch {
  line::Change rise;
  bool fell = false;
  line::Change fall;

  Stood At(TimePoint time) const;
};

// What one wire has done. Changes come in their order.
//
// Threads: one.
class WireHistory {
 public:
  void Add(const line::Change& change);
  Stood At(TimePoint time) const;
  // The last stretch that had begun by then, if any; nothing else can stand at that time.
  const Stretch* Of(TimePoint time) const;
  const std::vector<Stretch>& stretches() const { return stretches_; }
  // Changes that changed nothing: a rise of a wire that was on, a fall of one that was off.
  std::uint64_t contradictions() const { return contradictions_; }

 private:
  std::vector<Stretch> stretches_;
  std::uint64_t contradictions_ = 0;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_WIRE_HISTORY_H_
