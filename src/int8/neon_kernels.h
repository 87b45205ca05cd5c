#ifndef TAKTGATE_INT8_NEON_KERNELS_H_
#define TAKTGATE_INT8_NEON_KERNELS_H_

#include "int8/kernel_sets.h"
#include "int8/neon_depthwise.h"
#include "int8/neon_elementwise.h"
#include "int8/neon_mean.h"
#include "int8/neon_read_in.h"

namespace taktgate::int8 {
namespace {

// A set for weights of so many bits: of dense layers alone there is more than one form. The
// products of three weights of 7 bits fit into 16 bits, of two weights of 8 bits.
template <int kWeightBits>
constexpr Kernels NeonKernels(Isa isa, DenseOrder order, void (*dense)(const Dense&)) {
  Kernels kernels;
  kernels.isa = isa;
  kernels.takes_signed_codes = true;
  kernels.signed_maps = true;
  kernels.read_in = ReadInNeon;
  kernels.dense = dense;
  kernels.depthwise = DepthwiseNeon < kWeightBits == 7 ? 3 : 2 > ;
  kernels.gate = GateNeon;
  kernels.add = AddNeon;
  kernels.mean = MeanNeon;
  kernels.lookup = LookupNeon;
  kernels.dense_order = order;
  kernels.gathers = true;
  return kernels;
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_KERNELS_H_
