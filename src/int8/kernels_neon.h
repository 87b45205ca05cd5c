#ifndef TAKTGATE_INT8_KERNELS_NEON_H_
#define TAKTGATE_INT8_KERNELS_NEON_H_

#include <arm_neon.h>

#include "int8/kernel_sets.h"

// The kernels for the 32 registers of 128 bits of aarch64. They differ by how codes meet weights:
// `Dot` says it. Included by the file of each set alone, which is compiled for its instructions.
namespace taktgate::int8 {
namespace {

// The loops over registers: they must not be loops.
#define TAKTGATE_UNROLL _Pragma("GCC unroll 64")
// Arrays of registers that are handed on must not go through memory.
#define TAKTGATE_INLINE inline __attribute__((always_inline))

// The compiler is to forget what it knows of this pointer: loads stay where they are written. It
// would else take more into registers than there are.
template <typename Pointee>
TAKTGATE_INLINE void Forget(const Pointee*& pointer) {
  asm volatile("" : "+r"(pointer));
}

// Codes less 128.
TAKTGATE_INLINE int8x16_t Signed(uint8x16_t codes) {
  return vreinterpretq_s8_u8(veorq_u8(codes, vdupq_n_u8(128)));
}

// Looks up codes in a table of 256: four looks into 64 entries each, every one of which leaves
// alone what lies outside of them. The bound: 7 instructions for 16 codes, and 4 loads for all.
template <int R>
TAKTGATE_INLINE void LookUp(const std::uint8_t* table, uint8x16_t (&codes)[R]) {
  uint8x16_t found[R];
  const uint8x16_t of64 = vdupq_n_u8(64);
  TAKTGATE_UNROLL
  for (int quarter = 0; quarter < 4; ++quarter) {
    const uint8x16x4_t entries = vld1q_u8_x4(table + quarter * 64);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      found[r] =
          quarter == 0 ? vqtbl4q_u8(entries, codes[r]) : vqtbx4q_u8(found[r], entries, codes[r]);
      codes[r] = vsubq_u8(codes[r], of64);
    }
  }
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) codes[r] = found[r];
}

struct Sixteen {
  int32x4_t four[4];
};
struct Multipliers {
  float32x4_t four[4];
};

TAKTGATE_INLINE int32x4_t Scaled(int32x4_t sums, float32x4_t multipliers) {
  return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sums), multipliers));
}
TAKTGATE_INLINE Sixteen Scaled(const Sixteen& sums, const Multipliers& multipliers) {
  return {{Scaled(sums.four[0], multipliers.four[0]), Scaled(sums.four[1], multipliers.four[1]),
           Scaled(sums.four[2], multipliers.four[2]), Scaled(sums.four[3], multipliers.four[3])}};
}

TAKTGATE_INLINE Sixteen LoadSixteen(const std::int32_t* from) {
  return {{vld1q_s32(from), vld1q_s32(from + 4), vld1q_s32(from + 8), vld1q_s32(from + 12)}};
}
TAKTGATE_INLINE Multipliers LoadMultipliers(const float* from) {
  return {{vld1q_f32(from), vld1q_f32(from + 4), vld1q_f32(from + 8), vld1q_f32(from + 12)}};
}

// Rounded numbers become codes.
class Requantiser {
 public:
  Requantiser(const std::uint8_t* table, int zero_point)
      : table_(table), zero_point_(vdupq_n_s16(static_cast<std::int16_t>(zero_point))) {}

  TAKTGATE_INLINE uint8x16_t Codes(const Sixteen& rounded) const {
    const int16x8_t low = vqmovn_high_s32(vqmovn_s32(rounded.four[0]), rounded.four[1]);
    const int16x8_t high = vqmovn_high_s32(vqmovn_s32(rounded.four[2]), rounded.four[3]);
    return vqmovun_high_s16(vqmovun_s16(vqaddq_s16(low, zero_point_)),
                            vqaddq_s16(high, zero_point_));
  }
  // The codes of R places go to y.
  template <int R>
  TAKTGATE_INLINE void Store(uint8x16_t (&codes)[R], std::uint8_t* y, std::ptrdiff_t step) const {
    if (table_ != nullptr) LookUp(table_, codes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(y + r * step, codes[r]);
  }

 private:
  const std::uint8_t* table_;
  int16x8_t zero_point_;
};

// What is left of a row, if it is less than a whole tile: `tile` is called with that many places.
template <int R, typename Tile>
TAKTGATE_INLINE void Rest(int places, Tile tile) {
  if constexpr (R > 0) {
    if (places == R) return tile.template Do<R>();
    Rest<R - 1>(places, tile);
  }
}

// Steps at the beginning that come in whole groups of four whose codes lie together: one register
// holds those of a place.
inline int StepsInFours(const Dense& d) {
  int k = 0;
  while (k + 4 <= d.steps && d.offsets[k + 3] == d.offsets[k] + 12) k += 4;
  return k;
}

// As many steps from k on as have their codes together, but four at most.
inline int StepsTogether(const Dense& d, int k) {
  int n = 1;
  while (n < 4 && k + n < d.steps && d.offsets[k + n] == d.offsets[k] + n * 4) ++n;
  return n;
}

// How many steps lie together, after those in fours; what is not listed is found out again.
struct Runs {
  static constexpr int kMost = 64;
  int in_fours;
  unsigned char steps[kMost];
};
inline void FindRuns(const Dense& d, Runs& runs) {
  runs.in_fours = StepsInFours(d);
  int k = runs.in_fours;
  for (int run = 0; run < Runs::kMost && k < d.steps; ++run) {
    const int together = StepsTogether(d, k);
    runs.steps[run] = static_cast<unsigned char>(together);
    k += together;
  }
}

// The sums of R places and 16 results lie in registers.
template <typename Dot, int R>
TAKTGATE_INLINE void DenseTile(const Dense& d, const Runs& runs, const std::uint8_t* x,
                               std::uint8_t* y, int column, int block,
                               const Requantiser& requantiser) {
  typename Dot::Sums sums[R];
  const Sixteen biases = LoadSixteen(d.biases + block * 16);
  const typename Dot::Sums first = Dot::Begin(biases);
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) sums[r] = first;
  const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * d.steps * 64;
  const std::ptrdiff_t x_column = d.x_steps.column;
  x += column * x_column;
  int k = 0;
  for (; k < runs.in_fours; k += 4, weights += 256) {
    Dot::template Add<4>(sums, x + d.offsets[k], x_column, weights);
  }
  for (int run = 0; k < d.steps; ++run) {
    const std::uint8_t* codes = x + d.offsets[k];
    const int together = run < Runs::kMost ? runs.steps[run] : StepsTogether(d, k);
    Forget(weights);
    if (together == 4) {
      Forget(codes);
      Dot::template Add<4>(sums, codes, x_column, weights);
    } else if (together == 3) {
      Forget(codes);
      Dot::template Add<3>(sums, codes, x_column, weights);
    } else if (together == 2) {
      Forget(codes);
      Dot::template Add<2>(sums, codes, x_column, weights);
    } else {
      Forget(codes);
      Dot::template Add<1>(sums, codes, x_column, weights);
    }
    k += together;
    weights += together * 64;
  }
  const Multipliers multipliers = LoadMultipliers(d.result.multipliers + block * 16);
  if (d.floats != nullptr) {
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      float* to = d.floats + ((column + r) * d.blocks + block) * 16;
      const Sixteen all = Dot::End(sums[r]);
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        vst1q_f32(to + i * 4, vmulq_f32(vcvtq_f32_s32(all.four[i]), multipliers.four[i]));
      }
    }
    return;
  }
  uint8x16_t codes[R];
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) {
    codes[r] = requantiser.Codes(Scaled(Dot::End(sums[r]), multipliers));
  }
  requantiser.Store(codes, y + column * d.y_steps.column + block * d.y_steps.block,
                    d.y_steps.column);
}

// The `Dot` of dot products: four codes of a place, one lane of a register, meet 16 weights of four
// results. `Lane` says by which instruction.
template <typename Lane>
struct ByLane {
  static constexpr bool kTakesSignedCodes = Lane::kTakesSignedCodes;
  static constexpr int kPlaces = 5;
  using Sums = Sixteen;
  static TAKTGATE_INLINE Sums Begin(const Sixteen& biases) { return biases; }
  static TAKTGATE_INLINE Sixteen End(const Sums& sums) { return sums; }

  // Weights of eight results. They are loaded one turn before they are needed: cores that keep to
  // the order would wait for them.
  struct Eight {
    int8x16_t four[2];
  };
  static TAKTGATE_INLINE Eight Load(const std::int8_t* weights) {
    return {{vld1q_s8(weights), vld1q_s8(weights + 16)}};
  }
  template <int kLane, int kFirst, int R>
  static TAKTGATE_INLINE void Multiply(Sums (&sums)[R], const uint8x16_t (&places)[R],
                                       const Eight& weights) {
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      Lane::template Add<kLane>(sums[r].four[kFirst], weights.four[0], places[r]);
      Lane::template Add<kLane>(sums[r].four[kFirst + 1], weights.four[1], places[r]);
    }
  }
  template <int kLane, int N, int R>
  static TAKTGATE_INLINE void Step(Sums (&sums)[R], const uint8x16_t (&places)[R],
                                   const std::int8_t* weights, Eight first) {
    const Eight second = Load(weights + kLane * 64 + 32);
    Multiply<kLane, 0>(sums, places, first);
    if constexpr (kLane + 1 < N) first = Load(weights + kLane * 64 + 64);
    Multiply<kLane, 2>(sums, places, second);
    if constexpr (kLane + 1 < N) Step<kLane + 1, N>(sums, places, weights, first);
  }
  template <int N, int R>
  static TAKTGATE_INLINE void Add(Sums (&sums)[R], const std::uint8_t* codes,
                                  std::ptrdiff_t x_column, const std::int8_t* weights) {
    const Eight first = Load(weights);
    uint8x16_t places[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) places[r] = Lane::Codes(vld1q_u8(codes + r * x_column));
    Step<0, N>(sums, places, weights, first);
  }
};

template <typename Dot>
struct DenseRest {
  const Dense& d;
  const Runs& runs;
  const std::uint8_t* x;
  std::uint8_t* y;
  int column, block;
  const Requantiser& requantiser;
  template <int R>
  TAKTGATE_INLINE void Do() const {
    DenseTile<Dot, R>(d, runs, x, y, column, block, requantiser);
  }
};

template <typename Dot>
void DenseNeon(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  constexpr int R = Dot::kPlaces;
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  Runs runs;
  FindRuns(d, runs);
  for (int block = 0; block < d.blocks; ++block) {
    for (int window = 0; window < d.windows; ++window) {
      for (int row = 0; row < d.rows; ++row) {
        const std::uint8_t* x = d.x + window * d.x_steps.window + row * d.x_steps.row;
        std::uint8_t* y = d.y + window * d.y_steps.window + row * d.y_steps.row;
        int column = 0;
        for (; column + R <= d.columns; column += R) {
          DenseTile<Dot, R>(d, runs, x, y, column, block, requantiser);
        }
        Rest<R - 1>(d.columns - column, DenseRest<Dot>{d, runs, x, y, column, block, requantiser});
      }
    }
  }
}

// Sums of one place and 16 channels, tap after tap: products of eight channels are added up in 16
// bits as long as `kFit` of them fit, then in 32. No tap need be turned, and the codes of a row
// serve all R places. The bound: 2 instructions for the 16 products of a tap, and 4 for each sum
// that goes into 32 bits.
template <int kFit, int K, int S, int R>
TAKTGATE_INLINE void DepthwiseTile(const Depthwise& d, const std::uint8_t* x, std::uint8_t* y,
                                   const std::int8_t* weights, const std::int32_t* biases_of,
                                   int block, const Requantiser& requantiser) {
  Forget(weights);
  Forget(biases_of);
  const Sixteen biases = LoadSixteen(biases_of);
  Sixteen sums[R];
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) sums[r] = biases;
  TAKTGATE_UNROLL
  for (int dy = 0; dy < K; ++dy) {
    constexpr int kCodes = (R - 1) * S + K;
    const std::uint8_t* row = x + dy * d.x_steps.row;
    int8x16_t codes[kCodes];
    TAKTGATE_UNROLL
    for (int k = 0; k < kCodes; ++k) codes[k] = Signed(vld1q_u8(row + k * 16));
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
  const Multipliers multipliers = LoadMultipliers(d.result.multipliers + block * 16);
  uint8x16_t codes[R];
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) codes[r] = requantiser.Codes(Scaled(sums[r], multipliers));
  requantiser.Store(codes, y, 16);
}

template <int kFit, int K, int S>
struct DepthwiseRest {
  const Depthwise& d;
  const std::uint8_t* x;
  std::uint8_t* y;
  const std::int8_t* weights;
  const std::int32_t* biases;
  int block;
  const Requantiser& requantiser;
  template <int R>
  TAKTGATE_INLINE void Do() const {
    DepthwiseTile<kFit, K, S, R>(d, x, y, weights, biases, block, requantiser);
  }
};

template <int kFit, bool kSigned, int K, int S>
void DepthwiseOf(const Depthwise& depthwise) {
  const Depthwise d = depthwise;  // a copy, as above
  constexpr int kQuads = (K + 3) / 4;
  constexpr int R = K > 5 ? 2 : 4;
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    // Each tap for itself; what fills up a row is left out.
    alignas(16) std::int8_t weights[K * kQuads * 64];
    int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);  // sums of weights
    for (int dy = 0; dy < K; ++dy) {
      TAKTGATE_UNROLL
      for (int quad = 0; quad < kQuads; ++quad) {
        const int8x16x4_t taps = vld4q_s8(d.weights + ((block * K + dy) * kQuads + quad) * 64);
        TAKTGATE_UNROLL
        for (int i = 0; i < 4; ++i) {
          if (quad * 4 + i >= K) continue;
          vst1q_s8(weights + (dy * K + quad * 4 + i) * 16, taps.val[i]);
          low = vaddw_s8(low, vget_low_s8(taps.val[i]));
          high = vaddw_high_s8(high, taps.val[i]);
        }
      }
    }
    const std::int32_t* biases = d.biases + block * 16;
    std::int32_t more[16];
    if constexpr (!kSigned) {
      const Sixteen given = LoadSixteen(biases);
      vst1q_s32(more, vaddq_s32(given.four[0], vshll_n_s16(vget_low_s16(low), 7)));
      vst1q_s32(more + 4, vaddq_s32(given.four[1], vshll_high_n_s16(low, 7)));
      vst1q_s32(more + 8, vaddq_s32(given.four[2], vshll_n_s16(vget_low_s16(high), 7)));
      vst1q_s32(more + 12, vaddq_s32(given.four[3], vshll_high_n_s16(high, 7)));
      biases = more;
    }
    for (int window = 0; window < d.windows; ++window) {
      for (int row = 0; row < d.rows; ++row) {
        const std::uint8_t* x =
            d.x + window * d.x_steps.window + block * d.x_steps.block + row * S * d.x_steps.row;
        std::uint8_t* y =
            d.y + window * d.y_steps.window + block * d.y_steps.block + row * d.y_steps.row;
        int column = 0;
        for (; column + R <= d.columns; column += R, x += R * S * 16, y += R * 16) {
          DepthwiseTile<kFit, K, S, R>(d, x, y, weights, biases, block, requantiser);
        }
        Rest<R - 1>(d.columns - column,
                    DepthwiseRest<kFit, K, S>{d, x, y, weights, biases, block, requantiser});
      }
    }
  }
}

// Where the set does not take signed codes, the biases do not make up for what `Signed` subtracts:
// kSigned is false, and it is done here.
template <int kFit, bool kSigned>
void DepthwiseNeon(const Depthwise& d) {
  switch (d.kernel * 10 + d.stride) {
    case 11:
      return DepthwiseOf<kFit, kSigned, 1, 1>(d);
    case 12:
      return DepthwiseOf<kFit, kSigned, 1, 2>(d);
    case 31:
      return DepthwiseOf<kFit, kSigned, 3, 1>(d);
    case 32:
      return DepthwiseOf<kFit, kSigned, 3, 2>(d);
    case 51:
      return DepthwiseOf<kFit, kSigned, 5, 1>(d);
    case 52:
      return DepthwiseOf<kFit, kSigned, 5, 2>(d);
    case 71:
      return DepthwiseOf<kFit, kSigned, 7, 1>(d);
    case 72:
      return DepthwiseOf<kFit, kSigned, 7, 2>(d);
    default:
      return;  // the reader refuses other kernels
  }
}

// Sixteen numbers less a zero point, in 16 bits.
struct Widened {
  int16x8_t low, high;
};
TAKTGATE_INLINE Widened Less(uint8x16_t codes, uint8x16_t zero) {
  return {vreinterpretq_s16_u16(vsubl_u8(vget_low_u8(codes), vget_low_u8(zero))),
          vreinterpretq_s16_u16(vsubl_high_u8(codes, zero))};
}

// Goes through the places of all blocks, four at a time: `op.Rounded(from, at)` gives the results
// of the place whose codes lie `at` bytes after the first of the row; `op.Enter(...)` begins a row.
template <typename Op>
struct Row {
  const Op& op;
  const std::uint8_t* x;
  std::uint8_t* y;
  const Requantiser& requantiser;
  int column;
  template <int R>
  TAKTGATE_INLINE void Do() const {
    uint8x16_t codes[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      const std::ptrdiff_t at = (column + r) * 16;
      codes[r] = requantiser.Codes(op.Rounded(x + at, at));
    }
    requantiser.Store(codes, y + column * 16, 16);
  }
};

template <typename Op>
TAKTGATE_INLINE void ForEachPlace(const Rows& places, const std::uint8_t* x, const Steps& x_steps,
                                  std::uint8_t* y, const Steps& y_steps,
                                  const Requantiser& requantiser, Op op) {
  for (int window = 0; window < places.windows; ++window) {
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) {
        op.Enter(window, block, row);
        Row<Op> at{op, x + window * x_steps.window + block * x_steps.block + row * x_steps.row,
                   y + window * y_steps.window + block * y_steps.block + row * y_steps.row,
                   requantiser, 0};
        for (; at.column + 4 <= places.columns; at.column += 4) at.template Do<4>();
        Rest<3>(places.columns - at.column, at);
      }
    }
  }
}

struct GateOp {
  const Gate& g;
  uint8x16_t zero_x, zero_gate;
  float32x4_t multiplier;
  Widened gate{};

  TAKTGATE_INLINE void Enter(int window, int block, int) {
    gate = Less(vld1q_u8(g.gates + window * g.gate_steps.window + block * g.gate_steps.block),
                zero_gate);
  }
  TAKTGATE_INLINE Sixteen Rounded(const std::uint8_t* from, std::ptrdiff_t) const {
    const Widened x = Less(vld1q_u8(from), zero_x);
    return {{Scaled(vmull_s16(vget_low_s16(x.low), vget_low_s16(gate.low)), multiplier),
             Scaled(vmull_high_s16(x.low, gate.low), multiplier),
             Scaled(vmull_s16(vget_low_s16(x.high), vget_low_s16(gate.high)), multiplier),
             Scaled(vmull_high_s16(x.high, gate.high), multiplier)}};
  }
};

inline void GateNeon(const Gate& g) {
  const Requantiser requantiser(g.table, g.zero_point);
  ForEachPlace(
      g.places, g.x, g.x_steps, g.y, g.y_steps, requantiser,
      GateOp{g, vdupq_n_u8(static_cast<std::uint8_t>(g.zero_x)),
             vdupq_n_u8(static_cast<std::uint8_t>(g.zero_gate)), vdupq_n_f32(g.multiplier)});
}

struct AddOp {
  const Add& d;
  uint8x16_t zero_a, zero_b;
  float32x4_t times_a, times_b;
  const std::uint8_t* b = nullptr;

  TAKTGATE_INLINE void Enter(int window, int block, int row) {
    b = d.b + window * d.b_steps.window + block * d.b_steps.block + row * d.b_steps.row;
  }
  static TAKTGATE_INLINE Multipliers Of(uint8x16_t codes, uint8x16_t zero, float32x4_t times) {
    const Widened x = Less(codes, zero);
    return {{vmulq_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(x.low))), times),
             vmulq_f32(vcvtq_f32_s32(vmovl_high_s16(x.low)), times),
             vmulq_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(x.high))), times),
             vmulq_f32(vcvtq_f32_s32(vmovl_high_s16(x.high)), times)}};
  }
  TAKTGATE_INLINE Sixteen Rounded(const std::uint8_t* from, std::ptrdiff_t at) const {
    const Multipliers left = Of(vld1q_u8(from), zero_a, times_a);
    const Multipliers right = Of(vld1q_u8(b + at), zero_b, times_b);
    return {{vcvtnq_s32_f32(vaddq_f32(left.four[0], right.four[0])),
             vcvtnq_s32_f32(vaddq_f32(left.four[1], right.four[1])),
             vcvtnq_s32_f32(vaddq_f32(left.four[2], right.four[2])),
             vcvtnq_s32_f32(vaddq_f32(left.four[3], right.four[3]))}};
  }
};

inline void AddNeon(const Add& d) {
  const Requantiser requantiser(d.table, d.zero_point);
  ForEachPlace(d.places, d.x, d.x_steps, d.y, d.y_steps, requantiser,
               AddOp{d, vdupq_n_u8(static_cast<std::uint8_t>(d.zero_x)),
                     vdupq_n_u8(static_cast<std::uint8_t>(d.zero_b)), vdupq_n_f32(d.multiplier_x),
                     vdupq_n_f32(d.multiplier_b)});
}

// Codes are added up in 16 bits for as long as 257 of them at most are sure to fit, then in 32.
inline void MeanNeon(const Mean& m) {
  constexpr int kAtOnce = 256;
  const Requantiser requantiser(m.table, m.zero_point);
  const int32x4_t all = vdupq_n_s32(m.places.rows * m.places.columns * m.zero_x);
  const float32x4_t multiplier = vdupq_n_f32(m.multiplier);
  for (int window = 0; window < m.places.windows; ++window) {
    for (int block = 0; block < m.places.blocks; ++block) {
      uint32x4_t sums[4] = {vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0)};
      for (int row = 0; row < m.places.rows; ++row) {
        const std::uint8_t* x =
            m.x + window * m.x_steps.window + block * m.x_steps.block + row * m.x_steps.row;
        for (int first = 0; first < m.places.columns; first += kAtOnce) {
          const int left = m.places.columns - first;
          const int count = left < kAtOnce ? left : kAtOnce;
          uint16x8_t low = vdupq_n_u16(0), high = vdupq_n_u16(0);
          for (int k = 0; k < count; ++k) {
            const uint8x16_t codes = vld1q_u8(x + (first + k) * 16);
            low = vaddw_u8(low, vget_low_u8(codes));
            high = vaddw_high_u8(high, codes);
          }
          sums[0] = vaddw_u16(sums[0], vget_low_u16(low));
          sums[1] = vaddw_high_u16(sums[1], low);
          sums[2] = vaddw_u16(sums[2], vget_low_u16(high));
          sums[3] = vaddw_high_u16(sums[3], high);
        }
      }
      Sixteen rounded;
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        rounded.four[i] = Scaled(vsubq_s32(vreinterpretq_s32_u32(sums[i]), all), multiplier);
      }
      uint8x16_t codes[1] = {requantiser.Codes(rounded)};
      requantiser.Store(codes, m.y + window * m.y_steps.window + block * m.y_steps.block, 16);
    }
  }
}

struct LookupRow {
  const std::uint8_t* table;
  const std::uint8_t* x;
  std::uint8_t* y;
  template <int R>
  TAKTGATE_INLINE void Do() const {
    uint8x16_t codes[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) codes[r] = vld1q_u8(x + r * 16);
    LookUp(table, codes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(y + r * 16, codes[r]);
  }
};

inline void LookupNeon(const Lookup& l) {
  for (int window = 0; window < l.places.windows; ++window) {
    for (int block = 0; block < l.places.blocks; ++block) {
      for (int row = 0; row < l.places.rows; ++row) {
        LookupRow at{
            l.table,
            l.x + window * l.x_steps.window + block * l.x_steps.block + row * l.x_steps.row,
            l.y + window * l.y_steps.window + block * l.y_steps.block + row * l.y_steps.row};
        int column = 0;
        for (; column + 4 <= l.places.columns; column += 4, at.x += 64, at.y += 64) at.Do<4>();
        Rest<3>(l.places.columns - column, at);
      }
    }
  }
}

// Codes of 32 pixels at a time, so that the loads of a table serve two registers. Each channel lies
// in a plane of its own, or `kTogether` of them lie in turn and the first ones are read. Gives the
// number of pixels that are done; no byte behind the last pixel is read.
template <int kTogether, int kChannels>
int ReadPixels(const ReadIn& read, const Plane* planes, int row, std::uint8_t* y) {
  const int width = kTogether > kChannels ? read.width - 1 : read.width;
  const std::uint8_t* tables = read.tables;
  const std::uint8_t* from[kTogether == 1 ? kChannels : 1];
  TAKTGATE_UNROLL
  for (int c = 0; c < (kTogether == 1 ? kChannels : 1); ++c) {
    from[c] = planes[c].first + row * planes[c].row_step;
  }
  int column = 0;
  for (; column + 32 <= width; column += 32) {
    uint8x16x4_t places[2] = {};
    TAKTGATE_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int at = column + half * 16;
      if constexpr (kTogether == 1) {
        TAKTGATE_UNROLL
        for (int c = 0; c < kChannels; ++c) places[half].val[c] = vld1q_u8(from[c] + at);
      } else if constexpr (kTogether == 2) {
        const uint8x16x2_t apart = vld2q_u8(from[0] + at * 2);
        places[half].val[0] = apart.val[0];
        places[half].val[1] = apart.val[1];
      } else if constexpr (kTogether == 3) {
        const uint8x16x3_t apart = vld3q_u8(from[0] + at * 3);
        places[half].val[0] = apart.val[0];
        places[half].val[1] = apart.val[1];
        places[half].val[2] = apart.val[2];
      } else {
        places[half] = vld4q_u8(from[0] + at * 4);
        if constexpr (kChannels < 4) places[half].val[3] = vdupq_n_u8(0);
      }
    }
    TAKTGATE_UNROLL
    for (int c = 0; c < kChannels; ++c) {
      uint8x16_t codes[2] = {places[0].val[c], places[1].val[c]};
      LookUp(tables + c * 256, codes);
      places[0].val[c] = codes[0];
      places[1].val[c] = codes[1];
    }
    vst4q_u8(y + column * 4, places[0]);
    vst4q_u8(y + column * 4 + 64, places[1]);
  }
  return column;
}

// 0 where the channels of a picture lie in no such way: then they are read one by one.
inline int ReadWhole(const ReadIn& read, const Plane* planes, int row, std::uint8_t* y) {
  bool apart = true, together = true;
  for (int c = 0; c < read.channels; ++c) {
    apart = apart && planes[c].step == 1;
    together = together && planes[c].first == planes[0].first + c &&
               planes[c].step == planes[0].step && planes[c].row_step == planes[0].row_step;
  }
  if (!apart && !together) return 0;
  switch ((apart ? 1 : planes[0].step) * 10 + read.channels) {
    case 11:
      return ReadPixels<1, 1>(read, planes, row, y);
    case 12:
      return ReadPixels<1, 2>(read, planes, row, y);
    case 13:
      return ReadPixels<1, 3>(read, planes, row, y);
    case 14:
      return ReadPixels<1, 4>(read, planes, row, y);
    case 22:
      return ReadPixels<2, 2>(read, planes, row, y);
    case 33:
      return ReadPixels<3, 3>(read, planes, row, y);
    case 43:
      return ReadPixels<4, 3>(read, planes, row, y);
    case 44:
      return ReadPixels<4, 4>(read, planes, row, y);
    default:
      return 0;
  }
}

inline void ReadInNeon(const ReadIn& read) {
  if (read.placed_tables == nullptr) return kScalarKernels.read_in(read);
  for (int window = 0; window < read.windows; ++window) {
    const Plane* planes = read.planes + window * read.channels;
    for (int row = 0; row < read.height; ++row) {
      std::uint8_t* y = read.y + window * read.y_steps.window + row * read.y_steps.row;
      const int done = ReadWhole(read, planes, row, y);
      if (done == read.width) continue;
      Plane left[4];
      for (int c = 0; c < read.channels; ++c) {
        left[c] = {planes[c].first + row * planes[c].row_step + done * planes[c].step, 0,
                   planes[c].step};
      }
      ReadIn rest = read;
      rest.planes = left;
      rest.windows = rest.height = 1;
      rest.width = read.width - done;
      rest.y = y + done * 4;
      kScalarKernels.read_in(rest);
    }
  }
}

template <typename Dot>
constexpr Kernels KernelsOf(Isa isa, void (*depthwise)(const Depthwise&)) {
  return {isa,
          Dot::kTakesSignedCodes,
          0,
          ReadInNeon,
          DenseNeon<Dot>,
          depthwise,
          GateNeon,
          AddNeon,
          MeanNeon,
          LookupNeon};
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_KERNELS_NEON_H_
