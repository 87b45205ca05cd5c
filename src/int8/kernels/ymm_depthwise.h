#ifndef TAKTGATE_INT8_YMM_DEPTHWISE_H_
#define TAKTGATE_INT8_YMM_DEPTHWISE_H_

#include "int8/kernels/ymm.h"

// Depthwise layers in registers of 256 bits: two places of the result at a time, one in each half,
// 16 channels each. The taps of a kernel are taken in sequence, whatever their rows: 25 are six
// fours and one, where rows of five would be ten fours. The bound of four taps of two places, 128
// products: 8 shuffles, 4 dot products, 8 loads, so 2 cycles for 64 products where two shuffles
// start a cycle; without dot products 20 instructions on three ports, 3.3 cycles. Of 8-bit weights
// two taps, 64 products, take 14 instructions, 4.7 cycles. Every two places take a result besides.
namespace taktgate::int8 {
namespace {

// The codes of tap `tap` of both places; nothing where a kernel has no such tap.
template <int K, int S>
TAKTGATE_INLINE __m256i CodesOfTap(const std::uint8_t* x, std::ptrdiff_t row, int tap) {
  if (tap >= K * K) return _mm256_setzero_si256();
  x += tap / K * row + tap % K * 16;
  if constexpr (S == 1) {
    return Load32(x);  // neighbours lie together
  } else {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(Load16(x)), Load16(x + S * 16), 1);
  }
}

// Four taps are turned so that those of a channel lie together: eight shuffles for four dot
// products of eight lanes.
template <typename Dot, int K, int S>
TAKTGATE_INLINE void AddFours(const Depthwise& d, const std::uint8_t* x, const std::int8_t* weights,
                              __m256i (&sums)[4]) {
  const Dot dot;
  TAKTGATE_UNROLL
  for (int tap = 0; tap < K * K; tap += 4, weights += 64) {
    const std::ptrdiff_t row = d.x_steps.row;
    const __m256i tap0 = CodesOfTap<K, S>(x, row, tap), tap1 = CodesOfTap<K, S>(x, row, tap + 1);
    const __m256i low01 = _mm256_unpacklo_epi8(tap0, tap1);
    const __m256i high01 = _mm256_unpackhi_epi8(tap0, tap1);
    __m256i low23 = _mm256_setzero_si256(), high23 = low23;
    if (tap + 2 < K * K) {
      const __m256i tap2 = CodesOfTap<K, S>(x, row, tap + 2);
      const __m256i tap3 = CodesOfTap<K, S>(x, row, tap + 3);
      low23 = _mm256_unpacklo_epi8(tap2, tap3);
      high23 = _mm256_unpackhi_epi8(tap2, tap3);
    }
    const __m256i turned[4] = {
        _mm256_unpacklo_epi16(low01, low23), _mm256_unpackhi_epi16(low01, low23),
        _mm256_unpacklo_epi16(high01, high23), _mm256_unpackhi_epi16(high01, high23)};
    TAKTGATE_UNROLL
    for (int c = 0; c < 4; ++c) dot.Add(sums[c], dot.Codes(turned[c]), Twice(weights + c * 16));
  }
}

// Two taps, each of 16 bits, so that vpmaddwd is exact for weights of 8 bits: six shuffles, four
// multiplications.
template <int K, int S>
TAKTGATE_INLINE void AddTwos(const Depthwise& d, const std::uint8_t* x, const std::int8_t* weights,
                             __m256i (&sums)[4]) {
  const __m256i zero = _mm256_setzero_si256();
  TAKTGATE_UNROLL
  for (int tap = 0; tap < K * K; tap += 2, weights += 64) {
    const __m256i tap0 = CodesOfTap<K, S>(x, d.x_steps.row, tap);
    const __m256i tap1 = CodesOfTap<K, S>(x, d.x_steps.row, tap + 1);
    const __m256i low = _mm256_unpacklo_epi8(tap0, tap1), high = _mm256_unpackhi_epi8(tap0, tap1);
    const __m256i wide[4] = {_mm256_unpacklo_epi8(low, zero), _mm256_unpackhi_epi8(low, zero),
                             _mm256_unpacklo_epi8(high, zero), _mm256_unpackhi_epi8(high, zero)};
    TAKTGATE_UNROLL
    for (int c = 0; c < 4; ++c) {
      sums[c] = _mm256_add_epi32(sums[c], _mm256_madd_epi16(wide[c], Twice(weights + c * 16)));
    }
  }
}

template <typename Dot>
struct DepthwiseYmm {
  static constexpr bool kPairs = Dot::kTaps == Taps::kPairs;

  template <int K, int S>
  struct Of {
    static void Do(const Depthwise& d) {
      const Requantiser requantiser(d.result.table, d.result.zero_point);
      for (int block = 0; block < d.blocks; ++block) OfBlock(d, block, requantiser);
    }
    // Four channels of both places in each register.
    static TAKTGATE_INLINE void OfBlock(const Depthwise& d, int block,
                                        const Requantiser& requantiser) {
      __m256i biases[4];
      __m256 multipliers[4];
      TAKTGATE_UNROLL
      for (int c = 0; c < 4; ++c) {
        biases[c] = Twice(d.biases + block * 16 + c * 4);
        multipliers[c] = _mm256_broadcast_ps(
            reinterpret_cast<const __m128*>(d.result.multipliers + block * 16 + c * 4));
      }
      const std::int8_t* weights =
          d.weights + std::ptrdiff_t{block} * (kPairs ? PairsOfAll(K) : QuadsOfAll(K)) * 64;
      ForEachDepthwiseRow<1>(d, block, [&](auto, const std::uint8_t* x, std::uint8_t* y) {
        for (int column = 0; column < d.columns; column += 2, x += 2 * S * 16, y += 32) {
          __m256i sums[4] = {biases[0], biases[1], biases[2], biases[3]};
          if constexpr (kPairs) {
            AddTwos<K, S>(d, x, weights, sums);
          } else {
            AddFours<Dot, K, S>(d, x, weights, sums);
          }
          __m256i rounded[4];
          TAKTGATE_UNROLL
          for (int c = 0; c < 4; ++c) rounded[c] = Scaled(sums[c], multipliers[c]);
          StoreTwo(y, d.columns - column >= 2 ? 2 : 1, requantiser.ByHalves(rounded));
        }
      });
    }
  };
  static void Do(const Depthwise& d) { DepthwiseOfShape<Of>(d); }
};

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_YMM_DEPTHWISE_H_
