#ifndef TAKTGATE_JUDGE_VERDICT_H_
#define TAKTGATE_JUDGE_VERDICT_H_

#include <cstdint>
#include <string_view>

namespace taktgate::judge {

// The model's answer about a part. `unknown` is an answer, not an error; the gate rejects it.
enum class Verdict : std::uint8_t { kPass, kFail, kUnknown };

// Why a part was rejected; kNone for a pass. The one list of reasons in the system.
enum class Reason : std::uint8_t {
  kNone,
  kDefect,          // the model found one
  kLowConfidence,   // the score lies between the thresholds
  kModelError,      // the run failed or gave non-finite scores
  kImageUnhealthy,  // the frame is darker, flatter, more blurred ... than the recipe allows
  kNotAligned,      // no shift within the limits fits the golden image
  kNoFrame,         // no frame had come when the answer was due
  kPartialFrame,    // the camera delivered part of a frame
  kStaleFrame,      // the frame is older than the part
  kFrameMismatch,   // count and time name different parts
  kNoSlack,         // too little time left, or the inference thread is away
  kLate,            // the answer came when it was due, or later
  kDoubleEdge,      // two trigger edges closer than parts can be
  kOverrun,         // more parts in flight than the station can follow
  kGateMissed,      // proven, but past its gate position before PASS was on the wire
  kTrackingLost,    // belt or gate sensor no longer say which part is where
  kPlcAbsent,       // no number from the PLC before the answer was due, or its heartbeat stopped
  kPlcMismatch,     // the PLC named a part that does not fit the edges
  kOffline,         // the station was not online
  kLineStopped,     // a line stop waits for its acknowledgement
  kChallenge,       // a challenge part, or the challenge is not passed yet
  kShutdown,        // the station was told to stop
  kRestart,         // in flight when the station went down
};

std::string_view ToString(Verdict verdict);
std::string_view ToString(Reason reason);

}  // namespace taktgate::judge

#endif  // TAKTGATE_JUDGE_VERDICT_H_
