#include "sim/real_line.h"

#include <algorithm>
#include <chrono>

#include "sim/random.h"

namespace taktgate::sim {

RealLine::RealLine(const RealLineSettings& settings, line::SharedHost& host,
                   const std::vector<image::Image>& images)
    : settings_(settings), host_(host), images_(images) {}

RealLine::~RealLine() {
  Stop();
  Wait();
}

std::size_t RealLine::ImageOf(std::uint64_t part) const {
  Random random = Random::Of(settings_.schedule.seed, part);
  return static_cast<std::size_t>(random.Next() % images_.size());
}

void RealLine::Start(TimePoint first_edge) {
  start_ = first_edge;
  feeding_ = true;
  feeder_ = std::thread([this] { Feed(); });
  watcher_ = std::thread([this] { Watch(); });
}

void RealLine::Wait() {
  if (feeder_.joinable()) feeder_.join();
  if (watcher_.joinable()) watcher_.join();
}

// Edges and frames in the order of their times, each not before its time.
void RealLine::Feed() {
  settings_.prepare_thread();
  const line::Schedule& schedule = settings_.schedule;
  bool more = true;
  FillNext();
  while (true) {
    more = more && !stopping_ && (schedule.parts == 0 || told_ < schedule.parts);
    if (!more && next_frame_ == told_) break;
    const TimePoint edge = more ? EdgeOf(told_) : TimePoint::max();
    const TimePoint frame =
        next_frame_ < told_ ? schedule.FrameAt(start_, next_frame_) : TimePoint::max();
    clock_.SleepUntil(std::min(edge, frame));
    if (edge <= frame) {
      host_.Edge(edge);
      ++told_;
    } else {
      TellFrame(frame);
      ++next_frame_;
      FillNext();
    }
  }
  host_.End();
  feeding_ = false;
}

// The pixels of the next frame are in their buffer before they are due.
void RealLine::FillNext() {
  std::uint8_t* pixels = host_.PixelsOfNext();
  filled_ = pixels != nullptr;
  if (!filled_) return;
  const image::Image& image = images_[ImageOf(next_frame_)];
  std::copy(image.pixels.begin(), image.pixels.end(), pixels);
}

// Without a buffer a camera loses its frame; nobody is waited for.
void RealLine::TellFrame(TimePoint due) {
  if (!filled_) FillNext();  // one may have come back since
  if (!filled_) {
    host_.LoseFrame();
    ++frames_lost_;
    return;
  }
  const TimePoint edge = EdgeOf(next_frame_);
  host_.TellFrame({edge, edge + (due - edge) / 2, due}, image::FrameStatus::kComplete);
}

void RealLine::Watch() {
  std::uint64_t part = 0;
  while (true) {
    const bool feeding = feeding_;
    clock_.SleepUntil(AtGate(part));
    if (part < told_) {
      Glimpse();
      ++part;
    } else if (!feeding) {
      break;
    } else {
      clock_.SleepUntil(clock_.Now() + std::chrono::milliseconds(1));  // its edge is told late
    }
    Collect();
  }
}

void RealLine::Glimpse() {
  Glance glance;
  glance.before = clock_.Now();
  const line::WireLevel pass = host_.Wire(OutputLine::kPass);
  const bool closed = host_.relay_closed();
  glance.after = clock_.Now();
  glance.held_back = closed && pass.EnergisedAt(glance.after);
  glances_.push_back(glance);
}

void RealLine::Collect() {
  line::Change change;
  while (host_.NextChange(change)) {
    if (change.line < kOutputLines) wires_[change.line].Add(change);
  }
  while (host_.NextRelayChange(change)) relay_.Add(change);
}

}  // namespace taktgate::sim
