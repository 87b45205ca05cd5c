// Another release in force, between two parts, on the gate thread. The gate takes one only while it
// is offline; so the line goes offline and online again at one moment, with nothing in between.
#include "station/release_change.h"

#include <chrono>

#include "station/station.h"

namespace taktgate::station {
namespace {

using gate::Command;
using gate::State;

// How long the line may take to have no part in flight.
constexpr auto kForAMomentWithoutParts = std::chrono::seconds(1);
constexpr auto kPatience = std::chrono::seconds(2);
// As for orders: of the thread's own time.
constexpr auto kLookWhetherItEnded = std::chrono::milliseconds(50);

}  // namespace

std::string InWords(NotChanged why_not, State state) {
  switch (why_not) {
    case NotChanged::kItWas:
      return "the release was changed";
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

Result<ReleaseAnswer> Station::ChangeRelease(const LoadedRelease& next,
                                             const control::Order& order) {
  ReleaseWish wish{&next, order, {}, {}};
  wish.order.number = ++wishes_made_;
  wish.order.at = clock_.Now();
  wish.forced_at = wish.order.at + kForAMomentWithoutParts;
  wish.given_up_at = wish.forced_at + kForAMomentWithoutParts;
  open_wish_ = wish.order.number;
  const Error ended{ErrorCode::kWrongState, "the station has ended"};
  if (!running_ || !wishes_.Push(wish)) return ended;
  gate_signal_.Notify();
  for (;;) {
    const bool over = !running_;  // before the look, so that its last answer is seen
    while (const auto answer = wish_answers_.Pop()) {
      if (answer->station.number != wish.order.number) continue;
      if (answer->why_not == NotChanged::kItWas) return *answer;
      return Error{ErrorCode::kWrongState, InWords(answer->why_not, answer->station.state)};
    }
    if (over) return ended;
    std::uint64_t open = wish.order.number;
    if (clock_.Now() >= wish.order.at + kPatience && open_wish_.compare_exchange_strong(open, 0)) {
      return Error{ErrorCode::kTimeout, InWords(NotChanged::kBusy, {})};
    }
    wish_signal_.WaitUntil(std::chrono::steady_clock::now() + kLookWhetherItEnded);
  }
}

// Either the gate thread takes a wish, and then it answers, or its giver takes it back.
void Station::TakeWish() {
  while (const auto wish = wishes_.Pop()) {
    std::uint64_t open = wish->order.number;
    if (open_wish_.compare_exchange_strong(open, 0)) wish_ = *wish;
  }
}

// With an event in the pump nothing is changed: an edge there has its release in the journal.
void Station::ChangeReleaseIfWanted(bool took) {
  if (!wish_) TakeWish();
  if (!wish_) return;
  const TimePoint now = clock_.Now();
  if (const NotChanged why = WhyNotChanged(); why != NotChanged::kItWas) {
    AnswerWish(why, 0);
  } else if (!took && slot_.IsFree() && (gate_.idle() || now >= wish_->forced_at)) {
    AnswerWish(NotChanged::kItWas, PutInForce(*wish_->next, now));
  } else if (now >= wish_->given_up_at) {
    AnswerWish(NotChanged::kBusy, 0);
  }
}

NotChanged Station::WhyNotChanged() const {
  const bool online = gate_.state() == State::kContinuousExecution;
  if (!online && gate_.state() != State::kReady) return NotChanged::kState;
  if (gate_.belt_reversed()) return NotChanged::kBelt;
  const gate::ChallengeResult& challenge = gate_.challenge();
  const bool runs = challenge.rejected + challenge.missed < challenge.asked;
  return runs && challenge.missed == 0 ? NotChanged::kChallenge : NotChanged::kItWas;
}

// How many parts it cost.
std::uint64_t Station::PutInForce(const LoadedRelease& next, TimePoint now) {
  const auto lost = [this] { return gate_.counts().rejected + gate_.counts().passes_cut_short; };
  const auto give = [&](Command command) { gate_.On(gate::event::Command{command, now, now}); };
  const bool online = gate_.state() == State::kContinuousExecution;
  const std::uint64_t before = lost();
  give(Command::kStop);  // refused where it is stopped already
  gate_.On(gate::event::ChangeRelease{next.number, next.reserve, now, now});
  release_ = next.number;
  slot_.Put(next);
  inference_signal_.Notify();
  give(Command::kPrepare);
  if (online) give(Command::kStartContinuous);
  return lost() - before;
}

void Station::AnswerWish(NotChanged why_not, std::uint64_t cut_off) {
  const bool taken = why_not == NotChanged::kItWas;
  if (taken) {
    ++release_changes_;
    parts_cut_off_ += cut_off;
    Note(wish_->order);
  }
  ReleaseAnswer answer{why_not, HowItIs(wish_->order, taken)};
  answer.station.cut_off = cut_off;
  wish_answers_.Push(answer);
  wish_.reset();
  wish_signal_.Notify();
}

// When the gate thread must look again though nothing happens.
TimePoint Station::NextLook() const {
  const TimePoint timer = gate_.NextTimer();
  if (!wish_) return timer;
  return std::min(timer, clock_.Now() < wish_->forced_at ? wish_->forced_at : wish_->given_up_at);
}

}  // namespace taktgate::station
