#include "sim/soft_plc.h"

namespace taktgate::sim {
namespace {

constexpr Duration kToNumber = std::chrono::milliseconds(1);  // from the edge

}  // namespace

void SoftPlc::Start() {
  if (world_.settings.gate.plc_beat_within == Duration(0)) return;
  world_.Schedule(TimePoint(half_), LineEvent::Kind::kBeat);
}

void SoftPlc::Beat() {
  level_ = !level_;
  const bool high = stuck_ < 0 ? level_ : stuck_ == 1;
  door_.Send({SoftMessage::Kind::kBeat, high ? 1U : 0U});
  world_.Schedule(world_.now + half_, LineEvent::Kind::kBeat);
}

void SoftPlc::Sees(LinePart& part) {
  if (!world_.settings.gate.plc_names_parts || part.plc_number != 0) return;
  part.plc_number = next_++;
  const TimePoint at = world_.now + kToNumber + part.upsets.number_late;
  constexpr auto kNumber = LineEvent::Kind::kNumber;
  if (!part.upsets.number_missing) world_.Schedule(at, kNumber, part.number);
  if (part.upsets.number_twice) world_.Schedule(at + kToNumber, kNumber, part.number);
}

void SoftPlc::SayNumber(std::uint32_t number, std::uint64_t line_part) {
  door_.Send({SoftMessage::Kind::kNumber, number, line_part});
}

void SoftPlc::FaultBegins(const Fault& fault) {
  if (fault.kind == FaultKind::kPlcBeatHigh) stuck_ = 1;
  if (fault.kind == FaultKind::kPlcBeatLow) stuck_ = 0;
  if (fault.kind == FaultKind::kPlcBeatSlow) half_ = fault.time;
}

void SoftPlc::FaultEnds(const Fault& fault) {
  if (fault.kind == FaultKind::kPlcBeatHigh || fault.kind == FaultKind::kPlcBeatLow) stuck_ = -1;
  if (fault.kind == FaultKind::kPlcBeatSlow) half_ = kHalf;
}

}  // namespace taktgate::sim
