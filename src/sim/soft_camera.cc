#include "sim/soft_camera.h"

namespace taktgate::sim {
namespace {

using std::chrono::microseconds;

constexpr Duration kBusy = microseconds(1000);  // triggers in this time are ignored
constexpr Duration kToCapture = microseconds(400);
constexpr Duration kCaptureJitter = microseconds(300);
constexpr Duration kTransport = microseconds(1700);
constexpr Duration kTransportJitter = microseconds(400);
constexpr Duration kSecondFrameAfter = microseconds(200);
constexpr Duration kRepeatAfter = microseconds(900);

Duration Share(Duration whole, double share) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * share));
}

}  // namespace

void SoftCamera::Start() {
  count_ = 0;
  runs_ = true;
  ready_at_ = world_.now;
  trigger_held_ = false;
}

void SoftCamera::Stop() {
  for (SoftFrame& frame : frames_) frame.in_use = false;
  runs_ = false;
}

void SoftCamera::Trigger(const LinePart& part) {
  if (!runs_) return;
  const Upsets& upsets = part.upsets;
  if (world_.now < ready_at_ || upsets.trigger_ignored || upsets.triggers_coalesced) {
    ++world_.tallies.triggers_ignored;
    trigger_held_ = trigger_held_ || upsets.triggers_coalesced;
    return;
  }
  ready_at_ = world_.now + kBusy;
  // A trigger that was held back gets its frame now, and this one gets none.
  const Duration wait =
      trigger_held_ ? Duration(0) : kToCapture + Share(kCaptureJitter, world_.random.Unit());
  trigger_held_ = false;
  const TimePoint at = world_.now + wait;
  world_.Schedule(at, LineEvent::Kind::kCapture, part.number);
  if (!upsets.frame_doubled) return;
  world_.Schedule(at + kSecondFrameAfter, LineEvent::Kind::kSecondFrame, part.number);
}

void SoftCamera::Capture(const LinePart& part) {
  if (!runs_) return;
  ++world_.tallies.frames;
  SoftFrame frame;
  frame.sequence = static_cast<std::uint32_t>(world_.counters_from + count_++);
  frame.line_part = part.number;
  frame.captured_at = world_.ClockNow();
  frame.partial = part.upsets.frame_partial;
  frame.useless = part.upsets.lens_cap;
  if (part.upsets.frame_stale) {  // the driver hands out the buffer of the frame before
    frame.line_part = last_frame_.line_part;
    frame.captured_at = last_frame_.captured_at;
  }
  last_frame_ = frame;
  if (part.upsets.frame_lost || stalls_) {
    ++world_.tallies.frames_lost;
    return;
  }
  const Duration delay =
      kTransport + Share(kTransportJitter, world_.random.Unit()) + part.upsets.frame_late;
  Deliver(frame, delay);
  if (part.upsets.frame_repeated) Deliver(frame, delay + kRepeatAfter);
}

void SoftCamera::Deliver(const SoftFrame& frame, Duration delay) {
  for (std::size_t tried = 0; tried < kSlots; ++tried) {
    const std::uint32_t slot = next_slot_;
    next_slot_ = (next_slot_ + 1) % kSlots;
    if (frames_[slot].in_use) continue;
    frames_[slot] = frame;
    frames_[slot].in_use = true;
    return world_.Schedule(world_.now + delay, LineEvent::Kind::kArrives, slot, world_.boot);
  }
  ++world_.tallies.frames_lost;  // all buffers are in use
}

void SoftCamera::Arrive(std::uint32_t slot, std::uint64_t boot) {
  if (boot != world_.boot || !door_.open()) return;
  SoftFrame& frame = frames_[slot];
  frame.arrived_at = world_.ClockNow();
  door_.TellFrame({frame.sequence, frame.captured_at, frame.arrived_at, frame.partial, slot});
}

void SoftCamera::Release(std::uint32_t slot) {
  world_.Must(frames_[slot].in_use, "a frame was given back twice");
  frames_[slot].in_use = false;
}

void SoftCamera::FaultBegins(const Fault& fault) {
  if (fault.kind == FaultKind::kCameraStalls) stalls_ = true;
}

void SoftCamera::FaultEnds(const Fault& fault) {
  if (fault.kind == FaultKind::kCameraStalls) stalls_ = false;
}

}  // namespace taktgate::sim
