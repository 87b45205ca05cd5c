#ifndef TAKTGATE_INT8_NEON_ELEMENTWISE_H_
#define TAKTGATE_INT8_NEON_ELEMENTWISE_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_result.h"

// What goes from map to map place by place: four places of 16 codes at a time, so that the loads of
// a table serve four registers.
namespace taktgate::int8 {
namespace {

// `op.Products(from, at)` gives the numbers, not yet rounded, of the place whose codes lie `at`
// bytes after the first of the row; `op.Enter(...)` begins a row; `op.RowsFollow(bytes)`: whether
// rows of so many bytes follow at once in what it reads besides.
template <typename Op, bool kSmall>
struct Row {
  const Op& op;
  const std::uint8_t* x;
  std::uint8_t* y;
  const Requantiser<kSmall>& requantiser;
  int column;
  template <int R>
  TAKTGATE_INLINE void Do() const {
    Numbers numbers[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      const std::ptrdiff_t at = (column + r) * 16;
      numbers[r] = requantiser.Round(op.Products(x + at, at));
    }
    uint8x16_t codes[R];
    requantiser.Finish(numbers, codes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(y + (column + r) * 16, codes[r]);
  }
};

template <typename Op, bool kSmall>
TAKTGATE_INLINE void ForEachPlace(const Elementwise& all, const Requantiser<kSmall>& requantiser,
                                  Op op) {
  constexpr int R = kSmall ? 4 : 1;
  Rows places = all.places;
  const std::ptrdiff_t row_bytes = places.columns * std::ptrdiff_t{16};
  if (all.x_steps.row == row_bytes && all.y_steps.row == row_bytes && op.RowsFollow(row_bytes)) {
    places.columns *= places.rows;  // rows that follow at once are one
    places.rows = 1;
  }
  for (int window = 0; window < places.windows; ++window) {
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) {
        op.Enter(window, block, row);
        Row<Op, kSmall> at{
            op,
            all.x + window * all.x_steps.window + block * all.x_steps.block + row * all.x_steps.row,
            all.y + window * all.y_steps.window + block * all.y_steps.block + row * all.y_steps.row,
            requantiser, 0};
        for (; at.column + R <= places.columns; at.column += R) at.template Do<R>();
        Rest<R - 1>(places.columns - at.column, at);
      }
    }
  }
}

// The bound: 2 subtractions, 4 products, a load, a store and a result (neon_result.h).
struct GateOp {
  const Gate& g;
  int8x16_t zero_x, zero_gate;
  float32x4_t multiplier;
  Widened gate{};

  static bool RowsFollow(std::ptrdiff_t) { return true; }
  TAKTGATE_INLINE void Enter(int window, int block, int) {
    gate = Less(LoadCodes(g.gates + window * g.gate_steps.window + block * g.gate_steps.block),
                zero_gate);
  }
  TAKTGATE_INLINE Floats Products(const std::uint8_t* from, std::ptrdiff_t) const {
    const Widened x = Less(LoadCodes(from), zero_x);
    return {{Times(vmull_s16(vget_low_s16(x.low), vget_low_s16(gate.low)), multiplier),
             Times(vmull_high_s16(x.low, gate.low), multiplier),
             Times(vmull_s16(vget_low_s16(x.high), vget_low_s16(gate.high)), multiplier),
             Times(vmull_high_s16(x.high, gate.high), multiplier)}};
  }
};

template <bool kSmall>
void GateOfAny(const Gate& given) {
  const Gate g = given;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(g.table, g.zero_point);
  ForEachPlace(g, requantiser,
               GateOp{g, ZeroInMaps(g.zero_x), ZeroInMaps(g.zero_gate),
                      vdupq_n_f32(requantiser.Multiplier(g.multiplier))});
}

// `most`: the largest number that can come before the rounding.
inline bool StaysSmall(float most) { return most <= kMostSmall; }
inline float SizeOf(float number) { return number < 0 ? -number : number; }

inline void GateNeon(const Gate& g) {
  StaysSmall(255 * 255 * SizeOf(g.multiplier)) ? GateOfAny<true>(g) : GateOfAny<false>(g);
}

// The bound: for each of the two a load, 2 subtractions, 4 times more bits, 4 conversions and 4
// products, then 4 additions, and what is left of a result.
struct AddOp {
  const Add& d;
  int8x16_t zero_a, zero_b;
  float32x4_t times_a, times_b;
  const std::uint8_t* b = nullptr;

  bool RowsFollow(std::ptrdiff_t bytes) const { return d.b_steps.row == bytes; }
  TAKTGATE_INLINE void Enter(int window, int block, int row) {
    b = d.b + window * d.b_steps.window + block * d.b_steps.block + row * d.b_steps.row;
  }
  static TAKTGATE_INLINE Floats Of(int8x16_t codes, int8x16_t zero, float32x4_t times) {
    const Widened x = Less(codes, zero);
    return {{Times(vmovl_s16(vget_low_s16(x.low)), times), Times(vmovl_high_s16(x.low), times),
             Times(vmovl_s16(vget_low_s16(x.high)), times), Times(vmovl_high_s16(x.high), times)}};
  }
  TAKTGATE_INLINE Floats Products(const std::uint8_t* from, std::ptrdiff_t at) const {
    Floats sums = Of(LoadCodes(from), zero_a, times_a);
    const Floats right = Of(LoadCodes(b + at), zero_b, times_b);
    TAKTGATE_UNROLL
    for (int i = 0; i < 4; ++i) sums.four[i] = vaddq_f32(sums.four[i], right.four[i]);
    return sums;
  }
};

template <bool kSmall>
void AddOfAny(const Add& given) {
  const Add d = given;  // a copy, as above
  const Requantiser<kSmall> requantiser(d.table, d.zero_point);
  ForEachPlace(d, requantiser,
               AddOp{d, ZeroInMaps(d.zero_x), ZeroInMaps(d.zero_b),
                     vdupq_n_f32(requantiser.Multiplier(d.multiplier_x)),
                     vdupq_n_f32(requantiser.Multiplier(d.multiplier_b))});
}
inline void AddNeon(const Add& d) {
  StaysSmall(255 * (SizeOf(d.multiplier_x) + SizeOf(d.multiplier_b))) ? AddOfAny<true>(d)
                                                                      : AddOfAny<false>(d);
}

// A table of what maps hold: codes less 128.
struct LookupRow {
  const std::uint8_t* table;
  const std::uint8_t* x;
  std::uint8_t* y;
  template <int R>
  TAKTGATE_INLINE void Do() const {
    uint8x16_t codes[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) codes[r] = veorq_u8(vld1q_u8(x + r * 16), vdupq_n_u8(128));
    LookUp(table, codes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(y + r * 16, codes[r]);
  }
};

inline void LookupNeon(const Lookup& l) {
  const Requantiser<false> requantiser(l.table, 0);
  for (int window = 0; window < l.places.windows; ++window) {
    for (int block = 0; block < l.places.blocks; ++block) {
      for (int row = 0; row < l.places.rows; ++row) {
        LookupRow at{
            requantiser.table(),
            l.x + window * l.x_steps.window + block * l.x_steps.block + row * l.x_steps.row,
            l.y + window * l.y_steps.window + block * l.y_steps.block + row * l.y_steps.row};
        int column = 0;
        for (; column + 4 <= l.places.columns; column += 4, at.x += 64, at.y += 64) at.Do<4>();
        Rest<3>(l.places.columns - column, at);
      }
    }
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_ELEMENTWISE_H_
