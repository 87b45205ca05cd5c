#include "rig/real_line.h"

#include <algorithm>
#include <chrono>

#include "base/random.h"

namespace taktgate::rig {
namespace {

constexpr auto kNumberAfterEdge = std::chrono::microseconds(300);
constexpr auto kBeltStep = std::chrono::microseconds(500);
constexpr auto kBeat = std::chrono::milliseconds(500);
constexpr auto kAhead = std::chrono::milliseconds(50);  // the belt runs before parts come
constexpr auto kInBarrier = std::chrono::milliseconds(2);
constexpr auto kRunOut = std::chrono::milliseconds(20);

}  // namespace

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

bool RealLine::MoreParts() const {
  const std::uint64_t parts = settings_.schedule.parts;
  return !stopping_ && (parts == 0 || reported_ < parts);
}

// The next of all things that the line reports.
RealLine::Due RealLine::NextDue() const {
  const RealBelt& belt = settings_.belt;
  Due due;
  const auto offer = [&due](TimePoint at, void (RealLine::*tell)()) {
    if (at < due.at) due = {at, tell};
  };
  offer(barrier_free_, &RealLine::PassBarrier);
  if (MoreParts()) offer(EdgeOf(reported_), &RealLine::TellEdge);
  if (next_frame_ < reported_) {
    offer(settings_.schedule.FrameAt(start_, next_frame_), &RealLine::TellFrame);
  }
  if (belt.plc_names_parts && next_number_ < reported_) {
    offer(EdgeOf(next_number_) + kNumberAfterEdge, &RealLine::TellNumber);
  }
  const bool part_comes = belt.mode != gate::BeltMode::kAtCamera && next_at_gate_ < reported_;
  if (part_comes) offer(EdgeOf(next_at_gate_) + belt.due, &RealLine::TellPartAtGate);
  // The belt goes on until the last part is through.
  const bool last_is_through =
      !MoreParts() && (reported_ == 0 || next_belt_ > EdgeOf(reported_ - 1) + belt.close + kRunOut);
  if (due.tell == nullptr && last_is_through) return due;
  offer(next_belt_, &RealLine::TellBelt);
  offer(next_beat_, &RealLine::TellBeat);
  return due;
}

// Everything in the order of its time, each not before it.
void RealLine::Feed() {
  settings_.prepare_thread();
  if (settings_.belt.has_signals()) next_belt_ = start_ - kAhead;
  if (settings_.belt.plc_beats) next_beat_ = clock_.Now();
  FillNext();
  for (Due due = NextDue(); due.tell != nullptr; due = NextDue()) {
    clock_.SleepUntil(due.at);
    (this->*due.tell)();
  }
  host_.End();
  feeding_ = false;
}

void RealLine::TellEdge() {
  const TimePoint edge = EdgeOf(reported_);
  if (settings_.loop != nullptr) {
    (void)settings_.loop->Drive(true);  // the witness sees whether it was
    barrier_free_ = edge + kInBarrier;
  } else {
    host_.Edge(edge, settings_.belt.CountAt(edge - start_));
  }
  ++reported_;
}

void RealLine::PassBarrier() {
  (void)settings_.loop->Drive(false);
  barrier_free_ = TimePoint::max();
}

void RealLine::TellNumber() {
  const auto number = static_cast<std::uint32_t>(next_number_);
  host_.Tell({line::Signal::Kind::kPlcPart, number, EdgeOf(next_number_) + kNumberAfterEdge});
  ++next_number_;
}

void RealLine::TellPartAtGate() {
  const TimePoint at = EdgeOf(next_at_gate_) + settings_.belt.due;
  ++next_at_gate_;
  if (settings_.belt.gate_sensor) host_.Tell({line::Signal::Kind::kGateSensor, 0, at});
}

void RealLine::TellBelt() {
  if (settings_.belt.counts_per_second > 0) {
    const std::uint32_t count = settings_.belt.CountAt(next_belt_ - start_);
    belt_history_.Reported(clock_.Now(), next_belt_);
    host_.Tell({line::Signal::Kind::kEncoder, count, next_belt_});
  }
  next_belt_ += kBeltStep;
}

void RealLine::TellBeat() {
  beat_ = !beat_;
  host_.Tell({line::Signal::Kind::kPlcBeat, beat_ ? 1U : 0U, next_beat_});
  next_beat_ += kBeat;
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
void RealLine::TellFrame() {
  if (!filled_) FillNext();  // one may have come back since
  if (filled_) {
    const TimePoint due = settings_.schedule.FrameAt(start_, next_frame_);
    const TimePoint edge = EdgeOf(next_frame_);
    host_.TellFrame({edge, edge + (due - edge) / 2, due}, image::FrameStatus::kComplete);
  } else {
    host_.LoseFrame();
    ++frames_lost_;
  }
  ++next_frame_;
  FillNext();
}

void RealLine::Watch() {
  std::uint64_t part = 0;
  while (true) {
    const bool feeding = feeding_;
    clock_.SleepUntil(AtGate(part));
    if (part < reported_) {
      Glimpse();
      ++part;
    } else if (!feeding) {
      break;
    } else {
      clock_.SleepUntil(clock_.Now() + std::chrono::milliseconds(1));  // its edge is reported late
    }
    Collect();
  }
}

void RealLine::Glimpse() {
  if (settings_.loop != nullptr) return;  // the witness sees all that is on the wires
  WireReading reading;
  reading.before = clock_.Now();
  const line::WireLevel pass = host_.Wire(OutputLine::kPass);
  const bool closed = host_.relay_closed();
  reading.after = clock_.Now();
  reading.held_back = closed && pass.EnergisedAt(reading.after);
  readings_.push_back(reading);
}

void RealLine::Witness() {
  line::GpioLoop::Event event;
  line::Wait wait{};
  while ((wait = settings_.loop->Next(Duration(0), event)) == line::Wait::kReady) {
    if (event.line) {
      line::Change change;
      change.line = static_cast<std::uint32_t>(*event.line);
      change.energised = event.energised;
      change.before = change.after = event.at;
      wires_[change.line].Add(change);
    } else if (event.energised) {
      witnessed_.push_back(event.at);
    }
  }
  witness_failed_ = witness_failed_ || wait == line::Wait::kFault;
}

void RealLine::Collect() {
  if (settings_.loop != nullptr) return Witness();
  line::Change change;
  while (host_.NextChange(change)) {
    if (change.line < kOutputLines) wires_[change.line].Add(change);
  }
  while (host_.NextRelayChange(change)) relay_.Add(change);
}

}  // namespace taktgate::rig
