#ifndef TAKTGATE_INT8_NEON_DENSE_FEW_H_
#define TAKTGATE_INT8_NEON_DENSE_FEW_H_

#include "int8/kernels.h"
#include "int8/neon_result.h"
#include "int8/neon_widening.h"

// Dense layers without dot products whose places have 32 codes at most: expansions of narrow maps
// and the stem. The weights of four results fit into registers and stay there for all places; a
// sum is complete at once. Sixteen codes are folded to four lanes of 16 bits before they are
// widened, if they fit. The bound for 16 codes, four places and four results: 32 products, 4 loads,
// 20 to fold and add up, 4 biases, a result (neon_result.h) and 4 stores of four codes.
namespace taktgate::int8 {
namespace {

// What all places of four results need.
template <int kEights, int kChain>
struct FewWeights {
  int8x16_t first[4], second[4];
  int32x4_t biases;

  TAKTGATE_INLINE FewWeights(const std::int8_t* weights, const std::int32_t* of_biases)
      : biases(vld1q_s32(of_biases)) {
    TAKTGATE_UNROLL
    for (int result = 0; result < 4; ++result) {
      first[result] = vld1q_s8(weights + result * (kEights > 2 ? 32 : 16));
      if (kEights > 2) second[result] = vld1q_s8(weights + result * 32 + 16);
    }
  }

  // Sums of four results of one place; its second 16 codes lie `step` bytes after the first.
  TAKTGATE_INLINE int32x4_t Results(const std::uint8_t* x, std::ptrdiff_t step) const {
    const int8x16_t a = LoadCodes(x), b = kEights > 2 ? LoadCodes(x + step) : a;
    int16x8_t products[4];
    int32x4_t sums[4];
    TAKTGATE_UNROLL
    for (int n = 0; n < 4; ++n) products[n] = MultiplyLow(a, first[n]);
    if constexpr (kEights > 1) {
      TAKTGATE_UNROLL
      for (int n = 0; n < 4; ++n) products[n] = AddHigh(products[n], a, first[n]);
    }
    if constexpr (kEights <= 2 && kChain >= 4) {
      const int32x4_t low = vpaddlq_s16(vpaddq_s16(products[0], products[1]));
      const int32x4_t high = vpaddlq_s16(vpaddq_s16(products[2], products[3]));
      return vaddq_s32(vpaddq_s32(low, high), biases);
    }
    if constexpr (kEights > 2 && kChain == 2) {
      TAKTGATE_UNROLL
      for (int n = 0; n < 4; ++n) sums[n] = vpaddlq_s16(products[n]);
      TAKTGATE_UNROLL
      for (int n = 0; n < 4; ++n) products[n] = MultiplyLow(b, second[n]);
    } else if constexpr (kEights > 2) {
      TAKTGATE_UNROLL
      for (int n = 0; n < 4; ++n) products[n] = AddLow(products[n], b, second[n]);
    }
    if constexpr (kEights > 3) {
      TAKTGATE_UNROLL
      for (int n = 0; n < 4; ++n) products[n] = AddHigh(products[n], b, second[n]);
    }
    TAKTGATE_UNROLL
    for (int n = 0; n < 4; ++n) {
      sums[n] =
          kEights > 2 && kChain == 2 ? AddPairs(sums[n], products[n]) : vpaddlq_s16(products[n]);
    }
    return vaddq_s32(AddUpLanes(sums), biases);
  }
};

template <bool kSmall, bool kTable, int kEights, int kChain>
struct FewRow {
  const Requantiser<kSmall>& requantiser;
  const FewWeights<kEights, kChain>& weights;
  float32x4_t multipliers;
  std::ptrdiff_t step, x_column, y_column;
  const std::uint8_t* x;
  std::uint8_t* y;

  template <int P>
  TAKTGATE_INLINE void Do() const {
    Floats products;
    TAKTGATE_UNROLL
    for (int p = 0; p < 4; ++p) {
      products.four[p] =
          p < P ? Times(weights.Results(x + p * x_column, step), multipliers) : vdupq_n_f32(0);
    }
    const uint32x4_t codes =
        vreinterpretq_u32_u8(requantiser.template BeforeTable<kTable>(requantiser.Round(products)));
    const auto put = [&](int p) { return reinterpret_cast<std::uint32_t*>(y + p * y_column); };
    vst1q_lane_u32(put(0), codes, 0);
    if constexpr (P > 1) vst1q_lane_u32(put(1), codes, 1);
    if constexpr (P > 2) vst1q_lane_u32(put(2), codes, 2);
    if constexpr (P > 3) vst1q_lane_u32(put(3), codes, 3);
  }
};

// Calls `row(x, y)` for the first places of all rows of a block.
template <typename Row>
TAKTGATE_INLINE void ForEachRow(const Dense& d, int block, Row row) {
  for (int window = 0; window < d.windows; ++window) {
    for (int k = 0; k < d.rows; ++k) {
      row(d.x + window * d.x_steps.window + k * d.x_steps.row,
          d.y + window * d.y_steps.window + k * d.y_steps.row + block * d.y_steps.block);
    }
  }
}

template <bool kSmall, bool kTable, int kEights, int kChain>
void FewResults(const Dense& d, const Requantiser<kSmall>& requantiser, int block, int four) {
  constexpr int P = kSmall ? 4 : 1;
  const int of = block * 4 + four;
  const FewWeights<kEights, kChain> weights(d.weights + std::ptrdiff_t{of} * d.steps * 64,
                                            d.biases + of * 4);
  const float32x4_t multipliers = requantiser.LoadMultipliers(d.result.multipliers + of * 4);
  const std::ptrdiff_t step = d.steps > 1 ? d.offsets[1] - d.offsets[0] : 0;
  ForEachRow(d, block, [&](const std::uint8_t* x, std::uint8_t* y) {
    FewRow<kSmall, kTable, kEights, kChain> at{
        requantiser,      weights,          multipliers,      step,
        d.x_steps.column, d.y_steps.column, x + d.offsets[0], y + four * 4};
    int column = 0;
    for (; column + P <= d.columns; column += P) {
      at.template Do<P>();
      at.x += P * at.x_column;
      at.y += P * at.y_column;
    }
    Rest<P - 1>(d.columns - column, at);
  });
}

// What only fills up is 0 before it is rounded.
template <bool kSmall, bool kTable>
void FewFilling(const Dense& d, const Requantiser<kSmall>& requantiser, int block, int four) {
  const uint32x4_t codes =
      vreinterpretq_u32_u8(requantiser.template BeforeTable<kTable>(requantiser.Round(Floats{})));
  ForEachRow(d, block, [&](const std::uint8_t*, std::uint8_t* y) {
    for (int column = 0; column < d.columns; ++column) {
      vst1q_lane_u32(reinterpret_cast<std::uint32_t*>(y + column * d.y_steps.column + four * 4),
                     codes, 0);
    }
  });
}

template <bool kSmall, bool kTable, int kEights>
void FewOfAny(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    const int fours = FoursOf(d, block);
    for (int four = 0; four < 4; ++four) {
      if (four >= fours) {
        FewFilling<kSmall, kTable>(d, requantiser, block, four);
      } else if (d.chains[block * 4 + four] >= 4) {
        FewResults<kSmall, kTable, kEights, 4>(d, requantiser, block, four);
      } else {
        FewResults<kSmall, kTable, kEights, 2>(d, requantiser, block, four);
      }
    }
    if constexpr (kTable) {
      ForEachRow(d, block, [&](const std::uint8_t*, std::uint8_t* y) {
        requantiser.LookUpInPlace(y, d.y_steps.column, d.columns);
      });
    }
  }
}

template <bool kSmall, bool kTable>
void DenseOfFewEights(const Dense& d) {
  switch (d.steps * 2 - (d.half_at_end ? 1 : 0)) {
    case 1:
      return FewOfAny<kSmall, kTable, 1>(d);
    case 2:
      return FewOfAny<kSmall, kTable, 2>(d);
    case 3:
      return FewOfAny<kSmall, kTable, 3>(d);
    default:
      return FewOfAny<kSmall, kTable, 4>(d);
  }
}

inline void DenseOfFew(const Dense& d) {
  const bool table = d.result.table != nullptr;
  if (d.result.stays_small) {
    table ? DenseOfFewEights<true, true>(d) : DenseOfFewEights<true, false>(d);
  } else {
    table ? DenseOfFewEights<false, true>(d) : DenseOfFewEights<false, false>(d);
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DENSE_FEW_H_
