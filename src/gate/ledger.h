#ifndef TAKTGATE_GATE_LEDGER_H_
#define TAKTGATE_GATE_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gate/decision.h"

namespace taktgate::gate {

// The last decisions in memory, gap-free by part sequence. Fixed size; the records are a view of
// it, never the other way round.
//
// Threads: one, the gate thread.
class Ledger {
 public:
  explicit Ledger(std::size_t capacity) : ring_(capacity == 0 ? 1 : capacity) {}

  void Add(const Decision& decision) {
    ring_[decision.part.sequence % ring_.size()] = decision;
    ++count_;
    released_ += decision.released ? 1U : 0U;
  }

  // Both are added to a decision, which stays as it is; a decision that is too long ago is left
  // alone.
  void AddLateVerdict(PartId part, judge::Verdict verdict) {
    Decision* decision = Slot(part);
    if (decision == nullptr) return;
    decision->has_late_verdict = true;
    decision->late_verdict = verdict;
  }
  void SetVerified(PartId part, Verified verified) {
    if (Decision* decision = Slot(part)) decision->verified = verified;
  }

  // nullptr if the part has not been decided yet or is too long ago.
  const Decision* Find(PartId part) const { return const_cast<Ledger*>(this)->Slot(part); }

  std::uint64_t count() const { return count_; }
  std::uint64_t released() const { return released_; }

 private:
  Decision* Slot(PartId part) {
    Decision& slot = ring_[part.sequence % ring_.size()];
    return slot.part == part && part.sequence != 0 ? &slot : nullptr;
  }

  std::vector<Decision> ring_;
  std::uint64_t count_ = 0;
  std::uint64_t released_ = 0;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_LEDGER_H_
