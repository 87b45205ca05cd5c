#ifndef TAKTGATE_SIM_SOFT_MESSAGE_H_
#define TAKTGATE_SIM_SOFT_MESSAGE_H_

#include <cstdint>

#include "base/clock.h"
#include "judge/verdict.h"

namespace taktgate::sim {

// What waits for the station besides edges and frames: signals of the line, answers of the model,
// orders of people.
struct SoftMessage {
  enum class Kind : std::uint8_t {
    kCount,  // of the encoder, not wrapped
    kGateSensor,
    kBinSensor,
    kNumber,  // of the PLC, for a part
    kBeat,    // its level
    kAnswer,  // part of the gate; all before it are signals
    kOperator,
    kStop,
    kStart,  // station
    kRelease,
    kChallenge,  // parts
  };
  Kind kind = Kind::kAnswer;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  judge::Verdict verdict = judge::Verdict::kUnknown;
  judge::Reason reason = judge::Reason::kModelError;
  TimePoint at{};  // on the station's clock
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_MESSAGE_H_
