#ifndef TAKTGATE_INT8_YMM_ELEMENTWISE_H_
#define TAKTGATE_INT8_YMM_ELEMENTWISE_H_

#include "int8/kernels/ymm.h"

// What goes from place to place, in registers of 256 bits: 32 codes of two places at a time, each
// widened to 32 bits by the load itself. A difference of two codes has nine bits, so that vpmaddwd
// multiplies two of them exactly, faster than a multiplication of 32 bits. The bound for 32 codes
// on three ports: a gate 24 instructions and 6 of a result, 10 cycles; a sum 40 and 6, 15 cycles; a
// mean 2 for each place, 1.3 cycles; a table as ymm.h says.
namespace taktgate::int8 {
namespace {

inline __m256i Widened(const std::uint8_t* from) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
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
  const auto gated = [&](const std::uint8_t* codes, __m256i gate) {
    const __m256i differences = _mm256_sub_epi32(Widened(codes), zero_x);
    return Scaled(_mm256_madd_epi16(differences, gate), multiplier);
  };
  ForEachRow({g.places.windows, g.places.blocks, 1, 1}, [&](RowAt of) {
    const std::uint8_t* gates = g.gates + of.In(g.gate_steps);
    const __m256i low = gate_of(gates), high = gate_of(gates + 8);
    for (int row = 0; row < g.places.rows; ++row) {
      const std::uint8_t* x = g.x + of.In(g.x_steps) + row * g.x_steps.row;
      std::uint8_t* y = g.y + of.In(g.y_steps) + row * g.y_steps.row;
      for (int column = 0; column < g.places.columns; column += 2, x += 32, y += 32) {
        const __m256i four[4] = {gated(x, low), gated(x + 8, high), gated(x + 16, low),
                                 gated(x + 24, high)};
        StoreTwo(y, g.places.columns - column >= 2 ? 2 : 1, requantiser.InOrder(four));
      }
    }
  });
}

inline void AddYmm(const Add& d) {
  const Requantiser requantiser(d.table, d.zero_point);
  const __m256i zero_a = _mm256_set1_epi32(d.zero_x), zero_b = _mm256_set1_epi32(d.zero_b);
  const __m256 times_a = _mm256_set1_ps(d.multiplier_x), times_b = _mm256_set1_ps(d.multiplier_b);
  const auto scaled = [](const std::uint8_t* from, __m256i zero, __m256 times) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(Widened(from), zero)), times);
  };
  ForEachRow(d.places, [&](RowAt at) {
    const std::uint8_t* a = d.x + at.In(d.x_steps);
    const std::uint8_t* b = d.b + at.In(d.b_steps);
    std::uint8_t* y = d.y + at.In(d.y_steps);
    for (int column = 0; column < d.places.columns; column += 2, a += 32, b += 32, y += 32) {
      __m256i four[4];
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        four[i] = _mm256_cvtps_epi32(
            _mm256_add_ps(scaled(a + i * 8, zero_a, times_a), scaled(b + i * 8, zero_b, times_b)));
      }
      StoreTwo(y, d.places.columns - column >= 2 ? 2 : 1, requantiser.InOrder(four));
    }
  });
}

// Sums of 16 bits of up to 256 places of a row, of 32 bits over the rows.
inline void MeanYmm(const Mean& m) {
  const Requantiser requantiser(m.table, m.zero_point);
  const __m256i all = _mm256_set1_epi32(m.places.rows * m.places.columns * m.zero_x);
  const __m256 multiplier = _mm256_set1_ps(m.multiplier);
  const __m256i zero = _mm256_setzero_si256();
  ForEachRow({m.places.windows, m.places.blocks, 1, 1}, [&](RowAt of) {
    const std::uint8_t* x = m.x + of.In(m.x_steps);
    __m256i sums[2] = {zero, zero};  // channels 0 to 3 and 8 to 11, those between
    for (int row = 0; row < m.places.rows; ++row, x += m.x_steps.row) {
      for (int column = 0; column < m.places.columns;) {
        __m256i sixteen = zero;
        const int end = m.places.columns - column > 256 ? column + 256 : m.places.columns;
        for (; column < end; ++column) {
          sixteen = _mm256_add_epi16(sixteen, _mm256_cvtepu8_epi16(Load16(x + column * 16)));
        }
        sums[0] = _mm256_add_epi32(sums[0], _mm256_unpacklo_epi16(sixteen, zero));
        sums[1] = _mm256_add_epi32(sums[1], _mm256_unpackhi_epi16(sixteen, zero));
      }
    }
    const auto rounded = [&](__m256i sum) {
      return Scaled(_mm256_sub_epi32(sum, all), multiplier);
    };
    const __m256i low = rounded(_mm256_permute2x128_si256(sums[0], sums[1], 0x20));
    const __m256i high = rounded(_mm256_permute2x128_si256(sums[0], sums[1], 0x31));
    Store16(m.y + of.In(m.y_steps),
            _mm256_castsi256_si128(requantiser.InOrder({low, high, low, high})));
  });
}

inline void LookupYmm(const Lookup& l) {
  const Table table(l.table);
  ForEachRow(l.places, [&](RowAt at) {
    const std::uint8_t* x = l.x + at.In(l.x_steps);
    std::uint8_t* y = l.y + at.In(l.y_steps);
    for (int column = 0; column < l.places.columns; column += 2, x += 32, y += 32) {
      StoreTwo(y, l.places.columns - column >= 2 ? 2 : 1, table.Of(Load32(x)));
    }
  });
}

inline void FillBorderYmm(const FillBorder& border) {
  const __m256i codes = _mm256_set1_epi8(static_cast<char>(border.zero_point));
  ForEachRun(border, [codes](std::uint8_t* to, std::ptrdiff_t bytes) {
    for (; bytes >= 32; bytes -= 32, to += 32) Store32(to, codes);
    for (; bytes >= 16; bytes -= 16, to += 16) Store16(to, _mm256_castsi256_si128(codes));
    for (; bytes > 0; bytes -= 4, to += 4) _mm_storeu_si32(to, _mm256_castsi256_si128(codes));
  });
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_YMM_ELEMENTWISE_H_
