#ifndef TAKTGATE_INT8_ZMM_ELEMENTWISE_H_
#define TAKTGATE_INT8_ZMM_ELEMENTWISE_H_

#include "int8/kernels/zmm.h"

// What goes from place to place, in registers of 512 bits: 64 codes of four places at a time, each
// widened to 32 bits by the load itself; what is left of a row is stored through a mask. A mean
// adds up four places by a dot product with ones. The bound for 64 codes where two instructions of
// 512 bits start a cycle: a gate 24 instructions and 6 of a result, 15 cycles; a sum 40 and 6, 23
// cycles; a mean a turn and a dot product, 1 cycle; a table two permutations and a blend.
namespace taktgate::int8 {
namespace {

inline __m512i Widened(const std::uint8_t* from) { return _mm512_cvtepu8_epi32(Load16(from)); }

// vpmaddwd multiplies the lower halves; the upper ones of the gates are zero.
inline void GateZmm(const Gate& g) {
  const Requantiser requantiser(g.table, g.zero_point);
  const __m512i zero_x = _mm512_set1_epi32(g.zero_x), zero_gate = _mm512_set1_epi32(g.zero_gate);
  const __m512 multiplier = _mm512_set1_ps(g.multiplier);
  ForEachRow({g.places.windows, g.places.blocks, 1, 1}, [&](RowAt of) {
    const __m512i gate =
        _mm512_and_si512(_mm512_sub_epi32(Widened(g.gates + of.In(g.gate_steps)), zero_gate),
                         _mm512_set1_epi32(0xFFFF));
    for (int row = 0; row < g.places.rows; ++row) {
      const std::uint8_t* x = g.x + of.In(g.x_steps) + row * g.x_steps.row;
      std::uint8_t* y = g.y + of.In(g.y_steps) + row * g.y_steps.row;
      for (int column = 0; column < g.places.columns; column += 4, x += 64, y += 64) {
        __m512i four[4];
        TAKTGATE_UNROLL
        for (int i = 0; i < 4; ++i) {
          const __m512i differences = _mm512_sub_epi32(Widened(x + i * 16), zero_x);
          four[i] = Scaled(_mm512_madd_epi16(differences, gate), multiplier);
        }
        StoreFour(y, g.places.columns - column, requantiser.Of(four));
      }
    }
  });
}

inline void AddZmm(const Add& d) {
  const Requantiser requantiser(d.table, d.zero_point);
  const __m512i zero_a = _mm512_set1_epi32(d.zero_x), zero_b = _mm512_set1_epi32(d.zero_b);
  const __m512 times_a = _mm512_set1_ps(d.multiplier_x), times_b = _mm512_set1_ps(d.multiplier_b);
  const auto scaled = [](const std::uint8_t* from, __m512i zero, __m512 times) {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(Widened(from), zero)), times);
  };
  ForEachRow(d.places, [&](RowAt at) {
    const std::uint8_t* a = d.x + at.In(d.x_steps);
    const std::uint8_t* b = d.b + at.In(d.b_steps);
    std::uint8_t* y = d.y + at.In(d.y_steps);
    for (int column = 0; column < d.places.columns; column += 4, a += 64, b += 64, y += 64) {
      __m512i four[4];
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        four[i] = _mm512_cvtps_epi32(_mm512_add_ps(scaled(a + i * 16, zero_a, times_a),
                                                   scaled(b + i * 16, zero_b, times_b)));
      }
      StoreFour(y, d.places.columns - column, requantiser.Of(four));
    }
  });
}

// A dot product with ones adds up four places.
inline void MeanZmm(const Mean& m) {
  const Requantiser requantiser(m.table, m.zero_point);
  const __m512i all = _mm512_set1_epi32(m.places.rows * m.places.columns * m.zero_x);
  const __m512 multiplier = _mm512_set1_ps(m.multiplier);
  const __m512i ones = _mm512_set1_epi8(1);
  const int rest = m.places.columns % 4;
  const __m512i ones_of_rest = _mm512_set1_epi32((1 << (rest * 8)) / 255);
  ForEachRow({m.places.windows, m.places.blocks, 1, 1}, [&](RowAt of) {
    const std::uint8_t* row = m.x + of.In(m.x_steps);
    __m512i sums = _mm512_setzero_si512();
    for (int k = 0; k < m.places.rows; ++k, row += m.x_steps.row) {
      const std::uint8_t* x = row;
      for (int column = 4; column <= m.places.columns; column += 4, x += 64) {
        AddProducts(sums, FourPlaces(x), ones);
      }
      if (rest > 0) AddProducts(sums, FourPlaces(x), ones_of_rest);
    }
    const __m512i rounded = Scaled(_mm512_sub_epi32(sums, all), multiplier);
    Store16(m.y + of.In(m.y_steps),
            _mm512_castsi512_si128(requantiser.Of({rounded, rounded, rounded, rounded})));
  });
}

inline void LookupZmm(const Lookup& l) {
  const Table table(l.table);
  ForEachRow(l.places, [&](RowAt at) {
    const std::uint8_t* x = l.x + at.In(l.x_steps);
    std::uint8_t* y = l.y + at.In(l.y_steps);
    for (int column = 0; column < l.places.columns; column += 4, x += 64, y += 64) {
      StoreFour(y, l.places.columns - column, table.Of(_mm512_loadu_si512(x)));
    }
  });
}

inline void FillBorderZmm(const FillBorder& border) {
  const __m512i codes = _mm512_set1_epi8(static_cast<char>(border.zero_point));
  ForEachRun(border, [codes](std::uint8_t* to, std::ptrdiff_t bytes) {
    for (; bytes >= 64; bytes -= 64, to += 64) _mm512_storeu_si512(to, codes);
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((1U << (bytes / 4)) - 1), codes);
  });
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ZMM_ELEMENTWISE_H_
