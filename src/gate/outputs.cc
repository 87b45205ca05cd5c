#include "gate/outputs.h"

namespace taktgate::gate {

std::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kCalm:
      return "calm";
    case Severity::kWarn:
      return "warn";
    case Severity::kAmber:
      return "amber";
    case Severity::kStop:
      return "line_stop";
  }
  return "line_stop";
}

std::string_view ToString(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::kRejectsInARow:
      return "rejects_in_a_row";
    case AlarmKind::kRejectRate:
      return "reject_rate";
    case AlarmKind::kFaultsInARow:
      return "faults_in_a_row";
    case AlarmKind::kDeadlineMisses:
      return "deadline_misses";
    case AlarmKind::kBinDisagrees:
      return "bin_disagrees";
    case AlarmKind::kTrackingLost:
      return "tracking_lost";
    case AlarmKind::kBeltReversed:
      return "belt_reversed";
    case AlarmKind::kChallengeMissed:
      return "challenge_missed";
    case AlarmKind::kInferenceAway:
      return "inference_away";
    case AlarmKind::kPlcSilent:
      return "plc_silent";
  }
  return "unknown_alarm";
}

}  // namespace taktgate::gate
