#include "station/release_change.h"

#include <algorithm>
#include <chrono>

namespace taktgate::station {
namespace {

using gate::Command;
using gate::State;

// How long the line may take to have no part in flight.
constexpr auto kForAMomentWithoutParts = std::chrono::seconds(1);
constexpr auto kPatience = std::chrono::seconds(2);

}  // namespace

std::string InWords(NotChanged why_not, State state) {
  switch (why_not) {
    case NotChanged::kState:
      return "the station is in " + std::string(gate::ToString(state)) +
             ", and a release is changed only in ContinuousExecution and Ready";
    case NotChanged::kBelt:
      return "the belt has run back; clear it, then `taktgate stop` and `taktgate start`, and "
             "change the release after that";
    case NotChanged::kChallenge:
      return "a challenge is under way; change the release when it has ended";
    case NotChanged::kBusy:
      return "the gate thread or the inference thread is too busy; look at the machine's load and "
             "try again";
  }
  return {};
}

Result<ReleaseAnswer> ReleaseChange::Ask(const LoadedRelease& next, control::Order order) {
  order.at = clock_.Now();
  const TimePoint forced_at = order.at + kForAMomentWithoutParts;
  const auto outcome = wishes_.Give({&next, order, forced_at, forced_at + kForAMomentWithoutParts},
                                    order.at + kPatience);
  if (outcome.withdrawn) return Error{ErrorCode::kTimeout, InWords(NotChanged::kBusy, {})};
  if (!outcome.answer) return Error{ErrorCode::kWrongState, "the station has ended"};
  if (!outcome.answer->why_not) return *outcome.answer;
  return Error{ErrorCode::kWrongState,
               InWords(*outcome.answer->why_not, outcome.answer->station.state)};
}

void ReleaseChange::MakeIfWanted(bool took) {
  if (!wish_) wish_ = wishes_.Claim();
  if (!wish_) return;
  const TimePoint now = clock_.Now();
  if (const auto why_not = WhyNot()) {
    Answer(why_not, 0);
  } else if (!took && slot_.IsFree() && (gate_.idle() || now >= wish_->forced_at)) {
    Answer(std::nullopt, PutInForce(*wish_->next, now));
  } else if (now >= wish_->given_up_at) {
    Answer(NotChanged::kBusy, 0);
  }
}

std::optional<NotChanged> ReleaseChange::WhyNot() const {
  const bool online = gate_.state() == State::kContinuousExecution;
  if (!online && gate_.state() != State::kReady) return NotChanged::kState;
  if (gate_.belt_reversed()) return NotChanged::kBelt;
  const gate::ChallengeResult& challenge = gate_.challenge();
  if (challenge.missed == 0 && challenge.rejected < challenge.asked) return NotChanged::kChallenge;
  return std::nullopt;
}

// How many parts it cost.
std::uint64_t ReleaseChange::PutInForce(const LoadedRelease& next, TimePoint now) {
  const auto lost = [this] { return gate_.counts().rejected + gate_.counts().passes_cut_short; };
  const auto give = [&](Command command) { gate_.On(gate::event::Command{command, now, now}); };
  const bool online = gate_.state() == State::kContinuousExecution;
  const std::uint64_t before = lost();
  give(Command::kStop);  // refused where it is stopped already
  gate_.On(gate::event::ChangeRelease{next.number, next.reserve, now, now});
  slot_.Put(next);
  inference_signal_.Notify();
  give(Command::kPrepare);
  if (online) give(Command::kStartContinuous);
  return lost() - before;
}

void ReleaseChange::Answer(std::optional<NotChanged> why_not, std::uint64_t cut_off) {
  const bool taken = !why_not;
  if (taken) {
    ++changes_;
    parts_cut_off_ += cut_off;
    records_.Obeyed(wish_->order);
  }
  ReleaseAnswer answer{why_not, desk_.HowItIs(taken)};
  answer.station.cut_off = cut_off;
  wish_.reset();
  wishes_.Finish(answer);
}

TimePoint ReleaseChange::NextLook() const {
  const TimePoint timer = gate_.NextTimer();
  if (!wish_) return timer;
  return std::min(timer, clock_.Now() < wish_->forced_at ? wish_->forced_at : wish_->given_up_at);
}

}  // namespace taktgate::station
