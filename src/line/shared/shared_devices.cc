#include "line/shared/shared_devices.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace taktgate::line {
namespace {

constexpr char kLineGone[] = "the line's process is gone; start it again, then the station";

// A reader that starts looks back so far; what is older than its start it leaves out.
std::uint64_t LookBack(std::uint64_t published, std::size_t ring) {
  return published - std::min<std::uint64_t>(published, ring / 2);
}

}  // namespace

Result<std::unique_ptr<SharedStation>> SharedStation::Attach(const std::filesystem::path& path,
                                                             Clock& clock) {
  auto line = SharedLine::Open(path, SharedLine::Role::kStation);
  if (!line) return line.error();
  SharedWords& words = (*line)->words();
  const std::uint64_t run = words.run.load(std::memory_order_acquire) + 1;
  SharedRun& entry = words.runs[run % kSharedRuns];
  entry.number = 0;
  entry.attached_at = ToWord(clock.Now());
  entry.first_edge = 0;
  entry.taken_edges = 0;
  entry.number = run;
  words.run.store(run, std::memory_order_release);
  return std::unique_ptr<SharedStation>(new SharedStation(std::move(*line), clock, run));
}

Status SharedTrigger::Start(TimePoint at) {
  start_ = at;
  first_.reset();
  next_ = LookBack(station_.words().edges_published.load(std::memory_order_acquire), kSharedEdges);
  return {};
}

// The next edge that is not before the start; false when there is none, or a fault.
bool SharedTrigger::Take(Edge& edge) {
  SharedWords& words = station_.words();
  while (next_ < words.edges_published.load(std::memory_order_acquire)) {
    const SharedEdge& entry = words.edges[next_ % kSharedEdges];
    const std::uint64_t number = entry.number.load(std::memory_order_acquire);
    const TimePoint at = FromWord(entry.at.load(std::memory_order_relaxed));
    const auto encoder = static_cast<std::uint32_t>(entry.encoder.load(std::memory_order_relaxed));
    std::atomic_thread_fence(std::memory_order_acquire);
    if (number != next_ + 1 || entry.number.load(std::memory_order_relaxed) != number) {
      fault_ = "edges were overwritten before the station read them, or the line's process is " +
               std::string("broken; start both again");
      return false;
    }
    ++next_;
    if (at < start_) continue;
    if (!first_) {
      first_ = number - 1;
      station_.run_words().first_edge.store(number - 1, std::memory_order_release);
    }
    edge = {number - 1 - *first_, at, encoder};
    station_.run_words().taken_edges.store(number, std::memory_order_release);
    return true;
  }
  return false;
}

Wait SharedTrigger::Next(TimePoint until, Edge& edge) {
  SharedWords& words = station_.words();
  while (true) {
    const std::uint32_t seen = words.edge_wake.load(std::memory_order_acquire);
    const bool ended = words.ended.load(std::memory_order_acquire) != 0;
    if (Take(edge)) return Wait::kReady;
    if (!fault_.empty()) return Wait::kFault;
    if (ended) return Wait::kEnd;
    if (station_.clock().Now() >= until) break;
    WaitForWake(words.edge_wake, seen, until);
  }
  if (station_.served()) return Wait::kTimeout;
  fault_ = kLineGone;
  return Wait::kFault;
}

Status SharedSignals::Start(TimePoint at) {
  start_ = at;
  next_ =
      LookBack(station_.words().signals_published.load(std::memory_order_acquire), kSharedSignals);
  return {};
}

// The next signal that is not before the start; false when there is none, or a fault.
bool SharedSignals::Take(Signal& signal) {
  SharedWords& words = station_.words();
  while (next_ < words.signals_published.load(std::memory_order_acquire)) {
    const SharedSignal& entry = words.signals[next_ % kSharedSignals];
    const std::uint64_t number = entry.number.load(std::memory_order_acquire);
    const std::uint64_t what = entry.what.load(std::memory_order_relaxed);
    const TimePoint at = FromWord(entry.at.load(std::memory_order_relaxed));
    std::atomic_thread_fence(std::memory_order_acquire);
    const bool torn = number != next_ + 1 || entry.number.load(std::memory_order_relaxed) != number;
    if (torn || what >> 32 > static_cast<std::uint64_t>(Signal::Kind::kPlcBeat)) {
      fault_ = "signals were overwritten before the station read them, or the line's process is " +
               std::string("broken; start both again");
      return false;
    }
    ++next_;
    const auto kind = static_cast<Signal::Kind>(what >> 32);
    if (at < start_ && kind != Signal::Kind::kEncoder) continue;
    signal = {kind, static_cast<std::uint32_t>(what), at};
    return true;
  }
  return false;
}

Wait SharedSignals::Next(TimePoint until, Signal& signal) {
  SharedWords& words = station_.words();
  while (true) {
    const std::uint32_t seen = words.signal_wake.load(std::memory_order_acquire);
    const bool ended = words.ended.load(std::memory_order_acquire) != 0;
    if (Take(signal)) return Wait::kReady;
    if (!fault_.empty()) return Wait::kFault;
    if (ended) return Wait::kEnd;
    if (station_.clock().Now() >= until) break;
    WaitForWake(words.signal_wake, seen, until);
  }
  if (station_.served()) return Wait::kTimeout;
  fault_ = kLineGone;
  return Wait::kFault;
}

image::FrameFormat SharedCamera::format() const {
  const SharedLine::Size& size = station_.line().size();
  return {size.width, size.height, size.format};
}

Status SharedCamera::Start(TimePoint at) {
  start_ = at;
  first_.reset();
  station_.words().camera_run.store(station_.run(), std::memory_order_release);
  next_ =
      LookBack(station_.words().frames_published.load(std::memory_order_acquire), kSharedFrames);
  return {};
}

// False when this entry is none for this run: of an earlier one, or of a part before the start.
bool SharedCamera::TakeEntry(const SharedFrame& entry, image::Frame& frame) {
  SharedWords& words = station_.words();
  const std::uint64_t number = entry.number.load(std::memory_order_acquire);
  const std::uint64_t slot = entry.slot.load(std::memory_order_relaxed);
  const std::uint64_t sequence = entry.sequence.load(std::memory_order_relaxed);
  const TimePoint trigger_at = FromWord(entry.trigger_at.load(std::memory_order_relaxed));
  frame.info.captured_at = FromWord(entry.captured_at.load(std::memory_order_relaxed));
  frame.info.arrived_at = FromWord(entry.arrived_at.load(std::memory_order_relaxed));
  frame.info.status = entry.partial.load(std::memory_order_relaxed) != 0
                          ? image::FrameStatus::kPartial
                          : image::FrameStatus::kComplete;
  std::atomic_thread_fence(std::memory_order_acquire);
  if (number != next_ + 1 || entry.number.load(std::memory_order_relaxed) != number) {
    return false;  // overtaken: the frame is lost, its buffer belongs to somebody else
  }
  if (slot >= kSharedSlots) {
    fault_ = "a frame names buffer " + std::to_string(slot) + " of " +
             std::to_string(kSharedSlots) + "; the line's process is broken, start both again";
    return false;
  }
  if (words.owners[slot].load(std::memory_order_acquire) != station_.run()) return false;
  const SharedLine::Size& size = station_.line().size();
  frame.slot = static_cast<std::uint32_t>(slot);
  frame.view = {station_.line().Pixels(slot), size.width, size.height,
                station_.line().frame_bytes() / static_cast<std::size_t>(size.height), size.format};
  if (trigger_at < start_) {
    Release(frame);
    return false;
  }
  if (!first_) first_ = sequence;
  frame.info.sequence = sequence - *first_;
  return true;
}

bool SharedCamera::Take(image::Frame& frame) {
  SharedWords& words = station_.words();
  while (fault_.empty() && next_ < words.frames_published.load(std::memory_order_acquire)) {
    const bool taken = TakeEntry(words.frames[next_ % kSharedFrames], frame);
    ++next_;
    if (taken) return true;
  }
  return false;
}

Wait SharedCamera::Next(TimePoint until, image::Frame& frame) {
  SharedWords& words = station_.words();
  while (true) {
    const std::uint32_t seen = words.frame_wake.load(std::memory_order_acquire);
    const bool ended = words.ended.load(std::memory_order_acquire) != 0;
    if (Take(frame)) return Wait::kReady;
    if (!fault_.empty()) return Wait::kFault;
    if (ended) return Wait::kEnd;
    if (station_.clock().Now() >= until) break;
    WaitForWake(words.frame_wake, seen, until);
  }
  if (station_.served()) return Wait::kTimeout;
  fault_ = kLineGone;
  return Wait::kFault;
}

void SharedCamera::Release(const image::Frame& frame) {
  // A buffer given back twice would let two parts share it: a bug that must not go on.
  if (frame.slot >= kSharedSlots || station_.words().owners[frame.slot].exchange(
                                        0, std::memory_order_release) != station_.run()) {
    std::abort();
  }
}

SharedOutput::SharedOutput(SharedStation& station)
    : station_(station), changes_(station.words().changes, station.clock().Now()) {
  // What a dead station left on the wires ends here, not at the first decision of this one.
  const TimePoint now = station.clock().Now();
  if (const auto torn = changes_.torn()) UndoIfNotMade(*torn, now);
  LogWhatASignalDid(now);
  (void)AllSafe(now);
}

// A change that was announced, and then the station died before it was made.
void SharedOutput::UndoIfNotMade(const Change& torn, TimePoint now) {
  if (torn.line >= kOutputLines) return;
  const Word& wire = station_.words().wires[torn.line];
  if (Unpack(wire.load(std::memory_order_acquire)).energised == torn.energised) return;
  changes_.Begin(torn.line, !torn.energised, TimePoint::max(), now);
  changes_.End(now);
}

// Of a low wire `until` is never, or 0 in a new file, but for one that MakeSafeInSignal dropped at
// that time. For a wire whose change was torn then, UndoIfNotMade has done it.
void SharedOutput::LogWhatASignalDid(TimePoint now) {
  const auto& torn = changes_.torn();
  for (std::uint32_t line = 0; line < kOutputLines; ++line) {
    const WireLevel level = Unpack(station_.words().wires[line].load(std::memory_order_acquire));
    const bool dropped = level.until > TimePoint{} && level.until < TimePoint::max();
    if (level.energised || !dropped) continue;
    if (torn && torn->line == line) continue;
    changes_.Begin(line, false, TimePoint::max(), level.until);
    changes_.End(now);
  }
}

bool SharedOutput::Set(OutputLine line, bool energised, TimePoint now, TimePoint until) {
  Word& wire = station_.words().wires[static_cast<std::size_t>(line)];
  const bool was = Unpack(wire.load(std::memory_order_relaxed)).energised;
  const std::uint64_t level =
      Pack({energised, energised ? until : TimePoint::max(), station_.run()});
  if (was == energised) {
    wire.store(level, std::memory_order_release);
    return true;
  }
  changes_.Begin(static_cast<std::uint32_t>(line), energised, until, now);
  wire.store(level, std::memory_order_release);
  changes_.End(station_.clock().Now());
  return true;
}

void SharedOutput::MakeSafeInSignal() noexcept {
  const TimePoint now = station_.clock().Now();
  for (Word& wire : station_.words().wires) {
    if (!Unpack(wire.load(std::memory_order_acquire)).energised) continue;
    wire.store(Pack({false, now, station_.run()}), std::memory_order_release);
  }
}

}  // namespace taktgate::line
