#include "sim/soft_inputs.h"

#include <variant>

namespace taktgate::sim {

using gate::Command;
namespace event = gate::event;

bool SoftInputs::IsMeant(const event::Input& input) const {
  if (const auto* command = std::get_if<event::Command>(&input)) {
    if (command->command == Command::kStop) return online();
    if (command->command == Command::kStartContinuous) return gate_.state() == gate::State::kReady;
  }
  return !std::holds_alternative<event::StartChallenge>(input) || online();
}

bool SoftInputs::On(const event::Input& input) {
  if (!IsMeant(input)) return false;
  const bool was_online = online();
  const bool accepted = Give(input);
  CheckOrder(input, was_online, accepted);
  return accepted;
}

// What is due by time is given as an event of its own, because the gate does that first, unless the
// event moves the belt.
bool SoftInputs::Give(const event::Input& input) {
  Referee& referee = world_.referee;
  const TimePoint now = std::visit([](const auto& one) { return one.now; }, input);
  const bool moves_belt = std::holds_alternative<event::Encoder>(input) ||
                          std::holds_alternative<event::Resumed>(input);
  if (!moves_belt && gate_.NextTimer() <= now) {
    referee.Begin(now);
    gate_.On(event::Time{now});
    referee.End();
  }
  referee.Begin(now);
  std::visit([this](const auto& one) { Tell(one); }, input);
  const bool accepted = gate_.On(input);
  referee.End();
  return accepted;
}

void SoftInputs::CheckOrder(const event::Input& input, bool was_online, bool accepted) {
  const auto must = [this](bool holds, const char* words) {
    world_.referee.Must(holds, Invariant::kRightCommand, words);
  };
  if (const auto* command = std::get_if<event::Command>(&input)) {
    if (command->command == Command::kStop) {
      must(gate_.state() == gate::State::kReady, "Stop did not lead to Ready");
    } else if (command->command == Command::kStartContinuous) {
      must(online(), "Start did not lead to ContinuousExecution");
    }
  } else if (std::holds_alternative<event::ChangeRelease>(input)) {
    must(accepted != was_online, was_online ? "the release was changed online"
                                            : "the release could not be changed offline");
  } else if (const auto* name = std::get_if<event::Acknowledge>(&input)) {
    const bool named = name->name.size != 0;
    must(accepted == named, named ? "an acknowledgement with a name was not taken"
                                  : "an acknowledgement without a name was taken");
  }
}

void SoftInputs::Tell(const event::Trigger& event) {
  world_.referee.Edge(event.at, door_.edge().encoder, door_.edge().line_part);
}

void SoftInputs::Tell(const event::Encoder& event) {
  world_.referee.Encoder(static_cast<std::int64_t>(door_.signal().a), event.at);
}

void SoftInputs::Tell(const event::Frame& event) {
  world_.referee.Frame(camera_.frame(event.frame.slot));
}

void SoftInputs::Tell(const event::Answered& event) {
  world_.referee.Answer(event.part.sequence, event.answer);
}

void SoftInputs::Tell(const event::GateSensor& event) { world_.referee.GateSensor(event.at); }

void SoftInputs::Tell(const event::PlcPart& event) {
  world_.referee.Number(event.number, door_.signal().b, event.at);
}

void SoftInputs::Tell(const event::PlcBeat& event) { world_.referee.Beat(event.level, event.at); }

void SoftInputs::Tell(const event::Command& event) {
  if (event.command == Command::kStop) world_.referee.GoesOffline();
  if (event.command == Command::kStartContinuous) world_.referee.GoesOnline();
  if (event.command == Command::kHalt) world_.referee.Halted();
}

void SoftInputs::Tell(const event::ChangeRelease& event) {
  if (!online()) world_.referee.ChangesRelease(event.number, event.reserve);
}

void SoftInputs::Tell(const event::StartChallenge& event) {
  world_.referee.ChallengeStarts(event.parts);
}

void SoftInputs::Tell(const event::Acknowledge& event) {
  if (event.name.size != 0) world_.referee.Acknowledged();
}

void SoftInputs::Tell(const event::Resumed&) { world_.referee.Resumed(); }

}  // namespace taktgate::sim
