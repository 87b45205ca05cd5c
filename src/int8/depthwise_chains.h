#ifndef TAKTGATE_INT8_DEPTHWISE_CHAINS_H_
#define TAKTGATE_INT8_DEPTHWISE_CHAINS_H_

#include <cstdint>

#include "int8/constants.h"
#include "int8/network/network.h"

namespace taktgate::int8 {

// Of every block of a depthwise layer, how many rows of its kernels 16 bits have room for, whatever
// the codes less 128 are: all, 1 or 0 (not even one).
const std::uint8_t* DepthwiseChainsOf(const Operation& operation, Constants& constants);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_DEPTHWISE_CHAINS_H_
