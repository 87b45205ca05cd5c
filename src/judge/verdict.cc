#include "judge/verdict.h"

namespace taktgate::judge {

std::string_view ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view ToString(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "none";
    case Reason::kDefect:
      return "defect";
    case Reason::kLowConfidence:
      return "low_confidence";
    case Reason::kModelError:
      return "model_error";
    case Reason::kImageUnhealthy:
      return "image_unhealthy";
    case Reason::kNotAligned:
      return "not_aligned";
    case Reason::kNoFrame:
      return "no_frame";
    case Reason::kPartialFrame:
      return "partial_frame";
    case Reason::kStaleFrame:
      return "stale_frame";
    case Reason::kFrameMismatch:
      return "frame_mismatch";
    case Reason::kNoSlack:
      return "no_slack";
    case Reason::kLate:
      return "late";
    case Reason::kDoubleEdge:
      return "double_edge";
    case Reason::kOverrun:
      return "overrun";
    case Reason::kGateMissed:
      return "gate_missed";
    case Reason::kTrackingLost:
      return "tracking_lost";
    case Reason::kPlcAbsent:
      return "plc_absent";
    case Reason::kPlcMismatch:
      return "plc_mismatch";
    case Reason::kOffline:
      return "offline";
    case Reason::kLineStopped:
      return "line_stopped";
    case Reason::kChallenge:
      return "challenge";
    case Reason::kShutdown:
      return "shutdown";
    case Reason::kRestart:
      return "restart";
  }
  return "unknown_reason";
}

}  // namespace taktgate::judge
