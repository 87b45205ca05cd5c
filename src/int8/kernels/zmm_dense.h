#ifndef TAKTGATE_INT8_ZMM_DENSE_H_
#define TAKTGATE_INT8_ZMM_DENSE_H_

#include "int8/kernels/zmm.h"

// Dense layers in registers of 512 bits. The sums of R places and N blocks lie in registers, so
// that a step loads N vectors of weights and R times four codes for R x N dot products. The bound:
// a cycle for 64 products where one dot product starts a cycle, half of one where two do. Loads are
// not the bound: 10 for 24 dot products of four blocks and six places, of which two start a cycle,
// and 13 for 12 where a single block is left.
namespace taktgate::int8 {
namespace {

template <int R, int N>
using Sums = __m512i[R * N];  // of place r and block n at r * N + n

template <int R, int N>
TAKTGATE_INLINE void AddStep(const Dense& d, const std::uint8_t* x, int k,
                             const std::int8_t* weights, Sums<R, N>& sums) {
  const std::uint8_t* codes = x + d.offsets[k];
  const std::ptrdiff_t column = d.x_steps.column;
  __m512i w[N];
  TAKTGATE_UNROLL
  for (int n = 0; n < N; ++n) w[n] = _mm512_loadu_si512(weights + n * d.steps * 64);
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    int four;
    __builtin_memcpy(&four, codes + r * column, sizeof four);
    const __m512i same = _mm512_set1_epi32(four);
    TAKTGATE_UNROLL
    for (int n = 0; n < N; ++n) AddProducts(sums[r * N + n], same, w[n]);
  }
}

// Few sums would wait for each other: every second step has its own.
template <int R, int N>
TAKTGATE_INLINE void AddSteps(const Dense& d, const std::uint8_t* x, const std::int8_t* weights,
                              Sums<R, N>& sums) {
  int k = 0;
  if constexpr (R * N <= 4) {
    Sums<R, N> others = {};
    for (; k + 2 <= d.steps; k += 2, weights += 128) {
      AddStep<R, N>(d, x, k, weights, sums);
      AddStep<R, N>(d, x, k + 1, weights + 64, others);
    }
    TAKTGATE_UNROLL
    for (int at = 0; at < R * N; ++at) sums[at] = _mm512_add_epi32(sums[at], others[at]);
  }
  for (; k < d.steps; ++k, weights += 64) AddStep<R, N>(d, x, k, weights, sums);
}

// Four places of a block lie together, and so do two, which fill a register with two of the next
// block.
template <int R, int N>
TAKTGATE_INLINE void PutMap(std::uint8_t* y, std::ptrdiff_t y_block, const Sums<R, N>& sums,
                            const __m512 (&multipliers)[N], const Requantiser& requantiser) {
  TAKTGATE_UNROLL
  for (int n = 0; n < N; ++n) {
    TAKTGATE_UNROLL
    for (int r = 0; r + 4 <= R; r += 4) {
      __m512i rounded[4];
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) rounded[i] = Scaled(sums[(r + i) * N + n], multipliers[n]);
      _mm512_storeu_si512(y + n * y_block + r * 16, requantiser.Of(rounded));
    }
  }
  constexpr int kRest = R % 4, kFirst = R - kRest, kBlocks = kRest == 1 ? 4 : kRest == 2 ? 2 : 1;
  if constexpr (kRest > 0) {
    TAKTGATE_UNROLL
    for (int n = 0; n < N; n += kBlocks) {
      __m512i rounded[4];
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        const int block = n + i / kRest < N ? n + i / kRest : N - 1;
        rounded[i] = Scaled(sums[(kFirst + i % kRest) * N + block], multipliers[block]);
      }
      const __m512i codes = requantiser.Of(rounded);
      std::uint8_t* to = y + n * y_block + kFirst * 16;
      if constexpr (kRest == 1) {
        Store16(to, _mm512_castsi512_si128(codes));
        if (n + 1 < N) Store16(to + y_block, _mm512_extracti32x4_epi32(codes, 1));
        if (n + 2 < N) Store16(to + 2 * y_block, _mm512_extracti32x4_epi32(codes, 2));
        if (n + 3 < N) Store16(to + 3 * y_block, _mm512_extracti32x4_epi32(codes, 3));
      } else if constexpr (kRest == 2) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(codes));
        if (n + 1 < N) {
          _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + y_block),
                              _mm512_extracti64x4_epi64(codes, 1));
        }
      } else {
        StoreKnown(to, kRest, codes);
      }
    }
  }
}

// The places of vectors lie apart, but the blocks of each lie together.
template <int R, int N>
TAKTGATE_INLINE void PutVectors(std::uint8_t* y, std::ptrdiff_t y_column, const Sums<R, N>& sums,
                                const __m512 (&multipliers)[N], const Requantiser& requantiser) {
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    __m512i rounded[4];
    TAKTGATE_UNROLL
    for (int i = 0; i < 4; ++i) {
      rounded[i] = Scaled(sums[r * N + (i < N ? i : N - 1)], multipliers[i < N ? i : N - 1]);
    }
    StoreKnown(y + r * y_column, N, requantiser.Of(rounded));
  }
}

template <int R, int N>
TAKTGATE_INLINE void PutFloats(const Dense& d, int column, int block, const Sums<R, N>& sums,
                               const __m512 (&multipliers)[N]) {
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    float* to = d.floats + ((column + r) * d.blocks + block) * kLanes;
    TAKTGATE_UNROLL
    for (int n = 0; n < N; ++n) {
      _mm512_storeu_ps(to + n * kLanes,
                       _mm512_mul_ps(_mm512_cvtepi32_ps(sums[r * N + n]), multipliers[n]));
    }
  }
}

template <int R, int N>
TAKTGATE_APART void DenseTile(const Dense& d, const std::uint8_t* x, std::uint8_t* y, int column,
                              int block, const Requantiser& requantiser) {
  Sums<R, N> sums;
  TAKTGATE_UNROLL
  for (int n = 0; n < N; ++n) {
    const __m512i bias = _mm512_loadu_si512(d.biases + (block + n) * kLanes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) sums[r * N + n] = bias;
  }
  AddSteps<R, N>(d, x + column * d.x_steps.column, d.weights + std::ptrdiff_t{block} * d.steps * 64,
                 sums);
  __m512 multipliers[N];
  TAKTGATE_UNROLL
  for (int n = 0; n < N; ++n) {
    multipliers[n] = _mm512_loadu_ps(d.result.multipliers + (block + n) * kLanes);
  }
  if (d.floats != nullptr) return PutFloats<R, N>(d, column, block, sums, multipliers);
  y += column * d.y_steps.column + block * d.y_steps.block;
  if (d.y_steps.column == 16) {
    PutMap<R, N>(y, d.y_steps.block, sums, multipliers, requantiser);
  } else {
    PutVectors<R, N>(y, d.y_steps.column, sums, multipliers, requantiser);
  }
}

template <int R, int N>
void DenseBlocks(const Dense& d, int block, const Requantiser& requantiser) {
  ForEachRow({d.windows, 1, d.rows, 1}, [&](RowAt at) {
    const std::uint8_t* x = d.x + at.In(d.x_steps);
    std::uint8_t* y = d.y + at.In(d.y_steps);
    ForEachTile<R>(d.columns, [&](auto places, int column) {
      DenseTile<decltype(places)::kValue, N>(d, x, y, column, block, requantiser);
    });
  });
}

// Four blocks at a time: their weights stay in the first cache while all places go by.
inline void DenseZmm(const Dense& d) {
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  int block = 0;
  for (; d.blocks - block >= 4; block += 4) DenseBlocks<6, 4>(d, block, requantiser);
  switch (d.blocks - block) {
    case 3:
      return DenseBlocks<8, 3>(d, block, requantiser);
    case 2:
      return DenseBlocks<12, 2>(d, block, requantiser);
    case 1:
      return DenseBlocks<12, 1>(d, block, requantiser);
    default:
      return;
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ZMM_DENSE_H_
