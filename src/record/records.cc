#include "record/records.h"

#include <string>
#include <utility>

#include "base/thread_name.h"

namespace taktgate::record {
namespace {

// When there is nothing to hand on, a sink looks after its file.
constexpr auto kLookAfter = std::chrono::seconds(1);

}  // namespace

RecordQueue::RecordQueue(std::size_t capacity, std::vector<RecordSink*> sinks, Notice notice)
    : ring_(capacity), sinks_(std::move(sinks)), notice_(std::move(notice)) {}

RecordQueue::~RecordQueue() { Stop(); }

void RecordQueue::Start() {
  thread_.Start([this] { Run(); });
}

bool RecordQueue::Stop(Duration limit) {
  stopping_ = true;
  signal_.Notify();
  return thread_.Join(limit);
}

void RecordQueue::Offer(const Record& record) {
  ring_.Push(record);
  signal_.Notify();
}

void RecordQueue::Write(const Record& record) {
  Offer(record);
  TellDropped();
}

void RecordQueue::TellDropped() {
  const std::uint64_t dropped = ring_.dropped();
  const bool more = dropped > reported_.exchange(dropped);
  if (more && !dropping_.exchange(true) && notice_) {
    notice_("records: the queue is full, and records are dropped; what writes them is too slow");
  }
}

void RecordQueue::TellNoLonger() {
  if (dropping_.exchange(false) && notice_) {
    notice_("records: the queue is empty again; " + std::to_string(ring_.dropped()) +
            " records were dropped since the start");
  }
}

void RecordQueue::Run() {
  NameThisThread("records");
  while (!stopping_) {
    signal_.WaitUntil(std::chrono::steady_clock::now() + kLookAfter);
    HandOn();
  }
  HandOn();
}

void RecordQueue::HandOn() {
  TellDropped();
  while (const auto record = ring_.Pop()) {
    for (RecordSink* sink : sinks_) sink->Write(*record);
  }
  for (RecordSink* sink : sinks_) sink->Flush();
  TellNoLonger();
}

}  // namespace taktgate::record
