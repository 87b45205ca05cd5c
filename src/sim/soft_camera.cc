// The camera: one frame per trigger, unless something goes wrong.
#include "sim/soft_line.h"

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

void SoftLine::TriggerCamera(LinePart& part) {
  if (!camera_runs_) return;
  const Upsets& upsets = part.upsets;
  if (now_ < camera_ready_at_ || upsets.trigger_ignored || upsets.triggers_coalesced) {
    ++tallies_.triggers_ignored;
    trigger_held_ = trigger_held_ || upsets.triggers_coalesced;
    return;
  }
  camera_ready_at_ = now_ + kBusy;
  // A trigger that was held back gets its frame now, and this one gets none.
  const Duration wait =
      trigger_held_ ? Duration(0) : kToCapture + Share(kCaptureJitter, random_.Unit());
  trigger_held_ = false;
  Schedule(now_ + wait, Kind::kCapture, part.number);
  if (upsets.frame_doubled)
    Schedule(now_ + wait + kSecondFrameAfter, Kind::kSecondFrame, part.number);
}

void SoftLine::Capture(const LinePart& part) {
  if (!camera_runs_) return;
  ++tallies_.frames;
  SoftFrame frame;
  frame.sequence = static_cast<std::uint32_t>(camera_start_ + camera_count_++);
  frame.line_part = part.number;
  frame.captured_at = ClockAt(now_);
  frame.partial = part.upsets.frame_partial;
  frame.useless = part.upsets.lens_cap;
  if (part.upsets.frame_stale) {  // the driver hands out the buffer of the frame before
    frame.line_part = last_frame_.line_part;
    frame.captured_at = last_frame_.captured_at;
  }
  last_frame_ = frame;
  if (part.upsets.frame_lost || camera_stalls_) {
    ++tallies_.frames_lost;
    return;
  }
  const Duration delay =
      kTransport + Share(kTransportJitter, random_.Unit()) + part.upsets.frame_late;
  Deliver(frame, delay);
  if (part.upsets.frame_repeated) Deliver(frame, delay + kRepeatAfter);
}

void SoftLine::Deliver(const SoftFrame& frame, Duration delay) {
  for (std::size_t tried = 0; tried < frames_.size(); ++tried) {
    const std::uint32_t slot = next_slot_;
    next_slot_ = (next_slot_ + 1) % static_cast<std::uint32_t>(frames_.size());
    if (frames_[slot].in_use) continue;
    frames_[slot] = frame;
    frames_[slot].in_use = true;
    return Schedule(now_ + delay, Kind::kArrives, slot, boot_);
  }
  ++tallies_.frames_lost;  // all buffers are in use
}

void SoftLine::FrameArrives(std::uint32_t slot) {
  if (gate_ == nullptr) return;
  frames_[slot].arrived_at = ClockAt(now_);
  referee_.Must(arrived_.Push(slot), Invariant::kReconciled,
                "a frame was lost at the station's door");
  Wake();
}

void SoftLine::FreeSlot(std::uint32_t slot) {
  referee_.Must(frames_[slot].in_use, Invariant::kReconciled, "a frame was given back twice");
  frames_[slot].in_use = false;
}

}  // namespace taktgate::sim
