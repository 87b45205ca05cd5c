#ifndef TAKTGATE_INT8_NEON_DENSE_WIDENING_H_
#define TAKTGATE_INT8_NEON_DENSE_WIDENING_H_

#include "int8/kernels.h"
#include "int8/neon_dense_few.h"
#include "int8/neon_gather.h"
#include "int8/neon_result.h"
#include "int8/neon_widening.h"

// Dense layers without dot products. The lanes of a register are 16 codes of one place, as they
// lie in memory, against 16 weights of one result: no code is ever copied to other lanes. SMULL and
// SMLAL2 add products of 8 lanes in 16 bits, as many as are sure to fit (Dense::chains), then
// SADALP adds pairs of lanes in 32. A tile is four places and four results, whose 16 sums stay in
// registers; at its end the four lanes of a sum are added up, of four results at once. The bound
// for 32 codes, four places and four results: 64 products, 16 SADALP (of four products a lane) and
// 8 loads of two registers; for each place 3 additions of lanes and one of biases at the end.
namespace taktgate::int8 {
namespace {

// A tile of P places (of four at most) and four results.
template <int P, int kChain>
class WideningTile {
 public:
  // Up to 32 codes of each place: `kEights` times eight, in two registers.
  template <bool kFirst, int kEights>
  TAKTGATE_INLINE void Add(const std::uint8_t* x_first, const std::uint8_t* x_second,
                           std::ptrdiff_t column, const std::int8_t* weights) {
    int8x16_t first[P], second[P];
    LoadPlaces(x_first, column, first);
    if constexpr (kEights > 2) LoadPlaces(x_second, column, second);
    TAKTGATE_UNROLL
    for (int result = 0; result < 4; ++result) {
      int8x16_t w, v;
      if constexpr (kEights > 2) {
        LoadTwo(weights + result * 32, w, v);
      } else {
        w = vld1q_s8(weights + result * 16);
      }
      int16x8_t products[P];
      TAKTGATE_UNROLL
      for (int p = 0; p < P; ++p) products[p] = MultiplyLow(first[p], w);
      if constexpr (kEights > 1) {
        TAKTGATE_UNROLL
        for (int p = 0; p < P; ++p) products[p] = AddHigh(products[p], first[p], w);
      }
      constexpr bool kApart = kChain == 2 && kEights > 2;
      if constexpr (kApart) Widen<kFirst>(result, products);
      if constexpr (kEights > 2) {
        TAKTGATE_UNROLL
        for (int p = 0; p < P; ++p) {
          products[p] = kApart ? MultiplyLow(second[p], v) : AddLow(products[p], second[p], v);
        }
      }
      if constexpr (kEights > 3) {
        TAKTGATE_UNROLL
        for (int p = 0; p < P; ++p) products[p] = AddHigh(products[p], second[p], v);
      }
      constexpr bool kBegins = kFirst && !kApart;
      Widen<kBegins>(result, products);
    }
  }
  TAKTGATE_INLINE int32x4_t Results(int place, int32x4_t biases) const {
    return vaddq_s32(AddUpLanes(sums_[place]), biases);
  }

 private:
  static TAKTGATE_INLINE void LoadPlaces(const std::uint8_t* x, std::ptrdiff_t column,
                                         int8x16_t (&codes)[P]) {
    Forget(x);
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) codes[p] = LoadCodes(x + p * column);
  }
  template <bool kFirst>
  TAKTGATE_INLINE void Widen(int result, const int16x8_t (&products)[P]) {
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) {
      sums_[p][result] =
          kFirst ? vpaddlq_s16(products[p]) : AddPairs(sums_[p][result], products[p]);
    }
  }
  int32x4_t sums_[P][4];
};

// One block of a row of a layer with 32 codes a place or more. kColumn is the step from place to
// place, 0 if it is another one.
template <bool kSmall, int kColumn, int kChain>
struct WideningRow {
  const Dense& d;
  const Requantiser<kSmall>& requantiser;
  int block;
  int fours;  // groups of four results that do not only fill up
  const std::uint8_t* x;
  std::uint8_t* y;
  int column;

  std::ptrdiff_t x_column() const { return kColumn > 0 ? kColumn : d.x_steps.column; }

  template <int P>
  TAKTGATE_INLINE void Do() const {
    const std::uint8_t* from = x + column * x_column();
    const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * d.steps * 256;
    Numbers numbers[4];  // of each group: four results of four places
    for (int four = 0; four < fours; ++four) {
      WideningTile<P, kChain> tile;
      weights = Sum(tile, from, weights);
      const int of = block * 16 + four * 4;
      const int32x4_t biases = vld1q_s32(d.biases + of);
      if (d.floats != nullptr) {
        StoreFloats(tile, biases, of);
        continue;
      }
      const float32x4_t multipliers = requantiser.LoadMultipliers(d.result.multipliers + of);
      Floats products;
      TAKTGATE_UNROLL
      for (int p = 0; p < 4; ++p) {
        products.four[p] =
            p < P ? Times(tile.Results(p < P ? p : 0, biases), multipliers) : vdupq_n_f32(0);
      }
      numbers[four] = requantiser.Round(products);
    }
    if (d.floats != nullptr) return;
    for (int four = fours; four < 4; ++four) numbers[four] = requantiser.Round(Floats{});
    uint8x16_t codes[4];
    requantiser.Finish(numbers, codes);
    Store<P>(codes);
  }

  // Gives the weights of the next group.
  template <int P>
  TAKTGATE_INLINE const std::int8_t* Sum(WideningTile<P, kChain>& tile, const std::uint8_t* from,
                                         const std::int8_t* weights) const {
    const std::int32_t* offsets = d.offsets;
    int eights = d.steps * 2 - (d.half_at_end ? 1 : 0);
    tile.template Add<true, 4>(from + offsets[0], from + offsets[1], x_column(), weights);
    for (eights -= 4; eights >= 4; eights -= 4) {
      offsets += 2;
      weights += 128;
      Forget(weights);
      tile.template Add<false, 4>(from + offsets[0], from + offsets[1], x_column(), weights);
    }
    weights += 128;
    if (eights == 0) return weights;
    const std::uint8_t* last = from + offsets[2];
    if (eights == 3) {
      tile.template Add<false, 3>(last, from + offsets[3], x_column(), weights);
      return weights + 128;
    }
    if (eights == 2) {
      tile.template Add<false, 2>(last, nullptr, x_column(), weights);
    } else {
      tile.template Add<false, 1>(last, nullptr, x_column(), weights);
    }
    return weights + 64;
  }

  // Each register has four codes of each place: the store brings those of a place together.
  template <int P>
  TAKTGATE_INLINE void Store(const uint8x16_t (&codes)[4]) const {
    std::uint8_t* to = y + column * d.y_steps.column;
    const uint32x4x4_t places = {{vreinterpretq_u32_u8(codes[0]), vreinterpretq_u32_u8(codes[1]),
                                  vreinterpretq_u32_u8(codes[2]), vreinterpretq_u32_u8(codes[3])}};
    if (P == 4 && d.y_steps.column == 16) {
      vst4q_u32(reinterpret_cast<std::uint32_t*>(to), places);
      return;
    }
    alignas(16) std::uint32_t together[16];
    vst4q_u32(together, places);
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) {
      vst1q_u8(to + p * d.y_steps.column, vreinterpretq_u8_u32(vld1q_u32(together + p * 4)));
    }
  }

  template <int P>
  TAKTGATE_INLINE void StoreFloats(const WideningTile<P, kChain>& tile, int32x4_t biases,
                                   int of) const {
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) {
      vst1q_f32(d.floats + (column + p) * d.blocks * 16 + of,
                Times(tile.Results(p, biases), vld1q_f32(d.result.multipliers + of)));
    }
  }
};

template <bool kSmall, int kColumn, int kChain>
void WideningBlock(const Dense& d, const Requantiser<kSmall>& requantiser, int block) {
  constexpr int P = kSmall ? 4 : 1;
  const int fours = FoursOf(d, block);
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      WideningRow<kSmall, kColumn, kChain> at{
          d,
          requantiser,
          block,
          fours,
          d.x + window * d.x_steps.window + row * d.x_steps.row,
          d.y + window * d.y_steps.window + row * d.y_steps.row + block * d.y_steps.block,
          0};
      for (; at.column + P <= d.columns; at.column += P) at.template Do<P>();
      Rest<P - 1>(d.columns - at.column, at);
    }
  }
}

template <bool kSmall>
void DenseByWidening(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  const bool close = d.x_steps.column == 16;
  for (int block = 0; block < d.blocks; ++block) {
    if (ChainOf(d, block) >= 4) {
      close ? WideningBlock<kSmall, 16, 4>(d, requantiser, block)
            : WideningBlock<kSmall, 0, 4>(d, requantiser, block);
    } else {
      close ? WideningBlock<kSmall, 16, 2>(d, requantiser, block)
            : WideningBlock<kSmall, 0, 2>(d, requantiser, block);
    }
  }
}

inline void DenseNeonWidening(const Dense& d) {
  if (d.gather.from != nullptr) return DenseGathered(d, DenseNeonWidening);
  if (d.floats == nullptr && d.steps * 2 - (d.half_at_end ? 1 : 0) <= 4) return DenseOfFew(d);
  d.result.stays_small ? DenseByWidening<true>(d) : DenseByWidening<false>(d);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DENSE_WIDENING_H_
