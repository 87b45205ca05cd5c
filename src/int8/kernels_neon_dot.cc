// SDOT of ARMv8.2 cores (Cortex-A55, A75 and later). Four signed codes of a place, one lane of a
// register, meet 16 weights of four results. The bound: 16 products an instruction, of which a
// Cortex-A76 starts two a cycle. A depthwise kernel would need its taps turned for it, which costs
// as much as it saves: it widens as on older cores.
#if defined(__aarch64__)
#include "int8/kernel_sets.h"
#include "int8/kernels_neon.h"

namespace taktgate::int8 {
namespace {

struct SignedLane {
  static constexpr bool kTakesSignedCodes = true;
  static TAKTGATE_INLINE uint8x16_t Codes(uint8x16_t codes) {
    return vreinterpretq_u8_s8(Signed(codes));
  }
  // Not the intrinsic: GCC 12 would do these in another order, for which it has too few registers.
  template <int kLane>
  static TAKTGATE_INLINE void Add(int32x4_t& sums, int8x16_t weights, uint8x16_t codes) {
    asm("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(sums) : "w"(weights), "w"(codes), "i"(kLane));
  }
};

}  // namespace

const Kernels kNeonDotSevenBitKernels =
    KernelsOf<ByLane<SignedLane>>(Isa::kNeonDot, DepthwiseNeon<3, true>);
const Kernels kNeonDotKernels =
    KernelsOf<ByLane<SignedLane>>(Isa::kNeonDot, DepthwiseNeon<2, true>);

}  // namespace taktgate::int8
#endif
