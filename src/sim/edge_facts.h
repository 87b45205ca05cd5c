#ifndef TAKTGATE_SIM_EDGE_FACTS_H_
#define TAKTGATE_SIM_EDGE_FACTS_H_

#include <cstdint>

#include "base/clock.h"
#include "judge/verdict.h"

namespace taktgate::sim {

// What is true of one trigger edge that was reported to the station: a part for the station,
// whatever it is on the belt. Positions are in the belt's unit (nanoseconds, or encoder counts).
struct EdgeFacts {
  std::uint64_t sequence = 0;   // since the station's start, from 1: the gate's number
  std::uint64_t line_part = 0;  // that broke the barrier; 0: none, a bounce
  TimePoint stamp{};            // on the station's clock
  TimePoint told_at{};
  TimePoint answer_due{};
  std::int64_t open = 0, due = 0, close = 0;
  std::uint32_t release = 0;                     // in force at the edge
  judge::Reason refused = judge::Reason::kNone;  // not inspected, and why
  bool lost = false;                             // from before a suspension
  bool too_close = false;                        // to the edge before or after it
  bool in_doubt = false;                         // count and time disagreed about a frame of it
  bool stale = false;                            // and the frame was older than the part
  bool has_frame = false;
  bool partial = false;
  bool no_slack = false;
  TimePoint run_started{};
  bool runs = false;
  bool shown = false;  // the frame that was judged shows this very part, whole
  bool answered = false;
  bool timely = false;
  judge::Verdict verdict = judge::Verdict::kUnknown;
  judge::Reason answer_reason = judge::Reason::kModelError;
  bool challenge = false;
  bool named = false;  // by the PLC
  std::uint32_t number = 0;
  std::uint64_t number_part = 0;  // that the PLC meant
  bool output_late = false;       // PASS reached the wire too late
  bool overrun = false;           // the ring had no room for a part after it
  bool seen = false;              // by the gate sensor
  bool closed = false;
  bool overdue = false;  // reported once
  bool decided = false;
  bool released = false;
  bool cut_short = false;

  bool proven() const { return timely && verdict == judge::Verdict::kPass; }
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_EDGE_FACTS_H_
