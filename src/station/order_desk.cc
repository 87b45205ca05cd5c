#include "station/order_desk.h"

#include <chrono>

namespace taktgate::station {

using gate::Command;

std::optional<control::OrderAnswer> OrderDesk::Give(control::Order order) {
  order.at = clock_.Now();
  return orders_.Give(order, order.at + std::chrono::seconds(1)).answer;
}

bool OrderDesk::Next(gate::event::Input& input) {
  while (const auto order = orders_.Claim()) {
    order_ = *order;
    switch (order->kind) {
      case control::Order::Kind::kLook:
        orders_.Finish(HowItIs(true));
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
        orders_.Finish(HowItIs(false));  // comes as a wish, with a release that is loaded
        break;
    }
  }
  return false;
}

void OrderDesk::Taken(bool accepted) {
  if (accepted) records_.Obeyed(order_);
  orders_.Finish(HowItIs(accepted));
}

control::OrderAnswer OrderDesk::HowItIs(bool taken) {
  control::OrderAnswer answer;
  answer.taken = taken;
  answer.state = gate_.state();
  answer.severity = gate_.severity();
  answer.alarms = view_.OpenAlarms(answer.severity);
  answer.counts = gate_.counts();
  answer.challenge = gate_.challenge();
  answer.release = gate_.release();
  return answer;
}

}  // namespace taktgate::station
