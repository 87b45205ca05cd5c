#include "sim/soft_station.h"

#include <algorithm>
#include <utility>

namespace taktgate::sim {

using gate::Command;
using std::chrono::milliseconds;

namespace {

constexpr Duration kToOnline = milliseconds(600);  // HEARTBEAT has closed the relay by then
// HEARTBEAT closes the relay again: half a period, on a clock that stood still.
constexpr Duration kToHeartbeat = milliseconds(600);

}  // namespace

SoftStation::SoftStation(SoftWorld& world, SoftDevices& devices, MakeGate make)
    : world_(world), devices_(devices), make_(std::move(make)), outputs_(world, devices) {}

void SoftStation::Start() {
  ++world_.boot;
  ++world_.tallies.stations;
  devices_.camera.Start();
  const TimePoint now = world_.ClockNow();
  world_.referee.StationStarts(now);
  outputs_.LetGo();  // before it does anything else
  gate::GateSettings settings = world_.settings.gate;
  settings.boot = world_.boot;
  gate::Door& door = *this;
  process_.emplace(world_, devices_, door, make_(settings, outputs_));
  devices_.door.Open();
  SoftInputs& inputs = process_->inputs;
  inputs.Give(gate::event::Command{Command::kInitialize, now, now});
  inputs.Give(devices_.people.Release(now, now));
  inputs.Give(gate::event::Command{Command::kPrepare, now, now});
  if (world_.by_count) {
    const auto count = static_cast<std::uint64_t>(devices_.belt.encoder());
    devices_.door.Send({SoftMessage::Kind::kCount, count});
  }
  world_.Schedule(world_.now + kToOnline, LineEvent::Kind::kGoOnline, world_.boot);
  devices_.door.Wake();
}

void SoftStation::Die(Duration away) {
  if (!process_) return;
  world_.referee.StationEnds(process_->gate->counts(), true);
  process_.reset();
  devices_.door.Close();
  devices_.people.GiveUp();
  devices_.model.Die();
  devices_.camera.Stop();
  world_.Disturb(world_.now);
  world_.referee.BinInDoubt(world_.now + away);
  world_.Schedule(world_.now + away, LineEvent::Kind::kStationStarts);
}

void SoftStation::Restart(std::uint64_t boot) {
  if (boot == world_.boot) Die(milliseconds(300));
}

bool SoftStation::End() {
  if (!process_ || devices_.model.hangs() || devices_.door.stands_still()) return false;
  const TimePoint now = world_.ClockNow();
  while (process_->pump.Step(now)) {
  }
  process_->inputs.On(gate::event::Command{Command::kStop, now, now});
  process_->inputs.On(gate::event::Command{Command::kHalt, now, now});
  world_.referee.StationEnds(process_->gate->counts(), false);
  for (std::uint32_t slot = 0; slot < SoftCamera::slots(); ++slot) {
    const bool in_use = devices_.camera.frame(slot).in_use;
    world_.Must(!in_use || devices_.model.uses(slot), "a frame was never given back");
  }
  return true;
}

void SoftStation::Wake() {
  devices_.door.Woken();
  const TimePoint now = std::max(outputs_.station_now(), world_.ClockNow());
  outputs_.Wakes(now);
  if (std::exchange(has_slept_, false)) process_->inputs.On(gate::event::Resumed{now, now});
  while (process_->pump.Step(now)) {
  }
  SwapRelease(now);
  const TimePoint timer = process_->gate->NextTimer();
  if (timer == TimePoint::max()) return;
  const SoftClock& clock = world_.clock;
  devices_.door.WakeFor(std::max(timer + clock.slept(), clock.stands_until()));
}

bool SoftStation::Next(gate::Source source, gate::event::Input& input) {
  SoftDoor& door = devices_.door;
  switch (source) {
    case gate::Source::kEdges:
      return door.NextEdge(input);
    case gate::Source::kSignals:
      return door.NextSignal(input);
    case gate::Source::kFrames:
      return door.NextFrame(input);
    case gate::Source::kAnswers:
      return door.NextAnswer(input);
    case gate::Source::kOrders:
      return devices_.people.Next(*process_->gate, input);
  }
  return false;
}

// As the station's deciding thread does it where the line gives it no moment without a part: all at
// one time, with nothing in between.
void SoftStation::SwapRelease(TimePoint now) {
  if (!std::exchange(swap_wanted_, false)) return;
  const gate::Gate& gate = *process_->gate;
  const bool online = gate.state() == gate::State::kContinuousExecution;
  if (!online && gate.state() != gate::State::kReady) return;
  if (gate.belt_reversed()) return;  // that start would be nobody's
  devices_.people.ChooseNextRelease();
  SoftInputs& inputs = process_->inputs;
  if (online) inputs.On(gate::event::Command{Command::kStop, now, now});
  inputs.On(devices_.people.Release(now, now));
  inputs.On(gate::event::Command{Command::kPrepare, now, now});
  if (online) inputs.On(gate::event::Command{Command::kStartContinuous, now, now});
}

void SoftStation::ExpectDisagreement() {
  if (!process_) return;
  const TimePoint by = world_.now + world_.settings.gate.bin_within + milliseconds(100);
  world_.Schedule(by, LineEvent::Kind::kMustBeSeen, process_->gate->counts().bin_disagreements,
                  world_.boot);
}

void SoftStation::CheckDisagreements(std::uint64_t before, std::uint64_t boot) {
  if (!process_ || boot != world_.boot) return;
  world_.referee.Must(process_->gate->counts().bin_disagreements > before, Invariant::kExactAlarms,
                      "a part that never fell into the bin was not noticed");
}

void SoftStation::FaultBegins(const Fault& fault, TimePoint until) {
  switch (fault.kind) {
    case FaultKind::kGateStarved:
      devices_.door.Starve(until);
      world_.referee.Asleep(world_.ClockNow(), until - world_.clock.slept());
      return world_.Disturb(until);
    case FaultKind::kSuspended:
      return FallAsleep(until);
    case FaultKind::kClockStands:
      world_.clock.Stand(world_.now, until);
      world_.referee.Asleep(world_.ClockNow(), until - world_.clock.slept());
      return world_.Disturb(until);
    case FaultKind::kStationKilled:
      return Die(fault.lasts);
    case FaultKind::kReleaseSwap:
      swap_wanted_ = true;
      return devices_.door.Wake();
    default:
      return;  // not of the station
  }
}

void SoftStation::FaultEnds(const Fault& fault) {
  if (fault.kind == FaultKind::kSuspended) WakeUp();
}

// No thread runs, no edge is stamped, no signal is heard; what hardware does goes on.
void SoftStation::FallAsleep(TimePoint until) {
  SoftClock& clock = world_.clock;
  if (clock.asleep(world_.now) || clock.stands(world_.now)) return;  // one clock fault at a time
  clock.Sleep(world_.now, until);
  world_.Disturb(world_.now);
  devices_.door.Starve(until);
}

void SoftStation::WakeUp() {
  if (!world_.clock.WakeUp(world_.now)) return;
  has_slept_ = true;
  world_.Disturb(world_.now + kToHeartbeat);
  world_.referee.BinInDoubt(world_.ClockNow());
  devices_.door.Wake();
}

}  // namespace taktgate::sim
