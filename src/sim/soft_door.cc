#include "sim/soft_door.h"

namespace taktgate::sim {

namespace event = gate::event;

namespace {

constexpr const char* kLostSignal = "a signal was lost on its way to the gate";

template <typename Ring>
void Empty(Ring& ring) {
  while (ring.Pop()) {
  }
}

}  // namespace

void SoftDoor::Open() {
  open_ = true;
  edges_told_ = 0;
  awake_from_ = world_.now;
}

void SoftDoor::Close() {
  open_ = false;
  Empty(edges_);
  Empty(frames_);
  Empty(signals_);
  Empty(held_);
  Empty(answers_);
  Empty(people_);
  wake_at_ = TimePoint::max();
}

std::uint64_t SoftDoor::TellEdge(std::int64_t encoder, std::uint64_t line_part) {
  ++edges_told_;
  world_.Must(edges_.Push({world_.ClockNow(), encoder, line_part}),
              "an edge was lost at the station's door");
  Wake();
  return edges_told_;
}

void SoftDoor::TellFrame(const gate::FrameSeen& frame) {
  world_.Must(frames_.Push(frame), "a frame was lost at the station's door");
  Wake();
}

void SoftDoor::Send(SoftMessage message) {
  if (!open_) return;
  message.at = world_.ClockNow();
  if (message.kind < SoftMessage::Kind::kAnswer) return SendSignal(message);
  auto& ring = message.kind == SoftMessage::Kind::kAnswer ? answers_ : people_;
  world_.Must(ring.Push(message), "an event was lost on its way to the gate");
  Wake();
}

void SoftDoor::SendSignal(SoftMessage& signal) {
  if (world_.clock.asleep(world_.now)) return;
  const bool held = world_.now < held_until_;
  auto& ring = held ? held_ : signals_;
  if (signal.kind == SoftMessage::Kind::kCount) {
    signal.at += counts_ahead_;
    if (ring.size() >= ring.capacity() / 2) return;
  }
  world_.Must(ring.Push(signal), kLostSignal);
  if (!held) Wake();
}

// The signal thread is back.
void SoftDoor::HandOverHeld() {
  if (world_.now < held_until_) return;
  while (const auto message = held_.Pop()) {
    if (!open_) continue;
    const bool crowded = signals_.size() >= signals_.capacity() / 2;
    if (message->kind == SoftMessage::Kind::kCount && crowded) continue;
    world_.Must(signals_.Push(*message), kLostSignal);
  }
  Wake();
}

bool SoftDoor::NextEdge(event::Input& input) {
  const auto edge = edges_.Pop();
  if (!edge) return false;
  edge_ = *edge;
  const auto count = static_cast<std::uint32_t>(edge->encoder) + world_.counters_from;
  input = event::Trigger{world_.by_count ? count : 0, edge->stamp, {}};
  return true;
}

bool SoftDoor::NextSignal(event::Input& input) {
  const auto message = signals_.Pop();
  if (!message) return false;
  signal_ = *message;
  const auto value = static_cast<std::uint32_t>(message->a);
  switch (message->kind) {
    case SoftMessage::Kind::kCount:
      input = event::Encoder{value + world_.counters_from, message->at, {}};
      return true;
    case SoftMessage::Kind::kGateSensor:
      input = event::GateSensor{message->at, {}};
      return true;
    case SoftMessage::Kind::kBinSensor:
      input = event::BinSensor{message->at, {}};
      return true;
    case SoftMessage::Kind::kNumber:
      input = event::PlcPart{value, message->at, {}};
      return true;
    default:
      input = event::PlcBeat{message->a != 0, message->at, {}};
      return true;
  }
}

bool SoftDoor::NextFrame(event::Input& input) {
  const auto frame = frames_.Pop();
  if (frame) input = event::Frame{*frame, {}};
  return frame.has_value();
}

bool SoftDoor::NextAnswer(event::Input& input) {
  const auto message = answers_.Pop();
  if (!message) return false;
  gate::Answer answer;
  answer.verdict = message->verdict;
  answer.reason = message->reason;
  answer.finished_at = message->at;
  input = event::Answered{{world_.boot, message->a}, answer, {}};
  return true;
}

void SoftDoor::Starve(TimePoint until) {
  awake_from_ = std::max(awake_from_, until);
  if (wake_at_ != TimePoint::max()) wake_at_ = std::max(wake_at_, until);
}

void SoftDoor::FaultBegins(const Fault& fault, TimePoint until) {
  if (fault.kind == FaultKind::kCountsAhead) counts_ahead_ = fault.time;
  if (fault.kind != FaultKind::kSignalsStarved) return;
  held_until_ = until;
  const TimePoint on_its_clock = until - world_.clock.slept();
  world_.referee.SignalsHeld(on_its_clock + kSettles);
  world_.referee.BinInDoubt(on_its_clock);
  world_.Disturb(until + kSettles);
}

void SoftDoor::FaultEnds(const Fault& fault) {
  if (fault.kind == FaultKind::kCountsAhead) counts_ahead_ = {};
  if (fault.kind == FaultKind::kSignalsStarved) HandOverHeld();
}

}  // namespace taktgate::sim
