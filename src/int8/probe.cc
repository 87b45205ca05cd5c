#include "int8/probe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>
#include <type_traits>
#include <vector>

#include "base/random.h"
#include "int8/kernels/kernel_sets.h"

namespace taktgate::int8 {
namespace {

// Enough for every tile and for what is left of one.
constexpr int kColumns = 29, kRows = 2, kBlocks = 5, kPixels = 67;
constexpr int kMostSums = 40'000;  // of four products each, so that deep layers take no longer

void Shorten(Rows& places) {
  places = {1, std::min(places.blocks, kBlocks), std::min(places.rows, kRows),
            std::min(places.columns, kColumns)};
}
void Shorten(Gate& gate) { Shorten(gate.places); }
void Shorten(Add& add) { Shorten(add.places); }
void Shorten(Lookup& lookup) { Shorten(lookup.places); }
void Shorten(Mean& mean) {
  mean.places.windows = 1;
  mean.places.blocks = std::min(mean.places.blocks, kBlocks);
}
void Shorten(Dense& dense) {
  dense.windows = 1;
  dense.rows = 1;
  const int affordable = kMostSums / (dense.steps * dense.blocks * static_cast<int>(kBlock)) + 1;
  dense.columns = std::min({dense.columns, kColumns, std::max(affordable, 13)});
}
void Shorten(Depthwise& depthwise) {
  depthwise.windows = 1;
  depthwise.rows = std::min(depthwise.rows, kRows);
  depthwise.columns = std::min(depthwise.columns, kColumns);
}

// Both sets do the same places, however many steps each takes for one.
template <typename Work>
void Shorten(Work& mine, Work& plain) {
  Shorten(mine);
  Shorten(plain);
  if constexpr (std::is_same_v<Work, Dense>) mine.columns = plain.columns;
}

// A part of a layer: kernels take four blocks at a time, and what is left of them otherwise.
int BlocksOfPart(const Dense&, int left) { return left < 8 ? left : 4; }
int BlocksOfPart(const Depthwise&, int) { return 1; }

Dense Part(Dense d, const Kernels& kernels, int first, int blocks) {
  const bool fours = kernels.dense_order == DenseOrder::kFours;
  const int channels = first * static_cast<int>(kBlock);
  d.weights += std::ptrdiff_t{first} * d.steps * (fours ? 64 : 256);
  if (d.chains != nullptr) d.chains += std::ptrdiff_t{first} * (fours ? d.steps / 4 : 4);
  d.biases += channels;
  d.result.multipliers += channels;
  d.y += first * d.y_steps.block;
  d.blocks = blocks;
  d.results = std::min(d.results - channels, blocks * static_cast<int>(kBlock));
  return d;
}
Depthwise Part(Depthwise d, const Kernels& kernels, int first, int blocks) {
  const int vectors = kernels.taps == Taps::kRows       ? d.kernel * QuadsOf(d.kernel)
                      : kernels.taps == Taps::kSequence ? QuadsOfAll(d.kernel)
                                                        : PairsOfAll(d.kernel);
  d.weights += std::ptrdiff_t{first} * vectors * 64;
  if (d.chains != nullptr) d.chains += first;
  d.biases += first * static_cast<int>(kBlock);
  d.result.multipliers += first * static_cast<int>(kBlock);
  d.x += first * d.x_steps.block;
  d.y += first * d.y_steps.block;
  d.blocks = blocks;
  return d;
}

// All by which kernels choose their code: of two works of one shape, the second is not looked at.
using Shape = std::vector<int>;
Shape ShapeOf(const Dense& d, const Kernels&) {
  const int groups_at_end = (d.results - 1) % static_cast<int>(kBlock) / 4;
  return {0,
          d.steps,
          d.blocks,
          groups_at_end,
          d.columns,
          static_cast<int>(d.x_steps.column),
          d.y_steps.column == kBlock,  // vectors are put elsewhere than maps
          d.floats != nullptr,
          d.result.table != nullptr,
          d.result.stays_small,
          d.gather.from != nullptr,
          d.half_at_end};
}
Shape ShapeOf(const Depthwise& d, const Kernels&) {
  return {
      1, d.kernel, d.stride, d.rows, d.columns, d.result.table != nullptr, d.result.stays_small};
}
// What sets for signed maps find out from the multipliers; to others it makes no difference.
bool StaysSmall(float most, const Kernels& kernels) {
  return kernels.signed_maps && most <= kMostSmall;
}
Shape ShapeOf(const Gate& g, const Kernels& kernels) {
  return {2, g.places.rows, g.places.columns, g.table != nullptr,
          StaysSmall(255 * 255 * std::abs(g.multiplier), kernels)};
}
Shape ShapeOf(const Add& a, const Kernels& kernels) {
  return {3, a.places.rows, a.places.columns, a.table != nullptr,
          StaysSmall(255 * (std::abs(a.multiplier_x) + std::abs(a.multiplier_b)), kernels)};
}
Shape ShapeOf(const Mean& m, const Kernels& kernels) {
  const auto places = static_cast<float>(m.places.rows * m.places.columns);
  return {4, m.places.rows, m.places.columns, m.table != nullptr,
          StaysSmall(255 * places * std::abs(m.multiplier), kernels)};
}
Shape ShapeOf(const Lookup& l, const Kernels&) { return {5, l.places.rows, l.places.columns}; }

// Which numbers of chains a work has, as bits; 1: it has none.
unsigned ChainsOf(const std::uint8_t* chains, int count) {
  if (chains == nullptr || count == 0) return 1;
  return std::accumulate(chains, chains + count, 0U,
                         [](unsigned bits, unsigned chain) { return bits | 1U << chain; });
}
unsigned ChainsOf(const Dense& d, const Kernels& kernels) {
  if (d.chains == nullptr || kernels.dense_order == DenseOrder::kFours) {
    return ChainsOf(d.chains, d.blocks * (d.steps / 4));
  }
  // A block is computed by the least of its four.
  unsigned bits = 0;
  for (const std::uint8_t* four = d.chains; four < d.chains + d.blocks * 4; four += 4) {
    bits |= 1U << *std::min_element(four, four + 4);
  }
  return bits;
}
unsigned ChainsOf(const Depthwise& d, const Kernels&) { return ChainsOf(d.chains, d.blocks); }
template <typename Work>
unsigned ChainsOf(const Work&, const Kernels&) {
  return 1;
}

Rows PlacesOf(const Dense& d) { return {1, d.blocks, d.rows, d.columns}; }
Rows PlacesOf(const Depthwise& d) { return {1, d.blocks, d.rows, d.columns}; }
Rows PlacesOf(const Mean& m) { return {1, m.places.blocks, 1, 1}; }
template <typename Work>
Rows PlacesOf(const Work& work) {
  return work.places;
}

void Call(const Kernels& kernels, const Dense& work) { kernels.dense(work); }
void Call(const Kernels& kernels, const Depthwise& work) { kernels.depthwise(work); }
void Call(const Kernels& kernels, const Gate& work) { kernels.gate(work); }
void Call(const Kernels& kernels, const int8::Add& work) { kernels.add(work); }
void Call(const Kernels& kernels, const Mean& work) { kernels.mean(work); }
void Call(const Kernels& kernels, const Lookup& work) { kernels.lookup(work); }

class Prober {
 public:
  // The same codes in both arenas, as each set holds them.
  Prober(const Kernels& kernels, const AlignedBytes& arena, const AlignedBytes& plain_arena)
      : kernels_(kernels), flips_(kernels.signed_maps ? 128 : 0) {
    Random random(1);
    for (std::size_t k = 0; k + 8 <= arena.size(); k += 8) {
      const std::uint64_t codes = random.Next();
      std::memcpy(plain_arena.data() + k, &codes, 8);
      const std::uint64_t mine = codes ^ flips_ * 0x0101010101010101U;
      std::memcpy(arena.data() + k, &mine, 8);
    }
  }

  bool Agree(const Step& mine, const Step& plain) {
    return std::visit(
        [&](const auto& work) {
          using Work = std::decay_t<decltype(work)>;
          if constexpr (std::is_same_v<Work, ReadIn>) {
            return AgreeOnPixels(work, std::get<Work>(plain.work));
          } else if constexpr (std::is_same_v<Work, FillBorder>) {
            return AgreeOnBorder(work);
          } else if constexpr (
              requires { work.kernel; } || requires { work.offsets; }) {
            return AgreeOnParts(work, std::get<Work>(plain.work));
          } else if constexpr (requires { ShapeOf(work, kernels_); }) {
            return AgreeOn(work, std::get<Work>(plain.work));
          } else {
            return true;  // the same code for all sets
          }
        },
        mine.work);
  }

 private:
  template <typename Work>
  bool AgreeOn(Work mine, Work plain) {
    Shorten(mine, plain);
    if (!IsNew(mine)) return true;
    return Outcome(mine, kernels_, flips_) == Outcome(plain, kScalarKernels, 0);
  }
  template <typename Work>
  bool AgreeOnParts(const Work& mine, const Work& plain) {
    int blocks = 0;
    for (int first = 0; first < mine.blocks; first += blocks) {
      blocks = BlocksOfPart(mine, mine.blocks - first);
      if (!AgreeOn(Part(mine, kernels_, first, blocks), Part(plain, kScalarKernels, first, blocks)))
        return false;
    }
    return true;
  }

  // Its shape, or one of its chains in this shape.
  template <typename Work>
  bool IsNew(const Work& work) {
    Shape shape = ShapeOf(work, kernels_);
    shape.push_back(0);
    const unsigned chains = ChainsOf(work, kernels_);
    bool is_new = false;
    for (int chain = 0; chains >> chain != 0; ++chain) {
      shape.back() = chain;
      if ((chains >> chain & 1U) != 0) is_new = seen_.insert(shape).second || is_new;
    }
    return is_new;
  }

  // Channels that lie apart, and channels that lie together.
  bool AgreeOnPixels(ReadIn mine, ReadIn plain) const {
    if (mine.placed_tables == nullptr) return true;  // read alike by all sets
    Random random(2);
    std::array<std::uint8_t, kRows * kPixels * 4> pixels;
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
    for (const int step : {1, mine.channels}) {
      std::array<Plane, 4> planes;
      for (int c = 0; c < 4; ++c)
        planes[static_cast<std::size_t>(c)] = {pixels.data() + c, kPixels * step, step};
      for (ReadIn* read : {&mine, &plain}) {
        read->windows = 1;
        read->height = std::min(read->height, kRows);
        read->width = std::min(read->width, kPixels);
        read->planes = planes.data();
      }
      kernels_.read_in(mine);
      kScalarKernels.read_in(plain);
      if (Pixels(mine, flips_) != Pixels(plain, 0)) return false;
    }
    CopyPlaces(mine, plain);
    return true;
  }
  // What is inside stays as it is, and in the end all does: the other arena has no border yet.
  bool AgreeOnBorder(FillBorder border) const {
    if (kernels_.fill_border == nullptr) return true;  // as the scalar set does it
    border.windows = 1;
    border.blocks = std::min(border.blocks, 2);
    const std::vector<std::uint8_t> before(border.y, border.y + border.blocks * border.steps.block);
    const auto after = [&](const Kernels& kernels) {
      std::ranges::copy(before, border.y);
      kernels.fill_border(border);
      return std::vector<std::uint8_t>(border.y, border.y + before.size());
    };
    const bool same = after(kernels_) == after(kScalarKernels);
    std::ranges::copy(before, border.y);
    return same;
  }
  static std::vector<std::uint8_t> Pixels(const ReadIn& read, unsigned flips) {
    std::vector<std::uint8_t> codes;
    for (int row = 0; row < read.height; ++row) {
      for (int column = 0; column < read.width; ++column) {
        const std::uint8_t* at = read.y + row * read.y_steps.row + column * read.y_steps.column;
        for (int c = 0; c < read.channels; ++c) codes.push_back(Flipped(at[c], flips));
      }
    }
    return codes;
  }
  // What fills up a place is of no code: it must be the same for whoever reads this memory later.
  void CopyPlaces(const ReadIn& mine, const ReadIn& plain) const {
    for (int row = 0; row < mine.height; ++row) {
      const std::uint8_t* from = mine.y + row * mine.y_steps.row;
      std::uint8_t* to = plain.y + row * plain.y_steps.row;
      for (int k = 0; k < mine.width * mine.y_steps.column; ++k) to[k] = Flipped(from[k], flips_);
    }
  }
  static std::uint8_t Flipped(unsigned code, unsigned flips) {
    return static_cast<std::uint8_t>(code ^ flips);
  }

  // What a kernel makes of its input; no operation writes where it reads.
  template <typename Work>
  static std::vector<std::uint8_t> Outcome(const Work& work, const Kernels& kernels,
                                           unsigned flips) {
    Call(kernels, work);
    return Written(work, flips);
  }

  static std::vector<std::uint8_t> Written(const Dense& dense, unsigned flips) {
    if (dense.floats == nullptr) return Codes(dense, flips);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(dense.floats);
    const auto count = static_cast<std::size_t>(dense.columns * dense.blocks) * kBlock;
    return {bytes, bytes + count * sizeof(float)};
  }
  template <typename Work>
  static std::vector<std::uint8_t> Written(const Work& work, unsigned flips) {
    return Codes(work, flips);
  }

  template <typename Work>
  static std::vector<std::uint8_t> Codes(const Work& work, unsigned flips) {
    std::vector<std::uint8_t> codes;
    const Rows places = PlacesOf(work);
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) {
        for (int column = 0; column < places.columns; ++column) {
          const std::uint8_t* at = work.y + block * work.y_steps.block + row * work.y_steps.row +
                                   column * work.y_steps.column;
          for (std::size_t c = 0; c < kBlock; ++c) codes.push_back(Flipped(at[c], flips));
        }
      }
    }
    return codes;
  }

  const Kernels& kernels_;
  const unsigned flips_;  // bits of maps that are not those of codes
  std::set<Shape> seen_;
};

}  // namespace

bool GivesTheRightBytes(const std::vector<Step>& steps, const Kernels& kernels,
                        const std::vector<Step>& plain, const AlignedBytes& arena,
                        const AlignedBytes& plain_arena) {
  Prober prober(kernels, arena, plain_arena);
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (!prober.Agree(steps[k], plain[k])) return false;
  }
  return true;
}

}  // namespace taktgate::int8
