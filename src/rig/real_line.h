#ifndef TAKTGATE_RIG_REAL_LINE_H_
#define TAKTGATE_RIG_REAL_LINE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "image/frame.h"
#include "line/gpio/gpio_loop.h"
#include "line/replay.h"
#include "line/shared/shared_host.h"
#include "rig/real_belt.h"
#include "rig/wire_history.h"

namespace taktgate::rig {

struct RealLineSettings {
  line::Schedule schedule;  // parts: 0 runs until Stop
  RealBelt belt;
  // Mode H: barrier and wires are GPIO lines; only frames go through the shared line.
  line::GpioLoop* loop = nullptr;
  // Called first on the thread that plays the barrier and the camera: hardware is never late.
  std::function<void()> prepare_thread = [] {};
};

// What was read off the wires at the ejector's place, between two readings of the clock.
struct WireReading {
  TimePoint before{};
  TimePoint after{};
  bool held_back = false;  // PASS through relay and one-shot: the part in the gate passes
};

// A line on the wall clock: parts come whether or not anybody keeps up (open loop). One thread
// reports edges, frames and signals at their time. Another reads the wires when a part is in front
// of the gate, and collects their changes.
//
// Threads: Start, Stop and Wait from the owner; the rest after Wait, but for feeding and parts.
class RealLine {
 public:
  // `images` are all of the host's size; part k shows image ImageOf(k).
  RealLine(const RealLineSettings& settings, line::SharedHost& host,
           const std::vector<image::Image>& images);
  ~RealLine();

  void Start(TimePoint first_edge);
  // No further part after the present one.
  void Stop() { stopping_ = true; }
  // Returns when the last part is through the gate; the station learns that the line is over.
  void Wait();
  // What the wires have done since; by itself while the line runs, by the owner after Wait.
  void Collect();
  bool feeding() const { return feeding_; }
  std::uint64_t parts() const { return reported_; }
  TimePoint EdgeOf(std::uint64_t part) const { return settings_.schedule.EdgeAt(start_, part); }
  TimePoint AtGate(std::uint64_t part) const { return EdgeOf(part) + settings_.belt.at_gate(); }
  std::size_t ImageOf(std::uint64_t part) const;
  std::uint64_t frames_lost() const { return frames_lost_; }
  const BeltHistory& belt_history() const { return belt_history_; }
  // When the light barrier's edges were really there; empty: as planned.
  const std::vector<TimePoint>& witnessed() const { return witnessed_; }
  // The witness missed something, or its chip is gone.
  bool witness_failed() const { return witness_failed_; }
  const std::deque<WireReading>& readings() const { return readings_; }
  const WireHistory& wire(OutputLine line) const { return wires_[static_cast<std::size_t>(line)]; }
  const WireHistory& relay() const { return relay_; }
  const RealLineSettings& settings() const { return settings_; }

 private:
  struct Due {
    TimePoint at = TimePoint::max();
    void (RealLine::*tell)() = nullptr;
  };
  void Feed();
  Due NextDue() const;
  bool MoreParts() const;
  void TellEdge();
  void PassBarrier();
  void Witness();
  void TellNumber();
  void TellPartAtGate();
  void TellBelt();
  void TellBeat();
  void FillNext();
  void TellFrame();
  void Watch();
  void Glimpse();

  const RealLineSettings settings_;
  line::SharedHost& host_;
  const std::vector<image::Image>& images_;
  MonotonicClock clock_;
  TimePoint start_{};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> feeding_{false};
  std::atomic<std::uint64_t> reported_{0};
  // Of the feeding thread.
  std::uint64_t next_frame_ = 0;
  std::uint64_t next_number_ = 0;   // of the PLC
  std::uint64_t next_at_gate_ = 0;  // for the gate sensor
  TimePoint next_belt_ = TimePoint::max();
  TimePoint next_beat_ = TimePoint::max();
  TimePoint barrier_free_ = TimePoint::max();
  bool beat_ = false;
  bool filled_ = false;
  std::uint64_t frames_lost_ = 0;
  BeltHistory belt_history_;  // of the encoder
  // Of the watching thread.
  std::deque<WireReading> readings_;
  std::vector<TimePoint> witnessed_;
  bool witness_failed_ = false;
  std::array<WireHistory, kOutputLines> wires_;
  WireHistory relay_;

  std::thread feeder_;
  std::thread watcher_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_LINE_H_
