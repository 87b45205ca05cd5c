#ifndef TAKTGATE_SIM_FINDINGS_H_
#define TAKTGATE_SIM_FINDINGS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace taktgate::sim {

// What must hold on a line, whatever goes wrong on it (docs/linesim.md).
enum class Invariant : std::uint8_t {
  kOneDecision,   // I1
  kInTime,        // I2
  kOnlyProven,    // I3
  kRightReason,   // I4
  kReconciled,    // I5
  kSafeLines,     // I7
  kNothingLost,   // a part that was released passes; PASS is not cut short without a cause
  kExactAlarms,   // at the exact count, and only with a cause
  kRightCommand,  // states, acknowledgements and release changes do what they should
};
inline constexpr std::size_t kInvariants = 9;
std::string_view NameOf(Invariant invariant);
std::string_view MeaningOf(Invariant invariant);

// Counts broken rules and keeps the words about the first one. Text is made for that one only.
//
// Threads: one.
class Findings {
 public:
  // True for the very first: the caller then gives the words.
  bool Count(Invariant invariant) {
    ++counts_[static_cast<std::size_t>(invariant)];
    return total_++ == 0;
  }
  void SetWords(std::string words) { words_ = std::move(words); }

  std::uint64_t total() const { return total_; }
  std::uint64_t Of(Invariant invariant) const {
    return counts_[static_cast<std::size_t>(invariant)];
  }
  const std::string& words() const { return words_; }

 private:
  std::array<std::uint64_t, kInvariants> counts_{};
  std::uint64_t total_ = 0;
  std::string words_;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_FINDINGS_H_
