#ifndef TAKTGATE_RECORD_STATISTICS_H_
#define TAKTGATE_RECORD_STATISTICS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/latency_histogram.h"
#include "base/mutex.h"
#include "record/records.h"

namespace taktgate::record {

// Where the time went, from the trigger edge on, for parts that had an answer.
struct StageTimes {
  LatencyHistogram wait;    // edge until the frame is with the inference thread
  LatencyHistogram image;   // alignment, crop, resize, tensor
  LatencyHistogram infer;   // the model
  LatencyHistogram judge;   // scores to verdict
  LatencyHistogram output;  // answer until the output has its level
};

// Counts of one line since its start.
struct LineCounts {
  std::uint64_t parts = 0;
  std::uint64_t released = 0;
  std::uint64_t late_answers = 0;
  std::uint64_t passes_cut_short = 0;
  std::uint64_t pass_after_deadline = 0;  // must stay 0
  std::array<std::uint64_t, judge::kReasons> reasons{};
  // From the edge until the output has its level, or until an answer came too late: every part that
  // the model answered.
  LatencyHistogram latency;
  StageTimes stages;

  std::uint64_t answered = 0;       // in time
  std::uint64_t not_inspected = 0;  // on purpose: offline, line stopped, shut down

  // Parts that were rejected for lack of a timely answer, whatever the model would have said.
  std::uint64_t misses() const { return parts - answered - not_inspected; }
};

// One row per true class: what happened to its parts.
struct TruthRow {
  std::uint64_t released = 0;
  std::uint64_t rejected_by_model = 0;  // fail or unknown
  std::uint64_t rejected_unseen = 0;    // no timely answer
};

// Adds records up for people. Threads: Write on the record thread, Look from any other.
class Statistics final : public RecordSink {
 public:
  // `truth_of` gives the row of a part's true class, or -1; empty where no truth is known.
  using TruthOf = std::function<int(std::uint64_t sequence)>;
  explicit Statistics(std::size_t truth_rows = 0, TruthOf truth_of = {});

  void Write(const Record& record) override;
  LineCounts Look() const;
  std::vector<TruthRow> LookAtTruth() const;

 private:
  void Count(const gate::Decision& decision) TAKTGATE_THREAD_SAFETY(requires_capability(mutex_));

  const TruthOf truth_of_;
  mutable Mutex mutex_;
  LineCounts counts_ TAKTGATE_GUARDED_BY(mutex_);
  std::vector<TruthRow> truth_ TAKTGATE_GUARDED_BY(mutex_);
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_STATISTICS_H_
