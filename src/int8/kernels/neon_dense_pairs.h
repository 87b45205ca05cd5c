#ifndef TAKTGATE_INT8_NEON_DENSE_PAIRS_H_
#define TAKTGATE_INT8_NEON_DENSE_PAIRS_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_gather.h"
#include "int8/kernels/neon_result.h"

// Dense layers by SMMLA: eight codes of two places against eight weights of two results, four sums
// an instruction. A tile is four places and 16 results, whose 64 sums are 16 registers; they begin
// as biases. The codes of two places are brought together by two instructions for 16 of each. The
// bound for 16 codes, four places and 16 results: 32 SMMLA, 8 loads of two registers of weights, 2
// of codes, 4 to bring codes together; at the end one instruction for four results of a place.
namespace taktgate::int8 {
namespace {

// Sums of kPlaces x 2 places and kPairs x 2 results: of two places and two results each.
template <int kPlaces, int kPairs>
class PairTile {
 public:
  TAKTGATE_INLINE explicit PairTile(const std::int32_t* biases) {
    TAKTGATE_UNROLL
    for (int pair = 0; pair < kPairs; ++pair) {
      const int32x2_t two = vld1_s32(biases + pair * 2);
      TAKTGATE_UNROLL
      for (int p = 0; p < kPlaces; ++p) sums_[p][pair] = vcombine_s32(two, two);
    }
  }
  // The second of the last two places lies `last` bytes after the first, the others `column`.
  TAKTGATE_INLINE void Add(const std::uint8_t* x, std::ptrdiff_t column, std::ptrdiff_t last,
                           const std::int8_t* weights) {
    int8x16_t low[kPlaces], high[kPlaces];
    TAKTGATE_UNROLL
    for (int p = 0; p < kPlaces; ++p) {
      const std::uint8_t* first = x + 2 * p * column;
      const int64x2_t a = vreinterpretq_s64_s8(LoadCodes(first));
      const int64x2_t b =
          vreinterpretq_s64_s8(LoadCodes(first + (p + 1 == kPlaces ? last : column)));
      low[p] = vreinterpretq_s8_s64(vzip1q_s64(a, b));
      high[p] = vreinterpretq_s8_s64(vzip2q_s64(a, b));
    }
    TAKTGATE_UNROLL
    for (int pair = 0; pair < kPairs; ++pair) {
      int8x16_t lower, upper;
      LoadTwo(weights + pair * 32, lower, upper);
      TAKTGATE_UNROLL
      for (int p = 0; p < kPlaces; ++p) Multiply(sums_[p][pair], low[p], lower);
      TAKTGATE_UNROLL
      for (int p = 0; p < kPlaces; ++p) Multiply(sums_[p][pair], high[p], upper);
    }
  }
  // Four results of one place.
  TAKTGATE_INLINE int32x4_t Results(int place, int four) const {
    const int64x2_t a = vreinterpretq_s64_s32(sums_[place / 2][four * 2]);
    const int64x2_t b = vreinterpretq_s64_s32(sums_[place / 2][four * 2 + 1]);
    return vreinterpretq_s32_s64(place % 2 == 0 ? vzip1q_s64(a, b) : vzip2q_s64(a, b));
  }

 private:
  static TAKTGATE_INLINE void Multiply(int32x4_t& sums, int8x16_t codes, int8x16_t weights) {
    asm("smmla %0.4s, %1.16b, %2.16b" : "+w"(sums) : "w"(codes), "w"(weights));
  }
  int32x4_t sums_[kPlaces][kPairs];
};

template <bool kSmall, int kPairs>
struct PairRow {
  const Dense& d;
  const Requantiser<kSmall>& requantiser;
  const std::int8_t* weights;
  const std::int32_t* biases;
  const float* multipliers;
  float* floats;
  const std::uint8_t* x;
  std::uint8_t* y;

  // P places; of an odd number the last one is taken twice.
  template <int P>
  TAKTGATE_INLINE void Do() const {
    constexpr int kPlaces = (P + 1) / 2;
    PairTile<kPlaces, kPairs> tile(biases);
    const std::int8_t* w = weights;
    const std::ptrdiff_t column = d.x_steps.column, last = P % 2 == 0 ? column : 0;
    for (int k = 0; k < d.steps; ++k, w += 256) {
      Forget(w);
      tile.Add(x + d.offsets[k], column, last, w);
    }
    Numbers numbers[P];
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) {
      Floats products;
      TAKTGATE_UNROLL
      for (int four = 0; four < 4; ++four) {
        products.four[four] = vdupq_n_f32(0);
        if (four * 2 >= kPairs) continue;
        products.four[four] =
            Times(tile.Results(p, four * 2 < kPairs ? four : 0), vld1q_f32(multipliers + four * 4));
        if (floats != nullptr) {
          vst1q_f32(floats + p * d.blocks * 16 + four * 4, products.four[four]);
        }
      }
      numbers[p] = requantiser.Round(products);
    }
    if (floats != nullptr) return;
    uint8x16_t codes[P];
    requantiser.Finish(numbers, codes);
    TAKTGATE_UNROLL
    for (int p = 0; p < P; ++p) vst1q_u8(y + p * d.y_steps.column, codes[p]);
  }
};

template <bool kSmall, int kPairs>
void PairBlock(const Dense& d, const Requantiser<kSmall>& requantiser, int block) {
  constexpr int P = kSmall ? 4 : 1;
  alignas(16) float multipliers[16];
  requantiser.CopyMultipliers(d.result.multipliers + block * 16, multipliers);
  PairRow<kSmall, kPairs> at{d,
                             requantiser,
                             d.weights + std::ptrdiff_t{block} * d.steps * 256,
                             d.biases + block * 16,
                             d.floats == nullptr ? multipliers : d.result.multipliers + block * 16,
                             d.floats == nullptr ? nullptr : d.floats + block * 16,
                             nullptr,
                             nullptr};
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      at.x = d.x + window * d.x_steps.window + row * d.x_steps.row;
      at.y = d.y + window * d.y_steps.window + row * d.y_steps.row + block * d.y_steps.block;
      int left = d.columns;
      for (; left >= P; left -= P, at.x += P * d.x_steps.column, at.y += P * d.y_steps.column) {
        at.template Do<P>();
        if (at.floats != nullptr) at.floats += P * d.blocks * 16;
      }
      Rest<P - 1>(left, at);
      if (at.floats != nullptr) at.floats += left * d.blocks * 16;
    }
  }
}

template <bool kSmall>
void DenseByPairs(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    d.results - block * 16 <= 8 ? PairBlock<kSmall, 4>(d, requantiser, block)
                                : PairBlock<kSmall, 8>(d, requantiser, block);
  }
}

inline void DenseNeonPairs(const Dense& d) {
  if (d.gather.from != nullptr) return DenseGathered(d, DenseNeonPairs);
  d.result.stays_small ? DenseByPairs<true>(d) : DenseByPairs<false>(d);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DENSE_PAIRS_H_
