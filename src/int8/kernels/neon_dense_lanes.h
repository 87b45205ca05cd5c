#ifndef TAKTGATE_INT8_NEON_DENSE_LANES_H_
#define TAKTGATE_INT8_NEON_DENSE_LANES_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_gather.h"
#include "int8/kernels/neon_result.h"

// Dense layers by instructions that sum four products in each lane (SDOT). Four codes of a place,
// one lane of a register, meet 16 weights of four results. A tile is five places and 16 results,
// or eight places and 8 results, which is less work where a last block is half empty: its sums stay
// in registers, so each weight that is loaded serves five (eight) places. The bound: 4 products of
// 4 x 4 for each place and step of 16 results, 2 loads of pairs of weights for five of them, and
// for all steps 2 loads of biases and what a result takes (neon_result.h).
namespace taktgate::int8 {
namespace {

// Which steps have their codes together: one register holds those of a place.
struct StepsOfLanes {
  const std::int32_t* offsets;
  int all;
  int fours = 0;  // at the beginning: groups of four that lie together, as far apart as the first
  std::ptrdiff_t apart = 0;
  int behind = 0;  // the next steps that lie together

  explicit StepsOfLanes(const Dense& d) : offsets(d.offsets), all(d.steps) {
    if (Together(0) == 4) fours = 1;
    if (fours == 1 && all > 4) apart = offsets[4] - offsets[0];
    while (fours > 0 && Together(fours * 4) == 4 &&
           offsets[fours * 4] == offsets[0] + fours * apart) {
      ++fours;
    }
    behind = Together(fours * 4);
  }
  // As many as lie together from step k on, but four at most.
  int Together(int k) const {
    int n = k < all ? 1 : 0;
    while (n > 0 && n < 4 && k + n < all && offsets[k + n] == offsets[k] + n * 4) ++n;
    return n;
  }
};

// Sums of R places and kFours x 4 results.
template <typename Dot, int R, int kFours>
class Lanes {
 public:
  TAKTGATE_INLINE void Begin(const std::int32_t* biases) {
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      TAKTGATE_UNROLL
      for (int four = 0; four < kFours; four += 2) {
        LoadBiases(biases + four * 4, sums_[r][four], sums_[r][four + 1]);
      }
    }
  }

  template <int N>
  TAKTGATE_INLINE void Add(const std::uint8_t* x, std::ptrdiff_t column,
                           const std::int8_t* weights) {
    int8x16_t codes[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) codes[r] = LoadCodes(x + r * column);
    Step<0, N>(codes, weights, Load(weights));
  }

  TAKTGATE_INLINE int32x4_t sums(int place, int four) const { return sums_[place][four]; }

 private:
  // Weights of eight results. They are loaded one turn before they are needed: cores that keep to
  // the order would wait for them.
  struct Eight {
    int8x16_t four[2];
  };
  static TAKTGATE_INLINE Eight Load(const std::int8_t* weights) {
    Eight eight;
    LoadTwo(weights, eight.four[0], eight.four[1]);
    return eight;
  }
  // Biases go where they are needed, two registers an instruction: a copy would be one for each.
  static TAKTGATE_INLINE void LoadBiases(const std::int32_t* from, int32x4_t& first,
                                         int32x4_t& second) {
#if defined(__clang__)
    first = vld1q_s32(from);
    second = vld1q_s32(from + 4);
#else
    asm volatile("ldp %q0, %q1, %2"
                 : "=w"(first), "=w"(second)
                 : "Ump"(*reinterpret_cast<const int32x4_t*>(from)));
#endif
  }
  template <int kLane, int kFirst>
  TAKTGATE_INLINE void Multiply(const int8x16_t (&codes)[R], const Eight& weights) {
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      Dot::template Add<kLane>(sums_[r][kFirst], weights.four[0], codes[r]);
      Dot::template Add<kLane>(sums_[r][kFirst + 1], weights.four[1], codes[r]);
    }
  }
  template <int kLane, int N>
  TAKTGATE_INLINE void Step(const int8x16_t (&codes)[R], const std::int8_t* weights, Eight first) {
    constexpr bool kLast = kLane + 1 == N;
    if constexpr (kFours == 4) {
      const Eight second = Load(weights + kLane * 64 + 32);
      Multiply<kLane, 0>(codes, first);
      if constexpr (!kLast) first = Load(weights + kLane * 64 + 64);
      Multiply<kLane, 2>(codes, second);
      if constexpr (!kLast) Step<kLane + 1, N>(codes, weights, first);
    } else {
      Eight next = first;
      if constexpr (!kLast) next = Load(weights + kLane * 64 + 64);
      Multiply<kLane, 0>(codes, first);
      if constexpr (!kLast) Step<kLane + 1, N>(codes, weights, next);
    }
  }

  int32x4_t sums_[R][kFours];
};

// One block of a row; kColumn is the step from place to place of x, 0 if it is another one. Where
// it is known, that of y is 16.
template <typename Dot, bool kSmall, int kFours, int kColumn>
struct LanesRow {
  const Requantiser<kSmall>& requantiser;
  StepsOfLanes steps;
  const std::int8_t* weights;
  const std::int32_t* biases;
  const float* multipliers;
  float* floats;
  std::ptrdiff_t floats_column, any_x_column, any_y_column;
  const std::uint8_t* x;
  std::uint8_t* y;

  std::ptrdiff_t x_column() const { return kColumn > 0 ? kColumn : any_x_column; }
  std::ptrdiff_t y_column() const { return kColumn > 0 ? 16 : any_y_column; }

  template <int R>
  TAKTGATE_INLINE void Do() const {
    Lanes<Dot, R, kFours> lanes;
    lanes.Begin(biases);
    AddAll(lanes);
    Floats by;
    LoadTwo(multipliers, by.four[0], by.four[1]);
    LoadTwo(multipliers + 8, by.four[2], by.four[3]);
    if (floats != nullptr) return StoreFloats(lanes, by);
    Numbers numbers[R];
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      Floats products;
      TAKTGATE_UNROLL
      for (int four = 0; four < 4; ++four) {
        products.four[four] = four < kFours
                                  ? Times(lanes.sums(r, four < kFours ? four : 0), by.four[four])
                                  : vdupq_n_f32(0);
      }
      numbers[r] = requantiser.Round(products);
    }
    uint8x16_t codes[R];
    requantiser.Finish(numbers, codes);
    std::uint8_t* to = y;
    Forget(to);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) vst1q_u8(to + r * y_column(), codes[r]);
  }
  void Advance(int places) {
    x += places * x_column();
    y += places * y_column();
    if (floats != nullptr) floats += places * floats_column;
  }

  template <int R>
  TAKTGATE_INLINE void AddAll(Lanes<Dot, R, kFours>& lanes) const {
    const std::int8_t* w = weights;
    const std::uint8_t* codes = x + steps.offsets[0];
    for (int left = steps.fours; left > 0; --left) {
      Forget(w);
      Forget(codes);
      lanes.template Add<4>(codes, x_column(), w);
      w += 256;
      codes += steps.apart;
    }
    int k = steps.fours * 4;
    int together = steps.behind;
    while (together > 0) {
      Forget(w);
      if (together == 1) {
        AddSome<1>(lanes, k, w);
      } else if (together == 2) {
        AddSome<2>(lanes, k, w);
      } else if (together == 3) {
        AddSome<3>(lanes, k, w);
      } else {
        AddSome<4>(lanes, k, w);
      }
      k += together;
      w += together * 64;
      together = steps.Together(k);
    }
  }
  template <int N, int R>
  TAKTGATE_INLINE void AddSome(Lanes<Dot, R, kFours>& lanes, int k, const std::int8_t* w) const {
    const std::uint8_t* codes = x + steps.offsets[k];
    Forget(codes);
    lanes.template Add<N>(codes, x_column(), w);
  }

  template <int R>
  TAKTGATE_INLINE void StoreFloats(const Lanes<Dot, R, kFours>& lanes, const Floats& by) const {
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      TAKTGATE_UNROLL
      for (int four = 0; four < kFours; ++four) {
        vst1q_f32(floats + r * floats_column + four * 4, Times(lanes.sums(r, four), by.four[four]));
      }
    }
  }
};

template <typename Dot, bool kSmall, int kFours, int kColumn>
void LanesBlock(const Dense& d, const Requantiser<kSmall>& requantiser, const StepsOfLanes& steps,
                int block) {
  constexpr int R = !kSmall ? 1 : kFours == 4 ? 5 : 8;
  alignas(16) float multipliers[16];
  for (int k = 0; k < 16; k += 4) {
    const float* from = d.result.multipliers + block * 16 + k;
    vst1q_f32(multipliers + k,
              d.floats == nullptr ? requantiser.LoadMultipliers(from) : vld1q_f32(from));
  }
  LanesRow<Dot, kSmall, kFours, kColumn> at{requantiser,
                                            steps,
                                            d.weights + std::ptrdiff_t{block} * d.steps * 64,
                                            d.biases + block * 16,
                                            multipliers,
                                            d.floats == nullptr ? nullptr : d.floats + block * 16,
                                            std::ptrdiff_t{d.blocks} * 16,
                                            d.x_steps.column,
                                            d.y_steps.column,
                                            nullptr,
                                            nullptr};
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      at.x = d.x + window * d.x_steps.window + row * d.x_steps.row;
      at.y = d.y + window * d.y_steps.window + row * d.y_steps.row + block * d.y_steps.block;
      int column = 0;
      for (; column + R <= d.columns; column += R) {
        at.template Do<R>();
        at.Advance(R);
      }
      Rest<R - 1>(d.columns - column, at);
    }
  }
}

template <typename Dot, bool kSmall>
void DenseByLanes(const Dense& dense) {
  const Dense d = dense;  // a copy: what is written could otherwise be this
  const Requantiser<kSmall> requantiser(d.result.table, d.result.zero_point);
  const StepsOfLanes steps(d);
  for (int block = 0; block < d.blocks; ++block) {
    const bool half = d.results - block * 16 <= 8;
    const bool close = d.x_steps.column == 16 && d.y_steps.column == 16;
    const bool gathered = d.x_steps.column == 32 && d.y_steps.column == 16;
    if (half) {
      close ? LanesBlock<Dot, kSmall, 2, 16>(d, requantiser, steps, block)
            : LanesBlock<Dot, kSmall, 2, 0>(d, requantiser, steps, block);
    } else {
      close      ? LanesBlock<Dot, kSmall, 4, 16>(d, requantiser, steps, block)
      : gathered ? LanesBlock<Dot, kSmall, 4, 32>(d, requantiser, steps, block)
                 : LanesBlock<Dot, kSmall, 4, 0>(d, requantiser, steps, block);
    }
  }
}

template <typename Dot>
void DenseNeonLanes(const Dense& d) {
  if (d.gather.from != nullptr) return DenseGathered(d, DenseNeonLanes<Dot>);
  d.result.stays_small ? DenseByLanes<Dot, true>(d) : DenseByLanes<Dot, false>(d);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_DENSE_LANES_H_
