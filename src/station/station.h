#ifndef TAKTGATE_STATION_STATION_H_
#define TAKTGATE_STATION_STATION_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/result.h"
#include "base/spsc_ring.h"
#include "control/orders.h"
#include "gate/line_view.h"
#include "gate/pump.h"
#include "gate/recorded_gate.h"
#include "incident/incident_recorder.h"
#include "inspect/inspector.h"
#include "line/line.h"
#include "record/flight_journal.h"
#include "record/part_tap.h"
#include "record/records.h"
#include "station/errands.h"
#include "station/frame_holders.h"
#include "station/gate_records.h"
#include "station/keep_warm.h"
#include "station/order_desk.h"
#include "station/page_faults.h"
#include "station/release_change.h"
#include "station/release_slot.h"
#include "station/signal_sources.h"
#include "station/suspension.h"
#include "station/thread_start.h"

namespace taktgate::station {

namespace testing {
class SteppedStation;
}

// The core that a thread is kept on; nothing: any.
struct ThreadCores {
  std::optional<int> gate;
  std::optional<int> camera;
  std::optional<int> inference;
};

struct StationSettings {
  // Without a device that acknowledges, a line stop would be for ever: alarms stay warnings.
  gate::GateSettings gate{.escalation = gate::EscalationSettings::Off()};
  bool lock_memory = true;
  bool realtime_threads = true;
  ThreadCores cores;
  bool strict_realtime = false;  // no start where any of the three above is not granted
  // How long the line stands before the model runs on `warm_frame`, and again; zero: never.
  Duration keep_warm{};
  image::Image warm_frame;
  std::size_t ledger_parts = 65'536;
  std::uint32_t release = 1;  // number of the first one; its reserve is that of `gate`
};

// What the threads of a station ask for. Those of the signals come last: not every line has them,
// and some have several.
std::vector<ThreadPlan> ThreadPlansOf(const StationSettings& settings, std::size_t signals = 1);

// The devices of one line, all of them open. They outlive the station.
struct Devices {
  line::Trigger& trigger;
  line::Camera& camera;
  line::Output& output;
  std::vector<NamedSignals> signals{};  // of a line that has encoder, sensors or PLCs
};

// What a station keeps besides its records; nullptr for what it does not keep. They outlive the
// station.
struct Keeping {
  record::FlightJournal* journal = nullptr;
  incident::IncidentRecorder* incidents = nullptr;
  record::PartConsumer* looks_at_parts = nullptr;  // after their decision; it may be slow
};

// The running process on one camera: owns every thread on the way of a part.
//
//   trigger thread ─edges──┐
//   signals threads ───────┤   (one for each device that tells signals)
//   camera thread ─frames──┼─> gate thread (owns Gate, Ledger and Output) ─> records
//   inference thread <jobs─┘        ^──answers── inference thread
//
// The gate thread alone decides; it waits on one signal and the next timer and takes events from
// lock-free rings. loop.cc is the file in which one part can be followed. The inference thread
// judges each part by the release that was in force at its edge.
//
// Threads: Start, Wait from the owner; the requests from any thread and from signal handlers.
class Station final : private gate::GateOutputs, private gate::Door {
 public:
  Station(const StationSettings& settings, Clock& clock, Devices devices,
          inspect::Inspector& inspector, record::RecordQueue& records, record::Notice notice,
          Keeping keeping = {});
  ~Station() override;

  // Sets the output to REJECT, locks memory and starts all threads; the line begins `lead` later.
  // What the system does not grant is reported, one notice for each thing. io: an output that does
  // not take REJECT. invalid: a core that is not there, or, when strict, something that was not
  // granted.
  Status Start(Duration lead);
  void RequestStop();
  // Tells the gate thread an order and waits for its answer; nothing when it has not taken it
  // within a second or the line has ended, and then it is not obeyed. From one thread at a time.
  std::optional<control::OrderAnswer> Give(const control::Order& order) {
    return order_desk_.Give(order);
  }
  // Puts `next` in force between two parts and waits until that is done. Where the line gives no
  // moment without a part in flight within a second, those in flight are rejected as `offline`. A
  // station that is stopped stays stopped. wrong_state, timeout: the release is what it was; the
  // words say why. `next` and its inspector live as long as Uses says. From one thread at a time.
  Result<ReleaseAnswer> ChangeRelease(const LoadedRelease& next, const control::Order& order) {
    return release_change_.Ask(next, order);
  }
  bool Uses(const LoadedRelease& release) const { return slot_.Holds(release); }
  // The last events and frames are written, as after a fault.
  void RequestIncident();
  // Returns when the line has ended, a stop was asked for, or a device or the inference thread
  // failed (the error says which). timeout: the inference thread, or the consumer of parts, did
  // not come back; it still uses this object, so the process must end without destroying it.
  Status Wait();
  // What a PLC or a page may know of this line, as of the last event that changed something. To be
  // read on any thread at any time; nobody is held up by it.
  const gate::SeenLineView& view() const { return view_.seen(); }
  // False once the gate thread has ended: the output is at REJECT and Wait returns at once.
  bool running() const { return running_; }

  // After Wait.
  const gate::Ledger& ledger() const { return gate_records_.ledger(); }
  std::uint64_t parts() const { return gate_.counts().parts; }
  std::uint64_t stray_frames() const { return gate_.counts().stray_frames; }
  std::uint64_t dropped_events() const {
    return edges_.dropped() + signals_.dropped() + frames_.dropped();
  }

  std::uint64_t release_changes() const { return release_change_.changes(); }
  // Parts that a change of the release rejected, or whose PASS it cut short.
  std::uint64_t parts_cut_off() const { return release_change_.parts_cut_off(); }

  // Parts and decisions that the consumer of parts was too slow for.
  std::uint64_t parts_not_seen() const { return tap_ ? tap_->dropped() : 0; }

  // Runs of the model while the line stood.
  std::uint64_t warm_runs() const { return keep_warm_.runs(); }

  // Of the gate thread between its first and its last event.
  const PageFaults& gate_thread_cost() const { return cost_; }

 private:
  struct Job {
    gate::PartId part;
    image::Frame frame;
  };
  struct Back {
    gate::PartId part;
    gate::Answer answer;
    std::uint32_t release = 0;  // that gave it
  };

  Status StartThreads();
  void MakeThreads();
  void JoinThreads();
  Status TellRefused(std::vector<std::string> refused);

  // loop.cc: one loop for each thread, and its step. What a loop does between its waits is its
  // step, so that a test can make all steps itself, in virtual time.
  friend class testing::SteppedStation;
  bool BeginTrigger();
  void TriggerLoop();
  bool StepTrigger(TimePoint until);
  void SignalsLoop(std::size_t source);
  bool BeginCamera();
  void CameraLoop();
  bool StepCamera(TimePoint until);
  void InferenceLoop();
  bool StepInference();
  void GateLoop();
  bool StepGate(bool& took);
  static bool GoesOn(line::Wait wait, std::atomic<bool>& failed);
  void EndSource();
  void GoOnline();
  void EndGate();
  void ShowView();
  bool LineIsOver() const;
  void LookWhetherSuspended();

  // gate::Door, on the gate thread.
  bool Next(gate::Source source, gate::event::Input& input) override;
  void Taken(gate::Source source, bool accepted) override;
  bool NextEdge(gate::event::Input& input);
  bool NextSignal(gate::event::Input& input);
  bool NextFrame(gate::event::Input& input);
  bool NextAnswer(gate::event::Input& input);

  inspect::Inspector& MakeReadyToRun(const LoadedRelease& release, gate::PartId part);
  const inspect::Inspection& InspectFrame(inspect::Inspector& inspector, const image::Frame& frame,
                                          gate::Answer& answer);
  bool HoldForTap(const image::Frame& frame);
  void TellTap(const Job& job, std::uint32_t release, const inspect::Inspection& seen, bool held);
  void DrainEvents();
  Status WhyEnded() const;
  bool InferenceCameBack();
  bool DeviceFailed() const {
    return trigger_failed_ || signals_.failed() || camera_failed_ || output_failed_;
  }
  void HandOver(const image::Frame& frame);
  void LetGo(const image::Frame& frame);
  Status EndTap();
  void CollectIncident();

  // gate::GateOutputs, on the gate thread.
  bool SetLine(gate::Line line, bool energised, TimePoint latest, TimePoint until) override;
  void WillPass(gate::PartId part) override;
  void StartInference(gate::PartId part, std::uint32_t frame_slot) override;
  void TerminateInference(gate::PartId part) override;
  void ReleaseFrame(std::uint32_t frame_slot) override;
  void Decided(const gate::Decision& decision) override;
  void LateAnswer(gate::PartId part, const gate::Answer& answer) override;
  void PassCutShort(gate::PartId part) override;
  void BinSaid(gate::PartId part, gate::Verified verified) override;
  void Raised(const gate::Alarm& alarm) override;
  void InferenceFault(gate::PartId part) override;

  // Constant after construction.
  const StationSettings settings_;
  Clock& clock_;
  const Devices devices_;
  const LoadedRelease first_;
  const record::Notice notice_;
  const Keeping keeping_;

  // The gate thread's.
  gate::RecordedGate gate_;
  gate::Pump pump_{*this, gate_};
  std::uint32_t run_release_ = 0;  // of the part whose run is in progress
  GateRecords gate_records_;
  Suspension suspension_{clock_};
  std::vector<image::Frame> frames_by_slot_;
  PageFaults cost_;
  std::uint64_t next_edge_ = 0;
  gate::LineViewKeeper view_;

  // Between threads.
  // A part without a decision must not be: after a process stood still, many edges come at once.
  DroppingSpscRing<line::Edge> edges_{2048};
  DroppingSpscRing<image::Frame> frames_{64};
  DroppingSpscRing<Job> jobs_{2};
  DroppingSpscRing<Back> answers_{4};
  EventSignal gate_signal_;
  SignalSources signals_;
  EventSignal inference_signal_;
  EventSignal ended_signal_;
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> threads_stop_{false};
  std::atomic<bool> running_{false};
  std::atomic<int> sources_running_{0};
  std::atomic<bool> trigger_failed_{false};
  std::atomic<bool> camera_failed_{false};
  std::atomic<bool> output_failed_{false};
  std::atomic<bool> inference_away_{false};
  std::atomic<bool> inference_ended_{false};
  Orders orders_{clock_, gate_signal_, running_};
  ReleaseWishes wishes_{clock_, gate_signal_, running_};

  // The last part whose run was told to stop.
  std::atomic<std::uint64_t> terminated_{0};
  FrameHolders holders_;
  std::optional<record::PartTap> tap_;
  ReleaseSlot slot_;
  OrderDesk order_desk_{gate_, view_, gate_records_, clock_, orders_};
  ReleaseChange release_change_{gate_,  order_desk_, gate_records_, slot_, inference_signal_,
                                clock_, wishes_};
  KeepWarm keep_warm_;
  ThreadStart start_;
  TimePoint line_start_{};     // set before the threads are let go
  std::string trigger_words_;  // of a refused start; read after the threads have ended
  std::string camera_words_;
  std::vector<std::thread> threads_;
  std::thread inference_thread_;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_STATION_H_
