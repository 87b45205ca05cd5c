// The loop: whatever is next in time.
#include "sim/soft_line.h"

#include <algorithm>
#include <limits>

namespace taktgate::sim {

using gate::BeltMode;

namespace {

constexpr Duration kFirstStation = std::chrono::milliseconds(40);

std::int64_t GatePlace(const gate::GateSettings& gate) {
  return gate.belt.mode == BeltMode::kAtCamera ? gate.window.count() : gate.belt.distance;
}
std::int64_t GateLength(const gate::GateSettings& gate) {
  return (gate.belt.mode == BeltMode::kAtCamera ? gate.pass_hold.count() : gate.belt.hold) / 2;
}

}  // namespace

SoftLine::SoftLine(const SoftSettings& settings, std::vector<Fault> faults, MakeGate make)
    : settings_(settings),
      faults_(std::move(faults)),
      make_(std::move(make)),
      by_count_(settings.gate.belt.mode == BeltMode::kByCount),
      gate_place_(GatePlace(settings.gate)),
      gate_length_(GateLength(settings.gate)),
      random_(Random::Of(settings.seed, 0x6c696e65)),
      referee_(settings),
      parts_(1024) {
  boards_.seed = settings.seed;
  boards_.defect_share = settings.defect_share;
  for (const Fault& fault : faults_) {
    if (fault.kind != FaultKind::kCountersNearWrap) continue;
    using Counter = decltype(encoder_start_);
    constexpr Counter kLast = std::numeric_limits<Counter>::max();  // the next count is 0
    const Counter start = kLast - static_cast<Counter>(fault.count) + 1;
    encoder_start_ = camera_start_ = plc_next_ = start;
  }
}

void SoftLine::Run() {
  MakePart();
  if (by_count_) tick_at_ = TimePoint(settings_.count_time());
  Schedule(TimePoint(kFirstStation), Kind::kStationStarts);
  if (settings_.gate.plc_beat_within != Duration(0)) Schedule(TimePoint(plc_half_), Kind::kBeat);
  ScheduleFaults();
  while (!over_) {
    const TimePoint world = std::min({heap_.NextAt(), tick_at_, arrives_at_});
    now_ = std::min(world, wake_at_);
    // At the same time, the line comes before the station.
    if (wake_at_ < world) {
      GateWakes();
    } else if (tick_at_ == world) {
      Tick();
    } else if (arrives_at_ == world) {
      PartArrives(PartOf(made_));
    } else {
      Handle(heap_.Pop());
    }
  }
}

void SoftLine::Schedule(TimePoint at, Kind kind, std::uint64_t a, std::uint64_t b) {
  referee_.Must(heap_.Put(at, {kind, a, b}), Invariant::kReconciled,
                "the simulator's own list of events is full");
}

void SoftLine::Handle(const LineEvent& what) {
  switch (what.kind) {
    case Kind::kStationStarts:
      return StationStarts();
    case Kind::kGoOnline:
      if (what.a == boot_ && gate_ != nullptr) Send({Message::Kind::kStart, boot_});
      return;
    case Kind::kBounce:
      return BarrierBreaks(PartOf(what.a), true);
    case Kind::kEntersGate:
      return EntersGate(PartOf(what.a));
    case Kind::kLeavesGate:
      return LeavesGate(PartOf(what.a));
    case Kind::kFalls:
      return Falls(PartOf(what.a));
    case Kind::kMustBeSeen:
      if (gate_ == nullptr || what.b != boot_) return;
      return referee_.Must(gate_->counts().bin_disagreements > what.a, Invariant::kExactAlarms,
                           "a part that never fell into the bin was not noticed");
    case Kind::kCapture:
    case Kind::kSecondFrame:
      return Capture(PartOf(what.a));
    case Kind::kArrives:
      if (what.b == boot_) FrameArrives(static_cast<std::uint32_t>(what.a));
      return;
    case Kind::kRunEnds:
      return RunEnds(what.a);
    case Kind::kNumber:
      return Send({Message::Kind::kNumber, PartOf(what.a).plc_number, what.a});
    case Kind::kBeat:
      return PlcBeats();
    case Kind::kOperator:
      return Send({Message::Kind::kOperator});
    case Kind::kSupervisor:
      if (what.a == boot_) StationDies(std::chrono::milliseconds(300));
      return;
    case Kind::kFaultBegins:
      return FaultBegins(what.a);
    case Kind::kFaultEnds:
      return FaultEnds(what.a);
    case Kind::kBeltRuns:
      tick_at_ = now_ + BeltCountTime();
      return;
    case Kind::kLineEnds:
      return LineEnds();
  }
}

}  // namespace taktgate::sim
