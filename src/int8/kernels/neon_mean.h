#ifndef TAKTGATE_INT8_NEON_MEAN_H_
#define TAKTGATE_INT8_NEON_MEAN_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_result.h"

// Codes of 16 channels are added up in 16 bits for as long as 256 of them at most are sure to fit,
// then in 32. The bound: 2 additions and a load (half of a pair) for the 16 codes of a place.
namespace taktgate::int8 {
namespace {

struct MeanSums {
  int32x4_t four[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};

  TAKTGATE_INLINE void Add(const std::uint8_t* x, int places) {
    int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
#pragma GCC unroll 8
    for (int k = 0; k < places; ++k) {
      const int8x16_t codes = LoadCodes(x + k * 16);
      low = vaddw_s8(low, vget_low_s8(codes));
      high = vaddw_high_s8(high, codes);
    }
    four[0] = vaddw_s16(four[0], vget_low_s16(low));
    four[1] = vaddw_high_s16(four[1], low);
    four[2] = vaddw_s16(four[2], vget_low_s16(high));
    four[3] = vaddw_high_s16(four[3], high);
  }
};

template <bool kSmall>
void MeanOfAny(const Mean& given) {
  const Mean m = given;  // a copy: what is written could otherwise be this
  constexpr int kAtOnce = 256;
  const Requantiser<kSmall> requantiser(m.table, m.zero_point);
  const int32x4_t zeros = vdupq_n_s32(m.places.rows * m.places.columns * (m.zero_x - 128));
  const float32x4_t multiplier = vdupq_n_f32(requantiser.Multiplier(m.multiplier));
  // Rows that follow at once are one.
  const bool one_row = m.x_steps.row == m.places.columns * 16;
  const int rows = one_row ? 1 : m.places.rows;
  const int columns = one_row ? m.places.rows * m.places.columns : m.places.columns;
  for (int window = 0; window < m.places.windows; ++window) {
    for (int block = 0; block < m.places.blocks; ++block) {
      MeanSums sums;
      for (int row = 0; row < rows; ++row) {
        const std::uint8_t* x =
            m.x + window * m.x_steps.window + block * m.x_steps.block + row * m.x_steps.row;
        for (int first = 0; first < columns; first += kAtOnce) {
          const int left = columns - first;
          sums.Add(x + first * 16, left < kAtOnce ? left : kAtOnce);
        }
      }
      Floats products;
      TAKTGATE_UNROLL
      for (int i = 0; i < 4; ++i) {
        products.four[i] = Times(vsubq_s32(sums.four[i], zeros), multiplier);
      }
      const Numbers numbers[1] = {requantiser.Round(products)};
      uint8x16_t codes[1];
      requantiser.Finish(numbers, codes);
      vst1q_u8(m.y + window * m.y_steps.window + block * m.y_steps.block, codes[0]);
    }
  }
}

inline void MeanNeon(const Mean& m) {
  const auto places = static_cast<float>(m.places.rows * m.places.columns);
  const float size = m.multiplier < 0 ? -m.multiplier : m.multiplier;
  255 * places* size <= kMostSmall ? MeanOfAny<true>(m) : MeanOfAny<false>(m);
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_MEAN_H_
