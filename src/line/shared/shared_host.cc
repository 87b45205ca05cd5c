#include "line/shared/shared_host.h"

#include <unistd.h>

#include <utility>

namespace taktgate::line {

SharedHost::SharedHost(std::filesystem::path path, std::unique_ptr<SharedLine> shared)
    : path_(std::move(path)),
      shared_(std::move(shared)),
      words_(shared_->words()),
      changes_(words_.changes),
      relay_changes_(words_.relay_changes) {}

SharedHost::~SharedHost() { unlink(path_.c_str()); }

Result<std::unique_ptr<SharedHost>> SharedHost::Create(const std::filesystem::path& path,
                                                       SharedLine::Size size) {
  auto shared = SharedLine::Create(path, size);
  if (!shared) return shared.error();
  return std::unique_ptr<SharedHost>(new SharedHost(path, std::move(*shared)));
}

void SharedHost::Edge(TimePoint at, std::uint32_t encoder) {
  SharedEdge& edge = words_.edges[edges_ % kSharedEdges];
  edge.number.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  edge.at.store(ToWord(at), std::memory_order_relaxed);
  edge.encoder.store(encoder, std::memory_order_relaxed);
  edge.number.store(++edges_, std::memory_order_release);
  words_.edges_published.store(edges_, std::memory_order_release);
  Wake(words_.edge_wake);
}

void SharedHost::Tell(const Signal& signal) {
  SharedSignal& entry = words_.signals[signals_ % kSharedSignals];
  entry.number.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  entry.what.store(static_cast<std::uint64_t>(signal.kind) << 32 | signal.value,
                   std::memory_order_relaxed);
  entry.at.store(ToWord(signal.at), std::memory_order_relaxed);
  entry.number.store(++signals_, std::memory_order_release);
  words_.signals_published.store(signals_, std::memory_order_release);
  Wake(words_.signal_wake);
}

// What an earlier run held is free: that process is gone.
std::optional<std::size_t> SharedHost::FreeSlot() const {
  const std::uint64_t run = words_.camera_run.load(std::memory_order_acquire);
  for (std::size_t slot = 0; slot < kSharedSlots; ++slot) {
    const std::uint64_t owner = words_.owners[slot].load(std::memory_order_acquire);
    if (owner == 0 || owner < run) return slot;
  }
  return std::nullopt;
}

std::uint8_t* SharedHost::PixelsOfNext() {
  filled_ = FreeSlot();
  return filled_ ? shared_->Pixels(*filled_) : nullptr;
}

void SharedHost::TellFrame(const FrameTimes& times, image::FrameStatus status) {
  const std::uint64_t run = words_.camera_run.load(std::memory_order_acquire);
  if (!filled_ || run == 0) return LoseFrame();
  words_.owners[*filled_].store(run, std::memory_order_relaxed);
  SharedFrame& frame = words_.frames[frames_ % kSharedFrames];
  frame.number.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  frame.sequence.store(sequence_++, std::memory_order_relaxed);
  frame.slot.store(*filled_, std::memory_order_relaxed);
  frame.partial.store(status == image::FrameStatus::kPartial, std::memory_order_relaxed);
  frame.trigger_at.store(ToWord(times.trigger_at), std::memory_order_relaxed);
  frame.captured_at.store(ToWord(times.captured_at), std::memory_order_relaxed);
  frame.arrived_at.store(ToWord(times.arrived_at), std::memory_order_relaxed);
  frame.number.store(++frames_, std::memory_order_release);
  words_.frames_published.store(frames_, std::memory_order_release);
  filled_.reset();
  Wake(words_.frame_wake);
}

void SharedHost::End() {
  words_.ended.store(1, std::memory_order_release);
  Wake(words_.edge_wake);
  Wake(words_.signal_wake);
  Wake(words_.frame_wake);
}

WireLevel SharedHost::Wire(OutputLine line) const {
  const Word& word = words_.wires[static_cast<std::size_t>(line)];
  return Unpack(word.load(std::memory_order_acquire));
}

bool SharedHost::relay_closed() const {
  return words_.relay_closed.load(std::memory_order_acquire) != 0;
}

std::uint64_t SharedHost::runs() const { return words_.run.load(std::memory_order_acquire); }

std::optional<SharedHost::Run> SharedHost::RunAt(std::uint64_t number) const {
  const SharedRun& run = words_.runs[number % kSharedRuns];
  if (run.number.load(std::memory_order_acquire) != number) return std::nullopt;
  return Run{FromWord(run.attached_at), run.first_edge, run.taken_edges};
}

}  // namespace taktgate::line
