// Parts on the belt: how they come, what the light barrier sees, and what the ejector does.
#include <algorithm>

#include "sim/soft_line.h"

namespace taktgate::sim {

using gate::BeltMode;

namespace {

constexpr Duration kToNumber = std::chrono::milliseconds(1);  // from the edge, of the PLC
constexpr Duration kToBin = std::chrono::milliseconds(20);    // from the ejector
constexpr Duration kToTheEnd = std::chrono::milliseconds(2500);
constexpr std::int64_t kFirstPlaceMs = 5;
constexpr std::int64_t kFirstCount = 30;

}  // namespace

std::int64_t SoftLine::DrawGap() {
  const auto pitch = static_cast<double>(settings_.pitch());
  const gate::GateSettings& gate = settings_.gate;
  const auto spacing = static_cast<double>(gate.belt.mode == BeltMode::kAtCamera
                                               ? (gate.window + gate.pass_hold).count()
                                               : gate.belt.spacing);
  switch (settings_.spacing) {
    case SpacingLaw::kFixed:
      break;
    case SpacingLaw::kJittered:
      return static_cast<std::int64_t>(pitch * random_.Between(0.92, 1.3));
    case SpacingLaw::kBursts:
      burst_ = (burst_ + 1) % 5;
      return static_cast<std::int64_t>(burst_ == 0 ? 5 * pitch : spacing + 1);
    case SpacingLaw::kTouching:
      if (random_.Unit() >= 0.02) break;
      return static_cast<std::int64_t>(spacing * random_.Between(0.1, 0.9)) + 1;
  }
  return static_cast<std::int64_t>(pitch);
}

// The next part, on its way to the barrier.
void SoftLine::MakePart() {
  const std::int64_t before = PartOf(made_).place;
  const std::uint64_t number = ++made_;
  LinePart& part = PartOf(number);
  part = {};
  part.number = number;
  part.on_belt = true;
  part.place =
      number == 1 ? (by_count_ ? kFirstCount : kFirstPlaceMs * 1'000'000) : before + DrawGap();
  part.defective =
      boards::WantedDefect(boards_, number) != boards::Defect::kNone || number <= known_bad_until_;
  for (const Fault& fault : faults_) {
    const double chance = fault.probability < 1 ? random_.Unit() : 0;
    if (fault.Hits(number, chance)) part.upsets.Add(fault, number);
  }
  if (!by_count_) arrives_at_ = TimePoint(Duration(part.place));
}

// The belt has moved by one count.
void SoftLine::Tick() {
  tick_at_ = now_ + BeltCountTime();
  const int step = back_left_ > 0 ? -1 : 1;
  if (back_left_ > 0) --back_left_;
  belt_ += step;
  if (!encoder_dead_) {
    encoder_ += encoder_backwards_ ? -step : step;
    Send({Message::Kind::kCount, static_cast<std::uint64_t>(encoder_)});
  }
  const std::uint64_t last = made_;  // the next one is made on the way, and not here yet
  for (std::uint64_t number = oldest_; number <= last; ++number) {
    LinePart& part = PartOf(number);
    if (!part.on_belt) continue;
    const std::int64_t behind = belt_ - part.place;
    if (part.in_gate && behind == gate_place_ - 1) {  // back out of it, if it is still there
      if (part.ejected) LeavesGate(part);
      part.in_gate = false;
    }
    if (step < 0) continue;
    if (behind == 0) PartArrives(part);
    if (behind == gate_place_) EntersGate(part);
    if (behind == gate_place_ + gate_length_ && part.in_gate) LeavesGate(part);
  }
}

void SoftLine::PartArrives(LinePart& part) {
  const bool first_time = part.number == made_;
  if (first_time) {
    ++tallies_.parts;
    arrives_at_ = TimePoint::max();
    if (part.upsets.challenge != 0) {
      known_bad_until_ = part.number + part.upsets.challenge + 2;
      part.defective = true;
      Send({Message::Kind::kChallenge, part.upsets.challenge});
    }
    tallies_.defective += part.defective ? 1U : 0U;
  }
  BarrierBreaks(part, false);
  if (!by_count_) {
    Schedule(now_ + Duration(gate_place_), Kind::kEntersGate, part.number);
    Schedule(now_ + Duration(gate_place_ + gate_length_), Kind::kLeavesGate, part.number);
  }
  if (first_time && made_ < settings_.parts) MakePart();
}

void SoftLine::BarrierBreaks(LinePart& part, bool bounce) {
  ++tallies_.crossings;
  if (settings_.gate.plc_names_parts && !bounce && part.plc_number == 0) {
    part.plc_number = plc_next_++;
    const Duration late = kToNumber + part.upsets.number_late;
    if (!part.upsets.number_missing) Schedule(now_ + late, Kind::kNumber, part.number);
    if (part.upsets.number_twice) Schedule(now_ + late + kToNumber, Kind::kNumber, part.number);
  }
  if (barrier_stuck_ || now_ < sleeps_until_ || (part.upsets.missing_edge && !bounce)) {
    ++tallies_.edges_missed;
    return;
  }
  if (gate_ == nullptr) {
    ++tallies_.edges_unheard;
  } else {
    ++edges_told_;
    const bool room = edges_.Push({ClockAt(now_), encoder_, bounce ? 0 : part.number});
    referee_.Must(room, Invariant::kReconciled, "an edge was lost at the station's door");
    if (!bounce) {
      part.boot = boot_;
      part.edge = edges_told_;
    }
    Wake();
  }
  TriggerCamera(part);
  if (bounce) return referee_.BinInDoubt(now_);
  for (std::uint32_t k = 1; k <= part.upsets.bounces; ++k) {
    Schedule(now_ + part.upsets.bounce_over * k / part.upsets.bounces, Kind::kBounce, part.number);
  }
}

void SoftLine::EntersGate(LinePart& part) {
  if (part.upsets.removed) {
    ++tallies_.removed;
    referee_.BinInDoubt(now_);
    return Gone(part);
  }
  part.in_gate = true;
  part.entered_at = now_;
  part.ejected = !wires_.HeldBack(now_, now_);
  if (part.boot == boot_) referee_.EnteredGate(part.edge);
  if (settings_.gate.gate_sensor) Send({Message::Kind::kGateSensor});
}

// Whatever is in the gate is hit.
void SoftLine::PassDrops() {
  for (std::uint64_t number = oldest_; number <= made_; ++number) {
    LinePart& part = PartOf(number);
    part.ejected = part.ejected || part.in_gate;
  }
}

void SoftLine::LeavesGate(LinePart& part) {
  if (!part.on_belt) return;
  const bool passed = !part.ejected && wires_.HeldBack(part.entered_at, now_);
  tallies_.passed += passed ? 1U : 0U;
  tallies_.ejected += passed ? 0U : 1U;
  tallies_.passed_defective += passed && part.defective ? 1U : 0U;
  tallies_.ejected_good += !passed && !part.defective ? 1U : 0U;
  referee_.Judged(part.number, part.boot == boot_ ? part.edge : 0, passed);
  if (!passed && settings_.gate.bin_within != Duration(0)) {
    Schedule(now_ + kToBin, Kind::kFalls, part.number);
  }
  Gone(part);
}

void SoftLine::Gone(LinePart& part) {
  part.on_belt = part.in_gate = false;
  while (oldest_ <= made_ && !PartOf(oldest_).on_belt) ++oldest_;
  if (oldest_ > settings_.parts) Schedule(now_ + kToTheEnd, Kind::kLineEnds);
}

void SoftLine::Falls(LinePart& part) {
  const EdgeFacts* edge = part.boot == boot_ ? referee_.Find(part.edge) : nullptr;
  const bool expected = edge != nullptr && edge->decided && (!edge->released || edge->cut_short);
  if (!expected || part.upsets.bin_misses) referee_.BinInDoubt(now_);
  if (!part.upsets.bin_misses) return Send({Message::Kind::kBinSensor});
  if (!expected || gate_ == nullptr) return;
  const Duration later = settings_.gate.bin_within + std::chrono::milliseconds(100);
  Schedule(now_ + later, Kind::kMustBeSeen, gate_->counts().bin_disagreements, boot_);
}

}  // namespace taktgate::sim
