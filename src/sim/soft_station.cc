// The station around the gate: its door, its one deciding thread, its inference thread, and the
// people who command it.
#include <algorithm>

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
const auto kNothing = [] {};

}  // namespace

// One event at the gate: the referee knows it first.
template <typename Tell, typename Call>
void SoftLine::Event(TimePoint now, Tell tell, Call call) {
  referee_.Begin(now);
  tell();
  call();
  referee_.End();
}

// What is due at `now` happens before anything else is said.
void SoftLine::Settle(TimePoint now) {
  Event(now, kNothing, [&] { gate_->OnTime(now); });
}

void SoftLine::StationStarts() {
  ++boot_;
  ++tallies_.stations;
  edges_told_ = 0;
  camera_count_ = 0;
  camera_runs_ = true;
  camera_ready_at_ = now_;
  trigger_held_ = false;
  encoder_moved_ = by_count_;
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
  gate_->Take(Command::kInitialize, now);
  Event(
      now, [&] { referee_.ChangesRelease(release_); },
      [&] { gate_->ChangeRelease(release_, now); });
  gate_->Take(Command::kPrepare, now);
  Schedule(now_ + kToOnline, Kind::kGoOnline, boot_);
  Wake();
}

// kill -9: the lines keep their levels, nothing more is heard of the station.
void SoftLine::StationDies(Duration away) {
  if (gate_ == nullptr) return;
  referee_.StationEnds(gate_->counts(), true);
  gate_.reset();
  while (edges_.Pop()) {
  }
  while (arrived_.Pop()) {
  }
  while (knocks_.Pop()) {
  }
  for (SoftFrame& frame : frames_) frame.in_use = false;
  run_.busy = false;
  ++run_.number;
  camera_runs_ = false;
  wake_at_ = timer_at_ = TimePoint::max();
  operator_comes_ = start_again_ = false;
  referee_.Disturbed(now_);
  referee_.BinInDoubt(now_ + away);
  Schedule(now_ + away, Kind::kStationStarts);
}

void SoftLine::LineEnds() {
  if (over_) return;
  if (gate_ == nullptr || run_.hangs) return Schedule(now_ + milliseconds(500), Kind::kLineEnds);
  const TimePoint now = ClockAt(now_);
  Settle(now);
  GoOffline(now);
  Event(
      now, [&] { referee_.Halted(); }, [&] { gate_->Take(Command::kHalt, now); });
  referee_.StationEnds(gate_->counts(), false);
  for (std::uint32_t slot = 0; slot < frames_.size(); ++slot) {
    const bool leaked = frames_[slot].in_use && !(run_.busy && run_.slot == slot);
    referee_.Must(!leaked, Invariant::kReconciled, "a frame was never given back");
  }
  over_ = true;
}

void SoftLine::KnockWith(const Knock& knock) {
  if (gate_ == nullptr) return;
  referee_.Must(knocks_.Push(knock), Invariant::kReconciled, "an event was lost at the door");
  Wake();
}

// The deciding thread wakes a little behind whatever it waits for.
void SoftLine::Wake() {
  if (gate_ == nullptr) return;
  const Duration delay = microseconds(random_.Whole(2, 40));
  wake_at_ = std::min(wake_at_, std::max(now_, awake_from_) + delay);
}

// As the station does: edges before frames, answers behind them, then what time brings.
void SoftLine::GateWakes() {
  wake_at_ = TimePoint::max();
  const TimePoint now = std::max(station_now_, ClockAt(now_));
  station_now_ = now;
  if (timer_at_ <= now) Settle(now);
  TakeEdges(now);
  if (encoder_moved_) {
    encoder_moved_ = false;
    const auto count = static_cast<std::uint32_t>(encoder_) + encoder_start_;
    Event(
        now, [&] { referee_.Encoder(encoder_); }, [&] { gate_->OnEncoder(count, now); });
  }
  while (const auto slot = arrived_.Pop()) {
    const SoftFrame& frame = frames_[*slot];
    const gate::FrameSeen seen{frame.sequence, frame.captured_at, now, frame.partial, *slot};
    Event(
        now, [&] { referee_.Frame(frame); }, [&] { gate_->OnFrame(seen, now); });
  }
  while (const auto knock = knocks_.Pop()) TakeKnock(*knock, now);
  timer_at_ = gate_->NextTimer();
  if (timer_at_ == TimePoint::max()) return;
  const TimePoint due = std::max({timer_at_, awake_from_, clock_until_, now_});
  wake_at_ = std::min(wake_at_, due + microseconds(random_.Whole(2, 40)));
}

void SoftLine::TakeEdges(TimePoint now) {
  while (const auto edge = edges_.Pop()) {
    const auto count = static_cast<std::uint32_t>(edge->encoder) + encoder_start_;
    Event(
        now, [&] { referee_.Edge(edge->stamp, edge->encoder, edge->line_part); },
        [&] { gate_->OnTrigger(edge->stamp, now, by_count_ ? count : 0); });
  }
}

void SoftLine::TakeKnock(const Knock& knock, TimePoint now) {
  switch (knock.kind) {
    case Knock::Kind::kAnswer: {
      gate::Answer answer;
      answer.verdict = knock.verdict;
      answer.reason = knock.reason;
      const gate::PartId part{boot_, knock.a};
      return Event(
          now, [&] { referee_.Answer(part.sequence, answer); },
          [&] { gate_->OnAnswer(part, answer, now); });
    }
    case Knock::Kind::kGateSensor:
      return Event(
          now, [&] { referee_.GateSensor(); }, [&] { gate_->OnGateSensor(now); });
    case Knock::Kind::kBinSensor:
      return Event(now, kNothing, [&] { gate_->OnBinSensor(now); });
    case Knock::Kind::kNumber: {
      const auto number = static_cast<std::uint32_t>(knock.a);
      return Event(
          now, [&] { referee_.Number(number, knock.b); }, [&] { gate_->OnPlcPart(number, now); });
    }
    case Knock::Kind::kBeat: {
      const bool high = knock.a != 0;
      return Event(
          now, [&] { referee_.Beat(high); }, [&] { gate_->OnPlcBeat(high, now); });
    }
    case Knock::Kind::kOperator:
      return OperatorActs(now);
    case Knock::Kind::kStop:
      return GoOffline(now);
    case Knock::Kind::kStart:
      if (knock.a == boot_) StartAgain(now);
      return;
    case Knock::Kind::kRelease:
      return ChangeRelease(now);
    case Knock::Kind::kChallenge:
      last_challenge_ = static_cast<std::uint32_t>(knock.a);
      if (gate_->state() != gate::State::kContinuousExecution) return;
      return Event(
          now, [&] { referee_.ChallengeStarts(last_challenge_); },
          [&] { gate_->StartChallenge(last_challenge_, now); });
  }
}

void SoftLine::GoOffline(TimePoint now) {
  if (gate_->state() != gate::State::kContinuousExecution) return;
  Event(
      now, [&] { referee_.GoesOffline(); }, [&] { gate_->Take(Command::kStop, now); });
  referee_.Must(gate_->state() == gate::State::kReady, Invariant::kRightCommand,
                "Stop did not lead to Ready");
}

void SoftLine::StartAgain(TimePoint now) {
  if (gate_->state() != gate::State::kReady) return;
  Event(
      now, [&] { referee_.GoesOnline(); }, [&] { gate_->Take(Command::kStartContinuous, now); });
  referee_.Must(gate_->state() == gate::State::kContinuousExecution, Invariant::kRightCommand,
                "Start did not lead to ContinuousExecution");
}

void SoftLine::OperatorActs(TimePoint now) {
  operator_comes_ = false;
  const std::uint64_t before = acknowledged_;
  Settle(now);
  Event(now, kNothing, [&] {
    const bool taken = gate_->Acknowledge("", now);
    referee_.Must(!taken && acknowledged_ == before, Invariant::kRightCommand,
                  "an acknowledgement without a name was taken");
  });
  if (start_again_) {
    start_again_ = false;
    GoOffline(now);
    StartAgain(now);
  }
  Event(
      now, [&] { referee_.Acknowledged(); }, [&] { gate_->Acknowledge("operator", now); });
  referee_.Must(acknowledged_ == before + 1, Invariant::kRightCommand,
                "an acknowledgement with a name was not taken");
  if (gate_->challenge().missed == 0 || last_challenge_ == 0) return;
  known_bad_until_ = made_ + last_challenge_ + 2;
  PartOf(made_).defective = true;
  Event(
      now, [&] { referee_.ChallengeStarts(last_challenge_); },
      [&] { gate_->StartChallenge(last_challenge_, now); });
}

void SoftLine::ChangeRelease(TimePoint now) {
  if (gate_->state() != gate::State::kContinuousExecution) return;
  Event(now, kNothing, [&] {
    referee_.Must(!gate_->ChangeRelease(release_ + 1, now), Invariant::kRightCommand,
                  "the release was changed online");
  });
  GoOffline(now);
  ++release_;
  Event(
      now, [&] { referee_.ChangesRelease(release_); },
      [&] {
        referee_.Must(gate_->ChangeRelease(release_, now), Invariant::kRightCommand,
                      "the release could not be changed offline");
      });
  gate_->Take(Command::kPrepare, now);
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
  if (!run_.busy) return;  // its answer waits at the door
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
  Knock knock{Knock::Kind::kAnswer, run_.part.sequence, 0, Verdict::kUnknown, Reason::kModelError};
  const double luck = random_.Unit();
  if (!run_.stopped && !run_.error) {
    const double wrong = part.defective ? settings_.missed : settings_.false_reject;
    const bool says_bad = (luck < wrong) != part.defective;
    knock.verdict = says_bad ? Verdict::kFail : Verdict::kPass;
    knock.reason = says_bad ? Reason::kDefect : Reason::kNone;
    if (frame.useless || luck >= 1 - settings_.unknown) {
      knock.verdict = Verdict::kUnknown;
      knock.reason = frame.useless ? Reason::kImageUnhealthy : Reason::kLowConfidence;
    }
  }
  KnockWith(knock);
}

bool SoftLine::SetLine(Line line, bool energised, TimePoint latest, TimePoint until) {
  TimePoint at = now_;
  if (line == Line::kPass && energised) at += PartOf(oldest_).upsets.output_slow;
  const bool in_time = latest == TimePoint::max() || ClockAt(at) < latest;
  const TimePoint drops = until == TimePoint::max() ? until : now_ + (until - station_now_);
  wires_.Set(line, energised, at, drops);
  if (line == Line::kPass && !energised) PassDrops();
  referee_.LineSet(line, energised, in_time);
  return in_time;
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
