#include "sim/soft_model.h"

namespace taktgate::sim {

using judge::Reason;
using judge::Verdict;

namespace {

constexpr Duration kStopsWithin = std::chrono::microseconds(200);  // a run that was told to stop

}  // namespace

Duration SoftModel::DrawLength(const Upsets& upsets) {
  const SoftSettings& settings = world_.settings;
  const double jitter = static_cast<double>(settings.model_jitter.count()) * world_.random.Unit();
  const double usual = static_cast<double>(settings.model_takes.count()) + jitter;
  if (upsets.model_takes != Duration(0)) return upsets.model_takes;
  return Duration(static_cast<Duration::rep>(usual * upsets.model_factor));
}

void SoftModel::Start(gate::PartId part, std::uint32_t slot) {
  const SoftFrame& frame = camera_.frame(slot);
  world_.referee.Started(part, frame, busy_);
  const Upsets& upsets = belt_.PartOf(frame.line_part).upsets;
  busy_ = true;
  part_ = part;
  slot_ = slot;
  hangs_ = upsets.model_hangs;
  error_ = upsets.model_error;
  stopped_ = false;
  EndsAt(world_.now + DrawLength(upsets));
}

void SoftModel::EndsAt(TimePoint at) {
  ends_at_ = at;
  ++number_;
  if (!hangs_) world_.Schedule(at, LineEvent::Kind::kRunEnds, number_);
}

void SoftModel::Terminate(gate::PartId part) {
  world_.referee.Stopped(part);
  if (!busy_) return;  // its answer waits
  stopped_ = true;
  const TimePoint at = world_.now + kStopsWithin;
  if (!hangs_ && ends_at_ > at) EndsAt(at);
}

void SoftModel::RunEnds(std::uint64_t number) {
  if (!busy_ || number != number_) return;
  busy_ = false;
  const SoftFrame& frame = camera_.frame(slot_);
  door_.Send(AnswerAbout(belt_.PartOf(frame.line_part), frame.useless));
}

SoftMessage SoftModel::AnswerAbout(const LinePart& part, bool useless_frame) {
  SoftMessage message{SoftMessage::Kind::kAnswer, part_.sequence, 0, Verdict::kUnknown,
                      Reason::kModelError};
  const SoftSettings& settings = world_.settings;
  const double luck = world_.random.Unit();
  if (stopped_ || error_) return message;
  if (useless_frame || luck >= 1 - settings.unknown) {
    message.reason = useless_frame ? Reason::kImageUnhealthy : Reason::kLowConfidence;
    return message;
  }
  const double wrong = part.defective ? settings.missed : settings.false_reject;
  const bool says_bad = (luck < wrong) != part.defective;
  message.verdict = says_bad ? Verdict::kFail : Verdict::kPass;
  message.reason = says_bad ? Reason::kDefect : Reason::kNone;
  return message;
}

void SoftModel::Die() {
  busy_ = false;
  hangs_ = false;
  ++number_;
}

}  // namespace taktgate::sim
