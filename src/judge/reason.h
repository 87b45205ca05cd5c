#ifndef TAKTGATE_JUDGE_REASON_H_
#define TAKTGATE_JUDGE_REASON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taktgate::judge {

// What a reason says about the station, not about the part. Alarms and statistics count by it.
enum class Blame : std::uint8_t {
  kNothing,  // the part: released, or rejected by the model
  kMiss,     // too little time
  kFault,    // anything else that the station or the line did wrong
  kOutside,  // not inspected on purpose: offline, stopped, challenge
};

// Why a part was rejected; kNone for a pass. The list is in reasons.inc.
enum class Reason : std::uint8_t {
#define TAKTGATE_REASON(enumerator, name, blame, cause, look_at) enumerator,
#include "judge/reasons.inc"
#undef TAKTGATE_REASON
};

struct ReasonInfo {
  std::string_view name;  // as records and messages have it
  Blame blame{};
  std::string_view cause;
  std::string_view look_at;  // what to look at where it comes often; empty for a pass
};

inline constexpr ReasonInfo kReasonTable[] = {
#define TAKTGATE_REASON(enumerator, name, blame, cause, look_at) \
  {name, Blame::blame, cause, look_at},
#include "judge/reasons.inc"
#undef TAKTGATE_REASON
};
inline constexpr std::size_t kReasons = sizeof kReasonTable / sizeof kReasonTable[0];
inline constexpr auto kLastReason = static_cast<Reason>(kReasons - 1);

// Of a number that is none, as a damaged file may hold it.
inline constexpr ReasonInfo kNoReason = {"unknown_reason", Blame::kFault,
                                         "a reason that this version does not know",
                                         "the version that wrote it"};

constexpr const ReasonInfo& InfoOf(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kReasons ? kReasonTable[index] : kNoReason;
}
constexpr std::string_view ToString(Reason reason) { return InfoOf(reason).name; }

}  // namespace taktgate::judge

#endif  // TAKTGATE_JUDGE_REASON_H_
