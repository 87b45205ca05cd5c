#ifndef TAKTGATE_SIM_REFEREE_H_
#define TAKTGATE_SIM_REFEREE_H_

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/latency_histogram.h"
#include "gate/gate.h"
#include "sim/alarm_watch.h"
#include "sim/edge_facts.h"
#include "sim/findings.h"
#include "sim/soft_frame.h"
#include "sim/soft_settings.h"

namespace taktgate::sim {

// What the referee counted by itself; compared with the gate's counters when a station ends.
struct Tallies {
  std::uint64_t edges = 0;  // that were reported to the station
  std::uint64_t decisions = 0;
  std::uint64_t released = 0;
  std::array<std::uint64_t, judge::kReasons> reasons{};
  std::uint64_t frames = 0;  // that reached the station
  std::uint64_t frames_used = 0;
  std::uint64_t late_answers = 0;
  std::uint64_t cut_short = 0;
  std::uint64_t lost_with_station = 0;  // in flight when it was killed
  std::uint64_t alarms = 0;
  std::uint64_t line_stops = 0;
  std::uint64_t last_late_part = 0;            // of the line, rejected as `late`
  std::uint64_t digest = 0xcbf29ce484222325U;  // of all decisions in their order
  LatencyHistogram answer_times;               // from the edge, of answers in time
};

// Knows what is true of every edge, works out by itself which decision is right, and compares.
// Written from docs/gate.md; it knows only what goes into the gate and what comes out.
// `event` calls come before the gate gets the event, output calls while it handles the event.
//
// Threads: one. Nothing is allocated per part.
class Referee {
 public:
  explicit Referee(const SoftSettings& settings);

  // The station's life.
  void StationStarts(TimePoint now);
  // It was killed, or it ended; `counts` are the gate's last ones.
  void StationEnds(const gate::Counts& counts, bool killed);
  void GoesOnline();
  void GoesOffline() { online_ = false; }
  void ChangesRelease(std::uint32_t number, Duration reserve);
  void Halted() { halted_ = true; }
  void Acknowledged();
  void ChallengeStarts(std::uint32_t parts);

  // Events for the gate, on the station's clock. Begin before each, End after it.
  void Begin(TimePoint now);
  void End();
  // `position`: of the belt at the edge, as the encoder was latched.
  void Edge(TimePoint stamp, std::int64_t position, std::uint64_t line_part);
  void Encoder(std::int64_t position, TimePoint at);
  void Frame(const SoftFrame& frame);
  void Answer(std::uint64_t edge, const gate::Answer& answer);
  void GateSensor(TimePoint at);
  void Number(std::uint32_t number, std::uint64_t line_part, TimePoint at);
  void Beat(bool high, TimePoint at);
  void Resumed();
  // The station could not look from here to there.
  void Asleep(TimePoint from, TimePoint until) {
    if (from > asleep_until_) asleep_from_ = from;
    asleep_until_ = std::max(asleep_until_, until);
  }
  // Counts and sensors are reported late up to this time.
  void SignalsHeld(TimePoint until) { signals_held_until_ = std::max(signals_held_until_, until); }
  // Up to this time something other than the gate decides about the belt or the wire.
  void Disturbed(TimePoint until) { disturbed_until_ = std::max(disturbed_until_, until); }
  // A part that nobody expected there falls into the bin, or an expected one does not. Falls are
  // known by their order alone, so it may show only after a long row of rejects.
  void BinInDoubt(TimePoint since) {
    bin_in_doubt_until_ = std::max(bin_in_doubt_until_, since + std::chrono::seconds(5));
  }
  // A part falls. Falls that were taken for those of other parts stay so for as long as each one
  // comes while the bin is still asked about the one before.
  void Fell() {
    const bool in_doubt = now_ <= bin_in_doubt_until_;
    if (in_doubt && now_ - fell_at_ <= settings_.gate.bin_within) BinInDoubt(now_);
    fell_at_ = now_;
  }

  // The gate's outputs.
  void LineSet(gate::Line line, bool energised, bool in_time);
  void Started(gate::PartId part, const SoftFrame& frame, bool busy);
  void Stopped(gate::PartId part) {
    Must(running_edge_ == part.sequence, Invariant::kOnlyProven,
         "a run was stopped that is not there");
    stopped_edge_ = part.sequence;
  }
  void Decided(const gate::Decision& decision);
  void Late(gate::PartId part);
  void CutShort(gate::PartId part);
  void Raised(const gate::Alarm& alarm);
  void Faulted() { online_ = false; }

  // What happened on the belt: the part whose last edge this was (0: none was reported to the
  // station) went past the ejector.
  void Judged(std::uint64_t line_part, std::uint64_t edge, bool passed);
  void EnteredGate(std::uint64_t edge);

  // A rule that the soft line itself checks.
  void Must(bool holds, Invariant invariant, const char* words);

  const EdgeFacts* Find(std::uint64_t sequence) const;
  // An edge's part is in its place at the gate when the belt is there.
  bool SomebodyIsAt(std::int64_t position) const;
  std::uint64_t edges() const { return next_ - 1; }
  const Findings& findings() const { return findings_; }
  const Tallies& tallies() const { return tallies_; }

 private:
  static constexpr std::size_t kKept = 1024;

  EdgeFacts* FindHere(std::uint64_t sequence) { return const_cast<EdgeFacts*>(Find(sequence)); }
  // Positions as the station can know them.
  std::int64_t PositionNow() const { return PositionAt(now_); }
  std::int64_t PositionAt(TimePoint time) const;
  bool PositionIsFresh() const;
  bool TimeIsUp(const EdgeFacts& edge) const;
  bool Overslept(TimePoint due) const;
  bool ReserveIsThere(Duration slack) const;
  void AddRun(Duration took);
  bool Covers(const EdgeFacts& edge, TimePoint captured) const;
  std::uint64_t FirstOfRing() const;  // that the gate still knows
  void Doubt(EdgeFacts& edge, TimePoint captured);
  void ReceiveFrame(EdgeFacts& edge, const SoftFrame& frame);
  void LookForUnseen();
  void CheckOverdue(Duration allowance);
  void CheckLines();
  void CheckAllRejected();
  judge::Reason WhyRefused() const;
  bool Reversed() const;
  bool BeatAway() const;

  // right_reasons.cc
  void CheckReleased(const EdgeFacts& edge, const gate::Decision& decision);
  void CheckRejected(const EdgeFacts& edge, judge::Reason reason);
  bool IsRight(const EdgeFacts& edge, judge::Reason reason) const;
  bool MayBeCut(const EdgeFacts& edge) const;
  void CountDecision(const EdgeFacts& edge, const gate::Decision& decision);
  void CountChallenge(const EdgeFacts& edge, const gate::Decision& decision);

  void Break(Invariant invariant, const EdgeFacts* edge, const std::string& words);
  bool HasCause(gate::AlarmKind kind) const;
  // Parts are at least so far apart, or both are rejected.
  std::int64_t Spacing() const;
  void BreakAlarm(const gate::Alarm& alarm, const char* words);
  std::string Tell(const EdgeFacts& edge) const;

  const SoftSettings settings_;
  const bool by_count_;
  std::vector<EdgeFacts> kept_;
  std::uint64_t next_ = 1;
  std::uint64_t first_open_ = 1;  // all before it are decided and through the gate
  TimePoint now_{};

  // The station as it must be.
  bool online_ = false, halted_ = false;
  std::uint32_t release_ = 0;
  Duration reserve_{};  // of its model
  bool stop_pending_ = false;
  std::int64_t position_ = 0, furthest_ = 0;
  bool has_position_ = false;
  TimePoint position_at_{};
  TimePoint lost_until_ = TimePoint::min();  // by a suspension
  // From here a part that crosses the barrier has no other before it that a suspended unit missed.
  static constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();
  std::int64_t alone_from_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t last_edge_ = 0;
  bool has_edge_ = false;
  std::array<bool, kOutputLines> levels_{};
  TimePoint pass_since_{};  // by count: the time of the count by which it was set
  // The last frame and edge that were known to belong together.
  bool paired_ = true;
  std::uint64_t paired_edge_ = 1, paired_frame_ = 0;
  bool tracking_lost_ = false;  // in this event
  bool number_in_doubt_ = false;
  bool output_was_late_ = false;
  bool challenge_runs_ = false, challenge_blocks_, challenge_missed_ = false;
  bool challenge_starts_ = false;
  std::uint32_t challenge_left_ = 0;
  bool beat_heard_ = false, beat_high_ = false, beat_alive_ = false;
  TimePoint beat_limit_ = TimePoint::max();
  bool inference_away_ = false;
  TimePoint bin_in_doubt_until_{};
  TimePoint fell_at_{};
  TimePoint asleep_from_{}, asleep_until_{};
  TimePoint disturbed_until_{};
  TimePoint signals_held_until_{};
  std::uint64_t running_edge_ = 0, stopped_edge_ = 0;
  std::uint64_t pass_owner_ = 0;
  // Longest timely runs of the last hundreds, for a gate that measures.
  std::array<Duration, 12> longest_runs_{};
  std::size_t run_block_ = 0, runs_in_block_ = 0;

  AlarmWatch alarms_;
  Findings findings_;
  Tallies tallies_;
  Tallies at_start_;  // of this station
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_REFEREE_H_
