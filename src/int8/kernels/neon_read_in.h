#ifndef TAKTGATE_INT8_NEON_READ_IN_H_
#define TAKTGATE_INT8_NEON_READ_IN_H_

#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/neon_result.h"

// Pixels of a picture become codes: tables are looked up in registers, then the channels of 16
// pixels are woven to places of four bytes by one store. The bound: 7 instructions and half a load
// of 64 entries for 16 pixels of a channel, and a load and a store for 16 pixels.
namespace taktgate::int8 {
namespace {

// Codes of 32 pixels at a time, so that the loads of a table serve two registers. Each channel lies
// in a plane of its own, or `kTogether` of them lie in turn and the first ones are read. Gives the
// number of pixels that are done; no byte behind the last pixel is read.
template <int kTogether, int kChannels>
int ReadPixels(const ReadIn& read, const Plane* planes, int row, std::uint8_t* y) {
  const int width = kTogether > kChannels ? read.width - 1 : read.width;
  const std::uint8_t* tables = read.tables;
  const std::uint8_t* from[kTogether == 1 ? kChannels : 1];
  TAKTGATE_UNROLL
  for (int c = 0; c < (kTogether == 1 ? kChannels : 1); ++c) {
    from[c] = planes[c].first + (read.first_row + row) * planes[c].row_step;
  }
  int column = 0;
  for (; column + 32 <= width; column += 32) {
    uint8x16x4_t places[2] = {};
    TAKTGATE_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int at = column + half * 16;
      if constexpr (kTogether == 1) {
        TAKTGATE_UNROLL
        for (int c = 0; c < kChannels; ++c) places[half].val[c] = vld1q_u8(from[c] + at);
      } else if constexpr (kTogether == 2) {
        const uint8x16x2_t apart = vld2q_u8(from[0] + at * 2);
        places[half].val[0] = apart.val[0];
        places[half].val[1] = apart.val[1];
      } else if constexpr (kTogether == 3) {
        const uint8x16x3_t apart = vld3q_u8(from[0] + at * 3);
        places[half].val[0] = apart.val[0];
        places[half].val[1] = apart.val[1];
        places[half].val[2] = apart.val[2];
      } else {
        places[half] = vld4q_u8(from[0] + at * 4);
        if constexpr (kChannels < 4) places[half].val[3] = vdupq_n_u8(0);
      }
    }
    TAKTGATE_UNROLL
    for (int c = 0; c < kChannels; ++c) {
      uint8x16_t codes[2] = {places[0].val[c], places[1].val[c]};
      LookUp(tables + c * 256, codes);
      places[0].val[c] = codes[0];
      places[1].val[c] = codes[1];
    }
    vst4q_u8(y + column * 4, places[0]);
    vst4q_u8(y + column * 4 + 64, places[1]);
  }
  return column;
}

// 0 where the channels of a picture lie in no such way: then they are read one by one.
inline int ReadWhole(const ReadIn& read, const Plane* planes, int row, std::uint8_t* y) {
  bool apart = true, together = true;
  for (int c = 0; c < read.channels; ++c) {
    apart = apart && planes[c].step == 1;
    together = together && planes[c].first == planes[0].first + c &&
               planes[c].step == planes[0].step && planes[c].row_step == planes[0].row_step;
  }
  if (!apart && !together) return 0;
  switch ((apart ? 1 : planes[0].step) * 10 + read.channels) {
    case 11:
      return ReadPixels<1, 1>(read, planes, row, y);
    case 12:
      return ReadPixels<1, 2>(read, planes, row, y);
    case 13:
      return ReadPixels<1, 3>(read, planes, row, y);
    case 14:
      return ReadPixels<1, 4>(read, planes, row, y);
    case 22:
      return ReadPixels<2, 2>(read, planes, row, y);
    case 33:
      return ReadPixels<3, 3>(read, planes, row, y);
    case 43:
      return ReadPixels<4, 3>(read, planes, row, y);
    case 44:
      return ReadPixels<4, 4>(read, planes, row, y);
    default:
      return 0;
  }
}

inline void ReadInNeon(const ReadIn& read) {
  if (read.placed_tables == nullptr) return kScalarKernels.read_in(read);
  for (int window = 0; window < read.windows; ++window) {
    const Plane* planes = read.planes + window * read.channels;
    for (int row = 0; row < read.height; ++row) {
      std::uint8_t* y = read.y + window * read.y_steps.window + row * read.y_steps.row;
      const int done = ReadWhole(read, planes, row, y);
      if (done == read.width) continue;
      Plane left[4];
      for (int c = 0; c < read.channels; ++c) {
        left[c] = {
            planes[c].first + (read.first_row + row) * planes[c].row_step + done * planes[c].step,
            0, planes[c].step};
      }
      ReadIn rest = read;
      rest.planes = left;
      rest.windows = rest.height = 1;
      rest.first_row = 0;
      rest.width = read.width - done;
      rest.y = y + done * 4;
      kScalarKernels.read_in(rest);
    }
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_READ_IN_H_
