#ifndef TAKTGATE_INT8_NEON_DENSE_WIDENING_H_
#define TAKTGATE_INT8_NEON_DENSE_WIDENING_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_dense_few.h"
#include "int8/kernels/neon_gather.h"
#include "int8/kernels/neon_result.h"
#include "int8/kernels/neon_widening.h"

// Dense layers without dot products. The lanes of a register are 16 codes of one place, as they
// lie in memory, against 16 weights of one result: no code is ever copied to other lanes. SMULL and
// SMLAL2 add products of 8 lanes in 16 bits, as many as are sure to fit (Dense::chains), then
// SADALP adds pairs of lanes in 32. A tile is two places and eight results, whose 16 sums stay in
// registers; at its end the four lanes of a sum are added up, of four results at once. The bound
// for 64 codes, two places and eight results: 128 products, 16 SADALP (of eight products a lane)
// and 20 loads of two registers; for each place and four results 3 additions and a bias at the end.
namespace taktgate::int8 {
namespace {

constexpr int kTileResults = 8;

// Sums of P places and eight results.
template <int P, int kChain>
class WideningTile {
 public:
  // `kEights` times eight codes of each place, in registers of 16 that begin at x[0], x[1] and so
  // on. `weights` are of the first four results, `more` of the others.
  template <bool kFirst, int kEights>
  TAKTGATE_INLINE void Add(const std::uint8_t* const (&x)[4], const std::int8_t* weights,
                           const std::int8_t* more) {
    constexpr int kVectors = (kEights + 1) / 2;
    int8x16_t codes[P][4];
    const std::uint8_t* from[kVectors];
    TAKTGATE_UNROLL
    for (int k = 0; k < kVectors; ++k) from[k] = x[k];
    TAKTGATE_UNROLL
    for (int k = 0; k < kVectors; ++k) Forget(from[k]);
    TAKTGATE_UNROLL
    for (int k = 0; k < kVectors; ++k) {
      TAKTGATE_UNROLL
      for (int p = 0; p < P; ++p) codes[p][k] = LoadCodes(from[k] + p * 16);
    }
    TAKTGATE_UNROLL
    for (int n = 0; n < kTileResults; n += 2) {
      AddTwoResults<kFirst, kEights>(codes, n < 4 ? weights : more, n);
    }
  }
  TAKTGATE_INLINE int32x4_t Results(int place, int four) const {
    const int32x4_t sums[4] = {sums_[place][four * 4], sums_[place][four * 4 + 1],
                               sums_[place][four * 4 + 2], sums_[place][four * 4 + 3]};
    return AddUpLanes(sums);
  }

 private:
  // Two results in turn: cores that keep to the order take several cycles for a product, and with
  // two places there are four sums to go on with meanwhile.
  template <bool kFirst, int kEights>
  TAKTGATE_INLINE void AddTwoResults(const int8x16_t (&codes)[P][4], const std::int8_t* weights,
                                     int result) {
    int8x16_t w[2][4];
    int16x8_t products[2][P];
    TAKTGATE_UNROLL
    for (int e = 0; e < kEights; ++e) {
      if (e % 4 == 0) {
        Load<kEights>(weights, e / 2, result % 4, w[0]);
        Load<kEights>(weights, e / 2, result % 4 + 1, w[1]);
      }
      Multiply(e % kChain == 0, e % 2 == 0, codes, e / 2, w, products);
      if ((e + 1) % kChain != 0 && e + 1 != kEights) continue;
      TAKTGATE_UNROLL
      for (int n = 0; n < 2; ++n) {
        TAKTGATE_UNROLL
        for (int p = 0; p < P; ++p) {
          if (kFirst && e < kChain) {
            sums_[p][result + n] = vpaddlq_s16(products[n][p]);
          } else {
            AddPairs(sums_[p][result + n], products[n][p]);
          }
        }
      }
    }
  }
  // The lower or the upper half of register k begins sums, or is added to them.
  static TAKTGATE_INLINE void Multiply(bool begins, bool lower, const int8x16_t (&codes)[P][4],
                                       int k, const int8x16_t (&w)[2][4],
                                       int16x8_t (&products)[2][P]) {
    if constexpr (P == 2) {
      if (!begins) {
        lower ? AddFourLow(products, codes[0][k], codes[1][k], w[0][k], w[1][k])
              : AddFourHigh(products, codes[0][k], codes[1][k], w[0][k], w[1][k]);
        return;
      }
    }
    TAKTGATE_UNROLL
    for (int n = 0; n < 2; ++n) {
      TAKTGATE_UNROLL
      for (int p = 0; p < P; ++p) {
        int16x8_t& sum = products[n][p];
        if (begins) {
          sum = lower ? MultiplyLow(codes[p][k], w[n][k]) : vmull_high_s8(codes[p][k], w[n][k]);
        } else {
          lower ? AddLow(sum, codes[p][k], w[n][k]) : AddHigh(sum, codes[p][k], w[n][k]);
        }
      }
    }
  }
  // From register `first` on. Pairs of registers of a result lie together, a single last one alone.
  template <int kEights>
  static TAKTGATE_INLINE void Load(const std::int8_t* weights, int first, int result,
                                   int8x16_t (&w)[4]) {
    constexpr int kVectors = (kEights + 1) / 2;
    weights += first * 64;
    if (first + 1 < kVectors) {
      LoadTwo(weights + result * 32, w[first], w[first + 1]);
    } else {
      w[first] = vld1q_s8(weights + result * 16);
    }
  }

  int32x4_t sums_[P][kTileResults];
};

// One block of a row. Of two places at once the second lies 16 bytes behind the first.
template <bool kSmall, bool kFloats, int kChain>
struct WideningRow {
  const Requantiser<kSmall>& requantiser;
  const std::int32_t* offsets;
  int eights;                      // of codes of a place
  std::ptrdiff_t weights_of_four;  // from four results to the next
  int halves;                      // of the block that do not only fill it up
  const std::int8_t* weights;
  const std::int32_t* biases;
  const float* multipliers;
  float* floats;
  std::ptrdiff_t y_column;
  const std::uint8_t* x;
  std::uint8_t* y;

  template <int P>
  TAKTGATE_INLINE void Do() const {
    int16x8_t rounded[P][2];
    const std::int8_t* w = weights;
    for (int half = 0; half < halves; ++half) {
      WideningTile<P, kChain> tile;
      Sum(tile, w);
      const float* m = multipliers + half * kTileResults;
      const std::int32_t* b = biases + half * kTileResults;
      Forget(m);
      Forget(b);
      float32x4_t by[2];
      LoadTwo(m, by[0], by[1]);
      int32x4_t from[2];
      LoadTwo(b, from[0], from[1]);
      w += 2 * weights_of_four;
      TAKTGATE_UNROLL
      for (int p = 0; p < P; ++p) {
        const float32x4_t first = Times(vaddq_s32(tile.Results(p, 0), from[0]), by[0]);
        const float32x4_t second = Times(vaddq_s32(tile.Results(p, 1), from[1]), by[1]);
        rounded[p][half] = requantiser.RoundEight(first, second);
        if constexpr (kFloats) {  // of one place alone
          vst1q_f32(floats + half * kTileResults, first);
          vst1q_f32(floats + half * kTileResults + 4, second);
        }
      }
    }
    if constexpr (kFloats) return;
    if (halves == 1) {
      TAKTGATE_UNROLL
      for (int p = 0; p < P; ++p) {
        rounded[p][1] = requantiser.RoundEight(vdupq_n_f32(0), vdupq_n_f32(0));
      }
    }
    Numbers numbers[P];
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) numbers[p] = {rounded[p][0], rounded[p][1]};
    uint8x16_t codes[P];
    requantiser.Finish(numbers, codes);
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) vst1q_u8(y + p * y_column, codes[p]);
  }

  template <typename Tile>
  TAKTGATE_INLINE void Sum(Tile& tile, const std::int8_t* first) const {
    Forget(first);
    const std::int8_t* more = first + weights_of_four;
    const std::int32_t* at = offsets;
    Forget(more);
    Forget(at);
    int left = eights;
    if (left < 8) return AddRest<true>(tile, left, at, first, more);
    Add<true, 8>(tile, at, first, more);
    for (left -= 8; left >= 8; left -= 8) {
      at += 4;
      first += 256;
      more += 256;
      Forget(first);
      Forget(more);
      Forget(at);
      Add<false, 8>(tile, at, first, more);
    }
    at += 4;
    first += 256;
    more += 256;
    Forget(first);
    Forget(more);
    Forget(at);
    if (left > 0) AddRest<false>(tile, left, at, first, more);
  }
  template <bool kFirst, int kEights, typename Tile>
  TAKTGATE_INLINE void Add(Tile& tile, const std::int32_t* at, const std::int8_t* first,
                           const std::int8_t* more) const {
    const std::uint8_t* from[4];
    TAKTGATE_UNROLL
    for (int k = 0; k < (kEights + 1) / 2; ++k) from[k] = x + at[k];
    tile.template Add<kFirst, kEights>(from, first, more);
  }
  template <bool kFirst, typename Tile>
  TAKTGATE_INLINE void AddRest(Tile& tile, int left, const std::int32_t* at,
                               const std::int8_t* first, const std::int8_t* more) const {
    switch (left) {
      case 1:
        return Add<kFirst, 1>(tile, at, first, more);
      case 2:
        return Add<kFirst, 2>(tile, at, first, more);
      case 3:
        return Add<kFirst, 3>(tile, at, first, more);
      case 4:
        return Add<kFirst, 4>(tile, at, first, more);
      case 5:
        return Add<kFirst, 5>(tile, at, first, more);
      case 6:
        return Add<kFirst, 6>(tile, at, first, more);
      default:
        return Add<kFirst, 7>(tile, at, first, more);
    }
  }
};

template <bool kSmall, bool kFloats, int kChain>
void WideningBlock(const Dense& d, const Requantiser<kSmall>& requantiser, int block) {
  alignas(16) float multipliers[16];
  requantiser.CopyMultipliers(d.result.multipliers + block * 16, multipliers);
  const bool in_pairs = d.x_steps.column == 16;
  WideningRow<kSmall, kFloats, kChain> at{requantiser,
                                          d.offsets,
                                          d.steps * 2 - (d.half_at_end ? 1 : 0),
                                          std::ptrdiff_t{d.steps} * 64,
                                          d.results - block * 16 <= kTileResults ? 1 : 2,
                                          d.weights + std::ptrdiff_t{block} * d.steps * 256,
                                          d.biases + block * 16,
                                          kFloats ? d.result.multipliers + block * 16 : multipliers,
                                          kFloats ? d.floats + block * 16 : nullptr,
                                          d.y_steps.column,
                                          nullptr,
                                          nullptr};
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      at.x = d.x + window * d.x_steps.window + row * d.x_steps.row;
      at.y = d.y + window * d.y_steps.window + row * d.y_steps.row + block * d.y_steps.block;
      int left = d.columns;
      if constexpr (kSmall && !kFloats) {
        for (; in_pairs && left >= 2; left -= 2, at.x += 32, at.y += 2 * at.y_column) {
          at.template Do<2>();
        }
      }
      for (; left > 0; --left, at.x += d.x_steps.column, at.y += at.y_column) {
        at.template Do<1>();
        if constexpr (kFloats) at.floats += d.blocks * 16;
      }
    }
  }
}

template <bool kSmall, bool kFloats>
void DenseByWidening(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    switch (ChainOf(d, block)) {
      case 8:
        WideningBlock<kSmall, kFloats, 8>(d, requantiser, block);
        break;
      case 4:
        WideningBlock<kSmall, kFloats, 4>(d, requantiser, block);
        break;
      default:
        WideningBlock<kSmall, kFloats, 2>(d, requantiser, block);
    }
  }
}

inline void DenseNeonWidening(const Dense& d) {
  if (d.gather.from != nullptr) return DenseGathered(d, DenseNeonWidening);
  if (DenseOfFew(d)) return;
  if (d.floats != nullptr) return DenseByWidening<true, true>(d);
  d.result.stays_small ? DenseByWidening<true, false>(d) : DenseByWidening<false, false>(d);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DENSE_WIDENING_H_
