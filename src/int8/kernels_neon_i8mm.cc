// SUDOT of cores with I8MM (Cortex-A510, A710 and later): signed weights meet unsigned codes, so
// that codes are multiplied as they are. The bound is that of SDOT, 16 products an instruction,
// less the instruction that it needs for each register of codes. A depthwise kernel widens as on
// all cores.
#if defined(__aarch64__)
#include "int8/kernel_sets.h"
#include "int8/kernels_neon.h"

namespace taktgate::int8 {
namespace {

struct MixedLane {
  static constexpr bool kTakesSignedCodes = false;
  static TAKTGATE_INLINE uint8x16_t Codes(uint8x16_t codes) { return codes; }
  // Not the intrinsic: see kernels_neon_dot.cc.
  template <int kLane>
  static TAKTGATE_INLINE void Add(int32x4_t& sums, int8x16_t weights, uint8x16_t codes) {
    asm("sudot %0.4s, %1.16b, %2.4b[%3]" : "+w"(sums) : "w"(weights), "w"(codes), "i"(kLane));
  }
};

}  // namespace

const Kernels kNeonI8mmSevenBitKernels =
    KernelsOf<ByLane<MixedLane>>(Isa::kNeonI8mm, DepthwiseNeon<3, false>);
const Kernels kNeonI8mmKernels =
    KernelsOf<ByLane<MixedLane>>(Isa::kNeonI8mm, DepthwiseNeon<2, false>);

}  // namespace taktgate::int8
#endif
