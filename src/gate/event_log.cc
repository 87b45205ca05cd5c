#include "gate/event_log.h"

#include <algorithm>

namespace taktgate::gate {
namespace {

// A part with 64 windows, as a decision with the lines and alarms that may come with it: bytes,
// rounded up. event_log_test.cc compares.
constexpr std::size_t kMostPerPart = 1024;
constexpr std::size_t kMostBeside = 8192;

std::size_t StateBytes(const GateSettings& settings) {
  return settings.parts_in_flight * kMostPerPart + kMostBeside;
}

template <std::size_t kIndex = 0>
std::optional<event::Any> Make(std::uint8_t kind) {
  if constexpr (kIndex == std::variant_size_v<event::Any>) {
    return std::nullopt;
  } else {
    using Event = std::variant_alternative_t<kIndex, event::Any>;
    if (kind == Event::kKind) return event::Any(Event{});
    return Make<kIndex + 1>(kind);
  }
}

}  // namespace

EventLog::EventLog(const GateSettings& settings, std::size_t stretch_bytes)
    : reserve_(StateBytes(settings)) {
  const std::size_t least = 4 * reserve_;
  for (Stretch& stretch : stretches_) stretch.bytes.resize(std::max(stretch_bytes, least));
}

void EventLog::StartStretch(Gate& gate) {
  std::size_t next = 0;  // one of the four is neither in use nor handed out
  while (next == current_ || next == handed_out_[0] || next == handed_out_[1]) ++next;
  previous_ = broken_ ? kNone : current_;
  current_ = next;
  Stretch& stretch = at(current_);
  StateWriter writer(stretch.bytes);
  writer(gate);
  stretch.state_size = stretch.size = writer.size();
  broken_ = writer.overflowed();
}

LogStretch EventLog::Shown(std::size_t index) const {
  const Stretch& stretch = stretches_[index];
  const std::span<const std::uint8_t> all(stretch.bytes);
  return {all.first(stretch.state_size),
          all.subspan(stretch.state_size, stretch.size - stretch.state_size)};
}

std::optional<EventLog::Handed> EventLog::HandOver(Gate& gate) {
  if (handed_.load(std::memory_order_acquire) || broken_) return std::nullopt;
  Handed handed;
  handed_out_ = {current_, previous_};
  if (previous_ != kNone) handed.stretches[handed.count++] = Shown(previous_);
  handed.stretches[handed.count++] = Shown(current_);
  handed_.store(true, std::memory_order_relaxed);
  StartStretch(gate);
  previous_ = kNone;
  return handed;
}

Result<std::vector<event::Any>> ReadEvents(std::span<const std::uint8_t> bytes) {
  std::vector<event::Any> events;
  StateReader reader(bytes);
  while (reader.left() > 0) {
    std::uint8_t kind = 0;
    reader(kind);
    auto event = Make(kind);
    if (event) std::visit([&](auto& one) { reader(one); }, *event);
    if (!event || !reader.sound()) {
      return Error{ErrorCode::kCorrupt, "event " + std::to_string(events.size() + 1) +
                                            ": expected a whole event of a known kind, got kind " +
                                            std::to_string(kind)};
    }
    events.push_back(std::move(*event));
  }
  return events;
}

std::vector<std::uint8_t> BytesOf(const event::Any& event) {
  std::vector<std::uint8_t> bytes(kMostPerPart);
  StateWriter writer(bytes);
  std::visit([&](const auto& one) { writer(one.kKind, one); }, event);
  bytes.resize(writer.size());
  return bytes;
}

}  // namespace taktgate::gate
