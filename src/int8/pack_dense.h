#ifndef TAKTGATE_INT8_PACK_DENSE_H_
#define TAKTGATE_INT8_PACK_DENSE_H_

#include "int8/constants.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network.h"
#include "int8/plan.h"

namespace taktgate::int8 {

// What a dense layer reads of each place and its weights, in the order of these kernels: all fields
// of `dense` that say so. `x` lies as `map` says; dense.blocks is set.
void PackDense(const Operation& operation, const Tensor& x, const MapLayout& map,
               const Kernels& kernels, Constants& constants, Dense& dense);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_PACK_DENSE_H_
