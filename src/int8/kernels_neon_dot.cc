// SDOT of ARMv8.2 cores (Cortex-A55, A75 and later). Four signed codes of a place, one lane of a
// register, meet 16 weights of four results. The bound: 16 products an instruction, of which a
// Cortex-A76 starts two a cycle. A depthwise kernel would need its taps turned for it, which costs
// as much as it saves: it widens as on older cores.
#if defined(__aarch64__)
#include "int8/kernel_sets.h"
#include "int8/kernels_neon.h"

namespace taktgate::int8 {
namespace {

struct DotProduct {
  static constexpr bool kTakesSignedCodes = true;
  static constexpr int kPlaces = 5;
  using Sums = Sixteen;
  static TAKTGATE_INLINE Sums Begin(const Sixteen& biases) { return biases; }
  static TAKTGATE_INLINE Sixteen End(const Sums& sums) { return sums; }

  template <int kLane, int R>
  static TAKTGATE_INLINE void Step(Sums (&sums)[R], const int8x16_t (&places)[R],
                                   const std::int8_t* weights) {
    const int8x16x4_t w = vld1q_s8_x4(weights + kLane * 64);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        sums[r].four[i] = vdotq_laneq_s32(sums[r].four[i], w.val[i], places[r], kLane);
      }
    }
  }
  template <int N, int R>
  static TAKTGATE_INLINE void Add(Sums (&sums)[R], const std::uint8_t* codes,
                                  std::ptrdiff_t x_column, const std::int8_t* weights) {
    int8x16_t places[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) places[r] = Signed(vld1q_u8(codes + r * x_column));
    Step<0>(sums, places, weights);
    if constexpr (N > 1) Step<1>(sums, places, weights);
    if constexpr (N > 2) Step<2>(sums, places, weights);
    if constexpr (N > 3) Step<3>(sums, places, weights);
  }
};

}  // namespace

const Kernels kNeonDotSevenBitKernels =
    KernelsOf<DotProduct>(Isa::kNeonDot, DepthwiseNeon<3, true>);
const Kernels kNeonDotKernels = KernelsOf<DotProduct>(Isa::kNeonDot, DepthwiseNeon<2, true>);

}  // namespace taktgate::int8
#endif
