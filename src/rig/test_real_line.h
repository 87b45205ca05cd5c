#ifndef TAKTGATE_RIG_TEST_REAL_LINE_H_
#define TAKTGATE_RIG_TEST_REAL_LINE_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "rig/real_referee.h"

namespace taktgate::rig::testing {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::uint64_t kParts = 10;

// A line of ten parts on which all is well: board 0 passes, board 1 is bad; parts 3 and 7 are bad.
struct TestRealLine {
  TestRealLine() {
    truth.releases = {{"one", {{false, true, "none", 0.25}, {true, false, "defect", 0.75}}}};
    truth.first_edge = TimePoint(std::chrono::hours(1));
    truth.period = milliseconds(10);
    truth.window = milliseconds(8);
    truth.belt.due = milliseconds(8);
    truth.belt.close = milliseconds(9);
    truth.relay_silence = seconds(2);
    truth.relay.Add(Level(true, truth.first_edge - seconds(1), TimePoint::max()));
    for (std::uint64_t part = 0; part < kParts; ++part) {
      const bool bad = part == 3 || part == 7;
      truth.board_of_part.push_back(bad ? 1 : 0);
      PartRecord record;
      record.boot = 1;
      record.sequence = part + 1;
      record.released = !bad;
      record.reason = bad ? "defect" : "none";
      record.release = "one";
      record.trigger_at = truth.EdgeOf(part);
      record.decided = milliseconds(5);
      record.issued = milliseconds(5) + microseconds(3);
      record.has_frame = true;
      record.answered = true;
      record.score = bad ? 0.75 : 0.25;
      records.parts.push_back(record);
    }
    truth.runs = {{0, kParts, false, false}};
  }

  // Within 2 us of `at`.
  static line::Change Level(bool energised, TimePoint at, TimePoint until) {
    return {0, energised, until, at, at + microseconds(2)};
  }
  TimePoint In(std::uint64_t part, Duration after) const { return truth.EdgeOf(part) + after; }
  // PASS as the station sets it for part `part`.
  void Pass(std::uint64_t part, Duration from = milliseconds(5), Duration to = milliseconds(9)) {
    truth.pass.Add(Level(true, In(part, from), In(part, milliseconds(9))));
    truth.pass.Add(Level(false, In(part, to), TimePoint::max()));
  }
  void PassAllReleased() {
    for (std::uint64_t part = 0; part < records.parts.size(); ++part) {
      if (records.parts[part].released) Pass(part);
    }
  }
  // Part `part` rejected for `reason`, without an answer.
  PartRecord& Reject(std::uint64_t part, const std::string& reason) {
    PartRecord& record = records.parts[part];
    record.released = false;
    record.answered = false;
    record.reason = reason;
    record.decided = truth.window;
    return record;
  }

  RealTruth truth;
  RecordedLine records;
};

}  // namespace taktgate::rig::testing

#endif  // TAKTGATE_RIG_TEST_REAL_LINE_H_
