#include "int8/pack_dense.h"

#include <algorithm>
#include <array>
#include <vector>

namespace taktgate::int8 {
namespace {

constexpr int kVector = static_cast<int>(kBlock);  // codes that lie together
constexpr int kNothing = -1;

std::size_t Unsigned(int number) { return static_cast<std::size_t>(number); }

// Codes of one place of the result that lie together, and which weight of a result each of them is
// multiplied by.
struct Codes {
  std::ptrdiff_t offset = 0;
  std::array<int, kVector> weight;

  explicit Codes(std::ptrdiff_t at) : offset(at) { weight.fill(kNothing); }
  bool UsesAny(int first, int count) const {
    const auto* begin = weight.data() + first;
    return std::any_of(begin, begin + count, [](int of) { return of != kNothing; });
  }
};

class DensePacker {
 public:
  DensePacker(const Operation& operation, const Tensor& x, const MapLayout& map,
              const Kernels& kernels, Constants& constants, Dense& dense)
      : operation_(operation),
        x_(x),
        map_(map),
        kernels_(kernels),
        constants_(constants),
        dense_(dense),
        results_(static_cast<int>(operation.biases.size())),
        of_one_(static_cast<int>(operation.weights.size()) / results_) {}

  void Pack() {
    dense_.results = results_;
    const bool gathered = kernels_.gathers && map_.place_bytes == 4 &&
                          operation_.kernel_height == 3 && operation_.kernel_width == 3;
    const std::vector<Codes> codes = gathered                ? Gathered()
                                     : map_.place_bytes == 4 ? OfCloseRows()
                                                             : OfBlocks();
    switch (kernels_.dense_order) {
      case DenseOrder::kFours:
        return PackFours(codes);
      case DenseOrder::kPairs:
        return PackPairs(codes);
      case DenseOrder::kSixteens:
        return PackSixteens(codes);
    }
  }

 private:
  // One tap after the other, its channels together.
  std::vector<Codes> OfBlocks() const {
    std::vector<Codes> all;
    for (int dy = 0; dy < operation_.kernel_height; ++dy) {
      for (int dx = 0; dx < operation_.kernel_width; ++dx) {
        for (int c = 0; c < x_.channels; ++c) {
          if (c % kVector == 0) {
            all.emplace_back(dy * map_.steps.row + dx * map_.steps.column +
                             c / kVector * map_.steps.block);
          }
          all.back().weight[Unsigned(c % kVector)] =
              (dy * operation_.kernel_width + dx) * x_.channels + c;
        }
      }
    }
    return all;
  }

  // Four bytes a place: a row of the kernel lies together.
  std::vector<Codes> OfCloseRows() const {
    std::vector<Codes> all;
    for (int dy = 0; dy < operation_.kernel_height; ++dy) {
      for (int dx = 0; dx < operation_.kernel_width; ++dx) {
        if (dx % 4 == 0) all.emplace_back(dy * map_.steps.row + dx * map_.steps.column);
        for (int c = 0; c < x_.channels; ++c) {
          all.back().weight[Unsigned(dx % 4 * 4 + c)] =
              (dy * operation_.kernel_width + dx) * x_.channels + c;
        }
      }
    }
    return all;
  }

  // The same, but put together first, without what fills up places.
  std::vector<Codes> Gathered() {
    std::vector<Codes> all;
    for (int of = 0; of < of_one_; ++of) {
      if (of % kVector == 0) all.emplace_back(of);
      all.back().weight[Unsigned(of % kVector)] = of;
    }
    auto* from = constants_.Make<std::uint8_t>(all.size() * kBlock);
    std::fill_n(from, all.size() * kBlock, kNoByte);
    for (int of = 0; of < of_one_; ++of) {
      const int tap = of / x_.channels;
      from[of] = static_cast<std::uint8_t>(tap / 3 * kVector + tap % 3 * 4 + of % x_.channels);
    }
    dense_.gather = {from, static_cast<int>(all.size()), map_.steps.row};
    return all;
  }

  std::int8_t WeightOf(int result, int of) const {
    return of == kNothing || result >= results_
               ? std::int8_t{0}
               : operation_.weights[Unsigned(result * of_one_ + of)];
  }

  void PackFours(const std::vector<Codes>& codes) {
    std::vector<std::int32_t> offsets;
    std::vector<std::array<int, 4>> fours;  // weights of a result
    for (const Codes& some : codes) {
      for (int i = 0; i < kVector; i += 4) {
        if (!some.UsesAny(i, 4)) continue;
        offsets.push_back(static_cast<std::int32_t>(some.offset + i));
        fours.emplace_back();
        std::copy_n(some.weight.data() + i, 4, fours.back().data());
      }
    }
    KeepOffsets(offsets);
    auto* weights = constants_.Make<std::int8_t>(Unsigned(dense_.blocks * dense_.steps) * 64);
    dense_.weights = weights;
    for (int block = 0; block < dense_.blocks; ++block) {
      for (const auto& four : fours) {
        for (int result = 0; result < kVector; ++result) {
          for (const int of : four) *weights++ = WeightOf(block * kVector + result, of);
        }
      }
    }
    if (kernels_.most_chained > 0) {
      dense_.chains = ChainsOfFours(dense_.weights, dense_.steps, dense_.blocks);
    }
  }

  void KeepOffsets(const std::vector<std::int32_t>& offsets) {
    auto* kept = constants_.Make<std::int32_t>(offsets.size());
    std::ranges::copy(offsets, kept);
    dense_.offsets = kept;
    dense_.steps = static_cast<int>(offsets.size());
  }

  void KeepOffsets(const std::vector<Codes>& codes) {
    std::vector<std::int32_t> offsets;
    for (const Codes& some : codes) offsets.push_back(static_cast<std::int32_t>(some.offset));
    KeepOffsets(offsets);
  }
  std::int8_t* MakeWeights(std::size_t vectors) {
    auto* weights =
        constants_.Make<std::int8_t>(Unsigned(dense_.blocks) * kBlock * vectors * kBlock);
    dense_.weights = weights;
    return weights;
  }

  // Sums of 16 bits are of two products of each step; they must hold whatever the codes are.
  const std::uint8_t* ChainsOfFours(const std::int8_t* weights, int steps, int blocks) {
    auto* chains = constants_.Make<std::uint8_t>(Unsigned(blocks) * Unsigned(steps / 4));
    for (int block = 0; block < blocks; ++block) {
      for (int four = 0; four < steps / 4; ++four) {
        const std::int8_t* first = weights + (std::ptrdiff_t{block} * steps + four * 4) * 64;
        const Extremes a = ExtremesOf(first), b = ExtremesOf(first + 64);
        const Extremes c = ExtremesOf(first + 128), d = ExtremesOf(first + 192);
        const Extremes ab = a + b, cd = c + d;
        chains[block * (steps / 4) + four] = Fits(ab + cd) ? 4 : Fits(ab) && Fits(cd) ? 2 : 1;
      }
    }
    return chains;
  }

  // Sums of the weights above and below zero that meet in each of the 32 sums of 16 bits.
  struct Extremes {
    std::array<std::int16_t, 32> above{}, below{};
    Extremes operator+(const Extremes& other) const {
      Extremes sum;
      for (std::size_t k = 0; k < 32; ++k) {
        sum.above[k] = static_cast<std::int16_t>(above[k] + other.above[k]);
        sum.below[k] = static_cast<std::int16_t>(below[k] + other.below[k]);
      }
      return sum;
    }
  };
  static Extremes ExtremesOf(const std::int8_t* weights) {
    Extremes sums;
    for (std::size_t k = 0; k < 32; ++k) {
      const int first = weights[k * 2], second = weights[k * 2 + 1];
      sums.above[k] = static_cast<std::int16_t>(std::max(first, 0) + std::max(second, 0));
      sums.below[k] = static_cast<std::int16_t>(-std::min(first, 0) - std::min(second, 0));
    }
    return sums;
  }
  bool Fits(const Extremes& sums) const {
    int most = 0;
    for (std::size_t k = 0; k < 32; ++k) {
      const int above = sums.above[k], below = sums.below[k];
      most = std::max(most, kernels_.takes_signed_codes ? above + below : std::max(above, below));
    }
    return most <= kernels_.most_chained;
  }

  void PackPairs(const std::vector<Codes>& codes) {
    KeepOffsets(codes);
    auto* weights = MakeWeights(codes.size());
    for (int block = 0; block < dense_.blocks; ++block) {
      for (const Codes& some : codes) {
        for (int pair = 0; pair < kVector; pair += 2) {
          for (const int half : {0, 8}) {
            for (const int result : {block * kVector + pair, block * kVector + pair + 1}) {
              for (int k = half; k < half + 8; ++k) {
                *weights++ = WeightOf(result, some.weight[Unsigned(k)]);
              }
            }
          }
        }
      }
    }
  }

  // Two vectors of a result after the other, then those of the next one; a last vector may be one.
  void PackSixteens(const std::vector<Codes>& codes) {
    KeepOffsets(codes);
    dense_.half_at_end = !codes.back().UsesAny(8, 8);
    auto* weights = MakeWeights(codes.size());
    for (int four = 0; four < dense_.blocks * 4; ++four) {
      for (std::size_t k = 0; k < codes.size(); k += 2) {
        for (int result = four * 4; result < four * 4 + 4; ++result) {
          for (std::size_t of = k; of < std::min(k + 2, codes.size()); ++of) {
            for (const int weight : codes[of].weight) *weights++ = WeightOf(result, weight);
          }
        }
      }
    }
    dense_.chains = ChainsOfSixteens(codes);
  }

  // How many products of 16-bit lanes fit in a chain, of every four results.
  const std::uint8_t* ChainsOfSixteens(const std::vector<Codes>& codes) {
    auto* chains = constants_.Make<std::uint8_t>(Unsigned(dense_.blocks * 4));
    for (int four = 0; four < dense_.blocks * 4; ++four) {
      int most = 8;
      for (int result = four * 4; result < four * 4 + 4; ++result) {
        while (most > 2 && !FitsInLanes(codes, result, most)) most /= 2;
      }
      chains[four] = static_cast<std::uint8_t>(most);
    }
    return chains;
  }

  // A lane takes one product of each half of a vector. Of one or two vectors, whose products are
  // fewer, those of neighbouring lanes are added, too.
  bool FitsInLanes(const std::vector<Codes>& codes, int result, int products) const {
    const std::size_t vectors = std::min(codes.size(), Unsigned(products / 2));
    const int lanes = products / 2 / static_cast<int>(vectors);
    for (std::size_t first = 0; first < codes.size(); first += vectors) {
      for (int lane = 0; lane < 8; lane += lanes) {
        int most = 0, least = 0;
        for (std::size_t k = first; k < std::min(first + vectors, codes.size()); ++k) {
          for (int at = lane; at < lane + lanes; ++at) {
            for (const int half : {at, at + 8}) {
              const int weight = WeightOf(result, codes[k].weight[Unsigned(half)]);
              most += weight > 0 ? weight * 127 : weight * -128;
              least += weight > 0 ? weight * -128 : weight * 127;
            }
          }
        }
        if (most > 32'767 || least < -32'768) return false;
      }
    }
    return true;
  }

  const Operation& operation_;
  const Tensor& x_;
  const MapLayout& map_;
  const Kernels& kernels_;
  Constants& constants_;
  Dense& dense_;
  const int results_, of_one_;
};

}  // namespace

void PackDense(const Operation& operation, const Tensor& x, const MapLayout& map,
               const Kernels& kernels, Constants& constants, Dense& dense) {
  DensePacker(operation, x, map, kernels, constants, dense).Pack();
}

}  // namespace taktgate::int8
