#ifndef TAKTGATE_LINE_SHARED_CHANGE_LOG_H_
#define TAKTGATE_LINE_SHARED_CHANGE_LOG_H_

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "line/shared/shared_layout.h"

namespace taktgate::line {

// A level that changed. Nobody can stamp a wire at the very moment of its change, so two stamps
// enclose it. Where a writer died between them the change may or may not have happened: then
// `after` is when its successor came.
struct Change {
  std::uint32_t line = 0;
  bool energised = false;
  TimePoint until = TimePoint::max();
  TimePoint before{};
  TimePoint after{};
};

// Writes changes to a shared ring, the newest over the oldest.
//
// Threads: one at a time, in one process at a time.
class ChangeWriter {
 public:
  // Closes what a dead writer has left open; `now` bounds when it happened.
  ChangeWriter(SharedChanges& changes, TimePoint now);
  // Between Begin and End the level is changed.
  void Begin(std::uint32_t line, bool energised, TimePoint until, TimePoint before);
  void End(TimePoint after);
  // What was left open, if anything: the level itself shows whether the change was made.
  const std::optional<Change>& torn() const { return torn_; }

 private:
  SharedChange& slot() { return changes_.slots[count_ % kSharedChanges]; }

  SharedChanges& changes_;
  std::uint64_t count_;
  std::optional<Change> torn_;
};

// Reads them from its own place on.
//
// Threads: one.
class ChangeReader {
 public:
  explicit ChangeReader(const SharedChanges& changes) : changes_(changes) {}
  // False: nothing new. `overtaken` counts changes that were gone before they were read.
  bool Next(Change& change);
  std::uint64_t overtaken() const { return overtaken_; }

 private:
  const SharedChanges& changes_;
  std::uint64_t next_ = 0;
  std::uint64_t overtaken_ = 0;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SHARED_CHANGE_LOG_H_
