#include "station/station.h"

#include <utility>

#include "station/realtime.h"

namespace taktgate::station {
namespace {

constexpr std::size_t kMaxFrameSlots = 256;

}  // namespace

Station::Station(const StationSettings& settings, Clock& clock, Devices devices,
                 Inspector& inspector, RecordQueue& records, Notice notice, Keeping keeping)
    : settings_(settings),
      clock_(clock),
      devices_(devices),
      inspector_(inspector),
      records_(records),
      notice_(std::move(notice)),
      keeping_(keeping),
      gate_(settings.gate, *this,
            keeping.incidents != nullptr ? keeping.incidents->log() : nullptr),
      ledger_(settings.ledger_parts),
      frames_by_slot_(kMaxFrameSlots) {}

Station::~Station() {
  RequestStop();
  if (!threads_.empty()) (void)Wait();
}

Status Station::Start(Duration lead) {
  if (!devices_.output.AllSafe(clock_.Now())) {
    return Error{ErrorCode::kIo, "the output does not take REJECT; check its wiring and driver"};
  }
  if (Status opened = devices_.camera.Open(); !opened) return opened.error().Within("camera");
  if (settings_.lock_memory) {
    if (Status locked = LockMemory(); !locked) notice_(locked.error().message);
  }
  const TimePoint line_start = clock_.Now() + lead;
  sources_running_ = devices_.signals != nullptr ? 3 : 2;
  running_ = true;
  inference_thread_ = std::thread([this] { InferenceLoop(); });
  threads_.emplace_back([this] { GateLoop(); });
  threads_.emplace_back([this, line_start] { CameraLoop(line_start); });
  threads_.emplace_back([this, line_start] { TriggerLoop(line_start); });
  if (devices_.signals != nullptr) {
    threads_.emplace_back([this, line_start] { SignalsLoop(line_start); });
  }
  return {};
}

void Station::RequestStop() {
  stop_requested_ = true;
  gate_signal_.Notify();
}

void Station::RequestIncident() {
  if (keeping_.incidents == nullptr) return;
  keeping_.incidents->Want(IncidentReason::kRequest);
  gate_signal_.Notify();
}

Status Station::Wait() {
  if (threads_.empty()) return {};
  threads_.front().join();  // the gate thread ends first; the output is safe now
  threads_stop_ = true;
  inspector_.Terminate();
  inference_signal_.Notify();
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  threads_.clear();
  // Edges that the trigger told behind the gate thread's last look are parts too: shutdown.
  TakeEdges();
  if (inference_away_ || !InferenceCameBack()) {
    // Nothing is killed in place: the process ends and its supervisor starts a new one.
    inference_thread_.detach();
    return Error{ErrorCode::kTimeout,
                 "the inference thread did not come back in time; the output is at REJECT, "
                 "restart the station"};
  }
  inference_thread_.join();
  if (trigger_failed_) {
    const std::string words = trigger_words_ + devices_.trigger.fault();
    return Error{ErrorCode::kIo, "trigger failed: " + (words.empty() ? "edges were lost" : words)};
  }
  if (signals_failed_) {
    const std::string words =
        signals_words_ + (devices_.signals != nullptr ? devices_.signals->fault() : "");
    return Error{ErrorCode::kIo, "encoder, sensors or PLC failed: " +
                                     (words.empty() ? "signals were lost" : words)};
  }
  if (camera_failed_) {
    return Error{ErrorCode::kIo, "camera failed: " + camera_words_ + devices_.camera.fault()};
  }
  if (output_failed_) {
    return Error{ErrorCode::kIo, "the output did not take its level; check its wiring and driver"};
  }
  return {};
}

// A run that was told to stop comes back soon, or never.
bool Station::InferenceCameBack() {
  const TimePoint limit = clock_.Now() + settings_.gate.fault_after;
  while (!inference_ended_ && clock_.Now() < limit) ended_signal_.WaitUntil(limit);
  return inference_ended_;
}

void Station::BecomeRealtime(const char* name, int priority) {
  NameThisThread(name);
  PrefaultStack();
  if (!settings_.realtime_threads) return;
  Status made = MakeThisThreadRealtime(priority);
  if (!made && !realtime_refused_.exchange(true)) notice_(made.error().message);
}

}  // namespace taktgate::station
