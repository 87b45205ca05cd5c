// Orders of a person, on the gate thread.
#include <chrono>

#include "station/station.h"

namespace taktgate::station {
namespace {

using gate::Command;

// How often a waiting thread looks whether the gate thread has ended: of the thread's own time, not
// the station's, which may run ahead or stand.
constexpr auto kLookForGateThread = std::chrono::milliseconds(50);

}  // namespace

std::optional<control::OrderAnswer> Station::Give(const control::Order& order) {
  control::Order numbered = order;
  numbered.number = ++orders_given_;
  numbered.at = clock_.Now();
  const TimePoint limit = numbered.at + std::chrono::seconds(1);
  open_order_ = numbered.number;
  if (!running_ || !orders_.Push(numbered)) return std::nullopt;
  gate_signal_.Notify();
  for (;;) {
    const bool ended = !running_;  // before the look, so that its last answer is seen
    while (const auto answer = order_answers_.Pop()) {
      if (answer->number == numbered.number) return answer;
    }
    if (ended || (clock_.Now() >= limit && IsMine(numbered))) return std::nullopt;
    ordered_signal_.WaitUntil(std::chrono::steady_clock::now() + kLookForGateThread);
  }
}

// Either the gate thread takes an order or its giver takes it back: one that was answered with
// "not obeyed" is never obeyed later.
bool Station::IsMine(const control::Order& order) {
  std::uint64_t open = order.number;
  return open_order_.compare_exchange_strong(open, 0);
}

// The next order that is for the gate; a look around is answered here.
bool Station::NextOrder(gate::event::Input& input) {
  while (const auto order = orders_.Pop()) {
    if (!IsMine(*order)) continue;
    order_ = *order;
    switch (order->kind) {
      case control::Order::Kind::kLook:
        Answer(*order, true);
        break;
      case control::Order::Kind::kAcknowledge:
        input = gate::event::Acknowledge{order->name, order->at, {}};
        return true;
      case control::Order::Kind::kStop:
        input = gate::event::Command{Command::kStop, order->at, {}};
        return true;
      case control::Order::Kind::kStart:
        input = gate::event::Command{Command::kStartContinuous, order->at, {}};
        return true;
      case control::Order::Kind::kChallenge:
        input = gate::event::StartChallenge{order->parts, order->at, {}};
        return true;
      case control::Order::Kind::kRelease:
        Answer(*order, false);  // comes by ChangeRelease, with a release that is loaded
        break;
    }
  }
  return false;
}

void Station::Taken(gate::Source source, bool accepted) {
  if (source != gate::Source::kOrders) return;
  if (accepted) Note(order_);
  Answer(order_, accepted);
}

void Station::Answer(const control::Order& order, bool taken) {
  order_answers_.Push(HowItIs(order, taken));
  ordered_signal_.Notify();
}

control::OrderAnswer Station::HowItIs(const control::Order& order, bool taken) {
  control::OrderAnswer answer;
  answer.number = order.number;
  answer.taken = taken;
  answer.state = gate_.state();
  answer.severity = gate_.severity();
  answer.alarms = view_.OpenAlarms(answer.severity);
  answer.counts = gate_.counts();
  answer.challenge = gate_.challenge();
  answer.release = release_;
  return answer;
}

void Station::Note(const control::Order& order) {
  record::Record record{record::Record::Kind::kOrder, {}, {}};
  record.decision.part = {settings_.gate.boot, gate_.counts().parts};
  record.decision.release = release_;
  record.order = order;
  record.at = clock_.Now();
  records_.Offer(record);
}

}  // namespace taktgate::station
