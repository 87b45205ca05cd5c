// SDOT of ARMv8.2 cores (Cortex-A55, A75 and later): 16 products an instruction, of which a
// Cortex-A76 starts two a cycle.
#if defined(__aarch64__)
#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/neon_dense_lanes.h"
#include "int8/kernels/neon_kernels.h"

namespace taktgate::int8 {
namespace {

struct SignedLane {
  // Not the intrinsic: GCC 12 would do these in another order, for which it has too few registers.
  template <int kLane>
  static TAKTGATE_INLINE void Add(int32x4_t& sums, int8x16_t weights, int8x16_t codes) {
    asm("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(sums) : "w"(weights), "w"(codes), "i"(kLane));
  }
};

}  // namespace

const Kernels kNeonDotKernels =
    NeonKernels(Isa::kNeonDot, DenseOrder::kFours, DenseNeonLanes<SignedLane>);

}  // namespace taktgate::int8
#endif
