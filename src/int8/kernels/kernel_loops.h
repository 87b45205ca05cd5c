#ifndef TAKTGATE_INT8_KERNEL_LOOPS_H_
#define TAKTGATE_INT8_KERNEL_LOOPS_H_

#include "int8/kernels/kernels.h"

// The loops that sets of kernels share, whatever their registers. Included by the files of sets
// alone, each of which is compiled for its instructions.
namespace taktgate::int8 {
namespace {

// Loops over registers: they must not be loops.
#define TAKTGATE_UNROLL _Pragma("GCC unroll 64")
#define TAKTGATE_INLINE inline __attribute__((always_inline))
// Tiles need all registers, and so are functions of their own.
#define TAKTGATE_APART __attribute__((noinline))

template <int N>
struct Number {
  static constexpr int kValue = N;
};

// Calls `of` with the number that `count` is, if it is from 1 to N: what is left of a row becomes a
// tile of its own.
template <int N, typename Of>
TAKTGATE_INLINE void WithNumber(int count, Of of) {
  if constexpr (N > 0) {
    if (count == N) return of(Number<N>());
    WithNumber<N - 1>(count, of);
  }
}

// A row of places of one block.
struct RowAt {
  int window, block, row;
  std::ptrdiff_t In(const Steps& steps) const {
    return window * steps.window + block * steps.block + row * steps.row;
  }
};

template <typename OfRow>
TAKTGATE_INLINE void ForEachRow(const Rows& places, OfRow of_row) {
  for (int window = 0; window < places.windows; ++window) {
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) of_row(RowAt{window, block, row});
    }
  }
}

// What is right of a row and what is left of the next one lie together, so that a border is the
// rows on top, a few places between each two rows, and the rows at the bottom: `fill(to, bytes)`
// fills each of these.
template <typename Fill>
TAKTGATE_INLINE void ForEachRun(const FillBorder& border, Fill fill) {
  const std::ptrdiff_t place = border.steps.column;
  const std::ptrdiff_t before = (border.top * border.columns + border.left) * place;
  const std::ptrdiff_t between = (border.right + border.left) * place;
  const std::ptrdiff_t after = (border.right + border.bottom * border.columns) * place;
  const std::ptrdiff_t inner = border.columns * place - between;
  ForEachRow({border.windows, border.blocks, 1, 1}, [&](RowAt of) {
    std::uint8_t* to = border.y + of.In(border.steps);
    fill(to, before);
    to += before + inner;
    for (int row = border.top + border.bottom + 1; row < border.rows; ++row) {
      fill(to, between);
      to += between + inner;
    }
    fill(to, after);
  });
}

// Tiles of R places, and one of what is left of the row.
template <int R, typename OfTile>
TAKTGATE_INLINE void ForEachTile(int columns, OfTile of_tile) {
  int column = 0;
  for (; column + R <= columns; column += R) of_tile(Number<R>(), column);
  WithNumber<R - 1>(columns - column, [&](auto rest) { of_tile(rest, column); });
}

// The rows of a block of a depthwise layer, `kTogether` at a time: `of_rows(number, x, y)`.
template <int kTogether, typename OfRows>
TAKTGATE_INLINE void ForEachDepthwiseRow(const Depthwise& d, int block, OfRows of_rows) {
  for (int window = 0; window < d.windows; ++window) {
    ForEachTile<kTogether>(d.rows, [&](auto rows, int row) {
      const RowAt from{window, block, row * d.stride}, to{window, block, row};
      of_rows(rows, d.x + from.In(d.x_steps), d.y + to.In(d.y_steps));
    });
  }
}

// Kernels of the sizes and strides that a network can have.
template <template <int K, int S> typename Of>
TAKTGATE_INLINE void DepthwiseOfShape(const Depthwise& d) {
  switch (d.kernel * 10 + d.stride) {
    case 11:
      return Of<1, 1>::Do(d);
    case 12:
      return Of<1, 2>::Do(d);
    case 31:
      return Of<3, 1>::Do(d);
    case 32:
      return Of<3, 2>::Do(d);
    case 51:
      return Of<5, 1>::Do(d);
    case 52:
      return Of<5, 2>::Do(d);
    case 71:
      return Of<7, 1>::Do(d);
    case 72:
      return Of<7, 2>::Do(d);
    default:
      return;  // the reader refuses other kernels
  }
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_KERNEL_LOOPS_H_
