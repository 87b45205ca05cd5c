#ifndef TAKTGATE_GATE_ADMISSION_H_
#define TAKTGATE_GATE_ADMISSION_H_

#include <array>
#include <cstdint>
#include <optional>

#include "gate/decision.h"
#include "gate/settings.h"

namespace taktgate::gate {

// The p99.9 of the last 1,000 runs: the second longest of them. Ten blocks of a hundred, the oldest
// forgotten as a whole; fixed memory, no sorting.
class RunTimes {
 public:
  void Add(Duration run);
  // A part was turned away for lack of time: what was measured long ago must not turn parts away
  // for ever.
  void Age();
  Duration SecondLongest() const;
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(blocks_, current_, filled_);
    visit.Check(current_ < blocks_.size());
  }

 private:
  struct Block {
    Duration longest{};
    Duration second{};
    template <typename Visitor>
    void VisitState(Visitor& visit) {
      visit(longest, second);
    }
  };
  static void Put(Block& block, Duration run);

  std::array<Block, 10> blocks_{};
  std::size_t current_ = 0;
  int filled_ = 0;
};

// One run at a time, and none that cannot be done in time. Knows the run in progress, also when its
// part was decided long ago.
//
// Threads: one, the gate's.
class Admission {
 public:
  explicit Admission(const GateSettings& settings);

  // False: too little slack, or the inference thread is away. After a part that only the measured
  // reserve turned away, the next one is tried. If its run is in time, what was measured is
  // forgotten, so one or two slow runs cost one part, not a thousand. If it is late, twice as many
  // parts are turned away before the next try.
  bool Admit(PartId part, std::uint32_t frame_slot, TimePoint answer_due, TimePoint now);
  // A part that is not inspected for another reason: it also ages what was measured.
  void PassBy() { run_times_.Age(); }
  bool busy() const { return running_.has_value(); }
  bool Runs(PartId part) const { return running_ && running_->part == part; }
  // The run is back: its frame's slot, or nothing if nobody asked for this run.
  std::optional<std::uint32_t> Finish(PartId part, bool in_time, TimePoint now);
  // The part whose run has been away beyond the limit; reported once.
  std::optional<PartId> PollAway(TimePoint now);
  TimePoint NextTimer() const;
  Duration reserve() const;
  // Another model from the next run on: what was measured of the last one says nothing about it.
  void ChangeModel(Duration reserve);
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(reserve_, running_, run_times_, turned_away_, before_try_);
  }

 private:
  struct Running {
    PartId part;
    std::uint32_t frame_slot;
    TimePoint since;
    bool away_said;
    bool tried;  // although what was measured forbids it
    template <typename Visitor>
    void VisitState(Visitor& visit) {
      visit(part, frame_slot, since, away_said, tried);
    }
  };

  Duration reserve_;  // of the model in force
  const Duration away_after_;
  const bool measure_;
  std::optional<Running> running_;
  RunTimes run_times_;
  std::uint32_t turned_away_ = 0;  // in a row, because of what was measured
  std::uint32_t before_try_ = 1;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_ADMISSION_H_
