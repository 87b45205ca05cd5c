// The way of a part through the station's threads: edge -> gate; frame -> gate -> inference;
// answer -> gate -> output. Set-up and tear-down are in station.cc.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "station/last_catch.h"
#include "station/station.h"

namespace taktgate::station {
namespace {

// How often a waiting device thread looks whether it should end.
constexpr auto kLookAround = std::chrono::milliseconds(50);

rusage UsageOfThisThread() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage;
}

}  // namespace

void Station::TriggerLoop(TimePoint line_start) {
  const Status started = devices_.trigger.Start(line_start);
  bool running = started.has_value();
  if (!running) trigger_words_ = started.error().message;
  trigger_failed_ = !running;
  while (running && !threads_stop_) {
    line::Edge edge;
    const line::Wait wait = devices_.trigger.Next(clock_.Now() + kLookAround, edge);
    if (wait == line::Wait::kReady) {
      edges_.Push(edge);  // a full ring shows as a gap in the count
      gate_signal_.Notify();
    } else if (wait != line::Wait::kTimeout) {
      trigger_failed_ = wait == line::Wait::kFault;
      running = false;
    }
  }
  --sources_running_;
  gate_signal_.Notify();
}

void Station::CameraLoop(TimePoint line_start) {
  const Status started = devices_.camera.Start(line_start);
  bool running = started.has_value();
  if (!running) camera_words_ = started.error().message;
  camera_failed_ = !running;
  while (running && !threads_stop_) {
    image::Frame frame;
    const line::Wait wait = devices_.camera.Next(clock_.Now() + kLookAround, frame);
    if (wait == line::Wait::kReady) {
      HandOver(frame);
    } else if (wait != line::Wait::kTimeout) {
      camera_failed_ = wait == line::Wait::kFault;
      running = false;
    }
  }
  --sources_running_;
  gate_signal_.Notify();
}

// Counts of the encoder replace each other; the rest is taken one by one.
void Station::HandOver(const line::Signal& signal) {
  if (signal.kind == line::Signal::Kind::kEncoder) {
    encoder_ = (std::uint64_t{1} << 32) + signal.value;
  } else if (!signals_.Push(signal)) {
    signals_failed_ = true;  // a sensor that speaks faster than it can be heard is broken
  }
  gate_signal_.Notify();
}

void Station::SignalsLoop(TimePoint line_start) {
  const Status started = devices_.signals->Start(line_start);
  bool running = started.has_value();
  if (!running) signals_words_ = started.error().message;
  if (!running) signals_failed_ = true;
  while (running && !threads_stop_) {
    line::Signal signal;
    const line::Wait wait = devices_.signals->Next(clock_.Now() + kLookAround, signal);
    if (wait == line::Wait::kReady) {
      HandOver(signal);
    } else if (wait != line::Wait::kTimeout) {
      if (wait == line::Wait::kFault) signals_failed_ = true;
      running = false;
    }
  }
  --sources_running_;
  gate_signal_.Notify();
}

// The gate is told first; the copy for incidents is made behind its back.
void Station::HandOver(const image::Frame& frame) {
  if (keeping_.incidents != nullptr) keeping_.incidents->frames().Hold(frame.slot);
  if (!frames_.Push(frame)) LetGo(frame);
  gate_signal_.Notify();
  if (keeping_.incidents == nullptr) return;
  keeping_.incidents->frames().Keep(frame);
  LetGo(frame);
}

void Station::LetGo(const image::Frame& frame) {
  if (keeping_.incidents == nullptr || keeping_.incidents->frames().LetGo(frame.slot)) {
    devices_.camera.Release(frame);
  }
}

void Station::TakeIncident() {
  if (keeping_.incidents != nullptr) keeping_.incidents->TakeIfWanted(gate_, clock_.Now());
}

void Station::GateLoop() {
  const rusage before = UsageOfThisThread();
  GoOnline();
  while (true) {
    const bool took = TakeEvents();
    gate_.OnTime(clock_.Now());
    if (DeviceFailed() || inference_away_) break;
    if (stop_requested_) break;
    const bool line_over =
        sources_running_ == 0 && edges_.size() == 0 && frames_.size() == 0 && signals_.size() == 0;
    if (line_over && gate_.idle()) break;
    TakeOrders();
    TakeIncident();
    if (gate_.idle()) keep_warm_.NoPartInFlight();
    if (!took) gate_signal_.WaitUntil(gate_.NextTimer());
  }
  gate_.Take(gate::Command::kHalt, clock_.Now());
  if (keeping_.incidents != nullptr && DeviceFailed()) {
    keeping_.incidents->Want(IncidentReason::kDeviceFailed);
  }
  TakeIncident();
  if (!devices_.output.AllSafe(clock_.Now())) output_failed_ = true;
  const rusage after = UsageOfThisThread();
  cost_.minor_faults = static_cast<std::uint64_t>(after.ru_minflt - before.ru_minflt);
  cost_.major_faults = static_cast<std::uint64_t>(after.ru_majflt - before.ru_majflt);
  running_ = false;
}

// Release, devices and threads are proven before a station starts; there is nothing to wait for.
void Station::GoOnline() {
  const TimePoint now = clock_.Now();
  gate_.Take(gate::Command::kInitialize, now);
  gate_.Take(gate::Command::kPrepare, now);
  gate_.Take(gate::Command::kStartContinuous, now);
}

void Station::TakeEdges() {
  while (const auto edge = edges_.Pop()) {
    if (edge->count != next_edge_) trigger_failed_ = true;  // a part nobody would decide about
    next_edge_ = edge->count + 1;
    if (keeping_.journal != nullptr) {
      keeping_.journal->Edge({settings_.gate.boot, gate_.counts().parts + 1}, edge->at);
    }
    keep_warm_.PartCame();
    gate_.OnTrigger(edge->at, clock_.Now(), edge->encoder);
  }
}

// The belt first: a sensor speaks about where the parts are.
bool Station::TakeSignals() {
  bool took = false;
  if (const std::uint64_t count = encoder_.exchange(0); count != 0) {
    gate_.OnEncoder(static_cast<std::uint32_t>(count), clock_.Now());
    took = true;
  }
  while (const auto signal = signals_.Pop()) {
    const TimePoint now = clock_.Now();
    using Kind = line::Signal::Kind;
    if (signal->kind == Kind::kGateSensor) gate_.OnGateSensor(now);
    if (signal->kind == Kind::kBinSensor) gate_.OnBinSensor(now);
    if (signal->kind == Kind::kPlcPart) gate_.OnPlcPart(signal->value, now);
    if (signal->kind == Kind::kPlcBeat) gate_.OnPlcBeat(signal->value != 0, now);
    took = true;
  }
  return took;
}

// Edges before frames: an edge is older than its frame, whichever thread was woken first. They are
// looked for again behind each frame that was taken, for one that came in between.
bool Station::TakeEvents() {
  bool took = edges_.size() != 0;
  TakeEdges();
  took = TakeSignals() || took;
  while (const auto frame = frames_.Pop()) {
    TakeEdges();
    if (frame->slot >= frames_by_slot_.size()) {
      camera_failed_ = true;
      LetGo(*frame);
      continue;
    }
    frames_by_slot_[frame->slot] = *frame;
    const gate::FrameSeen seen{frame->info.sequence, frame->info.captured_at,
                               frame->info.arrived_at,
                               frame->info.status != image::FrameStatus::kComplete, frame->slot};
    gate_.OnFrame(seen, clock_.Now());
    took = true;
  }
  while (const auto back = answers_.Pop()) {
    gate_.OnAnswer(back->part, back->answer, clock_.Now());
    took = true;
  }
  return took;
}

void Station::InferenceLoop() {
  while (!threads_stop_) {
    const auto job = jobs_.Pop();
    if (!job) {
      inference_signal_.WaitUntil(keep_warm_.Due());
      if (jobs_.size() == 0) keep_warm_.RunIfDue();
      continue;
    }
    MakeReadyToRun(job->part);
    answers_.Push({job->part, InspectFrame(job->frame)});
    gate_signal_.Notify();
    keep_warm_.PartInspected();
  }
  inference_ended_ = true;
  ended_signal_.Notify();
}

// Takes back what ended the run before this one; a request that is about this one holds, however
// the two meet.
void Station::MakeReadyToRun(gate::PartId part) {
  inspector_.ResetTerminate();
  if (threads_stop_ || terminated_ >= part.sequence) inspector_.Terminate();
}

gate::Answer Station::InspectFrame(const image::Frame& frame) {
  gate::Answer answer;
  answer.started_at = clock_.Now();
  const Inspection& inspection = inspector_.Inspect(frame.view);
  answer.verdict = inspection.part.verdict;
  answer.reason = inspection.part.reason;
  answer.class_index = inspection.part.class_index;
  answer.worst_window = inspection.part.worst_window;
  answer.defect_score = inspection.part.defect_score;
  answer.windows =
      static_cast<std::uint8_t>(std::min(inspection.windows.size(), gate::kMaxWindows));
  for (std::size_t i = 0; i < answer.windows; ++i) {
    answer.window_scores[i] = static_cast<float>(inspection.windows[i].defect_score);
  }
  answer.aligned = inspection.shift.has_value();
  if (inspection.shift) {
    answer.shift_x = inspection.shift->x;
    answer.shift_y = inspection.shift->y;
  }
  answer.image_time = inspection.image_time;
  answer.infer_time = inspection.infer_time;
  answer.judge_time = inspection.judge_time;
  answer.finished_at = clock_.Now();
  return answer;
}

// This thread may have been stopped since the gate compared the times, so a PASS looks at the
// clock again on both sides of the wire.
bool Station::SetLine(gate::Line line, bool energised, TimePoint latest, TimePoint until) {
  const TimePoint now = clock_.Now();
  const bool pass = line == gate::Line::kPass && energised;
  const LevelChange change;
  if (energised && !change.allowed()) return false;
  if (pass && now >= latest) return false;
  if (!devices_.output.Set(line, energised, now, until)) {
    output_failed_ = true;
    return !pass;
  }
  return !pass || clock_.Now() < latest;
}

void Station::WillPass(gate::PartId part) {
  if (keeping_.journal != nullptr) keeping_.journal->WillPass(part);
}

void Station::StartInference(gate::PartId part, std::uint32_t frame_slot) {
  jobs_.Push({part, frames_by_slot_[frame_slot]});
  inference_signal_.Notify();
}

void Station::TerminateInference(gate::PartId part) {
  terminated_ = part.sequence;
  inspector_.Terminate();
}

void Station::ReleaseFrame(std::uint32_t frame_slot) { LetGo(frames_by_slot_[frame_slot]); }

void Station::Decided(const gate::Decision& decision) {
  Record record{Record::Kind::kDecision, decision, {}};
  record.decision.issued_at = clock_.Now();
  if (keeping_.journal != nullptr) keeping_.journal->Decided(decision);
  ledger_.Add(record.decision);
  records_.Offer(record);
}

void Station::LateAnswer(gate::PartId part, const gate::Answer& answer) {
  ledger_.AddLateVerdict(part, answer.verdict);
  Record record{Record::Kind::kLateAnswer, {}, {}};
  if (const gate::Decision* decided = ledger_.Find(part)) record.decision = *decided;
  record.decision.part = part;
  record.decision.answer = answer;
  records_.Offer(record);
}

void Station::PassCutShort(gate::PartId part) {
  Record record{Record::Kind::kPassCutShort, {}, {}};
  record.decision.part = part;
  records_.Offer(record);
}

void Station::BinSaid(gate::PartId part, gate::Verified verified) {
  ledger_.SetVerified(part, verified);
  Record record{Record::Kind::kVerified, {}, {}};
  record.decision.part = part;
  record.decision.verified = verified;
  records_.Offer(record);
}

void Station::Raised(const gate::Alarm& alarm) {
  open_alarms_[static_cast<std::size_t>(alarm.kind)] = alarm.severity;
  Record record{Record::Kind::kAlarm, {}, alarm};
  record.decision.part = alarm.part;
  record.at = clock_.Now();
  records_.Offer(record);
  if (keeping_.incidents != nullptr) keeping_.incidents->OnAlarm(alarm);
}

void Station::InferenceFault(gate::PartId) { inference_away_ = true; }

}  // namespace taktgate::station
