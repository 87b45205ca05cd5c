#ifndef TAKTGATE_INT8_NEON_WIDENING_H_
#define TAKTGATE_INT8_NEON_WIDENING_H_

#include "int8/kernels.h"
#include "int8/neon_registers.h"

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
