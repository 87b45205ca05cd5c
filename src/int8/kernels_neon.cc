// NEON of every aarch64 core. SMULL and SMLAL multiply eight signed codes by weights and add
// products in 16 bits, SADALP adds pairs of such sums in 32: two products always fit, of 7-bit
// weights four do but for a case that the layer knows of. The bound: 8 products an instruction, and
// one SADALP for every two (four) of them: 5.3 (6.4) products an instruction.
#if defined(__aarch64__)
#include "int8/kernels_neon.h"
#include "int8/kernel_sets.h"

namespace taktgate::int8 {
namespace {

// `kFit` products in 16 bits. Each register of sums has two halves of the sums of two results.
template <int kFit>
struct Widening {
  static constexpr bool kTakesSignedCodes = true;
  static constexpr int kPlaces = 2;
  struct Sums {
    int32x4_t two[8];
  };

  static TAKTGATE_INLINE Sums Begin(const Sixteen& biases) {
    Sums sums;
    const int32x4_t none = vdupq_n_s32(0);
    TAKTGATE_UNROLL
    for (int i = 0; i < 4; ++i) {
      sums.two[i * 2] = vzip1q_s32(biases.four[i], none);
      sums.two[i * 2 + 1] = vzip2q_s32(biases.four[i], none);
    }
    return sums;
  }
  static TAKTGATE_INLINE Sixteen End(const Sums& sums) {
    return {{vpaddq_s32(sums.two[0], sums.two[1]), vpaddq_s32(sums.two[2], sums.two[3]),
             vpaddq_s32(sums.two[4], sums.two[5]), vpaddq_s32(sums.two[6], sums.two[7])}};
  }

  template <int N, int R>
  static TAKTGATE_INLINE void Add(Sums (&sums)[R], const std::uint8_t* codes,
                                  std::ptrdiff_t x_column, const std::int8_t* weights) {
    int8x16_t same[R][N];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      const int32x4_t all = vreinterpretq_s32_s8(Signed(vld1q_u8(codes + r * x_column)));
      same[r][0] = vreinterpretq_s8_s32(vdupq_laneq_s32(all, 0));
      if constexpr (N > 1) same[r][1] = vreinterpretq_s8_s32(vdupq_laneq_s32(all, 1));
      if constexpr (N > 2) same[r][2] = vreinterpretq_s8_s32(vdupq_laneq_s32(all, 2));
      if constexpr (N > 3) same[r][3] = vreinterpretq_s8_s32(vdupq_laneq_s32(all, 3));
    }
    // Each vector of weights is loaded one turn before it is needed: cores without reordering would
    // wait for it.
    int8x16_t next = vld1q_s8(weights);
    int16x8_t low[R], high[R];
    TAKTGATE_UNROLL
    for (int first = 0; first < N; first += kFit) {
      constexpr int kAll = N < kFit ? N : kFit;
      const int together = N - first < kAll ? N - first : kAll;
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        TAKTGATE_UNROLL
        for (int k = 0; k < kAll; ++k) {
          if (k >= together) continue;
          const int8x16_t now = next;
          const int turn = (first * 4 + i * together + k) + 1;
          if (turn < N * 4) {
            const int of = turn / (kFit * 4) * kFit;
            const int those = N - of < kFit ? N - of : kFit;
            const int in_those = turn - of * 4;
            next = vld1q_s8(weights + (of + in_those % those) * 64 + in_those / those * 16);
          }
          TAKTGATE_UNROLL
          for (int r = 0; r < R; ++r) {
            const int8x16_t codes_now = same[r][first + k];
            low[r] = k == 0 ? vmull_s8(vget_low_s8(now), vget_low_s8(codes_now))
                            : vmlal_s8(low[r], vget_low_s8(now), vget_low_s8(codes_now));
            high[r] =
                k == 0 ? vmull_high_s8(now, codes_now) : vmlal_high_s8(high[r], now, codes_now);
          }
        }
        TAKTGATE_UNROLL
        for (int r = 0; r < R; ++r) {
          sums[r].two[i * 2] = vpadalq_s16(sums[r].two[i * 2], low[r]);
          sums[r].two[i * 2 + 1] = vpadalq_s16(sums[r].two[i * 2 + 1], high[r]);
        }
      }
    }
  }
};

// 128 x 127 x 2 = 32,512 fits.
using EightBits = Widening<2>;
// 128 x 64 x 4 = 32,768 is one too large; nothing else is.
using SevenBits = Widening<4>;

void DenseSevenBits(const Dense& d) {
  d.four_products_fit ? DenseNeon<SevenBits>(d) : DenseNeon<EightBits>(d);
}

constexpr Kernels SevenBitKernels() {
  Kernels kernels = KernelsOf<EightBits>(Isa::kNeon, DepthwiseNeon<3, true>);
  kernels.dense = DenseSevenBits;
  return kernels;
}

}  // namespace

const Kernels kNeonSevenBitKernels = SevenBitKernels();
const Kernels kNeonKernels = KernelsOf<EightBits>(Isa::kNeon, DepthwiseNeon<2, true>);

}  // namespace taktgate::int8
#endif
