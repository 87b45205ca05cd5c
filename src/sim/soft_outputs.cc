#include "sim/soft_outputs.h"

namespace taktgate::sim {

using gate::Line;

void SoftOutputs::LetGo() {
  for (std::size_t line = 0; line < kOutputLines; ++line) {
    devices_.wires.Set(static_cast<Line>(line), false, world_.now, world_.now);
  }
  devices_.belt.PassDrops();
}

bool SoftOutputs::SetLine(Line line, bool energised, TimePoint latest, TimePoint until) {
  TimePoint at = world_.now;
  const bool of_a_part = energised && (line == Line::kPass || line == Line::kValid);
  if (of_a_part) at += devices_.belt.oldest().upsets.output_slow;
  const bool in_time = !of_a_part || world_.clock.At(at) < latest;
  const TimePoint drops = until == TimePoint::max() ? until : world_.now + (until - station_now_);
  devices_.wires.Set(line, energised, at, drops);
  if (line == Line::kPass && !energised) devices_.belt.PassDrops();
  world_.referee.LineSet(line, energised, in_time);
  if (line == Line::kPass && !in_time) world_.referee.BinInDoubt(at);  // PASS was on for a moment
  if (of_a_part && in_time) LookWhoIsThere(line, at);
  return in_time;
}

// Whatever the station knows, the belt must not have taken the part out of its place yet. A belt
// whose encoder has lost counts cannot be followed; then the referee looks at what passes.
void SoftOutputs::LookWhoIsThere(Line line, TimePoint at) {
  const SoftBelt& belt = devices_.belt;
  if (belt.position() != belt.encoder()) return;
  const std::int64_t truth =
      world_.by_count ? belt.position() : world_.clock.At(at).time_since_epoch().count();
  Referee& referee = world_.referee;
  if (line == Line::kValid) {
    referee.Must(referee.SomebodyIsAt(truth), Invariant::kInTime, "VALID rises for nobody");
    return;
  }
  const EdgeFacts* edge = referee.Find(will_pass_.sequence);
  if (edge == nullptr) return;
  referee.Must(truth < edge->close, Invariant::kInTime, "PASS rises for a part that is past");
  ++world_.tallies.passes_looked_at;
}

void SoftOutputs::Raised(const gate::Alarm& alarm) {
  world_.referee.Raised(alarm);
  devices_.people.See(alarm);
}

void SoftOutputs::InferenceFault(gate::PartId) {
  world_.referee.Faulted();
  const TimePoint noticed = world_.now + std::chrono::milliseconds(50);
  world_.Schedule(noticed, LineEvent::Kind::kSupervisor, world_.boot);
}

}  // namespace taktgate::sim
