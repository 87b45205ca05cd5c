#ifndef TAKTGATE_INT8_SHARES_H_
#define TAKTGATE_INT8_SHARES_H_

#include <cstdint>
#include <optional>

#include "int8/kernels/kernels.h"
#include "int8/step.h"

namespace taktgate::int8 {

// The share of one of several threads in a step: some of its windows, rows, columns or blocks, one
// behind the other. No two shares write the same byte, and all of them together do the step.
// nullopt: the step has no such shares. `of` counts from 0.
std::optional<Step> ShareOf(const Step& step, const Kernels& kernels, int of, int shares);

// How much there is to do, in vectors: multiplications of 64 bytes, or what takes as long.
std::int64_t WorkOf(const Step& step);

// Less than this is done sooner by one thread than two of them meet before and behind it: one does
// so much in 0.2 us (AVX-512) to 0.6 us (AVX2), and two meetings take about as long. Measured with
// 500 to 8,000 (docs/performance.md).
inline constexpr std::int64_t kLeastSharedWork = 1'000;

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_SHARES_H_
