#ifndef TAKTGATE_INT8_ZMM_READ_IN_H_
#define TAKTGATE_INT8_ZMM_READ_IN_H_

#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/zmm.h"

// Pixels in registers of 512 bits: 64 of a channel are brought together out of up to 256 bytes as
// out of a table, looked up, and put between those of the other channels. For each channel three or
// four shuffles, of which two start a cycle.
namespace taktgate::int8 {
namespace {

constexpr int kMostStep = 4;  // bytes from pixel to pixel

// Which pixel comes where, so that what puts the channels together, quarter by quarter of a
// register, leaves them in order.
struct PixelOrder {
  constexpr PixelOrder() {
    for (int at = 0; at < 64; ++at) {
      const int quarter = at / 16, four = at % 16 / 4;
      bytes[at] = static_cast<unsigned char>(four * 16 + quarter * 4 + at % 4);
    }
  }
  alignas(64) unsigned char bytes[64] = {};
};
constexpr PixelOrder kPixelOrder;

// The first `bytes` bytes of 64; nothing behind them is read.
TAKTGATE_INLINE __m512i LoadFirst(const std::uint8_t* from, int bytes) {
  if (bytes >= 64) return _mm512_loadu_si512(from);
  if (bytes <= 0) return _mm512_setzero_si512();
  return _mm512_maskz_loadu_epi8(~std::uint64_t{0} >> (64 - bytes), from);
}

// Up to 64 pixels of a plane.
template <int kStep>
TAKTGATE_INLINE __m512i PixelsAt(const std::uint8_t* first, int count) {
  const int bytes = (count - 1) * kStep + 1;
  const __m512i order = _mm512_load_si512(kPixelOrder.bytes);
  __m512i from = order;
  TAKTGATE_UNROLL
  for (int k = 1; k < kStep; ++k) from = _mm512_add_epi8(from, order);
  const __m512i first_two =
      _mm512_permutex2var_epi8(LoadFirst(first, bytes), from, LoadFirst(first + 64, bytes - 64));
  if constexpr (kStep <= 2) return first_two;
  const __m512i others = _mm512_permutex2var_epi8(LoadFirst(first + 128, bytes - 128), from,
                                                  LoadFirst(first + 192, bytes - 192));
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(from), first_two, others);
}

inline void ReadRow(const ReadIn& read, const Table* tables, int window, int row) {
  const Plane* planes = read.planes + window * read.channels;
  std::uint8_t* y = read.y + window * read.y_steps.window + row * read.y_steps.row;
  for (int column = 0; column < read.width; column += 64, y += 256) {
    const int count = read.width - column < 64 ? read.width - column : 64;
    __m512i codes[4] = {};
    for (int c = 0; c < read.channels; ++c) {
      const Plane& plane = planes[c];
      const std::uint8_t* first =
          plane.first + (read.first_row + row) * plane.row_step + column * plane.step;
      WithNumber<kMostStep>(static_cast<int>(plane.step), [&](auto step) {
        codes[c] = tables[c].Of(PixelsAt<decltype(step)::kValue>(first, count));
      });
    }
    const __m512i low01 = _mm512_unpacklo_epi8(codes[0], codes[1]);
    const __m512i high01 = _mm512_unpackhi_epi8(codes[0], codes[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(codes[2], codes[3]);
    const __m512i high23 = _mm512_unpackhi_epi8(codes[2], codes[3]);
    const __m512i sixteens[4] = {
        _mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
        _mm512_unpacklo_epi16(high01, high23), _mm512_unpackhi_epi16(high01, high23)};
    for (int k = 0; k * 16 < count; ++k) {
      const int left = count - k * 16;
      const unsigned mask = left >= 16 ? 0xFFFFU : (1U << left) - 1;
      _mm512_mask_storeu_epi32(y + k * 64, static_cast<__mmask16>(mask), sixteens[k]);
    }
  }
}

inline void ReadInZmm(const ReadIn& read) {
  bool fits = read.placed_tables != nullptr;
  for (int k = 0; fits && k < read.windows * read.channels; ++k) {
    fits = read.planes[k].step >= 1 && read.planes[k].step <= kMostStep;
  }
  if (!fits) return kScalarKernels.read_in(read);
  const int last = read.channels - 1;
  const auto table = [&](int c) { return Table(read.tables + (c < last ? c : last) * 256); };
  const Table tables[4] = {table(0), table(1), table(2), table(3)};
  for (int window = 0; window < read.windows; ++window) {
    for (int row = 0; row < read.height; ++row) ReadRow(read, tables, window, row);
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ZMM_READ_IN_H_
