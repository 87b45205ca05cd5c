#include "sim/soft_belt.h"

#include <cmath>

namespace taktgate::sim {

using gate::BeltMode;

namespace {

constexpr Duration kToBin = std::chrono::milliseconds(20);  // from the ejector
constexpr Duration kToTheEnd = std::chrono::milliseconds(2500);
constexpr std::int64_t kFirstPlaceMs = 5;
constexpr std::int64_t kFirstCount = 30;

std::int64_t GatePlace(const gate::GateSettings& gate) {
  return gate.belt.mode == BeltMode::kAtCamera ? gate.window.count() : gate.belt.distance;
}
std::int64_t GateLength(const gate::GateSettings& gate) {
  return (gate.belt.mode == BeltMode::kAtCamera ? gate.pass_hold.count() : gate.belt.hold) / 2;
}

}  // namespace

SoftBelt::SoftBelt(SoftWorld& world, const SoftWires& wires, SoftDoor& door, SoftPlc& plc,
                   SoftCamera& camera)
    : world_(world),
      wires_(wires),
      door_(door),
      plc_(plc),
      camera_(camera),
      gate_place_(GatePlace(world.settings.gate)),
      gate_length_(GateLength(world.settings.gate)),
      parts_(kKept) {
  boards_.seed = world.settings.seed;
  boards_.defect_share = world.settings.defect_share;
}

void SoftBelt::Start() {
  MakePart();
  if (world_.by_count) tick_at_ = TimePoint(world_.settings.count_time());
}

void SoftBelt::Move() {
  if (tick_at_ <= arrives_at_) return MoveByOneCount();
  Arrive(PartOf(made_));
}

std::int64_t SoftBelt::DrawGap() {
  const auto pitch = static_cast<double>(world_.settings.pitch());
  const gate::GateSettings& gate = world_.settings.gate;
  const auto spacing = static_cast<double>(gate.belt.mode == BeltMode::kAtCamera
                                               ? (gate.window + gate.pass_hold).count()
                                               : gate.belt.spacing);
  switch (world_.settings.spacing) {
    case SpacingLaw::kFixed:
      break;
    case SpacingLaw::kJittered:
      return static_cast<std::int64_t>(pitch * world_.random.Between(0.92, 1.3));
    case SpacingLaw::kBursts:
      burst_ = (burst_ + 1) % 5;
      return static_cast<std::int64_t>(burst_ == 0 ? 5 * pitch : spacing + 1);
    case SpacingLaw::kTouching:
      if (world_.random.Unit() >= 0.02) break;
      return static_cast<std::int64_t>(spacing * world_.random.Between(0.1, 0.9)) + 1;
  }
  return static_cast<std::int64_t>(pitch);
}

// The next part, on its way to the barrier.
void SoftBelt::MakePart() {
  const std::int64_t first = world_.by_count ? kFirstCount : kFirstPlaceMs * kMs;
  const std::int64_t place = made_ == 0 ? first : PartOf(made_).place + DrawGap();
  const std::uint64_t number = ++made_;
  LinePart& part = PartOf(number);
  part = {};
  part.number = number;
  part.on_belt = true;
  part.place = place;
  part.defective =
      boards::WantedDefect(boards_, number) != boards::Defect::kNone || number <= known_bad_until_;
  for (const Fault& fault : world_.faults) {
    const double chance = fault.probability < 1 ? world_.random.Unit() : 0;
    if (fault.Hits(number, chance)) part.upsets.Add(fault, number);
  }
  if (!world_.by_count) arrives_at_ = TimePoint(Duration(place));
}

Duration SoftBelt::CountTime() const {
  const auto usual = static_cast<double>(world_.settings.count_time().count());
  return Duration(std::llround(usual / speed_));
}

void SoftBelt::MoveByOneCount() {
  tick_at_ = world_.now + CountTime();
  const int step = back_left_ > 0 ? -1 : 1;
  if (back_left_ > 0) --back_left_;
  position_ += step;
  if (!encoder_dead_) {
    encoder_ += encoder_backwards_ ? -step : step;
    door_.Send({SoftMessage::Kind::kCount, static_cast<std::uint64_t>(encoder_)});
  }
  const std::uint64_t last = made_;  // the next one is made on the way, and not here yet
  for (std::uint64_t number = oldest_; number <= last; ++number) {
    LinePart& part = PartOf(number);
    if (part.on_belt) MovePast(part, step);
  }
}

// Barrier and gate, if it is there now.
void SoftBelt::MovePast(LinePart& part, int step) {
  const std::int64_t behind = position_ - part.place;
  if (part.in_gate && behind == gate_place_ - 1) {  // back out of it, if it is still there
    if (part.ejected) LeaveGate(part);
    part.in_gate = false;
  }
  if (step < 0) return;
  if (behind == 0) Arrive(part);
  if (behind == gate_place_) EnterGate(part);
  if (behind == gate_place_ + gate_length_ && part.in_gate) LeaveGate(part);
}

void SoftBelt::PutInBadParts(std::uint64_t count) {
  known_bad_until_ = made_ + count + 2;
  PartOf(made_).defective = true;
}

void SoftBelt::Arrive(LinePart& part) {
  const bool first_time = part.number == made_;
  if (first_time) {
    ++world_.tallies.parts;
    arrives_at_ = TimePoint::max();
    if (part.upsets.challenge != 0) {
      PutInBadParts(part.upsets.challenge);
      door_.Send({SoftMessage::Kind::kChallenge, part.upsets.challenge});
    }
    world_.tallies.defective += part.defective ? 1U : 0U;
  }
  BreakBarrier(part, false);
  if (!world_.by_count) {
    const TimePoint there = world_.now + Duration(gate_place_);
    world_.Schedule(there, LineEvent::Kind::kEntersGate, part.number);
    world_.Schedule(there + Duration(gate_length_), LineEvent::Kind::kLeavesGate, part.number);
  }
  if (first_time && made_ < world_.settings.parts) MakePart();
}

void SoftBelt::BreakBarrier(LinePart& part, bool bounce) {
  ++world_.tallies.crossings;
  if (!bounce) plc_.Sees(part);
  const bool asleep = world_.clock.asleep(world_.now);
  if (barrier_stuck_ || asleep || (part.upsets.missing_edge && !bounce)) {
    ++world_.tallies.edges_missed;
    return;
  }
  if (door_.open()) {
    const std::uint64_t edge = door_.TellEdge(encoder_, bounce ? 0 : part.number);
    if (!bounce) {
      part.boot = world_.boot;
      part.edge = edge;
    }
  } else {
    ++world_.tallies.edges_unheard;
  }
  camera_.Trigger(part);
  if (bounce) return world_.referee.BinInDoubt(world_.now);
  const Upsets& upsets = part.upsets;
  for (std::uint32_t k = 1; k <= upsets.bounces; ++k) {
    const Duration after = upsets.bounce_over * k / upsets.bounces;
    world_.Schedule(world_.now + after, LineEvent::Kind::kBounce, part.number);
  }
}

void SoftBelt::EnterGate(LinePart& part) {
  if (part.upsets.removed) {
    ++world_.tallies.removed;
    world_.referee.BinInDoubt(world_.now);
    return LeaveBelt(part);
  }
  part.in_gate = true;
  part.entered_at = world_.now;
  part.ejected = !wires_.HeldBack(world_.now, world_.now);
  if (part.boot == world_.boot) world_.referee.EnteredGate(part.edge);
  if (world_.settings.gate.gate_sensor) door_.Send({SoftMessage::Kind::kGateSensor});
}

// Whatever is in the gate is hit.
void SoftBelt::PassDrops() {
  for (std::uint64_t number = oldest_; number <= made_; ++number) {
    LinePart& part = PartOf(number);
    part.ejected = part.ejected || part.in_gate;
  }
}

void SoftBelt::LeaveGate(LinePart& part) {
  if (!part.on_belt) return;
  const bool passed = !part.ejected && wires_.HeldBack(part.entered_at, world_.now);
  LineTallies& tallies = world_.tallies;
  tallies.passed += passed ? 1U : 0U;
  tallies.ejected += passed ? 0U : 1U;
  tallies.passed_defective += passed && part.defective ? 1U : 0U;
  tallies.ejected_good += !passed && !part.defective ? 1U : 0U;
  world_.referee.Judged(part.number, part.boot == world_.boot ? part.edge : 0, passed);
  if (!passed && world_.settings.gate.bin_within != Duration(0)) {
    world_.Schedule(world_.now + kToBin, LineEvent::Kind::kFalls, part.number);
  }
  LeaveBelt(part);
}

void SoftBelt::LeaveBelt(LinePart& part) {
  part.on_belt = part.in_gate = false;
  while (oldest_ <= made_ && !PartOf(oldest_).on_belt) ++oldest_;
  if (oldest_ <= world_.settings.parts) return;
  world_.Schedule(world_.now + kToTheEnd, LineEvent::Kind::kLineEnds);
}

bool SoftBelt::Fall(const LinePart& part) {
  Referee& referee = world_.referee;
  const EdgeFacts* edge = part.boot == world_.boot ? referee.Find(part.edge) : nullptr;
  const bool expected = edge != nullptr && edge->decided && (!edge->released || edge->cut_short);
  const bool seen = !part.upsets.bin_misses;
  if (!expected || !seen) referee.BinInDoubt(world_.now);
  referee.Fell();
  if (seen) door_.Send({SoftMessage::Kind::kBinSensor});
  return seen || !expected;
}

void SoftBelt::FaultBegins(const Fault& fault, TimePoint until) {
  const bool ends = until != TimePoint::max();
  const TimePoint settled = ends ? until + kSettles : until;
  switch (fault.kind) {
    case FaultKind::kBarrierStuck:
      barrier_stuck_ = true;
      return world_.referee.BinInDoubt(ends ? until : until - std::chrono::hours(1));
    case FaultKind::kBeltStops:
      tick_at_ = TimePoint::max();
      world_.Schedule(until, LineEvent::Kind::kBeltRuns);
      return world_.Disturb(until + kSettles);
    case FaultKind::kBeltReverses:
      back_left_ = static_cast<std::int64_t>(fault.count);
      return world_.Disturb(world_.now + 2 * back_left_ * CountTime() + kSettles);
    case FaultKind::kBeltSpeed:
      speed_ = fault.factor;
      // A slow belt takes its parts through the gate more slowly than PASS may stand.
      if (speed_ < 1) world_.Disturb(settled);
      return;
    case FaultKind::kEncoderDead:
      encoder_dead_ = true;
      return world_.Disturb(settled);
    case FaultKind::kEncoderBackwards:
      encoder_backwards_ = true;
      return world_.Disturb(settled);
    default:
      return;  // not of the belt
  }
}

void SoftBelt::FaultEnds(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kBarrierStuck:
      barrier_stuck_ = false;
      return;
    case FaultKind::kBeltSpeed:
      speed_ = 1;
      return;
    case FaultKind::kEncoderDead:
      encoder_dead_ = false;
      return;
    case FaultKind::kEncoderBackwards:
      encoder_backwards_ = false;
      return;
    default:
      return;  // over by itself, or not of the belt
  }
}

}  // namespace taktgate::sim
