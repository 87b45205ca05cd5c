#include "gate/lines.h"

namespace taktgate::gate {

Lines::Lines(const GateSettings& settings, GateOutputs& outputs)
    : heartbeat_(settings.heartbeat), strobe_(settings.strobe), outputs_(outputs) {}

bool Lines::Set(Line line, bool energised, TimePoint latest, TimePoint until) {
  bool& level = levels_[static_cast<std::size_t>(line)];
  if (level == energised) return true;
  level = energised;
  return outputs_.SetLine(line, energised, latest, until);
}

bool Lines::Pass(TimePoint latest, TimePoint until) {
  if (!Has(Line::kReady)) return false;
  Set(Line::kValid, false);
  if (Set(Line::kPass, true, latest, until)) return true;
  DropPass();
  return false;
}

void Lines::DropPass() {
  Set(Line::kValid, false);  // first: a reader takes PASS only while VALID stands
  strobe_until_ = TimePoint::max();
  Set(Line::kPass, false);
}

void Lines::Strobe(TimePoint now, TimePoint latest) {
  if (!Has(Line::kReady)) return;
  Set(Line::kValid, false);  // two parts are two rising edges
  const bool in_time = Set(Line::kValid, true, latest);
  if (!in_time) Set(Line::kValid, false);
  strobe_until_ = in_time ? now + strobe_ : TimePoint::max();
}

void Lines::Show(bool online, Severity severity) {
  const bool runs = online && severity != Severity::kStop;
  if (!runs) DropPass();
  Set(Line::kReady, runs);
  Set(Line::kLineStop, runs);
  Set(Line::kGreen, runs && severity < Severity::kAmber);
  Set(Line::kAmber, severity == Severity::kAmber);
  Set(Line::kRed, severity == Severity::kStop);
}

void Lines::StartHeart(TimePoint now) {
  if (beat_at_ == TimePoint::max()) beat_at_ = now + heartbeat_;
}

void Lines::AllSafe() {
  DropPass();
  for (std::size_t line = 0; line < kOutputLines; ++line) Set(static_cast<Line>(line), false);
  beat_at_ = TimePoint::max();
}

void Lines::OnTime(TimePoint now) {
  if (now >= strobe_until_) {
    Set(Line::kValid, false);
    strobe_until_ = TimePoint::max();
  }
  if (now >= beat_at_) {
    Set(Line::kHeartbeat, !Has(Line::kHeartbeat));
    beat_at_ = now + heartbeat_;  // a thread that slept makes up for no beats
  }
}

}  // namespace taktgate::gate
