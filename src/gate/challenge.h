#ifndef TAKTGATE_GATE_CHALLENGE_H_
#define TAKTGATE_GATE_CHALLENGE_H_

#include <cstdint>

#include "gate/decision.h"

namespace taktgate::gate {

// How the last challenge went.
struct ChallengeResult {
  std::uint32_t asked = 0;     // known-bad parts to be rejected by the model
  std::uint32_t rejected = 0;  // by the model
  std::uint32_t missed = 0;    // the model would have let them pass
  std::uint32_t unproven = 0;  // no answer in time; they prove nothing
  TimePoint ended_at{};
  bool passed() const { return asked != 0 && missed == 0 && rejected == asked; }
};

// Challenge parts: known-bad parts that are sent through the line to see them rejected. No part
// passes while a challenge runs; one that the model would let pass ends it.
//
// Threads: one, the gate's.
class Challenge {
 public:
  explicit Challenge(bool wanted_first) : blocks_(wanted_first) {}

  void Start(std::uint32_t parts) {
    result_ = {parts, 0, 0, 0, {}};
    running_ = parts != 0;
    blocks_ = true;
  }
  // A challenge part's decision; true when the challenge was missed with it.
  bool OnDecision(const Decision& decision, TimePoint now) {
    if (!running_) return false;
    if (!decision.has_answer || decision.answer.reason == judge::Reason::kModelError) {
      ++result_.unproven;
      return false;
    }
    const bool missed = decision.answer.verdict == judge::Verdict::kPass;
    ++(missed ? result_.missed : result_.rejected);
    if (!missed && result_.rejected < result_.asked) return false;
    running_ = false;
    blocks_ = missed;
    result_.ended_at = now;
    return missed;
  }
  bool running() const { return running_; }
  // The line is not released: no part may pass.
  bool blocks() const { return blocks_; }
  const ChallengeResult& result() const { return result_; }
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(result_, running_, blocks_);
  }

 private:
  ChallengeResult result_;
  bool running_ = false;
  bool blocks_;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_CHALLENGE_H_
