#ifndef TAKTGATE_INT8_NEON_BORDER_H_
#define TAKTGATE_INT8_NEON_BORDER_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_registers.h"

// Borders of maps: runs of one code. The bound: half a store for 16 bytes.
namespace taktgate::int8 {
namespace {

TAKTGATE_INLINE void FillRun(std::uint8_t* y, std::ptrdiff_t bytes, uint8x16_t code) {
  for (; bytes >= 64; bytes -= 64, y += 64) {
    std::uint8_t* to = y;
    Forget(to);
    vst1q_u8(to, code);
    vst1q_u8(to + 16, code);
    vst1q_u8(to + 32, code);
    vst1q_u8(to + 48, code);
  }
  for (; bytes >= 16; bytes -= 16, y += 16) vst1q_u8(y, code);
  for (; bytes > 0; bytes -= 4, y += 4) {
    vst1q_lane_u32(reinterpret_cast<std::uint32_t*>(y), vreinterpretq_u32_u8(code), 0);
  }
}

inline void FillBorderNeon(const FillBorder& given) {
  const FillBorder fill = given;  // a copy: what is written could otherwise be this
  const uint8x16_t code = vdupq_n_u8(fill.zero_point);
  ForEachRun(fill, [&](std::uint8_t* y, std::ptrdiff_t bytes) { FillRun(y, bytes, code); });
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_BORDER_H_
