#ifndef TAKTGATE_RIG_REAL_REFEREE_H_
#define TAKTGATE_RIG_REAL_REFEREE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/latency_histogram.h"
#include "rig/real_belt.h"
#include "rig/real_line.h"
#include "rig/real_records.h"
#include "rig/release_history.h"
#include "rig/wire_history.h"
#include "sim/findings.h"

namespace taktgate::rig {

// One board of the line, and what a release says about it when nothing disturbs.
struct BoardTruth {
  bool defective = false;
  bool passes = false;
  std::string reason;
  double score = 0;
};

// A release, and what it says about all boards.
struct ReleaseTruth {
  std::string id;  // as records name it
  std::vector<BoardTruth> boards;
};

// An order to change the release, as its giver saw it.
struct SwapTruth {
  std::string release;  // id
  TimePoint asked{};
  TimePoint answered{};
  bool taken = false;
  std::uint64_t cut_off = 0;  // of a taken one: parts in flight, as the answer says
};

// One run of a station: the edges [first, taken) and how it ended.
struct RunTruth {
  std::uint64_t first_edge = 0;
  std::uint64_t taken_edges = 0;
  bool killed = false;
  bool failed = false;  // ended by itself before the line did
};

struct Freeze {
  TimePoint from{};
  TimePoint to{};
};

// All that the line knows, and the station cannot know.
struct RealTruth {
  std::vector<ReleaseTruth> releases;  // the first is in force when a station starts
  std::vector<SwapTruth> swaps;        // in the order of their time
  std::vector<std::uint32_t> board_of_part;
  TimePoint first_edge{};
  Duration period{};
  // When the edges were really there, where a witness saw them; empty: as planned.
  std::vector<TimePoint> edges;
  Duration window{};
  RealBelt belt;
  BeltHistory belt_history;
  Duration relay_silence{};
  WireHistory pass;
  WireHistory relay;
  std::deque<WireReading> readings;
  std::vector<RunTruth> runs;
  std::vector<Freeze> freezes;
  std::optional<std::uint64_t> misses_reported;  // from the station's last words, if there are any

  std::uint64_t parts() const { return board_of_part.size(); }
  const BoardTruth& board(std::uint64_t part, std::size_t release = 0) const {
    return releases[release].boards[board_of_part[part]];
  }
  TimePoint EdgeOf(std::uint64_t part) const {
    if (part < edges.size()) return edges[part];
    return first_edge + period * static_cast<Duration::rep>(part);
  }
};

struct RealTallies {
  std::uint64_t passed = 0;
  std::uint64_t maybe_passed = 0;  // the wire changed at the very moment
  std::uint64_t ejected = 0;
  std::uint64_t defective = 0;
  std::uint64_t passed_defective = 0;  // the model's own errors
  std::uint64_t ejected_good = 0;
  std::uint64_t unheard = 0;  // no station was there
  std::uint64_t lost_at_kill = 0;
  std::uint64_t decisions = 0;
  std::uint64_t released = 0;
  std::uint64_t recovered = 0;  // recorded by the next run
  std::uint64_t restarts = 0;   // of them in flight: reason restart
  std::uint64_t may_have_passed = 0;
  std::uint64_t behind_open_relay = 0;  // released, but ejected
  std::uint64_t late_on_wire = 0;       // PASS rose in time, the station saw it too late
  std::uint64_t cut_short = 0;
  std::uint64_t one_shots = 0;  // PASS that its one-shot ended, because the station did not in time
  std::map<std::string, std::uint64_t> reasons;
  std::uint64_t misses_recorded = 0;       // decisions without an answer
  std::uint64_t good_misses_recorded = 0;  // of boards that the model lets pass
  std::uint64_t good_misses_on_wire = 0;   // the same, counted on the wire alone
  std::uint64_t passes_after_deadline = 0;
  std::uint64_t late_answers = 0;
  std::uint64_t readings_in_place = 0;
  std::uint64_t swaps = 0;            // orders that were taken
  std::uint64_t refused_swaps = 0;    // no station was there, or it did not take them
  std::uint64_t cut_off = 0;          // parts, as the answers say
  std::uint64_t cut_off_records = 0;  // of them in the records
  std::uint64_t wrong_releases = 0;   // records of a release that the part cannot have
  std::uint64_t sure_releases = 0;    // right ones of parts that could have no other
  LatencyHistogram edge_to_wire;      // of released parts
  LatencyHistogram decided_to_wire;   // answer taken until PASS is on the wire
  LatencyHistogram decided_to_issued;
};

// Compares what was on the belt, what the wires did and what the station recorded, part by part.
//
// Threads: one.
class RealReferee {
 public:
  RealReferee(const RealTruth& truth, const RecordedLine& records);
  const RealTallies& tallies() const { return tallies_; }
  const sim::Findings& findings() const { return findings_; }

 private:
  struct Seen {
    const PartRecord* record = nullptr;
    const RunTruth* run = nullptr;
    const Stretch* stretch = nullptr;
    std::size_t release = 0;  // the record's, of the truth's releases
  };
  const BoardTruth& Board(std::uint64_t part) const {
    return truth_.board(part, seen_[part].release);
  }
  std::optional<std::uint64_t> PartAt(TimePoint edge) const;
  std::optional<std::uint64_t> WitnessedAt(TimePoint edge) const;
  TimePoint AtGate(std::uint64_t part) const;
  // PASS rises before it, or never does for this part. By count the station learns of the belt with
  // some delay; then PASS must not rise once the part is through.
  TimePoint DueOf(std::uint64_t part) const;
  std::optional<std::uint64_t> PartOf(const Stretch& stretch) const;
  void Blame(sim::Invariant invariant, std::uint64_t part, const std::string& what);
  void AssignRuns();
  void AssignRecords(const RecordedLine& records);
  void AssignReleases();
  void AssignStretches();
  void CheckIds(const RecordedLine& records);
  void CheckLateAnswers(const RecordedLine& records);
  void JudgePart(std::uint64_t part);
  void JudgeUnrecorded(std::uint64_t part, Stood stood);
  void JudgeReleased(std::uint64_t part, Stood stood);
  void JudgeRejected(std::uint64_t part, Stood stood);
  void CheckReason(std::uint64_t part);
  bool OfBeltIsRight(const PartRecord& record) const;
  void CountMisses(std::uint64_t part);
  void CheckOrders(const RecordedLine& records);
  void CheckReleases(const ReleaseHistory& history);
  void CheckCutOff();
  std::optional<std::size_t> SwapAt(TimePoint time) const;
  bool WasCutOff(const PartRecord& record) const;
  void CheckReadings();
  void CheckFreezes();
  bool SteadyBetween(const WireHistory& wire, const WireReading& reading, Stood stood) const;

  const RealTruth& truth_;
  std::vector<Seen> seen_;
  RealTallies tallies_;
  sim::Findings findings_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_REFEREE_H_
