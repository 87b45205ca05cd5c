#ifndef TAKTGATE_INT8_NEON_WIDENING_H_
#define TAKTGATE_INT8_NEON_WIDENING_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_registers.h"

// What dense layers without dot products share (neon_dense_widening.h).
namespace taktgate::int8 {
namespace {

// Groups of four results that do not only fill up the block.
inline int FoursOf(const Dense& d, int block) {
  const int left = (d.results - block * 16 + 3) / 4;
  return left < 4 ? left : 4;
}
// How many products a lane has room for, of all groups of a block.
inline int ChainOf(const Dense& d, int block) {
  int chain = 8;
  for (int four = 0; four < 4; ++four) {
    const int of_four = d.chains[block * 4 + four];
    chain = of_four < chain ? of_four : chain;
  }
  return chain;
}

// Eight products of the lower or the upper half of two registers.
TAKTGATE_INLINE int16x8_t MultiplyLow(int8x16_t a, int8x16_t b) {
  return vmull_s8(vget_low_s8(a), vget_low_s8(b));
}
// Not the intrinsics: GCC 12 would not always add to the register that has the sum.
TAKTGATE_INLINE void AddLow(int16x8_t& sum, int8x16_t a, int8x16_t b) {
  asm("smlal %0.8h, %1.8b, %2.8b" : "+w"(sum) : "w"(a), "w"(b));
}
TAKTGATE_INLINE void AddHigh(int16x8_t& sum, int8x16_t a, int8x16_t b) {
  asm("smlal2 %0.8h, %1.16b, %2.16b" : "+w"(sum) : "w"(a), "w"(b));
}
// Two results of two places. One statement, so that GCC keeps the four together: each takes several
// cycles on cores that keep to the order, which the others fill.
TAKTGATE_INLINE void AddFourLow(int16x8_t (&sums)[2][2], int8x16_t place, int8x16_t other,
                                int8x16_t first, int8x16_t second) {
  asm("smlal %0.8h, %4.8b, %6.8b\n\t"
      "smlal %1.8h, %5.8b, %6.8b\n\t"
      "smlal %2.8h, %4.8b, %7.8b\n\t"
      "smlal %3.8h, %5.8b, %7.8b"
      : "+w"(sums[0][0]), "+w"(sums[0][1]), "+w"(sums[1][0]), "+w"(sums[1][1])
      : "w"(place), "w"(other), "w"(first), "w"(second));
}
TAKTGATE_INLINE void AddFourHigh(int16x8_t (&sums)[2][2], int8x16_t place, int8x16_t other,
                                 int8x16_t first, int8x16_t second) {
  asm("smlal2 %0.8h, %4.16b, %6.16b\n\t"
      "smlal2 %1.8h, %5.16b, %6.16b\n\t"
      "smlal2 %2.8h, %4.16b, %7.16b\n\t"
      "smlal2 %3.8h, %5.16b, %7.16b"
      : "+w"(sums[0][0]), "+w"(sums[0][1]), "+w"(sums[1][0]), "+w"(sums[1][1])
      : "w"(place), "w"(other), "w"(first), "w"(second));
}
TAKTGATE_INLINE void AddPairs(int32x4_t& sum, int16x8_t pairs) {
  asm("sadalp %0.4s, %1.8h" : "+w"(sum) : "w"(pairs));
}

// Four sums of four lanes each become one register of four results.
TAKTGATE_INLINE int32x4_t AddUpLanes(const int32x4_t (&sums)[4]) {
  return vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3]));
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_WIDENING_H_
