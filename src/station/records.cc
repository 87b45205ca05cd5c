#include "station/records.h"

#include <utility>

#include "station/realtime.h"

namespace taktgate::station {

RecordQueue::RecordQueue(std::size_t capacity, std::vector<RecordSink*> sinks)
    : ring_(capacity), sinks_(std::move(sinks)) {}

RecordQueue::~RecordQueue() { Stop(); }

void RecordQueue::Start() {
  thread_ = std::thread([this] { Run(); });
}

bool RecordQueue::Stop(Duration limit) {
  if (!thread_.joinable()) return true;
  stopping_ = true;
  signal_.Notify();
  const TimePoint until = std::chrono::steady_clock::now() + limit;
  while (!ended_ && std::chrono::steady_clock::now() < until) ended_signal_.WaitUntil(until);
  if (!ended_) {
    thread_.detach();
    return false;
  }
  thread_.join();
  return true;
}

void RecordQueue::Offer(const Record& record) {
  ring_.Push(record);
  signal_.Notify();
}

void RecordQueue::Run() {
  NameThisThread("records");
  while (!stopping_) {
    signal_.Wait();
    HandOn();
  }
  HandOn();
  ended_ = true;
  ended_signal_.Notify();
}

void RecordQueue::HandOn() {
  while (const auto record = ring_.Pop()) {
    for (RecordSink* sink : sinks_) sink->Write(*record);
  }
  for (RecordSink* sink : sinks_) sink->Flush();
}

}  // namespace taktgate::station
