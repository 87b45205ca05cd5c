#include "station/records.h"

#include <utility>

#include "station/realtime.h"

namespace taktgate::station {

RecordQueue::RecordQueue(std::size_t capacity, std::vector<RecordSink*> sinks)
    : ring_(capacity), sinks_(std::move(sinks)) {}

RecordQueue::~RecordQueue() { Stop(); }

void RecordQueue::Start() { thread_ = std::thread([this] { Run(); }); }

void RecordQueue::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  signal_.Notify();
  thread_.join();
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
}

void RecordQueue::HandOn() {
  while (const auto record = ring_.Pop()) {
    for (RecordSink* sink : sinks_) sink->Write(*record);
  }
  for (RecordSink* sink : sinks_) sink->Flush();
}

}  // namespace taktgate::station
