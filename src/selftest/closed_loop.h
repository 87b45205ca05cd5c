#ifndef TAKTGATE_SELFTEST_CLOSED_LOOP_H_
#define TAKTGATE_SELFTEST_CLOSED_LOOP_H_

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/latency_histogram.h"
#include "base/result.h"
#include "image/frame.h"
#include "inspect/inspector.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "record/records.h"
#include "record/statistics.h"
#include "session/hiccup_watch.h"
#include "station/station.h"

namespace taktgate::selftest {

// A station of its own on a replayed line of 100 parts a second, with levels that go nowhere: what
// is between edge and output on this machine.
//
// Threads: one, that of Create and Run; `notice` is called on any.
class ClosedLoop {
 public:
  // Measures the reserve first; `settings` are the station's but for that. Every frame is `frame`.
  // `inspector` and `clock` outlive this. invalid: a frame that the release cannot judge.
  static Result<std::unique_ptr<ClosedLoop>> Create(inspect::Inspector& inspector,
                                                    const image::Image& frame, Duration length,
                                                    station::StationSettings settings, Clock& clock,
                                                    record::Notice notice);

  std::uint64_t parts() const { return schedule_.parts; }

  // Once: until every part is decided. As Station::Wait: after a timeout the process must end
  // without destroying this.
  Status Run();

  // After Run.
  record::LineCounts counts() const { return statistics_.Look(); }
  const LatencyHistogram& hiccups() const { return hiccups_.histogram(); }  // of this machine
  const station::PageFaults& gate_thread_cost() const { return station_.gate_thread_cost(); }

 private:
  ClosedLoop(inspect::Inspector& inspector, const line::Schedule& schedule,
             std::unique_ptr<line::ReplayCamera> camera, const station::StationSettings& settings,
             Clock& clock, record::Notice notice);

  const line::Schedule schedule_;
  line::ReplayTrigger trigger_;
  const std::unique_ptr<line::ReplayCamera> camera_;
  line::MemoryOutput output_;
  record::Statistics statistics_;
  record::RecordQueue records_;
  station::Station station_;
  session::HiccupWatch hiccups_;
};

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_CLOSED_LOOP_H_
