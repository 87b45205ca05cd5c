#include "sim/soft_line.h"

#include <algorithm>
#include <utility>

namespace taktgate::sim {

namespace {

constexpr Duration kFirstStation = std::chrono::milliseconds(40);
constexpr Duration kToNextTry = std::chrono::milliseconds(500);  // to end the line

}  // namespace

SoftLine::SoftLine(const SoftSettings& settings, std::vector<Fault> faults, MakeGate make)
    : world_(settings, std::move(faults)), station_(world_, devices_, std::move(make)) {}

void SoftLine::Run() {
  devices_.belt.Start();
  world_.Schedule(TimePoint(kFirstStation), LineEvent::Kind::kStationStarts);
  devices_.plc.Start();
  ScheduleFaults();
  while (!over_) {
    const TimePoint belt = devices_.belt.next_at();
    const TimePoint line = std::min(world_.events.NextAt(), belt);
    const TimePoint station = devices_.door.wake_at();
    world_.now = std::min(line, station);
    // At the same time, the line comes before the station.
    if (station < line) {
      station_.Wake();
    } else if (belt == line) {
      devices_.belt.Move();
    } else {
      Handle(world_.events.Pop());
    }
  }
}

void SoftLine::Handle(const LineEvent& what) {
  using Kind = LineEvent::Kind;
  SoftBelt& belt = devices_.belt;
  switch (what.kind) {
    case Kind::kStationStarts:
      return station_.Start();
    case Kind::kGoOnline:
      return devices_.people.GoOnline(what.a);
    case Kind::kBounce:
      return belt.Bounce(belt.PartOf(what.a));
    case Kind::kEntersGate:
      return belt.EnterGate(belt.PartOf(what.a));
    case Kind::kLeavesGate:
      return belt.LeaveGate(belt.PartOf(what.a));
    case Kind::kFalls:
      if (!belt.Fall(belt.PartOf(what.a))) station_.ExpectDisagreement();
      return;
    case Kind::kMustBeSeen:
      return station_.CheckDisagreements(what.a, what.b);
    case Kind::kCapture:
    case Kind::kSecondFrame:
      return devices_.camera.Capture(belt.PartOf(what.a));
    case Kind::kArrives:
      return devices_.camera.Arrive(static_cast<std::uint32_t>(what.a), what.b);
    case Kind::kRunEnds:
      return devices_.model.RunEnds(what.a);
    case Kind::kNumber:
      return devices_.plc.SayNumber(belt.PartOf(what.a).plc_number, what.a);
    case Kind::kBeat:
      return devices_.plc.Beat();
    case Kind::kOperator:
      return devices_.people.OperatorIsThere();
    case Kind::kSupervisor:
      return station_.Restart(what.a);
    case Kind::kFaultBegins:
      return FaultBegins(what.a);
    case Kind::kFaultEnds:
      return FaultEnds(world_.faults[what.a]);
    case Kind::kBeltRuns:
      return belt.RunAgain();
    case Kind::kLineEnds:
      return TryToEnd();
  }
}

void SoftLine::ScheduleFaults() {
  for (std::size_t which = 0; which < world_.faults.size(); ++which) {
    const Fault& fault = world_.faults[which];
    if ((InfoOf(fault.kind).keys & kTakesMoment) == 0) continue;
    world_.Schedule(TimePoint(fault.at), LineEvent::Kind::kFaultBegins, which);
  }
}

// Each part of the line knows the faults that it suffers from.
void SoftLine::FaultBegins(std::uint64_t which) {
  const Fault& fault = world_.faults[which];
  const bool ends = fault.lasts != Duration::max();
  const TimePoint until = ends ? world_.now + fault.lasts : TimePoint::max();
  if (ends) world_.Schedule(until, LineEvent::Kind::kFaultEnds, which);
  if (fault.again > Duration(0)) {
    world_.Schedule(world_.now + fault.again, LineEvent::Kind::kFaultBegins, which);
  }
  devices_.belt.FaultBegins(fault, until);
  devices_.camera.FaultBegins(fault);
  devices_.plc.FaultBegins(fault);
  devices_.door.FaultBegins(fault, until);
  devices_.people.FaultBegins(fault);
  station_.FaultBegins(fault, until);
}

void SoftLine::FaultEnds(const Fault& fault) {
  devices_.belt.FaultEnds(fault);
  devices_.camera.FaultEnds(fault);
  devices_.plc.FaultEnds(fault);
  devices_.door.FaultEnds(fault);
  devices_.people.FaultEnds(fault);
  station_.FaultEnds(fault);
}

void SoftLine::TryToEnd() {
  over_ = station_.End();
  if (!over_) world_.Schedule(world_.now + kToNextTry, LineEvent::Kind::kLineEnds);
}

}  // namespace taktgate::sim
