#include "gate/admission.h"

#include <algorithm>

namespace taktgate::gate {
namespace {

constexpr std::uint32_t kMostBeforeTry = 1024;

}  // namespace

void RunTimes::Put(Block& block, Duration run) {
  if (run > block.longest) {
    block.second = block.longest;
    block.longest = run;
  } else {
    block.second = std::max(block.second, run);
  }
}

void RunTimes::Age() {
  if (++filled_ < 100) return;
  filled_ = 0;
  current_ = (current_ + 1) % blocks_.size();
  blocks_[current_] = {};
}

void RunTimes::Add(Duration run) {
  Put(blocks_[current_], run);
  Age();
}

Duration RunTimes::SecondLongest() const {
  Block all;
  for (const Block& block : blocks_) {
    Put(all, block.longest);
    Put(all, block.second);
  }
  return all.second;
}

Admission::Admission(const GateSettings& settings)
    : reserve_(settings.inference_reserve),
      away_after_(settings.fault_after),
      measure_(settings.measure_runs) {}

Duration Admission::reserve() const {
  return measure_ ? std::max(reserve_, run_times_.SecondLongest()) : reserve_;
}

// A run in progress is of the last model. Its part is decided already, so it is late and adds
// nothing; nor may it put off a try of the new one.
void Admission::ChangeModel(Duration reserve) {
  reserve_ = reserve;
  run_times_ = {};
  before_try_ = 1;
  if (running_) running_->tried = false;
}

bool Admission::Admit(PartId part, std::uint32_t frame_slot, TimePoint answer_due, TimePoint now) {
  if (running_) return false;
  const Duration left = answer_due - now;
  const bool tried = left <= reserve() && left > reserve_;
  if (left <= reserve_ || (tried && turned_away_ < before_try_)) {
    turned_away_ += tried ? 1U : 0U;
    run_times_.Age();
    return false;
  }
  turned_away_ = 0;
  running_ = Running{part, frame_slot, now, false, tried};
  return true;
}

std::optional<std::uint32_t> Admission::Finish(PartId part, bool in_time, TimePoint now) {
  if (!Runs(part)) return std::nullopt;
  if (in_time && running_->tried) run_times_ = {};
  if (running_->tried) before_try_ = in_time ? 1 : std::min(2 * before_try_, kMostBeforeTry);
  // Late runs would add nothing: it is known that some runs take too long.
  if (in_time) run_times_.Add(now - running_->since);
  const std::uint32_t slot = running_->frame_slot;
  running_.reset();
  return slot;
}

std::optional<PartId> Admission::PollAway(TimePoint now) {
  if (!running_ || running_->away_said || now < running_->since + away_after_) return std::nullopt;
  running_->away_said = true;
  return running_->part;
}

TimePoint Admission::NextTimer() const {
  return running_ && !running_->away_said ? running_->since + away_after_ : TimePoint::max();
}

}  // namespace taktgate::gate
