// The station around the gate: its life, its one deciding thread, its inference thread.
#include <algorithm>
#include <utility>

#include "sim/soft_line.h"

namespace taktgate::sim {

using gate::Command;
using gate::Line;
using judge::Reason;
using judge::Verdict;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr Duration kToOnline = milliseconds(600);     // HEARTBEAT has closed the relay by then
constexpr Duration kStopsWithin = microseconds(200);  // a run that was told to stop

}  // namespace

void SoftLine::StationStarts() {
  ++boot_;
  ++tallies_.stations;
  edges_told_ = 0;
  camera_count_ = 0;
  camera_runs_ = true;
  camera_ready_at_ = now_;
  trigger_held_ = false;
  awake_from_ = now_;
  const TimePoint now = ClockAt(now_);
  referee_.StationStarts(now);
  // A new process lets go of every line before it does anything else.
  for (std::size_t line = 0; line < kOutputLines; ++line) {
    wires_.Set(static_cast<Line>(line), false, now_, now_);
  }
  PassDrops();
  gate::GateSettings settings = settings_.gate;
  settings.boot = boot_;
  gate_ = make_(settings, *this);
  pump_.emplace(static_cast<gate::Door&>(*this), static_cast<gate::GateInputs&>(*this));
  Give(gate::event::Command{Command::kInitialize, now, now});
  Give(gate::event::ChangeRelease{release_, ReserveOfRelease(), now, now});
  Give(gate::event::Command{Command::kPrepare, now, now});
  if (by_count_) Send({Message::Kind::kCount, static_cast<std::uint64_t>(encoder_)});
  Schedule(now_ + kToOnline, Kind::kGoOnline, boot_);
  Wake();
}

// kill -9: the lines keep their levels, and nothing more comes from the station.
void SoftLine::StationDies(Duration away) {
  if (gate_ == nullptr) return;
  referee_.StationEnds(gate_->counts(), true);
  gate_.reset();
  pump_.reset();
  const auto empty = [](auto& ring) {
    while (ring.Pop()) {
    }
  };
  empty(edges_);
  empty(arrived_);
  empty(signals_);
  empty(held_);
  empty(answers_);
  empty(people_);
  empty(orders_);
  for (SoftFrame& frame : frames_) frame.in_use = false;
  run_.busy = false;
  ++run_.number;
  camera_runs_ = false;
  wake_at_ = timer_at_ = TimePoint::max();
  operator_comes_ = start_again_ = false;
  Disturb(now_);
  referee_.BinInDoubt(now_ + away);
  Schedule(now_ + away, Kind::kStationStarts);
}

void SoftLine::LineEnds() {
  if (over_) return;
  const bool stands_still = now_ < std::max(awake_from_, held_until_);
  if (gate_ == nullptr || run_.hangs || stands_still)
    return Schedule(now_ + milliseconds(500), Kind::kLineEnds);
  const TimePoint now = ClockAt(now_);
  while (pump_->Step(now)) {
  }
  On(gate::event::Command{Command::kStop, now, now});
  On(gate::event::Command{Command::kHalt, now, now});
  referee_.StationEnds(gate_->counts(), false);
  for (std::uint32_t slot = 0; slot < frames_.size(); ++slot) {
    const bool leaked = frames_[slot].in_use && !(run_.busy && run_.slot == slot);
    referee_.Must(!leaked, Invariant::kReconciled, "a frame was never given back");
  }
  over_ = true;
}

// As in the station: counts give way to everything else.
void SoftLine::Send(const Message& message) {
  if (gate_ == nullptr) return;
  Message stamped = message;
  stamped.at = ClockAt(now_);
  using Kind = Message::Kind;
  if (message.kind < Kind::kAnswer) {
    if (now_ < sleeps_until_) return;
    const bool held = now_ < held_until_;
    auto& ring = held ? held_ : signals_;
    if (message.kind == Kind::kCount) {
      stamped.at += counts_ahead_;
      if (ring.size() >= ring.capacity() / 2) return;
    }
    referee_.Must(ring.Push(stamped), Invariant::kReconciled,
                  "a signal was lost on its way to the gate");
    return held ? void() : Wake();
  }
  auto& ring = message.kind == Kind::kAnswer ? answers_ : people_;
  referee_.Must(ring.Push(stamped), Invariant::kReconciled,
                "an event was lost on its way to the gate");
  Wake();
}

// The signal thread is back.
void SoftLine::HandOverHeld() {
  if (now_ < held_until_) return;
  while (const auto message = held_.Pop()) {
    if (gate_ == nullptr) continue;
    const bool crowded = signals_.size() >= signals_.capacity() / 2;
    if (message->kind == Message::Kind::kCount && crowded) continue;
    referee_.Must(signals_.Push(*message), Invariant::kReconciled,
                  "a signal was lost on its way to the gate");
  }
  Wake();
}

// The deciding thread wakes a little after what it waits for.
void SoftLine::Wake() {
  if (gate_ == nullptr) return;
  const Duration delay = microseconds(random_.Whole(2, 40));
  wake_at_ = std::min(wake_at_, std::max(now_, awake_from_) + delay);
}

void SoftLine::GateWakes() {
  wake_at_ = TimePoint::max();
  const TimePoint now = std::max(station_now_, ClockAt(now_));
  station_now_ = now;
  if (std::exchange(has_slept_, false)) On(gate::event::Resumed{now, now});
  while (pump_->Step(now)) {
  }
  SwapRelease(now);
  timer_at_ = gate_->NextTimer();
  if (timer_at_ == TimePoint::max()) return;
  const TimePoint due = std::max({timer_at_ + slept_, awake_from_, clock_until_, now_});
  wake_at_ = std::min(wake_at_, due + microseconds(random_.Whole(2, 40)));
}

// As the station's deciding thread does it where the line gives it no moment without a part: all at
// one time, with nothing in between.
void SoftLine::SwapRelease(TimePoint now) {
  if (!std::exchange(swap_wanted_, false)) return;
  const bool online = gate_->state() == gate::State::kContinuousExecution;
  if (!online && gate_->state() != gate::State::kReady) return;
  if (gate_->belt_reversed()) return;  // that start would be nobody's
  ++release_;
  if (online) On(gate::event::Command{Command::kStop, now, now});
  On(gate::event::ChangeRelease{release_, ReserveOfRelease(), now, now});
  On(gate::event::Command{Command::kPrepare, now, now});
  if (online) On(gate::event::Command{Command::kStartContinuous, now, now});
}

// Another one for each release.
Duration SoftLine::ReserveOfRelease() const {
  return settings_.gate.inference_reserve * (3 + release_ % 3) / 4;
}

void SoftLine::StartInference(gate::PartId part, std::uint32_t slot) {
  const SoftFrame& frame = frames_[slot];
  referee_.Started(part, frame, run_.busy);
  const Upsets& upsets = PartOf(frame.line_part).upsets;
  const double jitter = static_cast<double>(settings_.model_jitter.count()) * random_.Unit();
  const double usual = static_cast<double>(settings_.model_takes.count()) + jitter;
  Duration takes(static_cast<Duration::rep>(usual * upsets.model_factor));
  if (upsets.model_takes != Duration(0)) takes = upsets.model_takes;
  run_.busy = true;
  run_.part = part;
  run_.slot = slot;
  run_.hangs = upsets.model_hangs;
  run_.error = upsets.model_error;
  run_.stopped = false;
  run_.ends_at = now_ + takes;
  ++run_.number;
  if (!run_.hangs) Schedule(run_.ends_at, Kind::kRunEnds, run_.number);
}

void SoftLine::TerminateInference(gate::PartId part) {
  referee_.Stopped(part);
  if (!run_.busy) return;  // its answer waits
  run_.stopped = true;
  if (run_.hangs || run_.ends_at <= now_ + kStopsWithin) return;
  run_.ends_at = now_ + kStopsWithin;
  ++run_.number;
  Schedule(run_.ends_at, Kind::kRunEnds, run_.number);
}

void SoftLine::RunEnds(std::uint64_t run) {
  if (!run_.busy || run != run_.number) return;
  run_.busy = false;
  const SoftFrame& frame = frames_[run_.slot];
  const LinePart& part = PartOf(frame.line_part);
  Message message{Message::Kind::kAnswer, run_.part.sequence, 0, Verdict::kUnknown,
                  Reason::kModelError};
  const double luck = random_.Unit();
  if (!run_.stopped && !run_.error) {
    const double wrong = part.defective ? settings_.missed : settings_.false_reject;
    const bool says_bad = (luck < wrong) != part.defective;
    message.verdict = says_bad ? Verdict::kFail : Verdict::kPass;
    message.reason = says_bad ? Reason::kDefect : Reason::kNone;
    if (frame.useless || luck >= 1 - settings_.unknown) {
      message.verdict = Verdict::kUnknown;
      message.reason = frame.useless ? Reason::kImageUnhealthy : Reason::kLowConfidence;
    }
  }
  Send(message);
}

bool SoftLine::SetLine(Line line, bool energised, TimePoint latest, TimePoint until) {
  TimePoint at = now_;
  const bool of_a_part = energised && (line == Line::kPass || line == Line::kValid);
  if (of_a_part) at += PartOf(oldest_).upsets.output_slow;
  const bool in_time = !of_a_part || ClockAt(at) < latest;
  const TimePoint drops = until == TimePoint::max() ? until : now_ + (until - station_now_);
  wires_.Set(line, energised, at, drops);
  if (line == Line::kPass && !energised) PassDrops();
  referee_.LineSet(line, energised, in_time);
  if (line == Line::kPass && !in_time) referee_.BinInDoubt(at);  // PASS was on for a moment
  if (of_a_part && in_time) LookWhoIsThere(line, at);
  return in_time;
}

// Whatever the station knows, the belt must not have taken the part out of its place yet. A belt
// whose encoder has lost counts cannot be followed; then the referee looks at what passes.
void SoftLine::LookWhoIsThere(Line line, TimePoint at) {
  if (belt_ != encoder_) return;
  const std::int64_t truth = by_count_ ? belt_ : ClockAt(at).time_since_epoch().count();
  if (line == Line::kValid) {
    referee_.Must(referee_.SomebodyIsAt(truth), Invariant::kInTime, "VALID rises for nobody");
    return;
  }
  const EdgeFacts* edge = referee_.Find(will_pass_.sequence);
  if (edge == nullptr) return;
  referee_.Must(truth < edge->close, Invariant::kInTime, "PASS rises for a part that is past");
  ++tallies_.passes_looked_at;
}

void SoftLine::ReleaseFrame(std::uint32_t slot) { FreeSlot(slot); }

void SoftLine::Raised(const gate::Alarm& alarm) {
  referee_.Raised(alarm);
  if (alarm.kind == gate::AlarmKind::kBeltReversed) start_again_ = true;
  if (alarm.severity < gate::Severity::kAmber || operator_comes_) return;
  operator_comes_ = true;
  Schedule(now_ + settings_.operator_after, Kind::kOperator);
}

void SoftLine::InferenceFault(gate::PartId) {
  referee_.Faulted();
  Schedule(now_ + milliseconds(50), Kind::kSupervisor, boot_);
}

}  // namespace taktgate::sim
