#ifndef TAKTGATE_JUDGE_VERDICT_H_
#define TAKTGATE_JUDGE_VERDICT_H_

#include <cstdint>
#include <string_view>

#include "judge/reason.h"

namespace taktgate::judge {

// The model's answer about a part. `unknown` is an answer, not an error; the gate rejects it.
enum class Verdict : std::uint8_t { kPass, kFail, kUnknown };

std::string_view ToString(Verdict verdict);

}  // namespace taktgate::judge

#endif  // TAKTGATE_JUDGE_VERDICT_H_
