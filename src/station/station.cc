#include "station/station.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/thread_refused.h"
#include "station/realtime.h"

namespace taktgate::station {
namespace {

// For the outputs of the first release, and of those that may come after it.
record::PartTap::Size SizeOfTap(const inspect::Inspector& first) {
  constexpr std::size_t kOfLaterOnes = gate::kMaxWindows * 4096;
  return {.logits = gate::kMaxWindows * bundle::kMostLabels,
          .extra_bytes = std::max(kOfLaterOnes, gate::kMaxWindows * first.extra_bytes())};
}

}  // namespace

std::vector<ThreadPlan> ThreadPlansOf(const StationSettings& settings, std::size_t signals) {
  const bool realtime = settings.realtime_threads;
  std::vector<ThreadPlan> plans{{"gate", realtime ? 80 : 0, settings.cores.gate},
                                {"camera", realtime ? 70 : 0, settings.cores.camera},
                                {"inference", realtime ? 60 : 0, settings.cores.inference},
                                {"trigger", realtime ? 75 : 0, {}}};
  plans.insert(plans.end(), signals, {"signals", realtime ? 75 : 0, {}});
  return plans;
}

Station::Station(const StationSettings& settings, Clock& clock, Devices devices,
                 inspect::Inspector& inspector, record::RecordQueue& records, record::Notice notice,
                 Keeping keeping)
    : settings_(settings),
      clock_(clock),
      devices_(devices),
      first_{settings.release, &inspector, settings.gate.inference_reserve},
      notice_(std::move(notice)),
      keeping_(keeping),
      gate_(settings.gate, *this,
            keeping.incidents != nullptr ? keeping.incidents->log() : nullptr),
      gate_records_(gate_, settings.gate.boot, settings.ledger_parts, records, clock),
      frames_by_slot_(FrameHolders::kSlots),
      signals_(devices_.signals, gate_signal_),
      slot_(first_),
      keep_warm_(settings.keep_warm, settings.warm_frame, slot_, clock) {
  if (keeping_.looks_at_parts == nullptr) return;
  tap_.emplace(SizeOfTap(inspector), *keeping_.looks_at_parts,
               [this](const image::Frame& frame) { LetGo(frame); });
}

Station::~Station() {
  RequestStop();
  if (!threads_.empty()) (void)Wait();
}

Status Station::Start(Duration lead) {
  if (!devices_.output.AllSafe(clock_.Now())) {
    return Error{ErrorCode::kIo, "the output does not take REJECT; check its wiring and driver"};
  }
  if (Status cores = CheckCores(ThreadPlansOf(settings_)); !cores) return cores;
  std::vector<std::string> refused;
  if (settings_.lock_memory) {
    if (Status locked = LockMemory(); !locked) refused.push_back(locked.error().message);
  }
  if (Status made = StartThreads(); !made) return made;
  for (std::string& thing : RefusedThings(start_.WaitForAll(threads_.size() + 1))) {
    refused.push_back(std::move(thing));
  }
  const Status granted = TellRefused(std::move(refused));
  line_start_ = clock_.Now() + lead;
  sources_running_ = static_cast<int>(2 + signals_.size());
  running_ = granted.has_value();
  start_.Decide(running_);
  if (!running_) JoinThreads();
  return granted;
}

void Station::JoinThreads() {
  if (inference_thread_.joinable()) inference_thread_.join();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// If the system gives no further thread, the existing ones wait for a start, and end.
Status Station::StartThreads() {
  try {
    MakeThreads();
    return {};
  } catch (const std::system_error& refused) {
    start_.Decide(false);
    JoinThreads();
    return ThreadRefused("a thread of the station", refused);
  }
}

void Station::MakeThreads() {
  if (tap_) tap_->Start();
  enum Place : std::size_t { kGate, kCamera, kInference, kTrigger, kSignals };  // of ThreadPlansOf
  const auto make = [this](std::size_t place, auto loop) {
    return std::thread([this, plan = ThreadPlansOf(settings_, signals_.size())[place], loop] {
      if (start_.Enter(plan)) loop();
    });
  };
  inference_thread_ = make(kInference, [this] { InferenceLoop(); });
  threads_.push_back(make(kGate, [this] { GateLoop(); }));
  threads_.push_back(make(kCamera, [this] { CameraLoop(); }));
  threads_.push_back(make(kTrigger, [this] { TriggerLoop(); }));
  for (std::size_t source = 0; source < signals_.size(); ++source) {
    threads_.push_back(make(kSignals + source, [this, source] { SignalsLoop(source); }));
  }
}

Status Station::TellRefused(std::vector<std::string> refused) {
  for (const std::string& thing : refused) notice_(thing);
  if (refused.empty() || !settings_.strict_realtime) return {};
  return Error{ErrorCode::kInvalid,
               "the station has not started: [realtime] strict or --strict-rt asks for " +
                   std::string(refused.size() == 1 ? "something" : "things") +
                   " that the system does not grant, named above (" +
                   std::to_string(refused.size()) + "); allow them, or start without strict"};
}

void Station::RequestStop() {
  stop_requested_ = true;
  gate_signal_.Notify();
}

void Station::RequestIncident() {
  if (keeping_.incidents == nullptr) return;
  keeping_.incidents->Want(incident::IncidentReason::kRequest);
  gate_signal_.Notify();
}

Status Station::Wait() {
  if (threads_.empty()) return {};
  threads_.front().join();  // the gate thread ends first; the output is safe now
  threads_stop_ = true;
  keep_warm_.Stop();
  slot_.Terminate();
  inference_signal_.Notify();
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  threads_.clear();
  DrainEvents();
  if (inference_away_ || !InferenceCameBack()) {
    // Nothing is killed in place: the process ends and its supervisor starts a new one.
    inference_thread_.detach();
    return Error{ErrorCode::kTimeout,
                 "the inference thread did not come back in time; the output is at REJECT, "
                 "restart the station"};
  }
  inference_thread_.join();
  const Status tap_ended = EndTap();
  return tap_ended ? WhyEnded() : tap_ended;
}

Status Station::EndTap() {
  if (!tap_ || tap_->Stop()) return {};
  return Error{
      ErrorCode::kTimeout,
      "the consumer of inspected parts did not come back in time; the output is at REJECT, "
      "restart the station"};
}

Status Station::WhyEnded() const {
  if (trigger_failed_) {
    const std::string words = trigger_words_ + devices_.trigger.fault();
    return Error{ErrorCode::kIo, "trigger failed: " + (words.empty() ? "edges were lost" : words)};
  }
  if (signals_.failed()) return Error{ErrorCode::kIo, signals_.FaultInWords()};
  if (camera_failed_) {
    return Error{ErrorCode::kIo, "camera failed: " + camera_words_ + devices_.camera.fault()};
  }
  if (output_failed_) {
    return Error{ErrorCode::kIo, "the output did not take its level; check its wiring and driver"};
  }
  return {};
}

// Edges that the trigger reported after the gate thread's last look are parts too: shutdown.
void Station::DrainEvents() {
  while (pump_.Step(clock_.Now())) {
  }
  ShowView();
}

// A run that was told to stop comes back soon, or never.
bool Station::InferenceCameBack() {
  const TimePoint limit = clock_.Now() + settings_.gate.fault_after;
  while (!inference_ended_ && clock_.Now() < limit) ended_signal_.WaitUntil(limit);
  return inference_ended_;
}

}  // namespace taktgate::station
