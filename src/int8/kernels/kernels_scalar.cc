#include <algorithm>
#include <array>
#include <cstring>

#include "int8/kernels/kernel_loops.h"
#include "int8/kernels/kernel_sets.h"
#include "int8/network/reference.h"

namespace taktgate::int8 {
namespace {

std::uint8_t Looked(const std::uint8_t* table, std::uint8_t code) {
  return table == nullptr ? code : table[code];
}

// Calls `place(x, y, ...)` for all places of one block and window.
template <typename Place>
void ForEachPlace(const Rows& places, Place place) {
  for (int window = 0; window < places.windows; ++window) {
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) {
        for (int column = 0; column < places.columns; ++column) place(window, block, row, column);
      }
    }
  }
}

std::ptrdiff_t At(const Steps& steps, int window, int block, int row, int column) {
  return window * steps.window + block * steps.block + row * steps.row + column * steps.column;
}

// All channels of a place at once, one look into a table for each.
template <int kChannels>
void ReadPlaces(const ReadIn& read, int window, int row) {
  // Copies: what is written could otherwise be these.
  std::array<const std::uint8_t*, kChannels> x;
  std::array<std::ptrdiff_t, kChannels> steps;
  for (int c = 0; c < kChannels; ++c) {
    const Plane& plane = read.planes[window * kChannels + c];
    x[static_cast<std::size_t>(c)] = plane.first + (read.first_row + row) * plane.row_step;
    steps[static_cast<std::size_t>(c)] = plane.step;
  }
  const std::uint32_t* tables = read.placed_tables;
  const int width = read.width;
  std::uint8_t* y = read.y + window * read.y_steps.window + row * read.y_steps.row;
  for (int column = 0; column < width; ++column) {
    std::uint32_t place = 0;
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kChannels; ++c) place |= tables[c * 256 + x[c][column * steps[c]]];
    std::memcpy(y + column * 4, &place, sizeof place);
  }
}

void ReadChannel(const ReadIn& read, int window, int row, int channel) {
  const Plane& plane = read.planes[window * read.channels + channel];
  const std::uint8_t* table = read.tables + channel * 256;
  const std::uint8_t* x = plane.first + (read.first_row + row) * plane.row_step;
  std::uint8_t* y = read.y + window * read.y_steps.window + row * read.y_steps.row +
                    channel / 16 * read.y_steps.block + channel % 16;
  for (int column = 0; column < read.width; ++column) {
    y[column * read.y_steps.column] = table[x[column * plane.step]];
  }
}

void ReadInScalar(const ReadIn& read) {
  for (int window = 0; window < read.windows; ++window) {
    for (int row = 0; row < read.height; ++row) {
      switch (read.placed_tables == nullptr ? 0 : read.channels) {
        case 1:
          ReadPlaces<1>(read, window, row);
          break;
        case 2:
          ReadPlaces<2>(read, window, row);
          break;
        case 3:
          ReadPlaces<3>(read, window, row);
          break;
        case 4:
          ReadPlaces<4>(read, window, row);
          break;
        default:
          for (int c = 0; c < read.channels; ++c) ReadChannel(read, window, row, c);
      }
    }
  }
}

void DenseScalar(const Dense& d) {
  ForEachPlace(
      {d.windows, d.blocks, d.rows, d.columns}, [&](int window, int block, int row, int column) {
        const std::uint8_t* x = d.x + At(d.x_steps, window, 0, row, column);
        const std::size_t first = static_cast<std::size_t>(block) * kBlock;
        const std::int8_t* weights = d.weights + first * static_cast<std::size_t>(d.steps) * 4;
        std::array<std::int32_t, kBlock> sums;
        std::copy_n(d.biases + first, kBlock, sums.begin());
        for (int k = 0; k < d.steps; ++k) {
          const std::uint8_t* codes = x + d.offsets[k];
          for (std::int32_t& sum : sums) {
            for (int i = 0; i < 4; ++i) sum += codes[i] * *weights++;
          }
        }
        if (d.floats != nullptr) {
          float* floats = d.floats + static_cast<std::size_t>(column * d.blocks + block) * kBlock;
          for (std::size_t c = 0; c < kBlock; ++c) {
            floats[c] = static_cast<float>(sums[c]) * d.result.multipliers[first + c];
          }
          return;
        }
        std::uint8_t* y = d.y + At(d.y_steps, window, block, row, column);
        for (std::size_t c = 0; c < kBlock; ++c) {
          y[c] = Looked(d.result.table,
                        Requantise(sums[c], d.result.multipliers[first + c], d.result.zero_point));
        }
      });
}

void DepthwiseScalar(const Depthwise& d) {
  ForEachPlace({d.windows, d.blocks, d.rows, d.columns}, [&](int window, int block, int row,
                                                             int column) {
    const std::uint8_t* x = d.x + At(d.x_steps, window, block, row * d.stride, column * d.stride);
    std::uint8_t* y = d.y + At(d.y_steps, window, block, row, column);
    const std::size_t first = static_cast<std::size_t>(block) * kBlock;
    const std::int8_t* weights =
        d.weights + first * 4 * static_cast<std::size_t>(d.kernel * QuadsOf(d.kernel));
    for (std::size_t c = 0; c < kBlock; ++c) {
      std::int32_t sum = d.biases[first + c];
      for (int dy = 0; dy < d.kernel; ++dy) {
        for (int dx = 0; dx < d.kernel; ++dx) {
          const std::size_t quad = static_cast<std::size_t>(dy * QuadsOf(d.kernel) + dx / 4);
          sum += x[dy * d.x_steps.row + dx * d.x_steps.column + static_cast<std::ptrdiff_t>(c)] *
                 weights[(quad * kBlock + c) * 4 + static_cast<std::size_t>(dx % 4)];
        }
      }
      y[c] = Looked(d.result.table,
                    Requantise(sum, d.result.multipliers[first + c], d.result.zero_point));
    }
  });
}

void GateScalar(const Gate& g) {
  ForEachPlace(g.places, [&](int window, int block, int row, int column) {
    const std::uint8_t* x = g.x + At(g.x_steps, window, block, row, column);
    const std::uint8_t* gates = g.gates + At(g.gate_steps, window, block, 0, 0);
    std::uint8_t* y = g.y + At(g.y_steps, window, block, row, column);
    for (std::size_t c = 0; c < kBlock; ++c) {
      y[c] = Looked(g.table, Requantise((x[c] - g.zero_x) * (gates[c] - g.zero_gate), g.multiplier,
                                        g.zero_point));
    }
  });
}

void AddScalar(const Add& d) {
  ForEachPlace(d.places, [&](int window, int block, int row, int column) {
    const std::uint8_t* a = d.x + At(d.x_steps, window, block, row, column);
    const std::uint8_t* b = d.b + At(d.b_steps, window, block, row, column);
    std::uint8_t* y = d.y + At(d.y_steps, window, block, row, column);
    for (std::size_t c = 0; c < kBlock; ++c) {
      const float left = static_cast<float>(a[c] - d.zero_x) * d.multiplier_x;
      const float right = static_cast<float>(b[c] - d.zero_b) * d.multiplier_b;
      y[c] = Looked(d.table, Rounded(left + right, d.zero_point));
    }
  });
}

void MeanScalar(const Mean& m) {
  const int places = m.places.rows * m.places.columns;
  for (int window = 0; window < m.places.windows; ++window) {
    for (int block = 0; block < m.places.blocks; ++block) {
      std::array<std::int32_t, kBlock> sums{};
      for (int row = 0; row < m.places.rows; ++row) {
        for (int column = 0; column < m.places.columns; ++column) {
          const std::uint8_t* x = m.x + At(m.x_steps, window, block, row, column);
          for (std::size_t c = 0; c < kBlock; ++c) sums[c] += x[c];
        }
      }
      std::uint8_t* y = m.y + At(m.y_steps, window, block, 0, 0);
      for (std::size_t c = 0; c < kBlock; ++c) {
        y[c] = Looked(m.table, Requantise(sums[c] - places * m.zero_x, m.multiplier, m.zero_point));
      }
    }
  }
}

void LookupScalar(const Lookup& l) {
  ForEachPlace(l.places, [&](int window, int block, int row, int column) {
    const std::uint8_t* x = l.x + At(l.x_steps, window, block, row, column);
    std::uint8_t* y = l.y + At(l.y_steps, window, block, row, column);
    for (std::size_t c = 0; c < kBlock; ++c) y[c] = l.table[x[c]];
  });
}

// Whole places, of 4 or 16 bytes.
void FillBorderScalar(const FillBorder& border) {
  std::array<std::uint8_t, 4> four;
  four.fill(border.zero_point);
  ForEachRun(border, [&four](std::uint8_t* to, std::ptrdiff_t bytes) {
    for (std::ptrdiff_t at = 0; at < bytes; at += 4) std::memcpy(to + at, four.data(), 4);
  });
}

}  // namespace

const Kernels kScalarKernels = {.isa = Isa::kScalar,
                                .read_in = ReadInScalar,
                                .dense = DenseScalar,
                                .depthwise = DepthwiseScalar,
                                .gate = GateScalar,
                                .add = AddScalar,
                                .mean = MeanScalar,
                                .lookup = LookupScalar,
                                .taps = Taps::kRows,
                                .fill_border = FillBorderScalar};

}  // namespace taktgate::int8
