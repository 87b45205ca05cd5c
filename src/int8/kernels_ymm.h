#ifndef TAKTGATE_INT8_KERNELS_YMM_H_
#define TAKTGATE_INT8_KERNELS_YMM_H_

#include <immintrin.h>

#include "int8/kernel_sets.h"

// The kernels for registers of 256 bits. They differ by how four codes meet four weights: `Dot`
// says it. Included by the file of each set alone, which is compiled for its instructions.
namespace taktgate::int8 {
namespace {

// The loops over registers: they must not be loops.
#define TAKTGATE_UNROLL _Pragma("GCC unroll 64")

inline __m256i Load32(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline __m128i Load16(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
inline void Store32(void* to, __m256i bytes) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), bytes);
}
inline void Store16(void* to, __m128i bytes) { _mm_storeu_si128(static_cast<__m128i*>(to), bytes); }
// The same 16 bytes in both halves.
inline __m256i Twice(const void* from) { return _mm256_broadcastsi128_si256(Load16(from)); }

// Looks up 32 codes in a table of 256. vpshufb looks up sixteen entries by the lower four bits; the
// upper four choose among sixteen such results, one bit after the other. The bound: 16 + 15
// instructions for 32 codes.
inline __m256i LookUp(const std::uint8_t* table, __m256i codes) {
  const __m256i low = _mm256_and_si256(codes, _mm256_set1_epi8(15));
  // A blend takes the topmost bit of each byte; the shifts bring the others there.
  const __m256i bit4 = _mm256_slli_epi16(codes, 3), bit5 = _mm256_slli_epi16(codes, 2),
                bit6 = _mm256_slli_epi16(codes, 1);
  const auto of32 = [&](const std::uint8_t* entries) {
    return _mm256_blendv_epi8(_mm256_shuffle_epi8(Twice(entries), low),
                              _mm256_shuffle_epi8(Twice(entries + 16), low), bit4);
  };
  __m256i of64[4];
  TAKTGATE_UNROLL
  for (int k = 0; k < 4; ++k) {
    of64[k] = _mm256_blendv_epi8(of32(table + k * 64), of32(table + k * 64 + 32), bit5);
  }
  return _mm256_blendv_epi8(_mm256_blendv_epi8(of64[0], of64[1], bit6),
                            _mm256_blendv_epi8(of64[2], of64[3], bit6), codes);
}

inline __m256i Scaled(__m256i sums, __m256 multipliers) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(sums), multipliers));
}

// Four registers of eight sums become 32 codes.
class Requantiser {
 public:
  Requantiser(const std::uint8_t* table, int zero_point)
      : table_(table), zero_point_(_mm256_set1_epi16(static_cast<short>(zero_point))) {}

  // By halves: the lower half of the result is of the lower halves of all four.
  __m256i Halves(const __m256i (&rounded)[4]) const {
    const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(rounded[0], rounded[1]), zero_point_);
    const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(rounded[2], rounded[3]), zero_point_);
    const __m256i codes = _mm256_packus_epi16(low, high);
    return codes;
  }
  // In order: the first register's codes first.
  __m256i InOrder(const __m256i (&rounded)[4]) const {
    return Look(
        _mm256_permutevar8x32_epi32(Halves(rounded), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
  }
  __m256i ByHalves(const __m256i (&rounded)[4]) const { return Look(Halves(rounded)); }

 private:
  __m256i Look(__m256i codes) const { return table_ == nullptr ? codes : LookUp(table_, codes); }

  const std::uint8_t* table_;
  const __m256i zero_point_;
};

inline __m256i FourCodes(const std::uint8_t* from) {
  int four;
  __builtin_memcpy(&four, from, sizeof four);
  return _mm256_set1_epi32(four);
}

// One step for R places and 16 results.
template <typename Dot, int R>
inline __attribute__((always_inline)) void AddStep(const Dense& d, const std::uint8_t* x, int k,
                                                   const std::int8_t* weights,
                                                   __m256i (&sums)[R][2]) {
  const Dot dot;
  const std::uint8_t* codes = x + d.offsets[k];
  const std::ptrdiff_t column = d.x_steps.column;
  const __m256i low = Load32(weights + k * 64), high = Load32(weights + k * 64 + 32);
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    const auto same = dot.Codes(FourCodes(codes + r * column));
    dot.Add(sums[r][0], same, low);
    dot.Add(sums[r][1], same, high);
  }
}

// Several steps whose products are added in 16 bits and widened once. The weights of half of the
// results lie in registers.
template <typename Dot, int R, int kSteps>
inline __attribute__((always_inline)) void AddChain(const Dense& d, const std::uint8_t* x, int k,
                                                    const std::int8_t* weights,
                                                    __m256i (&sums)[R][2]) {
  const Dot dot;
  const std::ptrdiff_t column = d.x_steps.column;
  const std::uint8_t* codes[kSteps];
  TAKTGATE_UNROLL
  for (int i = 0; i < kSteps; ++i) codes[i] = x + d.offsets[k + i];
  weights += k * 64;
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

// The sums of R places and 16 results lie in registers.
template <typename Dot, int R>
void DenseTile(const Dense& d, const std::uint8_t* x, std::uint8_t* y, int column, int block,
               const Requantiser& requantiser) {
  const __m256i biases[2] = {Load32(d.biases + block * 16), Load32(d.biases + block * 16 + 8)};
  __m256i sums[R][2];
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    sums[r][0] = biases[0];
    sums[r][1] = biases[1];
  }
  const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * d.steps * 64;
  x += column * d.x_steps.column;
  int k = 0;
  if constexpr (Dot::kMostChained > 0) {
    const std::uint8_t* chains = d.chains + block * (d.steps / 4);
    for (; k + 4 <= d.steps; k += 4) {
      switch (*chains++) {
        case 4:
          AddChain<Dot, R, 4>(d, x, k, weights, sums);
          break;
        case 2:
          AddChain<Dot, R, 2>(d, x, k, weights, sums);
          AddChain<Dot, R, 2>(d, x, k + 2, weights, sums);
          break;
        default:
          for (int i = 0; i < 4; ++i) AddStep<Dot, R>(d, x, k + i, weights, sums);
      }
    }
  }
  for (; k < d.steps; ++k) AddStep<Dot, R>(d, x, k, weights, sums);
  const __m256 multipliers[2] = {_mm256_loadu_ps(d.result.multipliers + block * 16),
                                 _mm256_loadu_ps(d.result.multipliers + block * 16 + 8)};
  if (d.floats != nullptr) {
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      float* to = d.floats + ((column + r) * d.blocks + block) * 16;
      _mm256_storeu_ps(to, _mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][0]), multipliers[0]));
      _mm256_storeu_ps(to + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][1]), multipliers[1]));
    }
    return;
  }
  y += column * d.y_steps.column + block * d.y_steps.block;
  TAKTGATE_UNROLL
  for (int a = 0; a < R; a += 2) {
    const int b = a + 1 < R ? a + 1 : a;
    const __m256i rounded[4] = {
        Scaled(sums[a][0], multipliers[0]), Scaled(sums[a][1], multipliers[1]),
        Scaled(sums[b][0], multipliers[0]), Scaled(sums[b][1], multipliers[1])};
    const __m256i codes = requantiser.InOrder(rounded);
    Store16(y + a * d.y_steps.column, _mm256_castsi256_si128(codes));
    if (b != a) Store16(y + b * d.y_steps.column, _mm256_extracti128_si256(codes, 1));
  }
}

template <typename Dot, int R>
void DenseRest(const Dense& d, const std::uint8_t* x, std::uint8_t* y, int column, int block,
               const Requantiser& requantiser) {
  if constexpr (R > 0) {
    if (d.columns - column == R) return DenseTile<Dot, R>(d, x, y, column, block, requantiser);
    DenseRest<Dot, R - 1>(d, x, y, column, block, requantiser);
  }
}

template <typename Dot>
void DenseYmm(const Dense& d) {
  constexpr int R = Dot::kPlaces;
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    for (int window = 0; window < d.windows; ++window) {
      for (int row = 0; row < d.rows; ++row) {
        const std::uint8_t* x = d.x + window * d.x_steps.window + row * d.x_steps.row;
        std::uint8_t* y = d.y + window * d.y_steps.window + row * d.y_steps.row;
        int column = 0;
        for (; column + R <= d.columns; column += R) {
          DenseTile<Dot, R>(d, x, y, column, block, requantiser);
        }
        DenseRest<Dot, R - 1>(d, x, y, column, block, requantiser);
      }
    }
  }
}

// Two places of the result, each in a half: their codes of one tap.
template <int S>
inline __m256i TwoPlaces(const std::uint8_t* x) {
  if constexpr (S == 1) {
    return Load32(x);  // neighbours lie together
  } else {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(Load16(x)), Load16(x + S * 16), 1);
  }
}

// Of both places the sums of 16 channels, four in each register and half. Four taps of a row are
// turned so that those of a channel lie together: eight shuffles for four dot products.
template <typename Dot, int K, int S>
void DepthwiseTwo(const Depthwise& d, const std::uint8_t* x, std::uint8_t* y, int places,
                  const std::int8_t* weights, const __m256i (&biases)[4],
                  const __m256 (&multipliers)[4], const Requantiser& requantiser) {
  const Dot dot;
  constexpr int kQuads = (K + 3) / 4;
  __m256i sums[4] = {biases[0], biases[1], biases[2], biases[3]};
  TAKTGATE_UNROLL
  for (int dy = 0; dy < K; ++dy) {
    const std::uint8_t* row = x + dy * d.x_steps.row;
    TAKTGATE_UNROLL
    for (int quad = 0; quad < kQuads; ++quad) {
      const std::uint8_t* taps = row + quad * 64;
      const __m256i tap0 = TwoPlaces<S>(taps), tap1 = TwoPlaces<S>(taps + 16);
      const __m256i tap2 = TwoPlaces<S>(taps + 32), tap3 = TwoPlaces<S>(taps + 48);
      const __m256i low01 = _mm256_unpacklo_epi8(tap0, tap1);
      const __m256i high01 = _mm256_unpackhi_epi8(tap0, tap1);
      const __m256i low23 = _mm256_unpacklo_epi8(tap2, tap3);
      const __m256i high23 = _mm256_unpackhi_epi8(tap2, tap3);
      const __m256i turned[4] = {
          _mm256_unpacklo_epi16(low01, low23), _mm256_unpackhi_epi16(low01, low23),
          _mm256_unpacklo_epi16(high01, high23), _mm256_unpackhi_epi16(high01, high23)};
      const std::int8_t* w = weights + (dy * kQuads + quad) * 64;
      TAKTGATE_UNROLL
      for (int c = 0; c < 4; ++c) dot.Add(sums[c], dot.Codes(turned[c]), Twice(w + c * 16));
    }
  }
  const __m256i rounded[4] = {Scaled(sums[0], multipliers[0]), Scaled(sums[1], multipliers[1]),
                              Scaled(sums[2], multipliers[2]), Scaled(sums[3], multipliers[3])};
  const __m256i codes = requantiser.ByHalves(rounded);
  if (places == 2) {
    Store32(y, codes);
  } else {
    Store16(y, _mm256_castsi256_si128(codes));
  }
}

template <typename Dot, int K, int S>
void DepthwiseOf(const Depthwise& d) {
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    __m256i biases[4];
    __m256 multipliers[4];
    TAKTGATE_UNROLL
    for (int c = 0; c < 4; ++c) {
      biases[c] = Twice(d.biases + block * 16 + c * 4);
      multipliers[c] = _mm256_broadcast_ps(
          reinterpret_cast<const __m128*>(d.result.multipliers + block * 16 + c * 4));
    }
    const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * K * ((K + 3) / 4) * 64;
    for (int window = 0; window < d.windows; ++window) {
      for (int row = 0; row < d.rows; ++row) {
        const std::uint8_t* x =
            d.x + window * d.x_steps.window + block * d.x_steps.block + row * S * d.x_steps.row;
        std::uint8_t* y =
            d.y + window * d.y_steps.window + block * d.y_steps.block + row * d.y_steps.row;
        for (int column = 0; column < d.columns; column += 2) {
          const int places = d.columns - column >= 2 ? 2 : 1;
          DepthwiseTwo<Dot, K, S>(d, x + column * S * 16, y + column * 16, places, weights, biases,
                                  multipliers, requantiser);
        }
      }
    }
  }
}

template <typename Dot>
void DepthwiseYmm(const Depthwise& d) {
  switch (d.kernel * 10 + d.stride) {
    case 11:
      return DepthwiseOf<Dot, 1, 1>(d);
    case 12:
      return DepthwiseOf<Dot, 1, 2>(d);
    case 31:
      return DepthwiseOf<Dot, 3, 1>(d);
    case 32:
      return DepthwiseOf<Dot, 3, 2>(d);
    case 51:
      return DepthwiseOf<Dot, 5, 1>(d);
    case 52:
      return DepthwiseOf<Dot, 5, 2>(d);
    case 71:
      return DepthwiseOf<Dot, 7, 1>(d);
    case 72:
      return DepthwiseOf<Dot, 7, 2>(d);
    default:
      return;  // the reader refuses other kernels
  }
}

inline void ReadInYmm(const ReadIn& read) { kScalarKernels.read_in(read); }

inline __m256i Widened(const std::uint8_t* from) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
}

// Goes through the rows of all blocks two places at a time; `rounded(from, ...)` gives the eight
// results that begin at this byte.
template <typename Rounded>
void ForEachTwo(const Rows& places, const Steps& x_steps, const Steps& y_steps, std::uint8_t* y,
                const Requantiser& requantiser, Rounded rounded) {
  for (int window = 0; window < places.windows; ++window) {
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) {
        const std::ptrdiff_t from =
            window * x_steps.window + block * x_steps.block + row * x_steps.row;
        std::uint8_t* to = y + window * y_steps.window + block * y_steps.block + row * y_steps.row;
        const auto codes_at = [&](int column) {
          __m256i four[4];
          TAKTGATE_UNROLL
          for (int i = 0; i < 4; ++i) {
            four[i] =
                rounded(from + column * 16 + i * 8, window, block, row, column * 16 + i * 8, i % 2);
          }
          return requantiser.InOrder(four);
        };
        int column = 0;
        for (; column + 2 <= places.columns; column += 2)
          Store32(to + column * 16, codes_at(column));
        if (column < places.columns) {
          Store16(to + column * 16, _mm256_castsi256_si128(codes_at(column)));
        }
      }
    }
  }
}

// The gates of a block stay in registers. vpmaddwd multiplies the lower halves; the upper ones of
// the gates are zero.
inline void GateYmm(const Gate& g) {
  const Requantiser requantiser(g.table, g.zero_point);
  const __m256i zero_x = _mm256_set1_epi32(g.zero_x), zero_gate = _mm256_set1_epi32(g.zero_gate);
  const __m256 multiplier = _mm256_set1_ps(g.multiplier);
  const auto gate_of = [&](const std::uint8_t* gates) {
    return _mm256_and_si256(_mm256_sub_epi32(Widened(gates), zero_gate), _mm256_set1_epi32(0xFFFF));
  };
  for (int window = 0; window < g.places.windows; ++window) {
    for (int block = 0; block < g.places.blocks; ++block) {
      const std::uint8_t* gates =
          g.gates + window * g.gate_steps.window + block * g.gate_steps.block;
      const __m256i low = gate_of(gates), high = gate_of(gates + 8);
      for (int row = 0; row < g.places.rows; ++row) {
        const std::uint8_t* x =
            g.x + window * g.x_steps.window + block * g.x_steps.block + row * g.x_steps.row;
        std::uint8_t* y =
            g.y + window * g.y_steps.window + block * g.y_steps.block + row * g.y_steps.row;
        const auto gated = [&](const std::uint8_t* codes, __m256i gate) {
          const __m256i differences = _mm256_sub_epi32(Widened(codes), zero_x);
          return Scaled(_mm256_madd_epi16(differences, gate), multiplier);
        };
        for (int at = 0; at < g.places.columns * 16; at += 32) {
          const __m256i four[4] = {gated(x + at, low), gated(x + at + 8, high),
                                   gated(x + at + 16, low), gated(x + at + 24, high)};
          const __m256i codes = requantiser.InOrder(four);
          if (at + 32 <= g.places.columns * 16) {
            Store32(y + at, codes);
          } else {
            Store16(y + at, _mm256_castsi256_si128(codes));
          }
        }
      }
    }
  }
}

inline void AddYmm(const Add& d) {
  const Requantiser requantiser(d.table, d.zero_point);
  const __m256i zero_a = _mm256_set1_epi32(d.zero_x), zero_b = _mm256_set1_epi32(d.zero_b);
  const __m256 times_a = _mm256_set1_ps(d.multiplier_x), times_b = _mm256_set1_ps(d.multiplier_b);
  const auto scaled = [](const std::uint8_t* from, __m256i zero, __m256 times) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(Widened(from), zero)), times);
  };
  ForEachTwo(d.places, d.x_steps, d.y_steps, d.y, requantiser,
             [&](std::ptrdiff_t from, int window, int block, int row, int in_row, int) {
               const std::uint8_t* b = d.b + window * d.b_steps.window + block * d.b_steps.block +
                                       row * d.b_steps.row + in_row;
               return _mm256_cvtps_epi32(
                   _mm256_add_ps(scaled(d.x + from, zero_a, times_a), scaled(b, zero_b, times_b)));
             });
}

inline void MeanYmm(const Mean& m) {
  const Requantiser requantiser(m.table, m.zero_point);
  const __m256i all = _mm256_set1_epi32(m.places.rows * m.places.columns * m.zero_x);
  const __m256 multiplier = _mm256_set1_ps(m.multiplier);
  for (int window = 0; window < m.places.windows; ++window) {
    for (int block = 0; block < m.places.blocks; ++block) {
      __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
      for (int row = 0; row < m.places.rows; ++row) {
        const std::uint8_t* x =
            m.x + window * m.x_steps.window + block * m.x_steps.block + row * m.x_steps.row;
        for (int column = 0; column < m.places.columns; ++column) {
          TAKTGATE_UNROLL
          for (int half = 0; half < 2; ++half) {
            sums[half] = _mm256_add_epi32(sums[half], Widened(x + column * 16 + half * 8));
          }
        }
      }
      __m256i rounded[4];
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        rounded[i] = Scaled(_mm256_sub_epi32(sums[i % 2], all), multiplier);
      }
      Store16(m.y + window * m.y_steps.window + block * m.y_steps.block,
              _mm256_castsi256_si128(requantiser.InOrder(rounded)));
    }
  }
}

inline void LookupYmm(const Lookup& l) {
  for (int window = 0; window < l.places.windows; ++window) {
    for (int block = 0; block < l.places.blocks; ++block) {
      for (int row = 0; row < l.places.rows; ++row) {
        const std::uint8_t* x =
            l.x + window * l.x_steps.window + block * l.x_steps.block + row * l.x_steps.row;
        std::uint8_t* y =
            l.y + window * l.y_steps.window + block * l.y_steps.block + row * l.y_steps.row;
        const int bytes = l.places.columns * 16;
        int at = 0;
        for (; at + 32 <= bytes; at += 32) Store32(y + at, LookUp(l.table, Load32(x + at)));
        if (at < bytes) {
          Store16(y + at, _mm256_castsi256_si128(LookUp(l.table, Load32(x + at))));
        }
      }
    }
  }
}

template <typename Dot>
constexpr Kernels KernelsOf(Isa isa) {
  return {isa,
          Dot::kTakesSignedCodes,
          Dot::kMostChained,
          ReadInYmm,
          DenseYmm<Dot>,
          DepthwiseYmm<Dot>,
          GateYmm,
          AddYmm,
          MeanYmm,
          LookupYmm};
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_KERNELS_YMM_H_
