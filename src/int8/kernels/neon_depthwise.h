#ifndef TAKTGATE_INT8_NEON_DEPTHWISE_H_
#define TAKTGATE_INT8_NEON_DEPTHWISE_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_result.h"

// Sums of one place and 16 channels, tap after tap: products of eight channels are added up in 16
// bits as long as they are sure to fit (all taps, or those of a row: Depthwise::chains; else two of
// them: 128 x 127 x 2 = 32,512), then in 32. No tap need be turned, and the codes of a row serve
// all R places. The bound: 2 instructions for the 16 products of a tap, and 4 for each sum that
// goes into 32 bits.
namespace taktgate::int8 {
namespace {

// Products in 16 bits.
struct DepthwiseChain {
  int16x8_t low, high;

  TAKTGATE_INLINE void Begin(int8x16_t codes, int8x16_t taps) {
    low = vmull_s8(vget_low_s8(codes), vget_low_s8(taps));
    high = vmull_high_s8(codes, taps);
  }
  // Not the intrinsics: GCC 12 would not always add to the register that has the sum.
  TAKTGATE_INLINE void Add(int8x16_t codes, int8x16_t taps) {
    asm("smlal %0.8h, %1.8b, %2.8b" : "+w"(low) : "w"(codes), "w"(taps));
    asm("smlal2 %0.8h, %1.16b, %2.16b" : "+w"(high) : "w"(codes), "w"(taps));
  }
  // Of two places at once: one statement, so that GCC keeps the four together. Each takes several
  // cycles on cores that keep to the order, which the others fill.
  static TAKTGATE_INLINE void AddBoth(DepthwiseChain& one, DepthwiseChain& other,
                                      int8x16_t codes_of_one, int8x16_t codes_of_other,
                                      int8x16_t taps) {
    asm("smlal %0.8h, %4.8b, %6.8b\n\t"
        "smlal2 %1.8h, %4.16b, %6.16b\n\t"
        "smlal %2.8h, %5.8b, %6.8b\n\t"
        "smlal2 %3.8h, %5.16b, %6.16b"
        : "+w"(one.low), "+w"(one.high), "+w"(other.low), "+w"(other.high)
        : "w"(codes_of_one), "w"(codes_of_other), "w"(taps));
  }
  TAKTGATE_INLINE void AddTo(Sixteen& sums) const {
    sums.four[0] = vaddw_s16(sums.four[0], vget_low_s16(low));
    sums.four[1] = vaddw_high_s16(sums.four[1], low);
    sums.four[2] = vaddw_s16(sums.four[2], vget_low_s16(high));
    sums.four[3] = vaddw_high_s16(sums.four[3], high);
  }
};

// A row of the result. A chain is of kRows rows of the kernel (all, or 1), or of two taps: 0.
template <bool kSmall, int kRows, int K, int S>
struct DepthwiseRow {
  const Requantiser<kSmall>& requantiser;
  const std::int8_t* weights_of;
  const std::int32_t* biases_of;
  const float* multipliers_of;
  std::ptrdiff_t x_row;
  const std::uint8_t* x;
  std::uint8_t* y;

  template <int R>
  TAKTGATE_INLINE void Do() const {
    const std::int8_t* weights = weights_of;
    const std::int32_t* biases = biases_of;
    Forget(weights);
    Forget(biases);
    Sixteen sums[R];
    if constexpr (kRows > 1 || K == 1) {
      DepthwiseChain chains[R];
      TAKTGATE_UNROLL
      for (int dy = 0; dy < K; ++dy) AddRow<R>(dy, weights, chains);
      Begin(biases, sums);
      TAKTGATE_UNROLL
      for (int r = 0; r < R; ++r) chains[r].AddTo(sums[r]);
    } else {
      Begin(biases, sums);
      TAKTGATE_UNROLL
      for (int dy = 0; dy < K; ++dy) AddRow<R>(dy, weights, sums);
    }
    const Floats multipliers = requantiser.LoadAllMultipliers(multipliers_of);
    Numbers numbers[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) numbers[r] = requantiser.Round(Times(sums[r], multipliers));
    uint8x16_t codes[R];
    requantiser.Finish(numbers, codes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(y + r * 16, codes[r]);
  }

  template <int R>
  static TAKTGATE_INLINE void Begin(const std::int32_t* biases, Sixteen (&sums)[R]) {
    const Sixteen first = LoadSixteen(biases);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) sums[r] = first;
  }
  template <int N>
  TAKTGATE_INLINE void LoadRow(int dy, int8x16_t (&codes)[N]) const {
    const std::uint8_t* row = x + dy * x_row;
    Forget(row);
    TAKTGATE_UNROLL
    for (int k = 0; k < N; ++k) codes[k] = LoadCodes(row + k * 16);
  }

  // One chain goes on over all rows.
  template <int R>
  TAKTGATE_INLINE void AddRow(int dy, const std::int8_t* weights,
                              DepthwiseChain (&chains)[R]) const {
    int8x16_t codes[(R - 1) * S + K];
    LoadRow(dy, codes);
    TAKTGATE_UNROLL
    for (int dx = 0; dx < K; ++dx) {
      const int8x16_t taps = vld1q_s8(weights + (dy * K + dx) * 16);
      TAKTGATE_UNROLL
      for (int r = 0; r < R; ++r) {
        dy + dx == 0 ? chains[r].Begin(codes[r * S], taps) : chains[r].Add(codes[r * S + dx], taps);
      }
    }
  }

  template <int R>
  TAKTGATE_INLINE void AddRow(int dy, const std::int8_t* weights, Sixteen (&sums)[R]) const {
    constexpr int kTaps = kRows == 1 ? K : 2;
    int8x16_t codes[(R - 1) * S + K];
    LoadRow(dy, codes);
    TAKTGATE_UNROLL
    for (int dx = 0; dx < K; dx += kTaps) {
      int8x16_t taps[kTaps];
      TAKTGATE_UNROLL
      for (int k = 0; k < kTaps; ++k) {
        if (dx + k < K) taps[k] = vld1q_s8(weights + (dy * K + dx + k) * 16);
      }
      // Two places in turn: cores that keep to the order take several cycles for a product.
      TAKTGATE_UNROLL
      for (int first = 0; first < R; first += 2) {
        DepthwiseChain chains[2];
        TAKTGATE_UNROLL
        for (int k = 0; k < kTaps; ++k) {
          if (k > 0 && dx + k < K && first + 1 < R) {
            DepthwiseChain::AddBoth(chains[0], chains[1], codes[first * S + dx + k],
                                    codes[(first + 1 < R ? first + 1 : first) * S + dx + k],
                                    taps[k]);
            continue;
          }
          TAKTGATE_UNROLL
          for (int r = first; r < first + 2; ++r) {
            if (r >= R || dx + k >= K) continue;
            const int8x16_t one = codes[r * S + dx + k];
            k == 0 ? chains[r - first].Begin(one, taps[k]) : chains[r - first].Add(one, taps[k]);
          }
        }
        TAKTGATE_UNROLL
        for (int r = first; r < first + 2; ++r) {
          if (r < R) chains[r - first].AddTo(sums[r]);
        }
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

template <bool kSmall, int kRows, int K, int S>
void DepthwiseBlock(const Depthwise& d, const Requantiser<kSmall>& requantiser, int block) {
  constexpr int R = !kSmall ? 1 : K > 5 ? 2 : 4;
  alignas(16) std::int8_t weights[K * K * 16];
  UnpackTaps<K>(d.weights + std::ptrdiff_t{block} * K * QuadsOf(K) * 64, weights);
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      DepthwiseRow<kSmall, kRows, K, S> at{
          requantiser,
          weights,
          d.biases + block * 16,
          d.result.multipliers + block * 16,
          d.x_steps.row,
          d.x + window * d.x_steps.window + block * d.x_steps.block + row * S * d.x_steps.row,
          d.y + window * d.y_steps.window + block * d.y_steps.block + row * d.y_steps.row};
      int column = 0;
      for (; column + R <= d.columns; column += R, at.x += R * S * 16, at.y += R * 16) {
        at.template Do<R>();
      }
      Rest<R - 1>(d.columns - column, at);
    }
  }
}

template <bool kSmall, int K, int S>
void DepthwiseOf(const Depthwise& depthwise) {
  const Depthwise d = depthwise;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    const int rows = kSmall ? d.chains[block] : 0;
    if (K == 3 && rows == 3) {
      DepthwiseBlock<kSmall, K == 3 ? 3 : 0, K, S>(d, requantiser, block);
    } else if (K > 1 && rows > 0) {
      DepthwiseBlock<kSmall, K == 1 ? 0 : 1, K, S>(d, requantiser, block);
    } else {
      DepthwiseBlock<kSmall, 0, K, S>(d, requantiser, block);
    }
  }
}

template <bool kSmall>
void DepthwiseOfAny(const Depthwise& d) {
  switch (d.kernel * 10 + d.stride) {
    case 11:
      return DepthwiseOf<kSmall, 1, 1>(d);
    case 12:
      return DepthwiseOf<kSmall, 1, 2>(d);
    case 31:
      return DepthwiseOf<kSmall, 3, 1>(d);
    case 32:
      return DepthwiseOf<kSmall, 3, 2>(d);
    case 51:
      return DepthwiseOf<kSmall, 5, 1>(d);
    case 52:
      return DepthwiseOf<kSmall, 5, 2>(d);
    case 71:
      return DepthwiseOf<kSmall, 7, 1>(d);
    case 72:
      return DepthwiseOf<kSmall, 7, 2>(d);
    default:
      return;  // the reader refuses other kernels
  }
}

inline void DepthwiseNeon(const Depthwise& d) {
  d.result.stays_small ? DepthwiseOfAny<true>(d) : DepthwiseOfAny<false>(d);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DEPTHWISE_H_
