#ifndef TAKTGATE_INT8_PACK_RESULT_H_
#define TAKTGATE_INT8_PACK_RESULT_H_

#include <cstdint>

#include "int8/constants.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network.h"

// How the sums of a layer begin and become codes. Only what the caller's network owns outlives the
// loading: tables and numbers are copied, and filled up to whole blocks.
namespace taktgate::int8 {

inline constexpr std::uint8_t kSigned = 128;  // what a set that takes signed codes subtracts

// nullptr: the operation has none.
const std::uint8_t* KeptTable(const Operation& operation, Constants& constants);

Requantisation ResultOf(const Operation& operation, Constants& constants);

// With what the zero point of the input `x` adds to every sum.
const std::int32_t* BiasesOf(const Operation& operation, const Tensor& x, const Kernels& kernels,
                             Constants& constants);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_PACK_RESULT_H_
