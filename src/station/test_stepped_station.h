#ifndef TAKTGATE_STATION_TEST_STEPPED_STATION_H_
#define TAKTGATE_STATION_TEST_STEPPED_STATION_H_

#include "station/station.h"

// For the unit tests of this room.
namespace taktgate::station::testing {

// A station without threads: one test thread makes the step of each loop, in whatever order and
// at whatever virtual time it likes. What a stalled thread does is a step that is not made.
class SteppedStation {
 public:
  SteppedStation(Station& station, VirtualClock& clock) : station_(station), clock_(clock) {}

  // As Station::Start, and what each thread does first.
  Status Start(Duration lead) {
    if (!station_.devices_.output.AllSafe(clock_.Now())) return Error{ErrorCode::kIo, "output"};
    station_.line_start_ = clock_.Now() + lead;
    station_.running_ = true;
    if (station_.tap_) station_.tap_->Start();
    station_.sources_running_ = static_cast<int>(2 + station_.signals_.size());
    trigger_runs_ = station_.BeginTrigger();
    camera_runs_ = station_.BeginCamera();
    signals_run_.clear();
    for (std::size_t k = 0; k < station_.signals_.size(); ++k) {
      signals_run_.push_back(station_.signals_.Begin(k, station_.line_start_));
    }
    station_.GoOnline();
    gate_runs_ = true;
    return {};
  }

  // Whatever the device has by now; the loop of a source that is over has ended.
  void Trigger() {
    Source(trigger_runs_, [this] { return station_.StepTrigger(clock_.Now()); });
  }
  void Camera() {
    Source(camera_runs_, [this] { return station_.StepCamera(clock_.Now()); });
  }
  // Of each device that tells signals.
  void Signals() {
    for (std::size_t k = 0; k < signals_run_.size(); ++k) {
      bool runs = signals_run_[k];
      Source(runs, [this, k] { return station_.signals_.Step(k, clock_.Now()); });
      signals_run_[k] = runs;
    }
  }
  // Until the gate thread would wait.
  void Gate() {
    bool took = true;
    while (gate_runs_ && took) gate_runs_ = station_.StepGate(took);
    if (gate_runs_ || ended_) return;
    station_.EndGate();
    station_.running_ = false;
    ended_ = true;
  }
  // One run of the model, which takes no time; false where there was nothing to do.
  bool Inference() { return station_.StepInference(); }
  // Each thread in its turn, as often as it has something to do at this moment.
  void All() {
    for (int round = 0; round < 4; ++round) {
      for (int k = 0; k < 32; ++k) Trigger(), Signals(), Camera();
      Gate();
      Inference();
    }
    Gate();
  }
  // All threads, each `step` of time, for `length`.
  void Run(Duration length, Duration step) {
    const TimePoint end = clock_.Now() + length;
    for (All(); clock_.Now() < end && gate_runs_; All()) clock_.Advance(step);
  }

  // The real loop of a thread, on this one: until its source is over or StopThreads.
  void TriggerLoop() { station_.TriggerLoop(); }
  void CameraLoop() { station_.CameraLoop(); }
  void SignalsLoop(std::size_t source = 0) { station_.SignalsLoop(source); }
  void GateLoop() { station_.GateLoop(); }
  void InferenceLoop() { station_.InferenceLoop(); }
  void WakeInference() { station_.inference_signal_.Notify(); }
  void StopThreads() { station_.threads_stop_ = true; }
  // As somebody sees it who waits for that thread.
  void GateThreadEnds() { station_.running_ = false; }

  // One event for the gate thread, or only the time; false at its end.
  bool OneStepOfGate() {
    bool took = false;
    return station_.StepGate(took);
  }
  // As Station::Give; what the gate thread answers at once.
  std::optional<control::OrderAnswer> Give(const control::Order& order) {
    station_.orders_.Tell(order);
    (void)gate_was_woken();
    Gate();
    return station_.orders_.Answered();
  }
  // As Station::ChangeRelease, which does not wait.
  void WishFor(const LoadedRelease& next, control::Order order = {}) {
    order.kind = control::Order::Kind::kRelease;
    order.at = clock_.Now();
    station_.wishes_.Tell({&next, order, clock_.Now() + std::chrono::seconds(1),
                           clock_.Now() + std::chrono::seconds(2)});
    (void)gate_was_woken();
  }
  std::optional<ReleaseAnswer> ReleaseAnswered() { return station_.wishes_.Answered(); }
  // The giver has lost its patience.
  void TakeWishBack() { station_.wishes_.Withdraw(); }
  // One run of the model, whose answer says that another release gave it.
  void MisnumberTheNextAnswer() {
    station_.StepInference();
    auto back = station_.answers_.Pop();
    ++back->release;
    station_.answers_.Push(*back);
  }
  // What the gate tells its output.
  bool SetLine(gate::Line line, bool energised, TimePoint latest) {
    return station_.SetLine(line, energised, latest, TimePoint::max());
  }
  // The inference thread with nothing else to do.
  void KeepWarm() { station_.keep_warm_.RunIfDue(); }

  bool runs() const { return gate_runs_; }
  int sources_running() const { return station_.sources_running_; }
  std::size_t signals_waiting() const { return station_.signals_.waiting(); }
  // Since the last look at it.
  bool gate_was_woken() { return station_.gate_signal_.WaitUntil(TimePoint{}); }
  bool inference_was_woken() { return station_.inference_signal_.WaitUntil(TimePoint{}); }
  // As Station::Wait after the end of its threads.
  Status WhyEnded() {
    station_.DrainEvents();
    return station_.WhyEnded();
  }
  bool gate_idle() const { return station_.gate_.idle(); }
  const gate::Counts& counts() const { return station_.gate_.counts(); }
  TimePoint NextTimer() const { return station_.gate_.NextTimer(); }
  TimePoint NextLook() const { return station_.release_change_.NextLook(); }

 private:
  template <typename Step>
  void Source(bool& runs, Step step) {
    if (!runs) return;
    runs = step();
    if (!runs) station_.EndSource();
  }

  Station& station_;
  VirtualClock& clock_;
  bool trigger_runs_ = false, camera_runs_ = false;
  std::vector<bool> signals_run_;
  bool gate_runs_ = false, ended_ = false;
};

}  // namespace taktgate::station::testing

#endif  // TAKTGATE_STATION_TEST_STEPPED_STATION_H_
