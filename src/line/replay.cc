#include "line/replay.h"

#include <algorithm>
#include <string>
#include <utility>

namespace taktgate::line {

ReplayTrigger::ReplayTrigger(const Schedule& schedule, Clock& clock)
    : schedule_(schedule), clock_(clock) {}

Status ReplayTrigger::Start(TimePoint at) {
  start_ = at;
  next_ = 0;
  return {};
}

Wait ReplayTrigger::Next(TimePoint until, Edge& edge) {
  if (schedule_.parts != 0 && next_ == schedule_.parts) return Wait::kEnd;
  const TimePoint due = schedule_.EdgeAt(start_, next_);
  clock_.SleepUntil(std::min(due, until));
  if (due > until) return Wait::kTimeout;
  edge = {next_++, due};
  return Wait::kReady;
}

Result<std::unique_ptr<ReplayCamera>> ReplayCamera::Open(const Schedule& schedule, Clock& clock,
                                                         std::unique_ptr<ImageSource> source,
                                                         std::vector<CameraFault> faults,
                                                         int buffers) {
  if (source == nullptr) {
    return Error{ErrorCode::kNotFound, "no camera: expected a source of images, came none"};
  }
  const image::FrameFormat format = source->format();
  auto pool = image::FramePool::Create(buffers, format.width, format.height, format.pixels);
  if (!pool) return pool.error();
  return std::unique_ptr<ReplayCamera>(
      new ReplayCamera(schedule, clock, std::move(source), std::move(faults), std::move(*pool)));
}

ReplayCamera::ReplayCamera(const Schedule& schedule, Clock& clock,
                           std::unique_ptr<ImageSource> source, std::vector<CameraFault> faults,
                           std::unique_ptr<image::FramePool> pool)
    : schedule_(schedule),
      clock_(clock),
      source_(std::move(source)),
      faults_(std::move(faults)),
      pool_(std::move(pool)) {}

ReplayCamera::~ReplayCamera() = default;

Status ReplayCamera::Start(TimePoint at) {
  start_ = at;
  part_ = 0;
  sequence_ = 0;
  if (have_buffer_) pool_->Release(ahead_);  // of an earlier run
  have_buffer_ = false;
  ReadAhead();
  return {};
}

const CameraFault* ReplayCamera::FaultAt(std::uint64_t part) const {
  const auto found = std::find_if(faults_.begin(), faults_.end(),
                                  [part](const CameraFault& fault) { return fault.part == part; });
  return found == faults_.end() ? nullptr : &*found;
}

// The pixels of the next part, before they are due. Without a free buffer the frame is lost, as a
// real camera would lose it: nobody is waited for.
void ReplayCamera::ReadAhead() {
  std::uint8_t* pixels = pool_->Acquire(ahead_);
  if (pixels == nullptr) return;
  source_->Fill(part_, pixels);
  have_buffer_ = true;
}

// What becomes of the part that is due; true when a frame goes out.
bool ReplayCamera::Deliver(const CameraFault* fault, TimePoint due, TimePoint arrival,
                           image::Frame& frame) {
  const auto kind_is = [fault](CameraFault::Kind kind) {
    return fault != nullptr && fault->kind == kind;
  };
  if (!have_buffer_) ReadAhead();  // a buffer may have come back since
  const bool lost = kind_is(CameraFault::Kind::kLostFrame) || !have_buffer_;
  const bool ignored = kind_is(CameraFault::Kind::kIgnoredTrigger);
  if (lost || ignored) {
    if (have_buffer_) pool_->Release(ahead_);
    if (!ignored) ++sequence_;
    return false;
  }
  frame = ahead_;
  frame.info.sequence = sequence_++;
  const TimePoint edge = schedule_.EdgeAt(start_, part_);
  frame.info.captured_at = edge + (due - edge) / 2;  // half exposure, half transport
  frame.info.arrived_at = arrival;
  frame.info.status = kind_is(CameraFault::Kind::kPartialFrame) ? image::FrameStatus::kPartial
                                                                : image::FrameStatus::kComplete;
  return true;
}

Wait ReplayCamera::Next(TimePoint until, image::Frame& frame) {
  while (true) {
    if (schedule_.parts != 0 && part_ == schedule_.parts) return Wait::kEnd;
    if (!have_buffer_) ReadAhead();
    const CameraFault* fault = FaultAt(part_);
    if (fault != nullptr && fault->kind == CameraFault::Kind::kGone) {
      gone_ = true;
      return Wait::kFault;
    }
    const TimePoint due = schedule_.FrameAt(start_, part_);
    const bool late = fault != nullptr && fault->kind == CameraFault::Kind::kLateFrame;
    const TimePoint arrival = late ? due + fault->by : due;
    clock_.SleepUntil(std::min(arrival, until));
    if (arrival > until) return Wait::kTimeout;
    const bool delivered = Deliver(fault, due, arrival, frame);
    have_buffer_ = false;
    ++part_;
    if (delivered) return Wait::kReady;  // read ahead next time: this frame must not wait for it
  }
}

void ReplayCamera::Release(const image::Frame& frame) { pool_->Release(frame); }

std::string ReplayCamera::fault() const {
  return gone_ ? "the camera is gone at part " + std::to_string(part_) : std::string();
}

Result<std::unique_ptr<MemorySource>> MemorySource::Create(std::vector<image::Image> images) {
  if (images.empty()) {
    return Error{ErrorCode::kInvalid, "expected at least one image to replay, came none"};
  }
  const image::Image& first = images.front();
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].width != first.width || images[i].height != first.height ||
        images[i].format != first.format) {
      return Error{ErrorCode::kInvalid,
                   "all replayed images must have one size and format: image 1 has " +
                       std::to_string(first.width) + " x " + std::to_string(first.height) +
                       " px, image " + std::to_string(i + 1) + " has " +
                       std::to_string(images[i].width) + " x " + std::to_string(images[i].height) +
                       " px (or another number of channels)"};
    }
  }
  return std::unique_ptr<MemorySource>(new MemorySource(std::move(images)));
}

image::FrameFormat MemorySource::format() const {
  const image::Image& first = images_.front();
  return {first.width, first.height, first.format};
}

void MemorySource::Fill(std::uint64_t part, std::uint8_t* pixels) {
  const image::Image& image = images_[part % images_.size()];
  std::copy(image.pixels.begin(), image.pixels.end(), pixels);
}

}  // namespace taktgate::line
