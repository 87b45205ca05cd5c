#ifndef TAKTGATE_INT8_NEON_GATHER_H_
#define TAKTGATE_INT8_NEON_GATHER_H_

#include "int8/kernels/kernels.h"
#include "int8/kernels/neon_registers.h"

// The stem: a kernel of 3 x 3 on places of four bytes, one to four of them used. Each row of the
// kernel lies in one load of 16 bytes. A look into three registers takes the bytes that are used
// and puts them together, so that 27 products cost as much as 28 and not as 36. The bound: 3 loads,
// and a look and a store for every 16 bytes of a place.
namespace taktgate::int8 {
namespace {

constexpr int kGatheredPlaces = 128, kMostGathered = 3;

// The bytes of one place, of which each row is at `x[row]`; all go on by `column`. In assembler:
// a look needs its registers in sequence, and GCC 12 would first load and then move them.
TAKTGATE_INLINE void LookAtPlace(const std::uint8_t* (&x)[3], std::ptrdiff_t column,
                                 const uint8x16_t* from, int vectors, std::uint8_t* y) {
  register uint8x16_t first asm("v16");
  register uint8x16_t second asm("v17");
  register uint8x16_t third asm("v18");
  asm volatile(
      "ld1 {v16.16b}, [%3], %6\n\t"
      "ld1 {v17.16b}, [%4], %6\n\t"
      "ld1 {v18.16b}, [%5], %6"
      : "=w"(first), "=w"(second), "=w"(third), "+r"(x[0]), "+r"(x[1]), "+r"(x[2])
      : "r"(column)
      : "memory");
  TAKTGATE_UNROLL
  for (int k = 0; k < vectors; ++k) {
    uint8x16_t looked;
    asm("tbl %0.16b, {v16.16b, v17.16b, v18.16b}, %4.16b"
        : "=w"(looked)
        : "w"(first), "w"(second), "w"(third), "w"(from[k]));
    vst1q_u8(y + k * 16, looked);
  }
}

template <int kVectors>
void GatherPlaces(const Gather& gather, const std::uint8_t* x, std::ptrdiff_t column, int places,
                  std::uint8_t* y) {
  uint8x16_t from[kVectors];
  TAKTGATE_UNROLL
  for (int k = 0; k < kVectors; ++k) from[k] = vld1q_u8(gather.from + k * 16);
  const std::uint8_t* rows[3] = {x, x + gather.row, x + 2 * gather.row};
#pragma GCC unroll 4
  for (int place = 0; place < places; ++place, y += kVectors * 16) {
    LookAtPlace(rows, column, from, kVectors, y);
  }
}

// Calls `dense` for some places of a row at a time, gathered.
inline void DenseGathered(const Dense& d, void (*dense)(const Dense&)) {
  alignas(64) std::uint8_t codes[kGatheredPlaces * kMostGathered * 16 + kOverRead];
  Dense part = d;
  part.gather = {};
  part.windows = part.rows = 1;
  part.x = codes;
  part.x_steps = {0, 0, d.gather.vectors * std::ptrdiff_t{16}, 0};
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      for (int column = 0; column < d.columns; column += kGatheredPlaces) {
        const int left = d.columns - column;
        part.columns = left < kGatheredPlaces ? left : kGatheredPlaces;
        const std::uint8_t* x =
            d.x + window * d.x_steps.window + row * d.x_steps.row + column * d.x_steps.column;
        part.y = d.y + window * d.y_steps.window + row * d.y_steps.row + column * d.y_steps.column;
        switch (d.gather.vectors) {
          case 1:
            GatherPlaces<1>(d.gather, x, d.x_steps.column, part.columns, codes);
            break;
          case 2:
            GatherPlaces<2>(d.gather, x, d.x_steps.column, part.columns, codes);
            break;
          default:
            GatherPlaces<3>(d.gather, x, d.x_steps.column, part.columns, codes);
        }
        dense(part);
      }
    }
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_GATHER_H_
