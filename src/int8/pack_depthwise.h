#ifndef TAKTGATE_INT8_PACK_DEPTHWISE_H_
#define TAKTGATE_INT8_PACK_DEPTHWISE_H_

#include "int8/constants.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network.h"

namespace taktgate::int8 {

// The kernels of an operation in the order of the set (Taps), and where the set has signed maps how
// many of their rows may be added in 16 bits.
void PackDepthwise(const Operation& operation, const Kernels& kernels, Constants& constants,
                   Depthwise& depthwise);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_PACK_DEPTHWISE_H_
