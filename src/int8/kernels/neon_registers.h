#ifndef TAKTGATE_INT8_NEON_REGISTERS_H_
#define TAKTGATE_INT8_NEON_REGISTERS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "int8/kernels/kernel_loops.h"

// What all kernels for the 32 registers of 128 bits of aarch64 stand on. All neon_*.h are included
// by the file of each set alone, which is compiled for its instructions.
namespace taktgate::int8 {
namespace {

// The compiler is to forget what it knows of this pointer: loads stay where they are written. It
// would else take more into registers than there are.
template <typename Pointee>
TAKTGATE_INLINE void Forget(Pointee*& pointer) {
  asm volatile("" : "+r"(pointer));
}

// Two registers that lie one behind the other in memory, by one instruction. GCC 12 would take two.
template <typename Register, typename Number>
TAKTGATE_INLINE void LoadTwo(const Number* from, Register& first, Register& second) {
#if defined(__clang__)
  __builtin_memcpy(&first, from, sizeof first);
  __builtin_memcpy(&second, from + sizeof first / sizeof *from, sizeof second);
#else
  const auto* registers = reinterpret_cast<const Register*>(from);
  asm("ldp %q0, %q1, %2" : "=w"(first), "=w"(second) : "Ump"(registers[0]), "m"(registers[1]));
#endif
}

// Sums, or what they become, of 16 results or of four results and four places.
struct Sixteen {
  int32x4_t four[4];
};
struct Floats {
  float32x4_t four[4];
};

TAKTGATE_INLINE Sixteen LoadSixteen(const std::int32_t* from) {
  return {{vld1q_s32(from), vld1q_s32(from + 4), vld1q_s32(from + 8), vld1q_s32(from + 12)}};
}
TAKTGATE_INLINE int8x16_t LoadCodes(const std::uint8_t* from) {
  return vreinterpretq_s8_u8(vld1q_u8(from));
}
TAKTGATE_INLINE float32x4_t Times(int32x4_t sums, float32x4_t multipliers) {
  return vmulq_f32(vcvtq_f32_s32(sums), multipliers);
}
TAKTGATE_INLINE Floats Times(const Sixteen& sums, const Floats& multipliers) {
  return {{Times(sums.four[0], multipliers.four[0]), Times(sums.four[1], multipliers.four[1]),
           Times(sums.four[2], multipliers.four[2]), Times(sums.four[3], multipliers.four[3])}};
}

// Sixteen codes less a zero point, in 16 bits; `zero` is the zero point less 128.
struct Widened {
  int16x8_t low, high;
};
TAKTGATE_INLINE Widened Less(int8x16_t codes, int8x16_t zero) {
  return {vsubl_s8(vget_low_s8(codes), vget_low_s8(zero)), vsubl_high_s8(codes, zero)};
}
TAKTGATE_INLINE int8x16_t ZeroInMaps(int zero_point) {
  return vdupq_n_s8(static_cast<std::int8_t>(zero_point - 128));
}

// What is left of a row, if it is less than a whole tile: `tile` is called with that many places.
template <int R, typename Tile>
TAKTGATE_INLINE void Rest(int places, Tile tile) {
  if constexpr (R > 0) {
    if (places == R) return tile.template Do<R>();
    Rest<R - 1>(places, tile);
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_REGISTERS_H_
