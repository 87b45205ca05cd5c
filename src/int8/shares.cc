#include "int8/shares.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <variant>

namespace taktgate::int8 {
namespace {

// What a step is cut along.
enum class Along { kWindows, kRows, kColumns, kBlocks };

// Cut between multiples of `grain`: the tiles of kernels, which would have much left over else.
struct Cut {
  Along along = Along::kRows;
  int count = 1, grain = 1;

  int grains() const { return (count + grain - 1) / grain; }
  int Begin(int of, int shares) const { return std::min(grains() * of / shares * grain, count); }
};

// Where a share begins.
struct Corner {
  int window = 0, row = 0, column = 0, block = 0;

  static Corner Of(Along along, int at) {
    switch (along) {
      case Along::kWindows:
        return {.window = at};
      case Along::kRows:
        return {.row = at};
      case Along::kColumns:
        return {.column = at};
      case Along::kBlocks:
        break;
    }
    return {.block = at};
  }
  std::ptrdiff_t In(const Steps& steps) const {
    return window * steps.window + row * steps.row + column * steps.column + block * steps.block;
  }
};

// Rows if there are enough to be cut evenly, else blocks if they are finer.
Cut RowsOrBlocks(int rows, int grain, int blocks, int shares) {
  const Cut by_rows{Along::kRows, rows, grain};
  constexpr int kEnough = 4;  // of each share
  if (by_rows.grains() >= kEnough * shares || by_rows.grains() >= blocks) return by_rows;
  return {Along::kBlocks, blocks};
}

constexpr int kBlocksOfDense = 4, kColumnsOfDense = 12, kRowsOfDepthwise = 2;

Cut CutOf(const Dense& d, int shares) {
  if (d.floats != nullptr && d.columns > 1) return {Along::kColumns, d.columns};
  const bool few = d.rows * d.columns < 2 * kColumnsOfDense * shares;  // the weights are more
  if (few || d.floats != nullptr) {
    return {Along::kBlocks, d.blocks, d.blocks >= kBlocksOfDense * shares ? kBlocksOfDense : 1};
  }
  if (d.rows >= shares) return {Along::kRows, d.rows};
  return {Along::kColumns, d.columns, kColumnsOfDense};
}
Cut CutOf(const Depthwise& d, int shares) {
  return RowsOrBlocks(d.rows, kRowsOfDepthwise, d.blocks, shares);
}
Cut CutOf(const Elementwise& e, int shares) {
  return RowsOrBlocks(e.places.rows, 1, e.places.blocks, shares);
}
Cut CutOf(const Mean& m, int) { return {Along::kBlocks, m.places.blocks}; }
Cut CutOf(const FillBorder& f, int) { return {Along::kBlocks, f.blocks}; }
Cut CutOf(const ReadIn& r, int) { return {Along::kRows, r.height}; }

void Keep(Dense& d, Along along, int count) {
  switch (along) {
    case Along::kWindows:
      d.windows = count;
      return;
    case Along::kRows:
      d.rows = count;
      return;
    case Along::kColumns:
      d.columns = count;
      return;
    case Along::kBlocks:
      d.blocks = count;
      d.results = std::min(d.results, count * static_cast<int>(kBlock));
  }
}
void Keep(ReadIn& read, Along along, int count) {
  (along == Along::kWindows ? read.windows : read.height) = count;
}
// What says how many windows, rows and blocks there are.
template <typename Work>
auto& SizesOf(Work& work) {
  if constexpr (requires { work.places; }) {
    return work.places;
  } else {
    return work;
  }
}
template <typename Work>
void Keep(Work& work, Along along, int count) {
  auto& sizes = SizesOf(work);
  (along == Along::kWindows ? sizes.windows
   : along == Along::kRows  ? sizes.rows
                            : sizes.blocks) = count;
}
// Numbers of channels: those of the blocks before are left out.
template <typename Number>
void Skip(const Number*& numbers, std::ptrdiff_t count) {
  if (numbers != nullptr) numbers += count;
}

void MoveTo(Dense& d, const Corner& to, const Kernels& kernels) {
  const bool fours = kernels.dense_order == DenseOrder::kFours;
  const std::ptrdiff_t block = to.block;
  d.x += Corner{to.window, to.row, to.column, 0}.In(d.x_steps);
  d.y += to.In(d.y_steps);
  if (d.floats != nullptr) d.floats += (std::ptrdiff_t{to.column} * d.blocks + block) * 16;
  d.results -= to.block * static_cast<int>(kBlock);
  Skip(d.weights, block * d.steps * (fours ? 64 : 256));
  Skip(d.chains, block * (fours ? d.steps / 4 : 4));
  Skip(d.biases, block * 16);
  Skip(d.result.multipliers, block * 16);
}

std::ptrdiff_t VectorsOf(int kernel, Taps taps) {
  switch (taps) {
    case Taps::kRows:
      return kernel * QuadsOf(kernel);
    case Taps::kSequence:
      return QuadsOfAll(kernel);
    case Taps::kPairs:
      break;
  }
  return PairsOfAll(kernel);
}

void MoveTo(Depthwise& d, const Corner& to, const Kernels& kernels) {
  const std::ptrdiff_t block = to.block;
  d.x += Corner{to.window, to.row * d.stride, 0, to.block}.In(d.x_steps);
  d.y += to.In(d.y_steps);
  Skip(d.weights, block * VectorsOf(d.kernel, kernels.taps) * 64);
  Skip(d.chains, block);
  Skip(d.biases, block * 16);
  Skip(d.result.multipliers, block * 16);
}
void MoveTo(Elementwise& e, const Corner& to, const Kernels&) {
  e.x += to.In(e.x_steps);
  e.y += to.In(e.y_steps);
}
void MoveTo(Gate& g, const Corner& to, const Kernels& kernels) {
  MoveTo(static_cast<Elementwise&>(g), to, kernels);
  g.gates += Corner{to.window, 0, 0, to.block}.In(g.gate_steps);
}
void MoveTo(Add& a, const Corner& to, const Kernels& kernels) {
  MoveTo(static_cast<Elementwise&>(a), to, kernels);
  a.b += to.In(a.b_steps);
}
void MoveTo(FillBorder& f, const Corner& to, const Kernels&) { f.y += to.In(f.steps); }
void MoveTo(ReadIn& r, const Corner& to, const Kernels&) {
  r.planes += std::ptrdiff_t{to.window} * r.channels;
  r.first_row += to.row;
  r.y += to.In(r.y_steps);
}

template <typename Work>
std::optional<Step> Share(Work work, bool windows_are_columns, const Kernels& kernels, int of,
                          int shares) {
  Cut cut = CutOf(work, shares);
  const int windows = SizesOf(work).windows;
  if (windows % shares == 0) cut = {Along::kWindows, windows};  // even, whatever the map is
  if (cut.grains() < shares) return std::nullopt;
  const int begin = cut.Begin(of, shares);
  MoveTo(work, Corner::Of(cut.along, begin), kernels);
  Keep(work, cut.along, cut.Begin(of + 1, shares) - begin);
  return Step{work, windows_are_columns};
}

std::int64_t Product(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
  return a * b * c * d;
}
constexpr std::int64_t kOfResult = 4;  // of 16 sums that become codes

std::int64_t VectorsIn(const Dense& d) {
  return Product(d.windows, d.blocks, d.rows, d.columns) * (d.steps + kOfResult);
}
std::int64_t VectorsIn(const Depthwise& d) {
  return Product(d.windows, d.blocks, d.rows, d.columns) *
         (d.kernel * QuadsOf(d.kernel) + kOfResult);
}
std::int64_t VectorsIn(const Elementwise& e) {
  return Product(e.places.windows, e.places.blocks, e.places.rows, e.places.columns) * kOfResult;
}
std::int64_t VectorsIn(const FillBorder& f) {
  const std::int64_t inner = Product(f.rows - f.top - f.bottom, f.columns - f.left - f.right, 1, 1);
  return Product(f.windows, f.blocks, 1, 1) * (Product(f.rows, f.columns, 1, 1) - inner) / 4;
}
std::int64_t VectorsIn(const ReadIn& r) {
  return Product(r.windows, r.height, r.width, r.channels) / 4;
}

template <typename Of>
constexpr bool kIsShared = requires(const Of& work) {
  CutOf(work, 2);
};

}  // namespace

std::optional<Step> ShareOf(const Step& step, const Kernels& kernels, int of, int shares) {
  return std::visit(
      [&](const auto& work) -> std::optional<Step> {
        if constexpr (kIsShared<std::decay_t<decltype(work)>>) {
          return Share(work, step.windows_are_columns, kernels, of, shares);
        } else {
          return std::nullopt;
        }
      },
      step.work);
}

std::int64_t WorkOf(const Step& step) {
  return std::visit(
      [](const auto& work) -> std::int64_t {
        if constexpr (kIsShared<std::decay_t<decltype(work)>>) {
          return VectorsIn(work);
        } else {
          return 0;
        }
      },
      step.work);
}

}  // namespace taktgate::int8
