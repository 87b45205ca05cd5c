#include "record/part_tap.h"

#include <algorithm>
#include <utility>

#include "base/thread_name.h"

namespace taktgate::record {
namespace {

constexpr auto kLook = std::chrono::milliseconds(50);

}  // namespace

std::span<const std::uint8_t> ExtraOutputOf(const InspectedPart& part, const KnownRelease& release,
                                            std::size_t window, bundle::OutputRole role) {
  std::size_t of_window = 0, begin = 0, size = 0;
  for (const bundle::ExtraOutput& output : release.extra_outputs) {
    if (output.role == role) {
      begin = of_window;
      size = output.size();
    }
    of_window += output.size();
  }
  begin += window * of_window;
  if (begin + size > part.extra_outputs.size()) return {};
  return part.extra_outputs.subspan(begin, size);
}

PartTap::PartTap(const Size& size, PartConsumer& consumer,
                 std::function<void(const image::Frame&)> release_frame)
    : consumer_(consumer),
      release_frame_(std::move(release_frame)),
      slots_(size.frames,
             {std::vector<float>(size.logits), std::vector<std::uint8_t>(size.extra_bytes)}),
      free_(size.frames),
      inspected_(size.frames),
      decided_(size.decisions) {
  for (std::uint32_t slot = 0; slot < size.frames; ++slot) free_.Push(slot);
}

PartTap::~PartTap() { Stop(); }

void PartTap::Start() {
  thread_.Start([this] { Run(); });
}

bool PartTap::Stop(Duration limit) {
  stopping_ = true;
  signal_.Notify();
  return thread_.Join(limit);
}

void PartTap::Inspected(const InspectedPart& part) {
  const auto slot = free_.Pop();
  if (!slot) return PassBy(part.part);
  Slot& outputs = slots_[*slot];
  const bool fit = part.logits.size() <= outputs.logits.size() &&
                   part.extra_outputs.size() <= outputs.extra_outputs.size();
  if (!fit) ++without_outputs_;
  const std::size_t logits = fit ? part.logits.size() : 0;
  const std::size_t extra = fit ? part.extra_outputs.size() : 0;
  std::copy_n(part.logits.begin(), logits, outputs.logits.begin());
  std::copy_n(part.extra_outputs.begin(), extra, outputs.extra_outputs.begin());
  inspected_.Push({part.part, part.release, part.frame, *slot, logits, extra});
  inspected_up_to_ = part.part.sequence;
  signal_.Notify();
}

void PartTap::PassBy(gate::PartId part) {
  ++passed_by_;
  inspected_up_to_ = part.sequence;
}

void PartTap::Run() {
  NameThisThread("tap");
  while (!stopping_) {
    signal_.WaitUntil(std::chrono::steady_clock::now() + kLook);
    HandOn();
  }
  HandOn();
}

void PartTap::HandOn() {
  HandOnInspected();
  HandOnDecided();
}

void PartTap::HandOnInspected() {
  while (const auto entry = inspected_.Pop()) {
    const Slot& outputs = slots_[entry->slot];
    consumer_.OnInspected({entry->part, entry->release, entry->frame,
                           std::span(outputs.logits).first(entry->logits),
                           std::span(outputs.extra_outputs).first(entry->extra_bytes)});
    release_frame_(entry->frame);
    free_.Push(entry->slot);
  }
}

// A decision may be here before the inference thread has told of its part.
void PartTap::HandOnDecided() {
  for (;;) {
    if (!waiting_) waiting_ = decided_.Pop();
    if (!waiting_) return;
    const bool told = !waiting_->has_answer || inspected_up_to_ >= waiting_->part.sequence;
    if (!told && !stopping_) return;
    HandOnInspected();
    consumer_.OnDecided(*waiting_);
    waiting_.reset();
  }
}

}  // namespace taktgate::record
