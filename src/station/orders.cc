// Orders of a person, on the gate thread.
#include "station/orders.h"

#include <algorithm>
#include <chrono>

#include "station/station.h"

namespace taktgate::station {
namespace {

using gate::Command;
using gate::State;

// How often a waiting thread looks whether the gate thread has ended.
constexpr auto kLookAround = std::chrono::milliseconds(50);

}  // namespace

std::string_view ToString(Order::Kind kind) {
  switch (kind) {
    case Order::Kind::kLook:
      return "status";
    case Order::Kind::kAcknowledge:
      return "ack";
    case Order::Kind::kStart:
      return "start";
    case Order::Kind::kStop:
      return "stop";
    case Order::Kind::kChallenge:
      return "challenge";
  }
  return "status";
}

std::optional<OrderAnswer> Station::Give(const Order& order) {
  Order numbered = order;
  numbered.number = ++orders_given_;
  if (!running_ || !orders_.Push(numbered)) return std::nullopt;
  gate_signal_.Notify();
  const TimePoint limit = clock_.Now() + std::chrono::seconds(1);
  while (true) {
    const bool last_look = !running_ || clock_.Now() >= limit;
    while (const auto answer = order_answers_.Pop()) {
      if (answer->number == numbered.number) return answer;  // others nobody waits for any more
    }
    if (last_look) return std::nullopt;
    ordered_signal_.WaitUntil(std::min(limit, clock_.Now() + kLookAround));
  }
}

void Station::TakeOrders() {
  while (const auto order = orders_.Pop()) {
    OrderAnswer answer;
    answer.number = order->number;
    answer.taken = Obey(*order);
    if (answer.taken && order->kind != Order::Kind::kLook) Note(*order);
    answer.state = gate_.state();
    answer.severity = gate_.severity();
    // Warnings end by themselves.
    if (answer.severity == gate::Severity::kCalm) open_alarms_.fill(gate::Severity::kCalm);
    answer.alarms = open_alarms_;
    answer.counts = gate_.counts();
    answer.challenge = gate_.challenge();
    order_answers_.Push(answer);
    ordered_signal_.Notify();
  }
}

bool Station::Obey(const Order& order) {
  const TimePoint now = clock_.Now();
  switch (order.kind) {
    case Order::Kind::kLook:
      return true;
    case Order::Kind::kAcknowledge:
      return gate_.Acknowledge(order.name.view(), now);
    case Order::Kind::kStop:
      return gate_.Take(Command::kStop, now);
    case Order::Kind::kStart:
      if (gate_.state() == State::kInitialized) gate_.Take(Command::kPrepare, now);
      return gate_.Take(Command::kStartContinuous, now);
    case Order::Kind::kChallenge:
      return gate_.StartChallenge(order.parts, now);
  }
  return false;
}

void Station::Note(const Order& order) {
  Record record{Record::Kind::kOrder, {}, {}};
  record.decision.part = {settings_.gate.boot, gate_.counts().parts};
  record.order = order;
  record.at = clock_.Now();
  records_.Offer(record);
}

void Station::Acknowledged(std::string_view) { open_alarms_.fill(gate::Severity::kCalm); }

}  // namespace taktgate::station
