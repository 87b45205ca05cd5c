#ifndef TAKTGATE_STATION_RECORDS_H_
#define TAKTGATE_STATION_RECORDS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/spsc_ring.h"
#include "gate/decision.h"
#include "gate/outputs.h"
#include "station/orders.h"

namespace taktgate::station {

// Words for the person at the unit; called from several threads, one at a time per thread.
using Notice = std::function<void(std::string_view)>;

// Something that happened at the gate, after the fact.
struct Record {
  enum class Kind : std::uint8_t { kDecision, kLateAnswer, kPassCutShort, kVerified, kAlarm, kOrder };
  Kind kind = Kind::kDecision;
  // Of the other kinds only the part; the answer of a late one, what the reject bin said.
  gate::Decision decision;
  gate::Alarm alarm{};
  Order order{};   // that was taken
  TimePoint at{};  // of an alarm and of an order
};

// Who wants to know. Called on the record thread, in order.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void Write(const Record& record) = 0;
  // The queue is empty for now: the moment to write out what was collected.
  virtual void Flush() {}
};

// Takes records off the gate thread: a bounded queue that drops and counts, and a thread that hands
// them on. Nothing behind it can delay a part.
//
// Threads: Offer from the gate thread; Start and Stop from the owner.
class RecordQueue {
 public:
  RecordQueue(std::size_t capacity, std::vector<RecordSink*> sinks);
  ~RecordQueue();

  void Start();
  // Hands on what is queued, then ends the thread. False: a sink has not come back within `limit`;
  // its thread still uses this object, so the process must end without destroying it.
  bool Stop(Duration limit = std::chrono::seconds(5));
  void Offer(const Record& record);
  std::uint64_t dropped() const { return ring_.dropped(); }

 private:
  void Run();
  void HandOn();

  DroppingSpscRing<Record> ring_;
  const std::vector<RecordSink*> sinks_;
  EventSignal signal_;
  EventSignal ended_signal_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_RECORDS_H_
