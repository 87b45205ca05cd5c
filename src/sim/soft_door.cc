// What waits for the gate, and what the referee gets of each event before the gate does.
#include <variant>

#include "sim/soft_line.h"

namespace taktgate::sim {

using gate::Command;
namespace event = gate::event;

bool SoftLine::Next(gate::Source source, event::Input& input) {
  switch (source) {
    case gate::Source::kEdges:
      return NextEdge(input);
    case gate::Source::kSignals:
      return NextSignal(input);
    case gate::Source::kFrames:
      return NextFrame(input);
    case gate::Source::kAnswers:
      return NextAnswer(input);
    case gate::Source::kOrders:
      return NextOrder(input);
  }
  return false;
}

bool SoftLine::NextEdge(event::Input& input) {
  const auto edge = edges_.Pop();
  if (!edge) return false;
  edge_ = *edge;
  const auto count = static_cast<std::uint32_t>(edge->encoder) + encoder_start_;
  input = event::Trigger{by_count_ ? count : 0, edge->stamp, {}};
  return true;
}

bool SoftLine::NextSignal(event::Input& input) {
  const auto message = signals_.Pop();
  if (!message) return false;
  signal_ = *message;
  const auto value = static_cast<std::uint32_t>(message->a);
  switch (message->kind) {
    case Message::Kind::kCount:
      input = event::Encoder{value + encoder_start_, message->at, {}};
      return true;
    case Message::Kind::kGateSensor:
      input = event::GateSensor{message->at, {}};
      return true;
    case Message::Kind::kBinSensor:
      input = event::BinSensor{message->at, {}};
      return true;
    case Message::Kind::kNumber:
      input = event::PlcPart{value, message->at, {}};
      return true;
    default:
      input = event::PlcBeat{message->a != 0, message->at, {}};
      return true;
  }
}

bool SoftLine::NextFrame(event::Input& input) {
  const auto slot = arrived_.Pop();
  if (!slot) return false;
  const SoftFrame& frame = frames_[*slot];
  input =
      event::Frame{{frame.sequence, frame.captured_at, frame.arrived_at, frame.partial, *slot}, {}};
  return true;
}

bool SoftLine::NextAnswer(event::Input& input) {
  const auto message = answers_.Pop();
  if (!message) return false;
  gate::Answer answer;
  answer.verdict = message->verdict;
  answer.reason = message->reason;
  answer.finished_at = message->at;
  input = event::Answered{{boot_, message->a}, answer, {}};
  return true;
}

bool SoftLine::NextOrder(event::Input& input) {
  if (orders_.size() == 0) {
    if (const auto message = people_.Pop()) Orders(*message);
  }
  const auto order = orders_.Pop();
  if (order) input = *order;
  return order.has_value();
}

void SoftLine::Order(const event::Input& order) {
  referee_.Must(orders_.Push(order), Invariant::kReconciled,
                "an order was lost on its way to the gate");
}

// What people do, one thing after the other; each order is given as by somebody in a hurry.
void SoftLine::Orders(const Message& message) {
  const TimePoint at = message.at;
  const bool online = gate_->state() == gate::State::kContinuousExecution;
  switch (message.kind) {
    case Message::Kind::kOperator:
      operator_comes_ = false;
      Order(event::Acknowledge{event::ShortName(), at, {}});
      if (start_again_) {
        Order(event::Command{Command::kStop, at, {}});
        Order(event::Command{Command::kStartContinuous, at, {}});
      }
      start_again_ = false;
      Order(event::Acknowledge{event::ShortName("operator"), at, {}});
      if (gate_->challenge().missed == 0 || last_challenge_ == 0) return;
      known_bad_until_ = made_ + last_challenge_ + 2;
      PartOf(made_).defective = true;
      return Order(event::StartChallenge{last_challenge_, at, {}});
    case Message::Kind::kStop:
      return Order(event::Command{Command::kStop, at, {}});
    case Message::Kind::kStart:
      if (message.a == boot_) Order(event::Command{Command::kStartContinuous, at, {}});
      return;
    case Message::Kind::kRelease:
      if (!online) return;
      ++release_;
      Order(event::ChangeRelease{release_, ReserveOfRelease(), at, {}});
      Order(event::Command{Command::kStop, at, {}});
      Order(event::ChangeRelease{release_, ReserveOfRelease(), at, {}});
      return Order(event::Command{Command::kPrepare, at, {}});
    default:
      last_challenge_ = static_cast<std::uint32_t>(message.a);
      return Order(event::StartChallenge{last_challenge_, at, {}});
  }
}

// False for orders that are given only in the right state; others are given to be refused.
bool SoftLine::IsMeant(const event::Input& input) const {
  const gate::State state = gate_->state();
  if (const auto* command = std::get_if<event::Command>(&input)) {
    if (command->command == Command::kStop) return state == gate::State::kContinuousExecution;
    if (command->command == Command::kStartContinuous) return state == gate::State::kReady;
  }
  return !std::holds_alternative<event::StartChallenge>(input) ||
         state == gate::State::kContinuousExecution;
}

bool SoftLine::On(const event::Input& input) {
  if (!IsMeant(input)) return false;
  const bool online = gate_->state() == gate::State::kContinuousExecution;
  const bool accepted = Give(input);
  CheckOrder(input, online, accepted);
  return accepted;
}

// The referee gets each event first. What is due by time is given as an event of its own, because
// the gate does that first, unless the event moves the belt.
bool SoftLine::Give(const event::Input& input) {
  const TimePoint now = std::visit([](const auto& one) { return one.now; }, input);
  const bool moves_belt = std::holds_alternative<event::Encoder>(input) ||
                          std::holds_alternative<event::Resumed>(input);
  if (!moves_belt && gate_->NextTimer() <= now) {
    referee_.Begin(now);
    gate_->On(event::Time{now});
    referee_.End();
  }
  referee_.Begin(now);
  std::visit([this](const auto& one) { Tell(one); }, input);
  const bool accepted = gate_->On(input);
  referee_.End();
  return accepted;
}

void SoftLine::CheckOrder(const event::Input& input, bool online, bool accepted) {
  const auto must = [this](bool holds, const char* words) {
    referee_.Must(holds, Invariant::kRightCommand, words);
  };
  const gate::State state = gate_->state();
  if (const auto* command = std::get_if<event::Command>(&input)) {
    if (command->command == Command::kStop) {
      must(state == gate::State::kReady, "Stop did not lead to Ready");
    } else if (command->command == Command::kStartContinuous) {
      must(state == gate::State::kContinuousExecution, "Start did not lead to ContinuousExecution");
    }
  } else if (std::holds_alternative<event::ChangeRelease>(input)) {
    must(accepted != online,
         online ? "the release was changed online" : "the release could not be changed offline");
  } else if (const auto* name = std::get_if<event::Acknowledge>(&input)) {
    const bool named = name->name.size != 0;
    must(accepted == named, named ? "an acknowledgement with a name was not taken"
                                  : "an acknowledgement without a name was taken");
  }
}

void SoftLine::Tell(const event::Trigger& event) {
  referee_.Edge(event.at, edge_.encoder, edge_.line_part);
}

void SoftLine::Tell(const event::Encoder& event) {
  referee_.Encoder(static_cast<std::int64_t>(signal_.a), event.at);
}

void SoftLine::Tell(const event::Frame& event) { referee_.Frame(frames_[event.frame.slot]); }

void SoftLine::Tell(const event::Answered& event) {
  referee_.Answer(event.part.sequence, event.answer);
}

void SoftLine::Tell(const event::GateSensor& event) { referee_.GateSensor(event.at); }

void SoftLine::Tell(const event::PlcPart& event) {
  referee_.Number(event.number, signal_.b, event.at);
}

void SoftLine::Tell(const event::PlcBeat& event) { referee_.Beat(event.level, event.at); }

void SoftLine::Tell(const event::Command& event) {
  if (event.command == Command::kStop) referee_.GoesOffline();
  if (event.command == Command::kStartContinuous) referee_.GoesOnline();
  if (event.command == Command::kHalt) referee_.Halted();
}

void SoftLine::Tell(const event::ChangeRelease& event) {
  if (gate_->state() != gate::State::kContinuousExecution) {
    referee_.ChangesRelease(event.number, event.reserve);
  }
}

void SoftLine::Tell(const event::StartChallenge& event) { referee_.ChallengeStarts(event.parts); }

void SoftLine::Tell(const event::Acknowledge& event) {
  if (event.name.size != 0) referee_.Acknowledged();
}

void SoftLine::Tell(const event::Resumed&) { referee_.Resumed(); }

}  // namespace taktgate::sim
