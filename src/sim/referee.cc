// What goes into the gate: the facts about every edge.
#include "sim/referee.h"

#include <algorithm>

namespace taktgate::sim {

using gate::BeltMode;
using gate::Line;
using judge::Reason;

namespace {

// The gate's thread is there this soon after whatever wakes it.
constexpr Duration kWakes = std::chrono::microseconds(60);

}  // namespace

Referee::Referee(const SoftSettings& settings)
    : settings_(settings),
      by_count_(settings.gate.belt.mode == BeltMode::kByCount),
      kept_(kKept),
      challenge_blocks_(settings.gate.challenge_first),
      alarms_(settings.gate.escalation) {}

void Referee::StationStarts(TimePoint now) {
  now_ = now;
  for (EdgeFacts& edge : kept_) edge = {};
  next_ = first_open_ = 1;
  online_ = halted_ = stop_pending_ = false;
  has_position_ = has_edge_ = false;
  position_ = furthest_ = 0;
  position_at_ = {};
  lost_until_ = TimePoint::min();
  levels_.fill(false);
  paired_ = true;
  paired_edge_ = 1;
  paired_frame_ = 0;
  challenge_runs_ = false;
  challenge_blocks_ = settings_.gate.challenge_first;
  beat_heard_ = beat_alive_ = false;
  beat_limit_ = TimePoint::max();
  inference_away_ = false;
  running_edge_ = stopped_edge_ = pass_owner_ = 0;
  longest_runs_.fill({});
  reserve_ = settings_.gate.inference_reserve;
  alarms_ = AlarmWatch(settings_.gate.escalation);
  at_start_ = tallies_;
}

void Referee::StationEnds(const gate::Counts& counts, bool killed) {
  std::uint64_t undecided = 0;
  for (std::uint64_t sequence = first_open_; sequence < next_; ++sequence) {
    if (!Find(sequence)->decided) ++undecided;
  }
  if (killed) {
    tallies_.lost_with_station += undecided;
  } else {
    Must(undecided == 0, Invariant::kOneDecision, "a part was never decided");
  }
  const Tallies& was = at_start_;
  const auto same = [this](std::uint64_t gate, std::uint64_t here, const char* words) {
    Must(gate == here, Invariant::kReconciled, words);
  };
  same(counts.parts, tallies_.edges - was.edges, "parts are not the edges that were told");
  same(counts.parts, counts.released + counts.rejected + undecided,
       "parts are not released + rejected");
  same(counts.released, tallies_.released - was.released, "released parts differ");
  same(counts.frames, tallies_.frames - was.frames, "frames are not those that were told");
  same(counts.frames - counts.stray_frames, tallies_.frames_used - was.frames_used,
       "frames are not used + stray");
  same(counts.late_answers, tallies_.late_answers - was.late_answers, "late answers differ");
  same(counts.passes_cut_short, tallies_.cut_short - was.cut_short, "cut passes differ");
}

void Referee::GoesOnline() {
  online_ = true;
  if (Reversed()) {
    furthest_ = position_;
    has_edge_ = false;
  }
  if (settings_.gate.plc_beat_within != Duration(0)) {
    beat_limit_ = now_ + settings_.gate.plc_beat_within;
  }
}

void Referee::Acknowledged() {
  stop_pending_ = false;
  alarms_.OnAcknowledged();
}

void Referee::ChallengeStarts(std::uint32_t parts) {
  challenge_starts_ = challenge_runs_ = challenge_blocks_ = true;
  challenge_left_ = parts;
}

void Referee::Begin(TimePoint now) {
  now_ = now;
  tracking_lost_ = number_in_doubt_ = output_was_late_ = challenge_starts_ = false;
  if (now_ >= beat_limit_) {
    beat_limit_ = TimePoint::max();
    beat_alive_ = false;
  }
  LookForUnseen();
  CheckOverdue(kWakes);
}

void Referee::End() {
  CheckOverdue(Duration(0));
  CheckLines();
  CheckAllRejected();
  Must(!alarms_.overdue(), Invariant::kExactAlarms, "an alarm that was due is missing");
  const std::int64_t position = PositionNow();
  for (std::uint64_t sequence = first_open_; sequence < next_; ++sequence) {
    EdgeFacts& edge = *FindHere(sequence);
    edge.closed = edge.closed || (edge.decided && position >= edge.close);
  }
  // Parts that the gate's ring has lost are decided and no longer come to a place.
  while (first_open_ < next_ && (FindHere(first_open_)->closed || first_open_ < FirstOfRing())) {
    const EdgeFacts& left = *FindHere(first_open_++);
    if (!left.decided) Break(Invariant::kOneDecision, &left, "never decided");
  }
}

void Referee::CheckOverdue(Duration allowance) {
  const std::int64_t position = PositionNow();
  for (std::uint64_t sequence = first_open_; sequence < next_; ++sequence) {
    EdgeFacts& edge = *FindHere(sequence);
    if (edge.decided || edge.overdue) continue;
    const bool in_place =
        edge.proven() && position >= edge.open && PositionIsFresh() && allowance == Duration(0);
    const bool waits = edge.proven() && !(in_place && edge.named);
    const bool needs_name = settings_.gate.plc_names_parts && !edge.named;
    if (waits && !(needs_name && now_ >= edge.answer_due + allowance)) continue;
    if (!edge.proven() && now_ < edge.answer_due + allowance) continue;
    if (allowance != Duration(0) && (edge.proven() || Overslept(edge.answer_due))) continue;
    edge.overdue = true;
    Break(Invariant::kInTime, &edge, "not decided, though it is time");
  }
}

void Referee::CheckLines() {
  const bool runs = online_ && !stop_pending_ && !halted_;
  const auto has = [this](Line line) { return levels_[static_cast<std::size_t>(line)]; };
  Must(has(Line::kReady) == runs, Invariant::kSafeLines, "READY is not what the state says");
  Must(has(Line::kLineStop) == runs, Invariant::kSafeLines, "LINE_STOP is not what the state says");
  Must(runs || (!has(Line::kPass) && !has(Line::kValid)), Invariant::kSafeLines,
       "PASS or VALID without READY");
  if (has(Line::kPass)) {
    const EdgeFacts* owner = Find(pass_owner_);
    const std::int64_t position = PositionNow();
    const bool in_place = owner != nullptr && position >= owner->open && position < owner->close;
    Must(in_place, Invariant::kSafeLines, "PASS away from the place of its part");
    Must(!by_count_ || now_ < pass_since_ + settings_.gate.belt.longest_pass, Invariant::kSafeLines,
         "PASS for longer than longest_pass");
  }
  if (!halted_) return;
  Must(levels_ == std::array<bool, kOutputLines>{}, Invariant::kSafeLines,
       "a line has current in Halted");
}

// If nothing may pass any more, nothing waits for its answer or its place.
void Referee::CheckAllRejected() {
  if (!tracking_lost_ && WhyRefused() == Reason::kNone) return;
  for (std::uint64_t sequence = first_open_; sequence < next_; ++sequence) {
    const EdgeFacts& edge = *Find(sequence);
    if (!edge.decided) Break(Invariant::kRightReason, &edge, "goes on, though nothing may pass");
  }
}

void Referee::LookForUnseen() {
  if (!settings_.gate.gate_sensor) return;
  const std::int64_t position = PositionNow();
  for (std::uint64_t sequence = first_open_; sequence < next_; ++sequence) {
    const EdgeFacts& edge = *Find(sequence);
    if (edge.closed || edge.overrun || edge.seen) continue;
    tracking_lost_ = tracking_lost_ || position >= edge.close;
  }
}

Reason Referee::WhyRefused() const {
  if (halted_) return Reason::kShutdown;
  if (!online_) return Reason::kOffline;
  if (stop_pending_) return Reason::kLineStopped;
  if (Reversed()) return Reason::kTrackingLost;
  return BeatAway() ? Reason::kPlcAbsent : Reason::kNone;
}

bool Referee::Reversed() const {
  return furthest_ - position_ > settings_.gate.belt.reverse_tolerance;
}

bool Referee::BeatAway() const {
  return settings_.gate.plc_beat_within != Duration(0) && !beat_alive_;
}

void Referee::Edge(TimePoint stamp, std::int64_t position, std::uint64_t line_part) {
  const gate::GateSettings& gate = settings_.gate;
  if (by_count_) Encoder(position, stamp);
  const std::int64_t at = by_count_ ? position : stamp.time_since_epoch().count();
  const bool at_camera = gate.belt.mode == BeltMode::kAtCamera;
  EdgeFacts& edge = kept_[next_ % kKept];
  edge = {};
  edge.sequence = next_++;
  edge.line_part = line_part;
  edge.stamp = stamp;
  edge.told_at = now_;
  edge.answer_due = stamp + gate.window;
  edge.due = at + (at_camera ? gate.window.count() : gate.belt.distance);
  edge.open = at_camera ? at : edge.due - gate.belt.lead;
  edge.close = edge.due + (at_camera ? gate.pass_hold.count() : gate.belt.hold);
  edge.too_close = has_edge_ && at < last_edge_ + Spacing();
  if (EdgeFacts* before = FindHere(edge.sequence - 1); before != nullptr && edge.too_close) {
    before->too_close = true;
  }
  has_edge_ = true;
  last_edge_ = at;
  edge.release = release_;
  edge.refused = WhyRefused();
  edge.lost = stamp <= lost_until_ || at < alone_from_;
  if (edge.refused == Reason::kNone && edge.lost) edge.refused = Reason::kTrackingLost;
  edge.challenge = challenge_runs_;
  if (edge.sequence > gate.parts_in_flight) {
    if (EdgeFacts* oldest = FindHere(edge.sequence - gate.parts_in_flight)) oldest->overrun = true;
  }
  ++tallies_.edges;
  LookForUnseen();  // an edge that is reported late may be of a part that is through the gate
}

// Anything older than the last known position says nothing.
void Referee::Encoder(std::int64_t position, TimePoint at) {
  if (has_position_ && std::min(at, now_) < position_at_) return;
  position_ = position;
  position_at_ = std::min(at, now_);
  furthest_ = has_position_ ? std::max(furthest_, position) : position;
  has_position_ = true;
  if (alone_from_ == kNowhere && position_at_ > lost_until_) alone_from_ = position_ + Spacing();
  LookForUnseen();
}

void Referee::Frame(const SoftFrame& frame) {
  ++tallies_.frames;
  EdgeFacts* by_time = nullptr;
  int covered = 0;
  for (std::uint64_t sequence = FirstOfRing(); sequence < next_; ++sequence) {
    EdgeFacts* edge = FindHere(sequence);
    if (!Covers(*edge, frame.captured_at)) continue;
    by_time = edge;
    ++covered;
  }
  // The camera counts in 32 bit.
  const auto since = static_cast<std::int32_t>(static_cast<std::uint32_t>(frame.sequence) -
                                               static_cast<std::uint32_t>(paired_frame_));
  const std::uint64_t named =
      paired_ && since >= 0 ? paired_edge_ + static_cast<std::uint64_t>(since) : 0;
  const bool kept = named >= FirstOfRing() && named < next_;
  if (kept && covered == 1 && by_time->sequence == named) {
    paired_edge_ = named;
    paired_frame_ = frame.sequence;
    ReceiveFrame(*by_time, frame);
    return;
  }
  if (named == next_ && covered == 0) return;  // came before its edge
  if (kept) Doubt(*FindHere(named), frame.captured_at);
  for (std::uint64_t sequence = FirstOfRing(); sequence < next_; ++sequence) {
    EdgeFacts* edge = FindHere(sequence);
    if (Covers(*edge, frame.captured_at)) Doubt(*edge, frame.captured_at);
  }
  paired_ = covered == 1;
  if (!paired_) return;
  paired_edge_ = by_time->sequence;
  paired_frame_ = frame.sequence;
}

void Referee::Doubt(EdgeFacts& edge, TimePoint captured) {
  edge.in_doubt = true;
  edge.stale = edge.stale || captured < edge.stamp;
}

void Referee::ReceiveFrame(EdgeFacts& edge, const SoftFrame& frame) {
  if (edge.decided || edge.has_frame) {
    edge.in_doubt = edge.in_doubt || edge.has_frame;
    return;
  }
  ++tallies_.frames_used;
  edge.has_frame = true;
  edge.partial = frame.partial;
  edge.no_slack = running_edge_ != 0 || !ReserveIsThere(edge.answer_due - now_);
}

// What was measured was another model's.
void Referee::ChangesRelease(std::uint32_t number, Duration reserve) {
  release_ = number;
  reserve_ = reserve;
  longest_runs_.fill({});
}

bool Referee::ReserveIsThere(Duration slack) const {
  Duration needed = reserve_;
  if (settings_.gate.measure_runs) {
    needed = std::max(needed, *std::max_element(longest_runs_.begin(), longest_runs_.end()));
  }
  return slack > needed;
}

void Referee::AddRun(Duration took) {
  longest_runs_[run_block_] = std::max(longest_runs_[run_block_], took);
  if (++runs_in_block_ < 100) return;
  runs_in_block_ = 0;
  run_block_ = (run_block_ + 1) % longest_runs_.size();
  longest_runs_[run_block_] = {};
}

void Referee::Answer(std::uint64_t sequence, const gate::Answer& answer) {
  Must(running_edge_ == sequence, Invariant::kOnlyProven, "an answer of a run that nobody started");
  running_edge_ = 0;
  EdgeFacts* edge = FindHere(sequence);
  if (edge == nullptr || edge->decided || TimeIsUp(*edge)) {
    ++tallies_.late_answers;
    return;
  }
  edge->answered = edge->timely = true;
  edge->verdict = answer.verdict;
  edge->answer_reason = answer.reason;
  tallies_.answer_times.Record(now_ - edge->stamp);
  AddRun(now_ - edge->run_started);
}

void Referee::GateSensor(TimePoint at) {
  const std::int64_t position = PositionAt(at);
  bool known = false;
  for (std::uint64_t sequence = FirstOfRing(); sequence < next_; ++sequence) {
    EdgeFacts& edge = *FindHere(sequence);
    if (edge.overrun || position < edge.open || position >= edge.close) continue;
    known = known || !edge.seen;
    edge.seen = true;
  }
  const bool moved_on = by_count_ && position_at_ - at >= settings_.gate.belt.position_age;
  tracking_lost_ = tracking_lost_ || !known || moved_on || at <= lost_until_;
}

void Referee::Number(std::uint32_t number, std::uint64_t line_part, TimePoint at) {
  EdgeFacts* meant = nullptr;
  int candidates = 0;
  for (std::uint64_t sequence = FirstOfRing(); sequence < next_; ++sequence) {
    EdgeFacts* edge = FindHere(sequence);
    if (edge->overrun || edge->named || now_ >= edge->answer_due || at < edge->stamp) continue;
    meant = edge;
    ++candidates;
  }
  number_in_doubt_ = candidates != 1;
  if (number_in_doubt_) return;
  meant->named = true;
  meant->number = number;
  meant->number_part = line_part;
}

void Referee::Beat(bool high, TimePoint at) {
  if (beat_heard_ && high == beat_high_) return;
  beat_alive_ = beat_alive_ || beat_heard_;
  beat_heard_ = true;
  beat_high_ = high;
  if (settings_.gate.plc_beat_within != Duration(0)) {
    beat_limit_ = std::min(at, now_) + settings_.gate.plc_beat_within;
  }
  if (now_ < beat_limit_) return;
  beat_limit_ = TimePoint::max();
  beat_alive_ = false;
}

void Referee::Resumed() {
  lost_until_ = now_;
  tracking_lost_ = true;
  alone_from_ = by_count_ ? kNowhere : now_.time_since_epoch().count() + Spacing();
}

std::int64_t Referee::Spacing() const {
  const gate::GateSettings& gate = settings_.gate;
  return gate.belt.mode == BeltMode::kAtCamera ? (gate.window + gate.pass_hold).count()
                                               : gate.belt.spacing;
}

std::int64_t Referee::PositionAt(TimePoint time) const {
  return by_count_ ? position_ : time.time_since_epoch().count();
}

bool Referee::PositionIsFresh() const {
  if (!by_count_) return true;
  return has_position_ && position_at_ > lost_until_ &&
         now_ < position_at_ + settings_.gate.belt.position_age;
}

bool Referee::TimeIsUp(const EdgeFacts& edge) const {
  return now_ >= edge.answer_due || PositionNow() >= edge.due;
}

bool Referee::Overslept(TimePoint due) const {
  return due + kWakes >= asleep_from_ && due <= asleep_until_;
}

bool Referee::Covers(const EdgeFacts& edge, TimePoint captured) const {
  const Duration after_edge = captured - edge.stamp;
  return after_edge >= settings_.gate.capture_from && after_edge <= settings_.gate.capture_until;
}

std::uint64_t Referee::FirstOfRing() const {
  const std::uint64_t ring = settings_.gate.parts_in_flight;
  return next_ > ring ? next_ - ring : 1;
}

bool Referee::SomebodyIsAt(std::int64_t position) const {
  return std::ranges::any_of(kept_, [position](const EdgeFacts& edge) {
    return edge.sequence != 0 && edge.open <= position && position < edge.close;
  });
}

const EdgeFacts* Referee::Find(std::uint64_t sequence) const {
  const EdgeFacts& edge = kept_[sequence % kKept];
  return sequence != 0 && edge.sequence == sequence ? &edge : nullptr;
}

}  // namespace taktgate::sim
