#ifndef TAKTGATE_RECORD_RECORDS_H_
#define TAKTGATE_RECORD_RECORDS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/spsc_ring.h"
#include "base/timed_join_thread.h"
#include "control/orders.h"
#include "gate/decision.h"
#include "gate/outputs.h"

namespace taktgate::record {

// Words for the person at the unit; called from several threads, one at a time per thread.
using Notice = std::function<void(std::string_view)>;

// Something that happened at the gate, after the fact.
struct Record {
  enum class Kind : std::uint8_t {
    kDecision,
    kLateAnswer,
    kPassCutShort,
    kVerified,
    kAlarm,
    kOrder
  };
  Kind kind = Kind::kDecision;
  // Whole for a decision. For a late answer: the ledger's decision, if it is still there, with
  // `answer`. For a check by the reject bin: `part`, `release` and `verified`. For the other kinds:
  // `part` and `release`, which is the part's, for alarms and orders the one in force.
  gate::Decision decision;
  gate::Alarm alarm{};
  control::Order order{};  // that was accepted
  TimePoint at{};          // of an alarm and of an order
};

// Something that receives records. Called on the record thread, in order.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void Write(const Record& record) = 0;
  // The queue is empty for now: the moment to write out what was collected, and once a second to
  // look after what is written to.
  virtual void Flush() {}
};

// A bounded queue that drops, counts and says so, and a thread that hands on what is in it. Nothing
// after it can delay a part. A sink that a disk or a person may hold up has a queue of its own,
// which is itself a sink, so that it holds up no other.
//
// Threads: Offer from the gate thread, or Write from the thread of the queue before it; Start and
// Stop from the owner.
class RecordQueue final : public RecordSink {
 public:
  // Without `notice` it drops silently.
  RecordQueue(std::size_t capacity, std::vector<RecordSink*> sinks, Notice notice = nullptr);
  ~RecordQueue() override;

  void Start();
  // Makes its sinks look after what they write to, now.
  void Wake() { signal_.Notify(); }
  // Hands on what is queued, then ends the thread. False: a sink has not come back within `limit`;
  // its thread still uses this object, so the process must end without destroying it.
  bool Stop(Duration limit = std::chrono::seconds(5));
  // Says nothing and waits for nobody; its own thread reports what it drops.
  void Offer(const Record& record);
  // Offer, and reports at once when records begin to be dropped: its own thread may be held up.
  void Write(const Record& record) override;
  std::uint64_t dropped() const { return ring_.dropped(); }

 private:
  void Run();
  void HandOn();
  void TellDropped();
  void TellNoLonger();

  DroppingSpscRing<Record> ring_;
  const std::vector<RecordSink*> sinks_;
  const Notice notice_;
  std::atomic<std::uint64_t> reported_{0};
  std::atomic<bool> dropping_{false};
  EventSignal signal_;
  std::atomic<bool> stopping_{false};
  TimedJoinThread thread_;
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RECORDS_H_
