#ifndef TAKTGATE_INT8_NEON_RESULT_H_
#define TAKTGATE_INT8_NEON_RESULT_H_

#include "int8/kernels/neon_registers.h"

// How sums become codes.
namespace taktgate::int8 {
namespace {

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
      if (quarter < 3) codes[r] = vsubq_u8(codes[r], of64);
    }
  }
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) codes[r] = found[r];
}

// Rounded, with the zero point, in 16 bits.
struct Numbers {
  int16x8_t low, high;
};

// Sums times multipliers become what maps hold: codes less 128.
//
// `kSmall`: all of them are at most kMostSmall in size. Then 1.5 x 2^23 is added: the result has no
// bits for a fraction, so the addition rounds, to even as it has to, and the lower 16 bits are the
// number. The zero point comes with it if it is even, for else ties would go to the other side; an
// odd one is made even by computing 255 - code of negative multipliers, and turned back at the end
// (by the table, if there is one). The bound: 4 conversions, 4 multiplications, 4 additions, 2 to
// take 16 bits, 2 to take 8: 16 instructions for 16 results, and 1 of an odd zero point.
template <bool kSmall>
class Requantiser {
 public:
  Requantiser(const std::uint8_t* table, int zero_point)
      : has_table_(table != nullptr), turned_(kSmall && zero_point % 2 != 0) {
    const int zero = turned_ ? 255 - zero_point : zero_point;
    const int of_map = turned_ ? 127 - zero_point : zero_point - 128;
    const int added = has_table_ ? zero : of_map;
    rounder_ = vdupq_n_f32(12'582'912.0F + static_cast<float>(added));
    added_ = vdupq_n_s16(static_cast<std::int16_t>(added));
    turn_ = vdupq_n_u8(turned_ ? 255 : 0);
    if (has_table_) CopyTable(table);
  }
  bool has_table() const { return has_table_; }
  const std::uint8_t* table() const { return table_; }

  float Multiplier(float multiplier) const { return turned_ ? -multiplier : multiplier; }
  TAKTGATE_INLINE float32x4_t LoadMultipliers(const float* from) const {
    const float32x4_t multipliers = vld1q_f32(from);
    return turned_ ? vnegq_f32(multipliers) : multipliers;
  }
  TAKTGATE_INLINE Floats LoadAllMultipliers(const float* from) const {
    return {{LoadMultipliers(from), LoadMultipliers(from + 4), LoadMultipliers(from + 8),
             LoadMultipliers(from + 12)}};
  }

  TAKTGATE_INLINE int16x8_t RoundEight(float32x4_t first, float32x4_t second) const {
    if constexpr (kSmall) return vuzp1q_s16(Rounded(first), Rounded(second));
    return vqaddq_s16(Saturated(first, second), added_);
  }
  TAKTGATE_INLINE Numbers Round(const Floats& products) const {
    return {RoundEight(products.four[0], products.four[1]),
            RoundEight(products.four[2], products.four[3])};
  }
  // Of a block, turned once for all of its places.
  void CopyMultipliers(const float* from, float (&multipliers)[16]) const {
    for (int k = 0; k < 16; k += 4) vst1q_f32(multipliers + k, LoadMultipliers(from + k));
  }

  // Codes as maps hold them, or what is still to be looked up.
  TAKTGATE_INLINE uint8x16_t BeforeTable(const Numbers& numbers) const {
    if (has_table_) return vqmovun_high_s16(vqmovun_s16(numbers.low), numbers.high);
    const int8x16_t codes = vqmovn_high_s16(vqmovn_s16(numbers.low), numbers.high);
    return veorq_u8(vreinterpretq_u8_s8(codes), turn_);
  }
  template <int R>
  TAKTGATE_INLINE void Finish(const Numbers (&numbers)[R], uint8x16_t (&codes)[R]) const {
    if (has_table_) {
      TAKTGATE_UNROLL
      for (int r = 0; r < R; ++r) {
        codes[r] = vqmovun_high_s16(vqmovun_s16(numbers[r].low), numbers[r].high);
      }
      LookUp(table_, codes);
      return;
    }
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      codes[r] = vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(numbers[r].low), numbers[r].high));
    }
    if (!turned_) return;
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) codes[r] = vmvnq_u8(codes[r]);
  }

 private:
  TAKTGATE_INLINE int16x8_t Rounded(float32x4_t product) const {
    return vreinterpretq_s16_f32(vaddq_f32(product, rounder_));
  }
  static TAKTGATE_INLINE int16x8_t Saturated(float32x4_t low, float32x4_t high) {
    return vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(low)), vcvtnq_s32_f32(high));
  }
  // As its entries lie when codes are turned, and less 128.
  void CopyTable(const std::uint8_t* table) {
    for (int k = 0; k < 16; ++k) {
      uint8x16_t entries = vld1q_u8(table + (turned_ ? 15 - k : k) * 16);
      if (turned_) entries = vextq_u8(vrev64q_u8(entries), vrev64q_u8(entries), 8);
      vst1q_u8(table_ + k * 16, veorq_u8(entries, vdupq_n_u8(128)));
    }
  }

  bool has_table_, turned_;
  float32x4_t rounder_;
  int16x8_t added_;
  uint8x16_t turn_;
  alignas(16) std::uint8_t table_[256];
};

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_RESULT_H_
