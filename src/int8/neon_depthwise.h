#ifndef TAKTGATE_INT8_NEON_DEPTHWISE_H_
#define TAKTGATE_INT8_NEON_DEPTHWISE_H_

#include "int8/kernels.h"
#include "int8/neon_result.h"

// Sums of one place and 16 channels, tap after tap: products of eight channels are added up in 16
// bits as long as `kFit` of them fit, then in 32. No tap need be turned, and the codes of a row
// serve all R places. The bound: 2 instructions for the 16 products of a tap, and 4 for each sum
// that goes into 32 bits.
namespace taktgate::int8 {
namespace {

template <bool kSmall, int kFit, int K, int S>
struct DepthwiseRow {
  const Depthwise& d;
  const std::uint8_t* x;
  std::uint8_t* y;
  const std::int8_t* weights_of;
  int block;
  const Requantiser<kSmall>& requantiser;

  template <int R>
  TAKTGATE_INLINE void Do() const {
    const std::int8_t* weights = weights_of;
    const std::int32_t* biases = d.biases + block * 16;
    Forget(weights);
    Forget(biases);
    const Sixteen first = LoadSixteen(biases);
    Sixteen sums[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) sums[r] = first;
    TAKTGATE_UNROLL
    for (int dy = 0; dy < K; ++dy) AddRow<R>(dy, weights, sums);
    const Floats multipliers = requantiser.LoadAllMultipliers(d.result.multipliers + block * 16);
    Numbers numbers[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) numbers[r] = requantiser.Round(Times(sums[r], multipliers));
    uint8x16_t codes[R];
    requantiser.Finish(numbers, codes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(y + r * 16, codes[r]);
  }

  template <int R>
  TAKTGATE_INLINE void AddRow(int dy, const std::int8_t* weights, Sixteen (&sums)[R]) const {
    constexpr int kCodes = (R - 1) * S + K;
    const std::uint8_t* row = x + dy * d.x_steps.row;
    int8x16_t codes[kCodes];
    TAKTGATE_UNROLL
    for (int k = 0; k < kCodes; ++k) codes[k] = LoadCodes(row + k * 16);
    TAKTGATE_UNROLL
    for (int dx = 0; dx < K; dx += kFit) {
      int8x16_t taps[kFit];
      TAKTGATE_UNROLL
      for (int k = 0; k < kFit; ++k) {
        if (dx + k < K) taps[k] = vld1q_s8(weights + (dy * K + dx + k) * 16);
      }
      TAKTGATE_UNROLL
      for (int r = 0; r < R; ++r) {
        const int8x16_t one = codes[r * S + dx];
        int16x8_t low = vmull_s8(vget_low_s8(one), vget_low_s8(taps[0]));
        int16x8_t high = vmull_high_s8(one, taps[0]);
        TAKTGATE_UNROLL
        for (int k = 1; k < kFit; ++k) {
          if (dx + k >= K) continue;
          const int8x16_t other = codes[r * S + dx + k];
          low = vmlal_s8(low, vget_low_s8(other), vget_low_s8(taps[k]));
          high = vmlal_high_s8(high, other, taps[k]);
        }
        sums[r].four[0] = vaddw_s16(sums[r].four[0], vget_low_s16(low));
        sums[r].four[1] = vaddw_high_s16(sums[r].four[1], low);
        sums[r].four[2] = vaddw_s16(sums[r].four[2], vget_low_s16(high));
        sums[r].four[3] = vaddw_high_s16(sums[r].four[3], high);
      }
    }
  }
};

// Each tap for itself; what fills up a row is left out.
template <int K>
void UnpackTaps(const std::int8_t* packed, std::int8_t* weights) {
  constexpr int kQuads = (K + 3) / 4;
  for (int dy = 0; dy < K; ++dy) {
    TAKTGATE_UNROLL
    for (int quad = 0; quad < kQuads; ++quad) {
      const int8x16x4_t taps = vld4q_s8(packed + (dy * kQuads + quad) * 64);
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        if (quad * 4 + i < K) vst1q_s8(weights + (dy * K + quad * 4 + i) * 16, taps.val[i]);
      }
    }
  }
}

template <bool kSmall, int kFit, int K, int S>
void DepthwiseOf(const Depthwise& depthwise) {
  const Depthwise d = depthwise;  // a copy: what is written could otherwise be this
  constexpr int R = !kSmall ? 1 : K > 5 ? 2 : 4;
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    alignas(16) std::int8_t weights[K * K * 16];
    UnpackTaps<K>(d.weights + std::ptrdiff_t{block} * K * QuadsOf(K) * 64, weights);
    for (int window = 0; window < d.windows; ++window) {
      for (int row = 0; row < d.rows; ++row) {
        DepthwiseRow<kSmall, kFit, K, S> at{
            d,
            d.x + window * d.x_steps.window + block * d.x_steps.block + row * S * d.x_steps.row,
            d.y + window * d.y_steps.window + block * d.y_steps.block + row * d.y_steps.row,
            weights,
            block,
            requantiser};
        int column = 0;
        for (; column + R <= d.columns; column += R, at.x += R * S * 16, at.y += R * 16) {
          at.template Do<R>();
        }
        Rest<R - 1>(d.columns - column, at);
      }
    }
  }
}

template <bool kSmall, int kFit>
void DepthwiseOfAny(const Depthwise& d) {
  switch (d.kernel * 10 + d.stride) {
    case 11:
      return DepthwiseOf<kSmall, kFit, 1, 1>(d);
    case 12:
      return DepthwiseOf<kSmall, kFit, 1, 2>(d);
    case 31:
      return DepthwiseOf<kSmall, kFit, 3, 1>(d);
    case 32:
      return DepthwiseOf<kSmall, kFit, 3, 2>(d);
    case 51:
      return DepthwiseOf<kSmall, kFit, 5, 1>(d);
    case 52:
      return DepthwiseOf<kSmall, kFit, 5, 2>(d);
    case 71:
      return DepthwiseOf<kSmall, kFit, 7, 1>(d);
    case 72:
      return DepthwiseOf<kSmall, kFit, 7, 2>(d);
    default:
      return;  // the reader refuses other kernels
  }
}

template <int kFit>
void DepthwiseNeon(const Depthwise& d) {
  d.result.stays_small ? DepthwiseOfAny<true, kFit>(d) : DepthwiseOfAny<false, kFit>(d);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DEPTHWISE_H_
