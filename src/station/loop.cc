// The way of a part through the station's threads: edge -> gate; frame -> gate -> inference;
// answer -> gate -> output. Set-up and tear-down are in station.cc.
#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "station/answer.h"
#include "station/last_catch.h"
#include "station/page_faults.h"
#include "station/station.h"

namespace taktgate::station {
namespace {

// How often a waiting device thread looks whether it should end.
constexpr auto kLookWhetherToEnd = std::chrono::milliseconds(50);

// False where a device does not start; its words are kept for the end.
template <typename Device>
bool Begin(Device& device, TimePoint at, std::atomic<bool>& failed, std::string& words) {
  const Status started = device.Start(at);
  if (!started) words = started.error().message;
  failed = !started;
  return started.has_value();
}

}  // namespace

// A source goes on until it has no more, or is gone.
bool Station::GoesOn(line::Wait wait, std::atomic<bool>& failed) {
  if (wait == line::Wait::kFault) failed = true;
  return wait == line::Wait::kReady || wait == line::Wait::kTimeout;
}

void Station::EndSource() {
  --sources_running_;
  gate_signal_.Notify();
}

bool Station::BeginTrigger() {
  return Begin(devices_.trigger, line_start_, trigger_failed_, trigger_words_);
}

void Station::TriggerLoop() {
  bool running = BeginTrigger();
  while (running && !threads_stop_) running = StepTrigger(clock_.Now() + kLookWhetherToEnd);
  EndSource();
}

bool Station::StepTrigger(TimePoint until) {
  line::Edge edge;
  const line::Wait wait = devices_.trigger.Next(until, edge);
  if (wait == line::Wait::kReady) {
    edges_.Push(edge);  // a full ring shows as a gap in the count
    gate_signal_.Notify();
  }
  return GoesOn(wait, trigger_failed_);
}

bool Station::BeginCamera() {
  return Begin(devices_.camera, line_start_, camera_failed_, camera_words_);
}

void Station::CameraLoop() {
  bool running = BeginCamera();
  while (running && !threads_stop_) running = StepCamera(clock_.Now() + kLookWhetherToEnd);
  EndSource();
}

bool Station::StepCamera(TimePoint until) {
  image::Frame frame;
  line::Wait wait = devices_.camera.Next(until, frame);
  if (wait == line::Wait::kReady && frame.slot >= frames_by_slot_.size()) {
    devices_.camera.Release(frame);
    wait = line::Wait::kFault;  // no pool has so many buffers
  }
  if (wait == line::Wait::kReady) HandOver(frame);
  return GoesOn(wait, camera_failed_);
}

void Station::SignalsLoop(std::size_t source) {
  bool running = signals_.Begin(source, line_start_);
  while (running && !threads_stop_) {
    running = signals_.Step(source, clock_.Now() + kLookWhetherToEnd);
  }
  EndSource();
}

// The gate gets the frame first; the copy for incidents is made afterwards.
void Station::HandOver(const image::Frame& frame) {
  const bool copied = keeping_.incidents != nullptr;
  holders_.Begin(frame.slot, copied ? 2 : 1);
  if (!frames_.Push(frame)) LetGo(frame);
  gate_signal_.Notify();
  if (!copied) return;
  keeping_.incidents->frames().Keep(frame);
  LetGo(frame);
}

void Station::LetGo(const image::Frame& frame) {
  if (holders_.LetGo(frame.slot)) devices_.camera.Release(frame);
}

void Station::CollectIncident() {
  if (keeping_.incidents != nullptr) keeping_.incidents->CollectIfWanted(gate_, clock_.Now());
}

void Station::GateLoop() {
  const PageFaults before = PageFaultsOfThisThread();
  GoOnline();
  bool took = false;
  while (StepGate(took)) {
    if (!took) gate_signal_.WaitUntil(release_change_.NextLook());
  }
  EndGate();
  cost_ = PageFaultsOfThisThread() - before;
  running_ = false;
}

// Release, devices and threads are proven before a station starts; there is nothing to wait for.
void Station::GoOnline() {
  const TimePoint now = clock_.Now();
  suspension_.Begin();
  gate_.On(gate::event::Command{gate::Command::kInitialize, now, now});
  gate_.On(gate::event::ChangeRelease{first_.number, first_.reserve, now, now});
  gate_.On(gate::event::Command{gate::Command::kPrepare, now, now});
  gate_.On(gate::event::Command{gate::Command::kStartContinuous, now, now});
  ShowView();
}

// One event, or only the time. False when the station has ended.
bool Station::StepGate(bool& took) {
  LookWhetherSuspended();
  took = pump_.Step(clock_.Now());
  ShowView();
  if (DeviceFailed() || inference_away_ || stop_requested_) return false;
  if (!took && LineIsOver() && gate_.idle()) return false;
  CollectIncident();
  release_change_.MakeIfWanted(took);
  if (!took && gate_.idle()) keep_warm_.NoPartInFlight();  // no edge waits in the pump either
  return true;
}

void Station::ShowView() { view_.Show(gate_.state(), gate_.severity(), gate_.counts()); }

bool Station::LineIsOver() const {
  return sources_running_ == 0 && edges_.size() == 0 && frames_.size() == 0 &&
         signals_.waiting() == 0;
}

void Station::LookWhetherSuspended() {
  if (!suspension_.Look()) return;
  const TimePoint now = clock_.Now();
  gate_.On(gate::event::Resumed{now, now});
}

void Station::EndGate() {
  const TimePoint now = clock_.Now();
  gate_.On(gate::event::Command{gate::Command::kHalt, now, now});
  ShowView();
  if (keeping_.incidents != nullptr && DeviceFailed()) {
    keeping_.incidents->Want(incident::IncidentReason::kDeviceFailed);
  }
  CollectIncident();
  if (!devices_.output.AllSafe(clock_.Now())) output_failed_ = true;
}

// What waits for the gate (gate::Door).
bool Station::Next(gate::Source source, gate::event::Input& input) {
  switch (source) {
    case gate::Source::kEdges:
      return NextEdge(input);
    case gate::Source::kSignals:
      return NextSignal(input);
    case gate::Source::kFrames:
      return NextFrame(input);
    case gate::Source::kAnswers:
      return NextAnswer(input);
    case gate::Source::kOrders:
      return order_desk_.Next(input);
  }
  return false;
}

void Station::Taken(gate::Source source, bool accepted) {
  if (source == gate::Source::kOrders) order_desk_.Taken(accepted);
}

bool Station::NextAnswer(gate::event::Input& input) {
  const auto back = answers_.Pop();
  if (!back) return false;
  // What another release says about a part is worth nothing.
  const bool its_own = back->release == run_release_;
  input =
      gate::event::Answered{back->part, its_own ? back->answer : WithoutVerdict(back->answer), {}};
  return true;
}

bool Station::NextEdge(gate::event::Input& input) {
  const auto edge = edges_.Pop();
  if (!edge) return false;
  if (edge->count != next_edge_) trigger_failed_ = true;  // a part that nobody would decide about
  next_edge_ = edge->count + 1;
  if (keeping_.journal != nullptr) {
    keeping_.journal->Edge({settings_.gate.boot, gate_.counts().parts + 1}, edge->at,
                           gate_.release());
  }
  keep_warm_.PartCame();
  input = gate::event::Trigger{edge->encoder, edge->at, {}};
  return true;
}

bool Station::NextSignal(gate::event::Input& input) {
  const auto signal = signals_.Next();
  if (!signal) return false;
  input = EventOf(*signal);
  return true;
}

bool Station::NextFrame(gate::event::Input& input) {
  const auto frame = frames_.Pop();
  if (!frame) return false;
  frames_by_slot_[frame->slot] = *frame;
  const bool partial = frame->info.status != image::FrameStatus::kComplete;
  input = gate::event::Frame{
      {frame->info.sequence, frame->info.captured_at, frame->info.arrived_at, partial, frame->slot},
      {}};
  return true;
}

void Station::InferenceLoop() {
  while (!threads_stop_) {
    if (StepInference()) continue;
    inference_signal_.WaitUntil(keep_warm_.Due());
    if (jobs_.size() == 0) keep_warm_.RunIfDue();
  }
  inference_ended_ = true;
  ended_signal_.Notify();
}

// False when there was nothing to do.
bool Station::StepInference() {
  const auto job = jobs_.Pop();
  if (!job && slot_.IsFree()) return false;
  // Before its first part. What waits of the one before was told to stop, and its answer is late.
  slot_.TakeOver();
  if (!job) {
    gate_signal_.Notify();
    return true;
  }
  const LoadedRelease& release = slot_.in_force();
  Back back{job->part, {}, release.number};
  const inspect::Inspection& seen =
      InspectFrame(MakeReadyToRun(release, job->part), job->frame, back.answer);
  const bool held = HoldForTap(job->frame);
  answers_.Push(back);
  gate_signal_.Notify();
  TellTap(*job, release.number, seen, held);
  keep_warm_.PartInspected();
  return true;
}

// Withdraws the request that stopped the run before. A request to stop this run stays, even if it
// came before this call.
inspect::Inspector& Station::MakeReadyToRun(const LoadedRelease& release, gate::PartId part) {
  inspect::Inspector& inspector = slot_.BeginRun(release);
  if (threads_stop_ || terminated_ >= part.sequence) inspector.Terminate();
  return inspector;
}

const inspect::Inspection& Station::InspectFrame(inspect::Inspector& inspector,
                                                 const image::Frame& frame, gate::Answer& answer) {
  const TimePoint started_at = clock_.Now();
  const inspect::Inspection& seen = inspector.Inspect(frame.view);
  answer = AnswerOf(seen);
  answer.started_at = started_at;
  answer.finished_at = clock_.Now();
  return seen;
}

// Before the answer is handed on: with it the gate may give the frame back.
bool Station::HoldForTap(const image::Frame& frame) {
  if (!tap_ || !tap_->WantsNext()) return false;
  holders_.Add(frame.slot);
  return true;
}

void Station::TellTap(const Job& job, std::uint32_t release, const inspect::Inspection& seen,
                      bool held) {
  if (held) {
    tap_->Inspected({job.part, release, job.frame, seen.logits, seen.extra_outputs});
  } else if (tap_) {
    tap_->PassBy(job.part);
  }
}

// PASS and VALID are about the part that is in the gate. This thread may have been stopped since
// the gate compared the times, so both look at the clock again on both sides of the wire.
bool Station::SetLine(gate::Line line, bool energised, TimePoint latest, TimePoint until) {
  const TimePoint now = clock_.Now();
  const bool of_a_part = energised && (line == gate::Line::kPass || line == gate::Line::kValid);
  const LevelChange change;
  if (energised && !change.allowed()) return false;
  if (of_a_part && (now >= latest || suspension_.Since())) return false;
  if (!devices_.output.Set(line, energised, now, until)) {
    output_failed_ = true;
    return !of_a_part;
  }
  return !of_a_part || (clock_.Now() < latest && !suspension_.Since());
}

void Station::WillPass(gate::PartId part) {
  if (keeping_.journal != nullptr) keeping_.journal->WillPass(part);
}

void Station::StartInference(gate::PartId part, std::uint32_t frame_slot) {
  run_release_ = gate_.release();
  jobs_.Push({part, frames_by_slot_[frame_slot]});
  inference_signal_.Notify();
}

void Station::TerminateInference(gate::PartId part) {
  terminated_ = part.sequence;
  slot_.Terminate();
}

void Station::ReleaseFrame(std::uint32_t frame_slot) { LetGo(frames_by_slot_[frame_slot]); }

void Station::Decided(const gate::Decision& decision) {
  gate::Decision issued = decision;
  issued.issued_at = clock_.Now();
  if (keeping_.journal != nullptr) keeping_.journal->Decided(decision);
  view_.OnDecision(decision);
  gate_records_.Decided(issued);
  if (tap_) tap_->Decided(issued);
}

void Station::LateAnswer(gate::PartId part, const gate::Answer& answer) {
  gate_records_.LateAnswer(part, answer);
}

void Station::PassCutShort(gate::PartId part) { gate_records_.PassCutShort(part); }

void Station::BinSaid(gate::PartId part, gate::Verified verified) {
  gate_records_.BinSaid(part, verified);
}

void Station::Raised(const gate::Alarm& alarm) {
  view_.OnAlarm(alarm);
  gate_records_.Raised(alarm);
  if (keeping_.incidents != nullptr) keeping_.incidents->OnAlarm(alarm);
}

void Station::InferenceFault(gate::PartId) { inference_away_ = true; }

}  // namespace taktgate::station
