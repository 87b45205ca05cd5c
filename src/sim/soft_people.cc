#include "sim/soft_people.h"

namespace taktgate::sim {

using gate::Command;
namespace event = gate::event;

void SoftPeople::See(const gate::Alarm& alarm) {
  if (alarm.kind == gate::AlarmKind::kBeltReversed) start_again_ = true;
  if (alarm.severity < gate::Severity::kAmber || operator_comes_) return;
  operator_comes_ = true;
  const TimePoint there = world_.now + world_.settings.operator_after;
  world_.Schedule(there, LineEvent::Kind::kOperator);
}

void SoftPeople::GoOnline(std::uint64_t boot) {
  if (boot == world_.boot) door_.Send({SoftMessage::Kind::kStart, boot});
}

void SoftPeople::GiveUp() {
  while (orders_.Pop()) {
  }
  operator_comes_ = start_again_ = false;
}

bool SoftPeople::Next(const gate::Gate& gate, event::Input& order) {
  if (orders_.size() == 0) {
    if (const auto message = door_.NextOfPeople()) Mean(*message, gate);
  }
  const auto next = orders_.Pop();
  if (next) order = *next;
  return next.has_value();
}

void SoftPeople::Mean(const SoftMessage& message, const gate::Gate& gate) {
  const TimePoint at = message.at;
  switch (message.kind) {
    case SoftMessage::Kind::kOperator:
      return OperatorActs(gate, at);
    case SoftMessage::Kind::kStop:
      return Order(event::Command{Command::kStop, at, {}});
    case SoftMessage::Kind::kStart:
      if (message.a == world_.boot) Order(event::Command{Command::kStartContinuous, at, {}});
      return;
    case SoftMessage::Kind::kRelease:
      if (gate.state() == gate::State::kContinuousExecution) ChangeRelease(at);
      return;
    default:
      last_challenge_ = static_cast<std::uint32_t>(message.a);
      return Order(event::StartChallenge{last_challenge_, at, {}});
  }
}

// An acknowledgement without a name must be refused.
void SoftPeople::OperatorActs(const gate::Gate& gate, TimePoint at) {
  operator_comes_ = false;
  Order(event::Acknowledge{event::ShortName(), at, {}});
  if (start_again_) {
    Order(event::Command{Command::kStop, at, {}});
    Order(event::Command{Command::kStartContinuous, at, {}});
  }
  start_again_ = false;
  Order(event::Acknowledge{event::ShortName("operator"), at, {}});
  if (gate.challenge().missed == 0 || last_challenge_ == 0) return;
  belt_.PutInBadParts(last_challenge_);
  Order(event::StartChallenge{last_challenge_, at, {}});
}

// First online, which must be refused.
void SoftPeople::ChangeRelease(TimePoint at) {
  ChooseNextRelease();
  Order(Release(at));
  Order(event::Command{Command::kStop, at, {}});
  Order(Release(at));
  Order(event::Command{Command::kPrepare, at, {}});
}

void SoftPeople::Order(const event::Input& order) {
  world_.Must(orders_.Push(order), "an order was lost on its way to the gate");
}

// Each with another reserve.
event::ChangeRelease SoftPeople::Release(TimePoint at, TimePoint now) const {
  const Duration reserve = world_.settings.gate.inference_reserve * (3 + release_ % 3) / 4;
  return {release_, reserve, at, now};
}

void SoftPeople::FaultBegins(const Fault& fault) {
  if (fault.kind == FaultKind::kStationStops) door_.Send({SoftMessage::Kind::kStop});
  if (fault.kind == FaultKind::kReleaseChange) door_.Send({SoftMessage::Kind::kRelease});
}

void SoftPeople::FaultEnds(const Fault& fault) {
  const bool stopped =
      fault.kind == FaultKind::kStationStops || fault.kind == FaultKind::kReleaseChange;
  if (stopped) GoOnline(world_.boot);
}

}  // namespace taktgate::sim
