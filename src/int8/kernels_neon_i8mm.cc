#if defined(__aarch64__)
#include "int8/kernel_sets.h"
#include "int8/neon_dense_lanes.h"
#include "int8/neon_kernels.h"

namespace taktgate::int8 {
namespace {

struct SignedLaneI {
  template <int kLane>
  static TAKTGATE_INLINE void Add(int32x4_t& sums, int8x16_t weights, int8x16_t codes) {
    asm("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(sums) : "w"(weights), "w"(codes), "i"(kLane));
  }
};

}  // namespace

const Kernels kNeonI8mmSevenBitKernels =
    NeonKernels<7>(Isa::kNeonI8mm, DenseOrder::kFours, DenseNeonLanes<SignedLaneI>);
const Kernels kNeonI8mmKernels =
    NeonKernels<8>(Isa::kNeonI8mm, DenseOrder::kFours, DenseNeonLanes<SignedLaneI>);

}  // namespace taktgate::int8
#endif
