#ifndef TAKTGATE_INT8_ZMM_DEPTHWISE_H_
#define TAKTGATE_INT8_ZMM_DEPTHWISE_H_

#include "int8/kernels/zmm.h"

// Depthwise layers in registers of 512 bits: 16 channels of R places in each of one or two rows.
// What four places give when turned serves each tap that they stand at, in both rows, so that a row
// of taps costs one or two dot products for each place, and about as many turns for two places. The
// bound of a tile, eight places in two rows: 3 x 3: 48 dot products and 32 turns for 2,304
// products, so 1.3 cycles for 64 where one dot product starts a cycle, beside a turn, and 1.1 where
// two do, at the turns' cost; 5 x 5 (stride 1): 160 and 72 for 6,400, 1.6 and 1.2 cycles.
namespace taktgate::int8 {
namespace {

template <int K, int S, int R, int kRows>
TAKTGATE_INLINE void DepthwiseTile(std::ptrdiff_t x_row, std::ptrdiff_t y_row,
                                   const std::uint8_t* x, std::uint8_t* y,
                                   const std::int8_t* weights, __m512i bias, __m512 multipliers,
                                   const Requantiser& requantiser) {
  constexpr int kQuads = QuadsOf(K);
  __m512i sums[kRows][R];
  TAKTGATE_UNROLL
  for (int r = 0; r < kRows * R; ++r) sums[r / R][r % R] = bias;
  TAKTGATE_UNROLL
  for (int row = 0; row < K + (kRows - 1) * S; ++row) {
    TAKTGATE_UNROLL
    for (int quad = 0; quad < kQuads; ++quad) {
      TAKTGATE_UNROLL
      for (int result = 0; result < kRows; ++result) {
        const int dy = row - result * S;
        if (dy < 0 || dy >= K) continue;
        const __m512i w = _mm512_loadu_si512(weights + (dy * kQuads + quad) * 64);
        TAKTGATE_UNROLL
        for (int r = 0; r < R; ++r) {
          AddProducts(sums[result][r], FourPlaces(x + row * x_row + (r * S + quad * 4) * 16), w);
        }
      }
    }
  }
  TAKTGATE_UNROLL
  for (int result = 0; result < kRows; ++result) {
    TAKTGATE_UNROLL
    for (int group = 0; group < R; group += 4) {
      __m512i rounded[4];
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        rounded[i] = Scaled(sums[result][group + i < R ? group + i : R - 1], multipliers);
      }
      StoreKnown(y + result * y_row + group * 16, R - group, requantiser.Of(rounded));
    }
  }
}

template <int K, int S>
struct DepthwiseZmmOf {
  static void Do(const Depthwise& d) {
    // Few networks have others: they get less code.
    constexpr bool kOften = K == 3 || K == 5;
    constexpr int kRows = kOften ? 2 : 1, kPlaces = kOften ? 8 : 4;
    const Requantiser requantiser(d.result.table, d.result.zero_point);
    for (int block = 0; block < d.blocks; ++block) {
      const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * K * QuadsOf(K) * 64;
      const __m512i bias = _mm512_loadu_si512(d.biases + block * kLanes);
      const __m512 multipliers = _mm512_loadu_ps(d.result.multipliers + block * kLanes);
      ForEachDepthwiseRow<kRows>(d, block, [&](auto rows, const auto* x, std::uint8_t* y) {
        ForEachTile<kPlaces>(d.columns, [&](auto places, int column) {
          DepthwiseTile<K, S, decltype(places)::kValue, decltype(rows)::kValue>(
              d.x_steps.row, d.y_steps.row, x + column * S * 16, y + column * 16, weights, bias,
              multipliers, requantiser);
        });
      });
    }
  }
};

inline void DepthwiseZmm(const Depthwise& d) { DepthwiseOfShape<DepthwiseZmmOf>(d); }

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ZMM_DEPTHWISE_H_
