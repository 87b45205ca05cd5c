#ifndef TAKTGATE_INT8_NEON_DENSE_FEW_H_
#define TAKTGATE_INT8_NEON_DENSE_FEW_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_result.h"
#include "int8/kernels/neon_widening.h"

// Dense layers without dot products whose places have 32 codes at most: expansions of narrow maps
// and the stem. The weights of four results fit into registers and stay there for all places; a
// sum is complete at once. Lanes of 16 bits are folded before they are widened, as far as their
// sums are sure to fit (Dense::chains). Codes of four places and four results are one register;
// when all sixteen results are there, tiles of four such registers are turned. The bound for 16
// codes (32), four places and four results: 32 (64) products, 2 (4) loads of pairs, 16 (20) to fold
// and add up, 4 biases, a result (neon_result.h), and for turning a store and half a load.
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

  // Sums of four results of one place, of its first and its second 16 codes.
  TAKTGATE_INLINE int32x4_t Results(int8x16_t a, int8x16_t b) const {
    int16x8_t products[4];
    MultiplyFour<(kEights > 1)>(a, first, products);
    if constexpr (kEights <= 2) return vaddq_s32(Folded<kChain / 4>(products), biases);
    AddFour<(kEights > 3)>(b, second, products);
    return vaddq_s32(Folded<kChain / 8>(products), biases);
  }

 private:
  // Four at once, in assembler: GCC 12 would copy sums to and fro.
  template <bool kBoth>
  static TAKTGATE_INLINE void MultiplyFour(int8x16_t codes, const int8x16_t (&w)[4],
                                           int16x8_t (&products)[4]) {
    asm("smull %0.8h, %4.8b, %5.8b\n\t"
        "smull %1.8h, %4.8b, %6.8b\n\t"
        "smull %2.8h, %4.8b, %7.8b\n\t"
        "smull %3.8h, %4.8b, %8.8b"
        : "=&w"(products[0]), "=&w"(products[1]), "=&w"(products[2]), "=&w"(products[3])
        : "w"(codes), "w"(w[0]), "w"(w[1]), "w"(w[2]), "w"(w[3]));
    if constexpr (kBoth) AddUpper(codes, w, products);
  }
  template <bool kBoth>
  static TAKTGATE_INLINE void AddFour(int8x16_t codes, const int8x16_t (&w)[4],
                                      int16x8_t (&products)[4]) {
    asm("smlal %0.8h, %4.8b, %5.8b\n\t"
        "smlal %1.8h, %4.8b, %6.8b\n\t"
        "smlal %2.8h, %4.8b, %7.8b\n\t"
        "smlal %3.8h, %4.8b, %8.8b"
        : "+w"(products[0]), "+w"(products[1]), "+w"(products[2]), "+w"(products[3])
        : "w"(codes), "w"(w[0]), "w"(w[1]), "w"(w[2]), "w"(w[3]));
    if constexpr (kBoth) AddUpper(codes, w, products);
  }
  static TAKTGATE_INLINE void AddUpper(int8x16_t codes, const int8x16_t (&w)[4],
                                       int16x8_t (&products)[4]) {
    asm("smlal2 %0.8h, %4.16b, %5.16b\n\t"
        "smlal2 %1.8h, %4.16b, %6.16b\n\t"
        "smlal2 %2.8h, %4.16b, %7.16b\n\t"
        "smlal2 %3.8h, %4.16b, %8.16b"
        : "+w"(products[0]), "+w"(products[1]), "+w"(products[2]), "+w"(products[3])
        : "w"(codes), "w"(w[0]), "w"(w[1]), "w"(w[2]), "w"(w[3]));
  }
  // Eight lanes each become one: so many times in 16 bits, the rest in 32.
  template <int kTimes>
  static TAKTGATE_INLINE int32x4_t Folded(const int16x8_t (&sums)[4]) {
    if constexpr (kTimes == 0) {
      const int32x4_t wide[4] = {vpaddlq_s16(sums[0]), vpaddlq_s16(sums[1]), vpaddlq_s16(sums[2]),
                                 vpaddlq_s16(sums[3])};
      return AddUpLanes(wide);
    } else {
      const int16x8_t low = vpaddq_s16(sums[0], sums[1]), high = vpaddq_s16(sums[2], sums[3]);
      if constexpr (kTimes == 2) return vpaddlq_s16(vpaddq_s16(low, high));
      return vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high));
    }
  }
};

// Codes of four places lie in tiles of 64 bytes: four results of the four places, then the next
// four results. What is left of a row is not turned.
template <int kEights, int kChain, int kColumn>
struct FewRow {
  const Requantiser<true>& requantiser;
  const FewWeights<kEights, kChain>& weights;
  float32x4_t multipliers;
  std::ptrdiff_t any_step;
  const std::uint8_t* x;
  std::uint8_t* y;
  int four;

  // Gathered codes of a place lie together.
  std::ptrdiff_t step() const { return kColumn == 32 ? 16 : any_step; }

  template <int P>
  TAKTGATE_INLINE uint8x16_t Codes() const {
    const std::uint8_t* from = x;
    const std::uint8_t* second = x + step();
    Forget(from);
    if constexpr (kColumn == 32) {
      second = from + 16;
    } else {
      Forget(second);
    }
    int8x16_t a[P], b[P];
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) {
      a[p] = LoadCodes(from + p * kColumn);
      b[p] = a[p];
      if (kEights > 2) b[p] = LoadCodes(second + p * kColumn);
    }
    Floats products;
    TAKTGATE_UNROLL
    for (int p = 0; p < 4; ++p) {
      const int q = p < P ? p : 0;
      products.four[p] = p < P ? Times(weights.Results(a[q], b[q]), multipliers) : vdupq_n_f32(0);
    }
    return requantiser.BeforeTable(requantiser.Round(products));
  }
  void DoOne() const {
    const uint32x4_t codes = vreinterpretq_u32_u8(Codes<1>());
    vst1q_lane_u32(reinterpret_cast<std::uint32_t*>(y + four * 4), codes, 0);
  }
};

// Calls `row(x, y)` for the first places of all rows of a block.
template <typename Row>
TAKTGATE_INLINE void ForEachFewRow(const Dense& d, int block, Row row) {
  for (int window = 0; window < d.windows; ++window) {
    for (int k = 0; k < d.rows; ++k) {
      row(d.x + window * d.x_steps.window + k * d.x_steps.row,
          d.y + window * d.y_steps.window + k * d.y_steps.row + block * d.y_steps.block);
    }
  }
}

template <int kEights, int kChain, int kColumn>
void FewResults(const Dense& d, const Requantiser<true>& requantiser, int block, int four) {
  const int of = block * 4 + four;
  const FewWeights<kEights, kChain> weights(d.weights + std::ptrdiff_t{of} * d.steps * 64,
                                            d.biases + of * 4);
  const float32x4_t multipliers = requantiser.LoadMultipliers(d.result.multipliers + of * 4);
  const std::ptrdiff_t step = d.steps > 1 ? d.offsets[1] - d.offsets[0] : 0;
  ForEachFewRow(d, block, [&](const std::uint8_t* x, std::uint8_t* y) {
    FewRow<kEights, kChain, kColumn> at{requantiser,      weights, multipliers, step,
                                        x + d.offsets[0], y,       four};
    int left = d.columns;
    for (; left >= 4; left -= 4, at.x += 4 * kColumn, at.y += 64) {
      vst1q_u8(at.y + four * 16, at.template Codes<4>());
    }
    for (; left > 0; --left, at.x += kColumn, at.y += 16) at.DoOne();
  });
}

// What only fills up is 0 before it is rounded.
inline void FewFilling(const Dense& d, const Requantiser<true>& requantiser, int block, int four) {
  const uint8x16_t codes = requantiser.BeforeTable(requantiser.Round(Floats{}));
  ForEachFewRow(d, block, [&](const std::uint8_t*, std::uint8_t* y) {
    int left = d.columns;
    for (; left >= 4; left -= 4, y += 64) vst1q_u8(y + four * 16, codes);
    for (; left > 0; --left, y += 16) {
      vst1q_lane_u32(reinterpret_cast<std::uint32_t*>(y + four * 4), vreinterpretq_u32_u8(codes),
                     0);
    }
  });
}

// Turns the tiles of a row, and looks up all codes.
template <bool kTable>
void TurnTiles(const std::uint8_t* table, int columns, std::uint8_t* y) {
  for (; columns >= 4; columns -= 4, y += 64) {
    const std::uint8_t* from = y;
    Forget(from);
    uint8x16_t codes[4] = {vld1q_u8(from), vld1q_u8(from + 16), vld1q_u8(from + 32),
                           vld1q_u8(from + 48)};
    if constexpr (kTable) LookUp(table, codes);
    vst4q_u32(reinterpret_cast<std::uint32_t*>(y),
              {{vreinterpretq_u32_u8(codes[0]), vreinterpretq_u32_u8(codes[1]),
                vreinterpretq_u32_u8(codes[2]), vreinterpretq_u32_u8(codes[3])}});
  }
  for (; kTable && columns > 0; --columns, y += 16) {
    uint8x16_t codes[1] = {vld1q_u8(y)};
    LookUp(table, codes);
    vst1q_u8(y, codes[0]);
  }
}

template <int kEights, int kColumn>
void FewOfAny(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  const Requantiser<true> requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    const int fours = FoursOf(d, block);
    for (int four = 0; four < 4; ++four) {
      if (four >= fours) {
        FewFilling(d, requantiser, block, four);
      } else if (d.chains[block * 4 + four] == 8) {
        FewResults<kEights, 8, kColumn>(d, requantiser, block, four);
      } else {
        FewResults<kEights, 4, kColumn>(d, requantiser, block, four);
      }
    }
    ForEachFewRow(d, block, [&](const std::uint8_t*, std::uint8_t* y) {
      requantiser.has_table() ? TurnTiles<true>(requantiser.table(), d.columns, y)
                              : TurnTiles<false>(nullptr, d.columns, y);
    });
  }
}

// Does the layer if it is of this kind: places one behind the other or gathered, and room in 16
// bits for four products.
inline bool DenseOfFew(const Dense& d) {
  const int eights = d.steps * 2 - (d.half_at_end ? 1 : 0);
  const bool gathered = d.x_steps.column == 32 && d.steps == 2 && d.offsets[1] == 16;
  if (d.floats != nullptr || !d.result.stays_small || d.y_steps.column != 16 || eights > 4 ||
      d.columns < 4 || (d.x_steps.column != 16 && !gathered)) {
    return false;
  }
  for (int block = 0; block < d.blocks; ++block) {
    if (ChainOf(d, block) < 4) return false;
  }
  switch (eights) {
    case 1:
      FewOfAny<1, 16>(d);
      break;
    case 2:
      FewOfAny<2, 16>(d);
      break;
    case 3:
      gathered ? FewOfAny<3, 32>(d) : FewOfAny<3, 16>(d);
      break;
    default:
      gathered ? FewOfAny<4, 32>(d) : FewOfAny<4, 16>(d);
  }
  return true;
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DENSE_FEW_H_
