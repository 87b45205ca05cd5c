// Faults of a time: when they begin and end, and what they do to the line.
#include <algorithm>
#include <cmath>

#include "sim/soft_line.h"

namespace taktgate::sim {

namespace {

constexpr Duration kSettles = std::chrono::milliseconds(200);
// HEARTBEAT closes the relay again: half a period, on a clock that stood still.
constexpr Duration kToHeartbeat = std::chrono::milliseconds(600);

}  // namespace

Duration SoftLine::BeltCountTime() const {
  return Duration(std::llround(static_cast<double>(settings_.count_time().count()) / belt_speed_));
}

void SoftLine::ScheduleFaults() {
  for (std::size_t which = 0; which < faults_.size(); ++which) {
    if ((InfoOf(faults_[which].kind).keys & kTakesMoment) == 0) continue;
    Schedule(TimePoint(faults_[which].at), Kind::kFaultBegins, which);
  }
}

void SoftLine::FaultBegins(std::uint64_t which) {
  const Fault& fault = faults_[which];
  const bool ends = fault.lasts != Duration::max();
  const TimePoint until = ends ? now_ + fault.lasts : TimePoint::max();
  if (ends) Schedule(until, Kind::kFaultEnds, which);
  if (fault.again > Duration(0)) Schedule(now_ + fault.again, Kind::kFaultBegins, which);
  switch (fault.kind) {
    case FaultKind::kCameraStalls:
      camera_stalls_ = true;
      break;
    case FaultKind::kBarrierStuck:
      barrier_stuck_ = true;
      referee_.BinInDoubt(ends ? until : TimePoint::max() - std::chrono::hours(1));
      break;
    case FaultKind::kBeltStops:
      tick_at_ = TimePoint::max();
      Schedule(until, Kind::kBeltRuns);
      Disturb(until + kSettles);
      break;
    case FaultKind::kBeltReverses:
      back_left_ = static_cast<std::int64_t>(fault.count);
      Disturb(now_ + 2 * back_left_ * BeltCountTime() + kSettles);
      break;
    case FaultKind::kBeltSpeed:
      belt_speed_ = fault.factor;
      // A slow belt takes its parts through the gate more slowly than PASS may stand.
      if (fault.factor < 1) Disturb(ends ? until + kSettles : until);
      break;
    case FaultKind::kEncoderDead:
      encoder_dead_ = true;
      Disturb(ends ? until + kSettles : until);
      break;
    case FaultKind::kEncoderBackwards:
      encoder_backwards_ = true;
      Disturb(ends ? until + kSettles : until);
      break;
    case FaultKind::kGateStarved:
      awake_from_ = std::max(awake_from_, until);
      if (wake_at_ != TimePoint::max()) wake_at_ = std::max(wake_at_, until);
      referee_.Asleep(ClockAt(now_), until - slept_);
      Disturb(until);
      break;
    case FaultKind::kSignalsStarved:
      held_until_ = until;
      referee_.SignalsHeld(until - slept_ + kSettles);
      referee_.BinInDoubt(until - slept_);
      Disturb(until + kSettles);
      break;
    case FaultKind::kCountsAhead:
      counts_ahead_ = fault.time;
      break;
    case FaultKind::kSuspended:
      FallsAsleep(until);
      break;
    case FaultKind::kClockStands:
      clock_stands_ = now_;
      clock_until_ = until;
      referee_.Asleep(ClockAt(now_), until - slept_);
      Disturb(until);
      break;
    case FaultKind::kPlcBeatHigh:
      plc_stuck_ = 1;
      break;
    case FaultKind::kPlcBeatLow:
      plc_stuck_ = 0;
      break;
    case FaultKind::kPlcBeatSlow:
      plc_half_ = fault.time;
      break;
    case FaultKind::kStationKilled:
      StationDies(fault.lasts);
      break;
    case FaultKind::kStationStops:
      Send({Message::Kind::kStop});
      break;
    case FaultKind::kReleaseChange:
      Send({Message::Kind::kRelease});
      break;
    case FaultKind::kReleaseSwap:
      swap_wanted_ = true;
      Wake();
      break;
    default:
      break;  // faults of parts
  }
}

void SoftLine::FaultEnds(std::uint64_t which) {
  switch (faults_[which].kind) {
    case FaultKind::kCameraStalls:
      camera_stalls_ = false;
      break;
    case FaultKind::kBarrierStuck:
      barrier_stuck_ = false;
      break;
    case FaultKind::kBeltSpeed:
      belt_speed_ = 1;
      break;
    case FaultKind::kEncoderDead:
      encoder_dead_ = false;
      break;
    case FaultKind::kCountsAhead:
      counts_ahead_ = {};
      break;
    case FaultKind::kSignalsStarved:
      HandOverHeld();
      break;
    case FaultKind::kSuspended:
      WakesUp();
      break;
    case FaultKind::kEncoderBackwards:
      encoder_backwards_ = false;
      break;
    case FaultKind::kPlcBeatHigh:
    case FaultKind::kPlcBeatLow:
      plc_stuck_ = -1;
      break;
    case FaultKind::kPlcBeatSlow:
      plc_half_ = std::chrono::milliseconds(500);
      break;
    case FaultKind::kStationStops:
    case FaultKind::kReleaseChange:
      Send({Message::Kind::kStart, boot_});
      break;
    default:
      break;  // over by itself
  }
}

// No thread runs, no edge is stamped, no signal is heard; what hardware does goes on.
void SoftLine::FallsAsleep(TimePoint until) {
  if (now_ < sleeps_until_ || now_ < clock_until_) return;  // one clock fault at a time
  sleeps_from_ = now_;
  sleeps_until_ = until;
  Disturb(now_);
  awake_from_ = std::max(awake_from_, until);
  if (wake_at_ != TimePoint::max()) wake_at_ = std::max(wake_at_, until);
}

void SoftLine::WakesUp() {
  if (now_ != sleeps_until_) return;
  slept_ += sleeps_until_ - sleeps_from_;
  has_slept_ = true;
  Disturb(now_ + kToHeartbeat);
  referee_.BinInDoubt(ClockAt(now_));
  Wake();
}

void SoftLine::PlcBeats() {
  plc_level_ = !plc_level_;
  const bool high = plc_stuck_ < 0 ? plc_level_ : plc_stuck_ == 1;
  Send({Message::Kind::kBeat, high ? 1U : 0U});
  Schedule(now_ + plc_half_, Kind::kBeat);
}

}  // namespace taktgate::sim
