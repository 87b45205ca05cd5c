#ifndef TAKTGATE_SIM_SOFT_LINE_H_
#define TAKTGATE_SIM_SOFT_LINE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/spsc_ring.h"
#include "boards/board.h"
#include "gate/gate.h"
#include "gate/pump.h"
#include "sim/event_heap.h"
#include "sim/fault.h"
#include "sim/line_part.h"
#include "sim/referee.h"
#include "sim/soft_frame.h"
#include "sim/soft_settings.h"
#include "sim/soft_wires.h"

namespace taktgate::sim {

// Makes the gate of a station that starts. The shipped one is gate::Gate; tests put broken ones in
// its place, to see that the referee notices.
using MakeGate = std::function<std::unique_ptr<gate::Gate>(const gate::GateSettings& settings,
                                                           gate::GateOutputs& outputs)>;

// A line in virtual time around the real gate and its pump: belt, light barrier, camera, model,
// ejector, bin, PLC, operator, supervisor, and everything that a fault script makes go wrong. The
// same settings, faults and seed give the same line, event by event. The referee learns everything
// that happens.
//
// soft_line.cc has the loop, soft_belt.cc the parts, soft_camera.cc the frames, soft_station.cc
// the station around the gate, soft_door.cc what waits for the gate, soft_faults.cc what happens at
// a time.
//
// Threads: one. Nothing is allocated per part; a station that starts again allocates its gate.
class SoftLine final : private gate::GateOutputs, private gate::Door, private gate::GateInputs {
 public:
  SoftLine(const SoftSettings& settings, std::vector<Fault> faults, MakeGate make);

  // Until all parts are through and the station has stopped. Once.
  void Run();

  const Referee& referee() const { return referee_; }
  const LineTallies& tallies() const { return tallies_; }
  Duration length() const { return now_.time_since_epoch(); }

 private:
  enum class Kind : std::uint8_t {
    kStationStarts,
    kGoOnline,
    kBounce,  // part
    kEntersGate,
    kLeavesGate,
    kFalls,        // into the bin
    kMustBeSeen,   // there: disagreements, station
    kCapture,      // part
    kSecondFrame,  // part
    kArrives,      // slot, station
    kRunEnds,      // number of the run
    kNumber,       // part
    kBeat,         // of the PLC
    kOperator,
    kSupervisor,
    kFaultBegins,  // which
    kFaultEnds,
    kBeltRuns,
    kLineEnds,
  };
  struct LineEvent {
    Kind kind = Kind::kLineEnds;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
  };
  // What waits for the station besides edges and frames: signals of the line, answers of the model,
  // orders of people.
  struct Message {
    enum class Kind : std::uint8_t {
      kCount,  // of the encoder, not wrapped
      kGateSensor,
      kBinSensor,
      kNumber,
      kBeat,
      kAnswer,
      kOperator,
      kStop,
      kStart,
      kRelease,
      kChallenge,
    };
    Kind kind = Kind::kAnswer;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    judge::Verdict verdict = judge::Verdict::kUnknown;
    judge::Reason reason = judge::Reason::kModelError;
    TimePoint at{};  // on the station's clock
  };
  struct Edge {
    TimePoint stamp{};
    std::int64_t encoder = 0;
    std::uint64_t line_part = 0;
  };

  void Schedule(TimePoint at, Kind kind, std::uint64_t a = 0, std::uint64_t b = 0);
  void Handle(const LineEvent& what);

  // soft_belt.cc
  LinePart& PartOf(std::uint64_t number) { return parts_[number % parts_.size()]; }
  void MakePart();
  std::int64_t DrawGap();
  void Tick();
  void PartArrives(LinePart& part);
  void BarrierBreaks(LinePart& part, bool bounce);
  void EntersGate(LinePart& part);
  void LeavesGate(LinePart& part);
  void PassDrops();
  void Gone(LinePart& part);
  void Falls(LinePart& part);

  // soft_camera.cc
  void TriggerCamera(LinePart& part);
  void Capture(const LinePart& part);
  void Deliver(const SoftFrame& frame, Duration delay);
  void FrameArrives(std::uint32_t slot);
  void FreeSlot(std::uint32_t slot);

  // soft_station.cc
  // The station's clock at a time of the line.
  TimePoint ClockAt(TimePoint time) const {
    return (time < clock_until_    ? clock_stands_
            : time < sleeps_until_ ? sleeps_from_
                                   : time) -
           slept_;
  }
  void StationStarts();
  void StationDies(Duration away);
  void LineEnds();
  void Send(const Message& message);
  void Wake();
  void GateWakes();
  void SwapRelease(TimePoint now);
  Duration ReserveOfRelease() const;
  void HandOverHeld();
  void RunEnds(std::uint64_t run);

  // soft_door.cc: gate::Door, and what the referee gets of each event (gate::GateInputs).
  bool Next(gate::Source source, gate::event::Input& input) override;
  bool NextEdge(gate::event::Input& input);
  bool NextSignal(gate::event::Input& input);
  bool NextFrame(gate::event::Input& input);
  bool NextAnswer(gate::event::Input& input);
  bool NextOrder(gate::event::Input& input);
  void Orders(const Message& message);
  void Order(const gate::event::Input& order);
  bool On(const gate::event::Input& input) override;
  TimePoint NextTimer() const override { return gate_->NextTimer(); }
  bool Give(const gate::event::Input& input);
  void Tell(const gate::event::Trigger& event);
  void Tell(const gate::event::Encoder& event);
  void Tell(const gate::event::Frame& event);
  void Tell(const gate::event::Answered& event);
  void Tell(const gate::event::GateSensor& event);
  void Tell(const gate::event::PlcPart& event);
  void Tell(const gate::event::PlcBeat& event);
  void Tell(const gate::event::Command& event);
  void Tell(const gate::event::ChangeRelease& event);
  void Tell(const gate::event::StartChallenge& event);
  void Tell(const gate::event::Acknowledge& event);
  void Tell(const gate::event::Resumed& event);
  template <typename Event>
  void Tell(const Event&) {}  // the referee sees the rest by itself
  void LookWhoIsThere(gate::Line line, TimePoint at);
  bool IsMeant(const gate::event::Input& input) const;
  void CheckOrder(const gate::event::Input& input, bool online, bool accepted);

  bool SetLine(gate::Line line, bool energised, TimePoint latest, TimePoint until) override;
  void WillPass(gate::PartId part) override { will_pass_ = part; }
  void StartInference(gate::PartId part, std::uint32_t slot) override;
  void TerminateInference(gate::PartId part) override;
  void ReleaseFrame(std::uint32_t slot) override;
  void Decided(const gate::Decision& decision) override { referee_.Decided(decision); }
  void LateAnswer(gate::PartId part, const gate::Answer&) override { referee_.Late(part); }
  void PassCutShort(gate::PartId part) override { referee_.CutShort(part); }
  void Raised(const gate::Alarm& alarm) override;
  void Acknowledged(std::string_view) override { ++acknowledged_; }
  void InferenceFault(gate::PartId part) override;

  // soft_faults.cc
  void ScheduleFaults();
  void FaultBegins(std::uint64_t which);
  void FaultEnds(std::uint64_t which);
  void PlcBeats();
  // Until this time of the line something other than the gate decides about belt or wire.
  void Disturb(TimePoint until) {
    referee_.Disturbed(until == TimePoint::max() ? until : until - slept_);
  }
  void FallsAsleep(TimePoint until);
  void WakesUp();
  Duration BeltCountTime() const;

  const SoftSettings settings_;
  const std::vector<Fault> faults_;
  const MakeGate make_;
  const bool by_count_;
  const std::int64_t gate_place_;   // behind the barrier
  const std::int64_t gate_length_;  // where the ejector would hit the part
  boards::BoardSettings boards_;

  TimePoint now_{};
  bool over_ = false;
  EventHeap<LineEvent> heap_{8192};
  Random random_;
  Referee referee_;
  LineTallies tallies_;
  SoftWires wires_;

  // Belt.
  std::vector<LinePart> parts_;
  std::uint64_t made_ = 0;                   // parts so far; the last one is before the barrier
  std::uint64_t oldest_ = 1;                 // on the belt
  TimePoint arrives_at_ = TimePoint::max();  // by time: the next part, at the barrier
  TimePoint tick_at_ = TimePoint::max();     // by count: the next count
  std::int64_t belt_ = 0;
  std::int64_t encoder_ = 0;  // what it has counted; wraps at 32 bit on its way to the station
  std::uint32_t encoder_start_ = 0;
  double belt_speed_ = 1;
  std::int64_t back_left_ = 0;  // counts still to run back
  Duration counts_ahead_{};
  bool encoder_dead_ = false, encoder_backwards_ = false, barrier_stuck_ = false;
  std::uint32_t burst_ = 0;
  std::uint64_t known_bad_until_ = 0;  // challenge parts

  // Camera.
  std::array<SoftFrame, 32> frames_{};
  std::uint32_t next_slot_ = 0;
  std::uint64_t camera_count_ = 0;
  std::uint32_t camera_start_ = 0;
  TimePoint camera_ready_at_{};
  bool camera_runs_ = false, camera_stalls_ = false;
  SoftFrame last_frame_;
  bool trigger_held_ = false;  // a trigger that waits for the next one

  // Model.
  struct {
    bool busy = false;
    gate::PartId part;
    std::uint32_t slot = 0;
    std::uint64_t number = 0;  // counts runs
    TimePoint ends_at{};
    bool hangs = false, stopped = false, error = false;
  } run_;

  // PLC, operator, supervisor.
  std::uint32_t plc_next_ = 1;
  bool plc_level_ = false;
  Duration plc_half_ = std::chrono::milliseconds(500);
  int plc_stuck_ = -1;  // or the level
  bool operator_comes_ = false;
  bool start_again_ = false;  // the operator must stop and start
  std::uint32_t last_challenge_ = 0;
  std::uint64_t acknowledged_ = 0;

  // Station.
  std::unique_ptr<gate::Gate> gate_;
  std::optional<gate::Pump> pump_;
  std::uint32_t boot_ = 0;
  std::uint64_t edges_told_ = 0;
  std::uint32_t release_ = 1;
  bool swap_wanted_ = false;
  DroppingSpscRing<Edge> edges_{4096};
  DroppingSpscRing<std::uint32_t> arrived_{64};
  DroppingSpscRing<Message> signals_{8192}, answers_{8}, people_{64};
  DroppingSpscRing<gate::event::Input> orders_{16};  // that follow from what people do
  DroppingSpscRing<Message> held_{8192};             // by a signal thread that stalls
  TimePoint held_until_{};
  // The truth about the last edge and the last signal that the gate took.
  Edge edge_;
  Message signal_;
  TimePoint wake_at_ = TimePoint::max();
  TimePoint awake_from_{};
  TimePoint clock_stands_{}, clock_until_{};
  TimePoint sleeps_from_{}, sleeps_until_{};  // the unit
  gate::PartId will_pass_;                    // whose PASS comes next
  Duration slept_{};                          // so far: this much its clock is behind the line's
  bool has_slept_ = false;                    // since the station looked
  TimePoint station_now_{}, timer_at_ = TimePoint::max();
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_LINE_H_
