// SUDOT of cores with I8MM (Cortex-A510, A710 and later): signed weights meet unsigned codes, so
// that codes are multiplied as they are. The bound is that of SDOT, 16 products an instruction,
// less the instruction that it needs for each register of codes. A depthwise kernel widens as on
// all cores.
#if defined(__aarch64__)
#include "int8/kernel_sets.h"
#include "int8/kernels_neon.h"

namespace taktgate::int8 {
namespace {

struct MixedDotProduct {
  static constexpr bool kTakesSignedCodes = false;
  static constexpr int kPlaces = 5;
  using Sums = Sixteen;
  static TAKTGATE_INLINE Sums Begin(const Sixteen& biases) { return biases; }
  static TAKTGATE_INLINE Sixteen End(const Sums& sums) { return sums; }

  template <int kLane, int R>
  static TAKTGATE_INLINE void Step(Sums (&sums)[R], const uint8x16_t (&places)[R],
                                   const std::int8_t* weights) {
    const int8x16x4_t w = vld1q_s8_x4(weights + kLane * 64);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        sums[r].four[i] = vsudotq_laneq_s32(sums[r].four[i], w.val[i], places[r], kLane);
      }
    }
  }
  template <int N, int R>
  static TAKTGATE_INLINE void Add(Sums (&sums)[R], const std::uint8_t* codes,
                                  std::ptrdiff_t x_column, const std::int8_t* weights) {
    uint8x16_t places[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) places[r] = vld1q_u8(codes + r * x_column);
    Step<0>(sums, places, weights);
    if constexpr (N > 1) Step<1>(sums, places, weights);
    if constexpr (N > 2) Step<2>(sums, places, weights);
    if constexpr (N > 3) Step<3>(sums, places, weights);
  }
};

}  // namespace

const Kernels kNeonI8mmSevenBitKernels =
    KernelsOf<MixedDotProduct>(Isa::kNeonI8mm, DepthwiseNeon<3, false>);
const Kernels kNeonI8mmKernels =
    KernelsOf<MixedDotProduct>(Isa::kNeonI8mm, DepthwiseNeon<2, false>);

}  // namespace taktgate::int8
#endif
