#ifndef TAKTGATE_INT8_YMM_DENSE_H_
#define TAKTGATE_INT8_YMM_DENSE_H_

#include "int8/kernels/ymm.h"

// Dense layers in registers of 256 bits: the sums of R places and 16 results lie in 2 x R of them,
// so that a step loads 2 registers of weights and R times four codes for 2 x R dot products. The
// bound for 64 products: one cycle where two dot products start a cycle (six places: 12 of them and
// 8 loads). Without dot products: three instructions for each 32 products, 2 cycles on three ports;
// with four steps in a chain 18 for 256 and 12 loads, 1.5 cycles; of 8-bit weights 34, 2.8 cycles.
namespace taktgate::int8 {
namespace {

inline __m256i FourCodes(const std::uint8_t* from) {
  int four;
  __builtin_memcpy(&four, from, sizeof four);
  return _mm256_set1_epi32(four);
}

template <int R>
using Sums = __m256i[R][2];  // of 16 results of R places

// One step for R places, which lie `column` bytes apart, and 16 results.
template <typename Dot, int R>
TAKTGATE_INLINE void AddStep(const std::uint8_t* codes, std::ptrdiff_t column,
                             const std::int8_t* weights, Sums<R>& sums) {
  const Dot dot;
  const __m256i low = Load32(weights), high = Load32(weights + 32);
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    const auto same = dot.Codes(FourCodes(codes + r * column));
    dot.Add(sums[r][0], same, low);
    dot.Add(sums[r][1], same, high);
  }
}

// Several steps whose products are added in 16 bits and widened once. The weights are read for each
// place, in the instruction that multiplies them: there are no registers for them.
template <typename Dot, int R, int kSteps>
TAKTGATE_INLINE void AddChain(const std::uint8_t* x, std::ptrdiff_t column,
                              const std::int32_t* offsets, const std::int8_t* weights,
                              Sums<R>& sums) {
  const Dot dot;
  const std::uint8_t* codes[kSteps];
  TAKTGATE_UNROLL
  for (int i = 0; i < kSteps; ++i) codes[i] = x + offsets[i];
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    auto same = dot.Codes(FourCodes(codes[0] + r * column));
    __m256i low = dot.Pairs(same, Load32(weights)), high = dot.Pairs(same, Load32(weights + 32));
    TAKTGATE_UNROLL
    for (int i = 1; i < kSteps; ++i) {
      same = dot.Codes(FourCodes(codes[i] + r * column));
      low = _mm256_add_epi16(low, dot.Pairs(same, Load32(weights + i * 64)));
      high = _mm256_add_epi16(high, dot.Pairs(same, Load32(weights + i * 64 + 32)));
    }
    dot.Widen(sums[r][0], low);
    dot.Widen(sums[r][1], high);
  }
}

template <typename Dot, int R>
TAKTGATE_INLINE void AddSteps(const Dense& d, const std::uint8_t* x, int block, Sums<R>& sums) {
  const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * d.steps * 64;
  const std::int32_t* offsets = d.offsets;
  const std::int32_t* const end = offsets + d.steps;
  const std::ptrdiff_t column = d.x_steps.column;
  if constexpr (Dot::kMostChained > 0) {
    const std::uint8_t* chains = d.chains + block * (d.steps / 4);
    for (; end - offsets >= 4; offsets += 4, weights += 256) {
      switch (*chains++) {
        case 4:
          AddChain<Dot, R, 4>(x, column, offsets, weights, sums);
          break;
        case 2:
          AddChain<Dot, R, 2>(x, column, offsets, weights, sums);
          AddChain<Dot, R, 2>(x, column, offsets + 2, weights + 128, sums);
          break;
        default:
          for (int i = 0; i < 4; ++i) {
            AddStep<Dot, R>(x + offsets[i], column, weights + i * 64, sums);
          }
      }
    }
  } else if constexpr (R <= 2) {
    // Few sums would wait for each other: every second or fourth step has its own.
    constexpr int kApart = 4 / R;
    Sums<R> others[kApart - 1] = {};
    for (; end - offsets >= kApart; offsets += kApart, weights += kApart * 64) {
      AddStep<Dot, R>(x + offsets[0], column, weights, sums);
      TAKTGATE_UNROLL
      for (int i = 1; i < kApart; ++i) {
        AddStep<Dot, R>(x + offsets[i], column, weights + i * 64, others[i - 1]);
      }
    }
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      TAKTGATE_UNROLL
      for (int i = 0; i < kApart - 1; ++i) {
        sums[r][0] = _mm256_add_epi32(sums[r][0], others[i][r][0]);
        sums[r][1] = _mm256_add_epi32(sums[r][1], others[i][r][1]);
      }
    }
  }
  for (; offsets < end; ++offsets, weights += 64) {
    AddStep<Dot, R>(x + *offsets, column, weights, sums);
  }
}

template <int R>
TAKTGATE_INLINE void PutFloats(const Dense& d, int column, int block, const Sums<R>& sums,
                               const __m256 (&multipliers)[2]) {
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    float* to = d.floats + ((column + r) * d.blocks + block) * 16;
    _mm256_storeu_ps(to, _mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][0]), multipliers[0]));
    _mm256_storeu_ps(to + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][1]), multipliers[1]));
  }
}

// Two places at a time, which lie together in a map and apart in vectors.
template <int R>
TAKTGATE_INLINE void PutCodes(std::uint8_t* y, std::ptrdiff_t column, const Sums<R>& sums,
                              const __m256 (&multipliers)[2], const Requantiser& requantiser) {
  constexpr int kTwos = (R + 1) / 2;
  __m256i rounded[kTwos][4], codes[kTwos];
  TAKTGATE_UNROLL
  for (int two = 0; two < kTwos; ++two) {
    TAKTGATE_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int r = two * 2 + i / 2 < R ? two * 2 + i / 2 : R - 1;
      rounded[two][i] = Scaled(sums[r][i % 2], multipliers[i % 2]);
    }
  }
  requantiser.InOrder(rounded, codes);
  TAKTGATE_UNROLL
  for (int two = 0; two < kTwos; ++two) {
    const bool both = two * 2 + 1 < R;
    if (both && column == 16) {
      Store32(y + two * 32, codes[two]);
      continue;
    }
    Store16(y + two * 2 * column, _mm256_castsi256_si128(codes[two]));
    if (both) Store16(y + (two * 2 + 1) * column, _mm256_extracti128_si256(codes[two], 1));
  }
}

template <typename Dot, int R>
TAKTGATE_APART void DenseTile(const Dense& d, const std::uint8_t* x, std::uint8_t* y, int column,
                              int block, const Requantiser& requantiser) {
  Sums<R> sums;
  const __m256i biases[2] = {Load32(d.biases + block * 16), Load32(d.biases + block * 16 + 8)};
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    sums[r][0] = biases[0];
    sums[r][1] = biases[1];
  }
  AddSteps<Dot, R>(d, x + column * d.x_steps.column, block, sums);
  const __m256 multipliers[2] = {_mm256_loadu_ps(d.result.multipliers + block * 16),
                                 _mm256_loadu_ps(d.result.multipliers + block * 16 + 8)};
  if (d.floats != nullptr) return PutFloats<R>(d, column, block, sums, multipliers);
  PutCodes<R>(y + column * d.y_steps.column + block * d.y_steps.block, d.y_steps.column, sums,
              multipliers, requantiser);
}

template <typename Dot>
void DenseYmm(const Dense& d) {
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    ForEachRow({d.windows, 1, d.rows, 1}, [&](RowAt at) {
      const std::uint8_t* x = d.x + at.In(d.x_steps);
      std::uint8_t* y = d.y + at.In(d.y_steps);
      ForEachTile<Dot::kPlaces>(d.columns, [&](auto places, int column) {
        DenseTile<Dot, decltype(places)::kValue>(d, x, y, column, block, requantiser);
      });
    });
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_YMM_DENSE_H_
