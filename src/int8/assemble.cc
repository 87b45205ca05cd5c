#include "int8/assemble.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "int8/depthwise_chains.h"
#include "int8/pack_dense.h"

namespace taktgate::int8 {
namespace {

constexpr std::uint8_t kSigned = 128;  // what a set that takes signed codes subtracts

std::size_t Size(int number) { return static_cast<std::size_t>(number); }

class Assembler {
 public:
  Assembler(const Network& network, const Kernels& kernels, const Workplace& place)
      : network_(network),
        kernels_(kernels),
        place_(place),
        has_border_filled_(network.tensors.size(), false) {}

  std::vector<Step> All() {
    for (const Operation& operation : network_.operations) {
      if (operation.kind == Kind::kConv || operation.kind == Kind::kDepthwise) {
        FillBorderOf(operation.first);
      }
      Put(operation);
    }
    for (std::size_t k = 0; k < network_.extra_outputs.size(); ++k) {
      PutOutput(network_.extra_outputs[k].tensor, place_.outputs[k]);
    }
    return std::move(steps_);
  }

 private:
  const Tensor& At(int tensor) const { return network_.tensors[Size(tensor)]; }
  const MapLayout& MapOf(int tensor) const { return place_.plan.maps[Size(tensor)]; }
  std::uint8_t* BorderOf(int tensor) const { return place_.arena + MapOf(tensor).offset; }
  std::uint8_t* PlacesOf(int tensor) const { return BorderOf(tensor) + MapOf(tensor).interior(); }
  Rows RowsOf(int tensor) const {
    return {1, MapOf(tensor).blocks, At(tensor).height, At(tensor).width};
  }
  template <typename Work>
  Work& Add(const Work& work) {
    steps_.push_back({work, false});
    return std::get<Work>(steps_.back().work);
  }

  void FillBorderOf(int tensor) {
    const MapLayout& map = MapOf(tensor);
    if (!map.has_border() || has_border_filled_[Size(tensor)]) return;
    has_border_filled_[Size(tensor)] = true;
    FillBorder fill;
    fill.y = BorderOf(tensor);
    fill.steps = map.steps;
    fill.blocks = map.blocks;
    fill.rows = map.top + At(tensor).height + map.bottom;
    fill.columns = map.left + At(tensor).width + map.right;
    fill.top = map.top;
    fill.left = map.left;
    fill.bottom = map.bottom;
    fill.right = map.right;
    fill.zero_point = InMaps(At(tensor).zero_point);
    Add(fill);
  }

  void Put(const Operation& operation) {
    switch (operation.kind) {
      case Kind::kInput:
        return PutInput(operation);
      case Kind::kConv:
      case Kind::kLogits:
        return PutDense(operation);
      case Kind::kDepthwise:
        return PutDepthwise(operation);
      case Kind::kAdd:
        return PutAdd(operation);
      case Kind::kMean:
        return PutMean(operation);
      case Kind::kGate:
        return PutGate(operation);
      case Kind::kTable:
        return PutLookup(operation);
      case Kind::kScores:
        return PutScores(operation);
      case Kind::kSelect:
        return PutSelect(operation);
    }
  }

  // Only what the caller's network owns outlives this: tables and numbers are copied.
  const std::uint8_t* KeptTable(const Operation& operation) {
    if (operation.table.empty()) return nullptr;
    auto* kept = place_.constants.Make<std::uint8_t>(operation.table.size());
    std::ranges::copy(operation.table, kept);
    return kept;
  }

  void PutInput(const Operation& operation) {
    const Tensor& y = At(operation.result);
    ReadIn read;
    read.planes = place_.planes.data();
    read.tables = TablesOfInput(operation);
    read.channels = y.channels;
    if (MapOf(operation.result).place_bytes == 4) read.placed_tables = Placed(operation);
    read.height = y.height;
    read.width = y.width;
    read.y = PlacesOf(operation.result);
    read.y_steps = MapOf(operation.result).steps;
    Add(read);
  }

  std::uint8_t InMaps(int code) const {
    return static_cast<std::uint8_t>(kernels_.signed_maps ? code ^ kSigned : code);
  }
  const std::uint8_t* TablesOfInput(const Operation& operation) {
    auto* tables = place_.constants.Make<std::uint8_t>(operation.table.size());
    std::ranges::transform(operation.table, tables, [this](int code) { return InMaps(code); });
    return tables;
  }
  const std::uint32_t* Placed(const Operation& operation) {
    auto* placed = place_.constants.Make<std::uint32_t>(operation.table.size());
    for (std::size_t k = 0; k < operation.table.size(); ++k) {
      placed[k] = std::uint32_t{InMaps(operation.table[k])} << (8 * (k / kCodes));
    }
    return placed;
  }

  Requantisation ResultOf(const Operation& operation) {
    const std::size_t channels = operation.multipliers.size();
    auto* multipliers = place_.constants.Make<float>((channels + 15) / 16 * 16);
    std::ranges::copy(operation.multipliers, multipliers);
    return {multipliers, KeptTable(operation), operation.zero_point, StaysSmall(operation)};
  }

  // Whether every rounded number stays within kMostSmall, whatever the codes are.
  static bool StaysSmall(const Operation& operation) {
    const std::size_t channels = operation.biases.size();
    const std::size_t of_one = operation.weights.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      int sizes = 0;
      for (const int weight : operation.weights.subspan(c * of_one, of_one)) {
        sizes += std::abs(weight);
      }
      const double most = std::abs(static_cast<double>(operation.biases[c])) + 255.0 * sizes;
      if (most * std::abs(static_cast<double>(operation.multipliers[c])) > kMostSmall) return false;
    }
    return true;
  }

  // sum (x - zero) * w = sum x * w - zero * sum w; places of the border hold the zero point.
  const std::int32_t* BiasesOf(const Operation& operation) {
    const std::size_t channels = operation.biases.size();
    const std::size_t of_one = operation.weights.size() / channels;
    auto* biases = place_.constants.Make<std::int32_t>((channels + 15) / 16 * 16);
    const bool pairs = operation.kind == Kind::kDepthwise && kernels_.taps == Taps::kPairs;
    const bool less = kernels_.takes_signed_codes && !pairs;
    const int zero = At(operation.first).zero_point - (less ? kSigned : 0);
    for (std::size_t c = 0; c < channels; ++c) {
      const auto weights = operation.weights.subspan(c * of_one, of_one);
      biases[c] = operation.biases[c] - zero * std::reduce(weights.begin(), weights.end(), 0);
    }
    return biases;
  }

  void PutDense(const Operation& operation) {
    const MapLayout& map = MapOf(operation.first);
    const MapLayout& to = MapOf(operation.result);
    Dense dense;
    dense.blocks = (At(operation.result).channels + 15) / 16;
    PackDense(operation, At(operation.first), map, kernels_, place_.constants, dense);
    // Blocks of a result with a border, for a depthwise layer behind it, do not lie together.
    const bool vector =
        At(operation.first).is_vector() && At(operation.result).is_vector() && !to.has_border();
    dense.x = PlacesOf(operation.first) - operation.pad_top * map.steps.row -
              operation.pad_left * map.steps.column;
    dense.x_steps = {map.steps.window, std::max(1, operation.stride_y) * map.steps.row,
                     std::max(1, operation.stride_x) * map.steps.column, map.steps.block};
    dense.y = PlacesOf(operation.result);
    dense.y_steps = to.steps;
    dense.rows = At(operation.result).height;
    dense.columns = At(operation.result).width;
    dense.biases = BiasesOf(operation);
    dense.result = ResultOf(operation);
    if (operation.kind == Kind::kLogits) dense.floats = place_.logits.data();
    if (vector) {
      dense.x_steps.column = dense.x_steps.window;
      dense.y_steps.column = dense.y_steps.window;
    } else {
      MergeRows(dense);
    }
    Add(dense);
    steps_.back().windows_are_columns = vector;
  }

  // Where neither map has a border, all its places are one row.
  static void MergeRows(Dense& dense) {
    if (dense.x_steps.row != dense.columns * dense.x_steps.column ||
        dense.y_steps.row != dense.columns * dense.y_steps.column) {
      return;
    }
    dense.columns *= dense.rows;
    dense.rows = 1;
  }

  void PutDepthwise(const Operation& operation) {
    const MapLayout& map = MapOf(operation.first);
    Depthwise depthwise;
    depthwise.kernel = operation.kernel_height;
    depthwise.stride = operation.stride_y;
    depthwise.weights = PackDepthwise(operation);
    if (kernels_.signed_maps) depthwise.chains = DepthwiseChainsOf(operation, place_.constants);
    depthwise.x = PlacesOf(operation.first) - operation.pad_top * map.steps.row -
                  operation.pad_left * map.steps.column;
    depthwise.x_steps = map.steps;
    depthwise.y = PlacesOf(operation.result);
    depthwise.y_steps = MapOf(operation.result).steps;
    depthwise.rows = At(operation.result).height;
    depthwise.columns = At(operation.result).width;
    depthwise.blocks = map.blocks;
    depthwise.biases = BiasesOf(operation);
    depthwise.result = ResultOf(operation);
    Add(depthwise);
  }

  // Which vector of a block holds a tap, and where among the taps of a channel there.
  static auto InSequence(int kernel, int together) {
    return [=](int dy, int dx) {
      const int tap = dy * kernel + dx;
      return std::pair(tap / together, tap % together);
    };
  }
  const std::int8_t* PackDepthwise(const Operation& operation) {
    switch (kernels_.taps) {
      case Taps::kRows: {
        const int quads = QuadsOf(operation.kernel_height);
        return PackTaps<std::int8_t, 4>(
            operation, operation.kernel_height * quads,
            [=](int dy, int dx) { return std::pair(dy * quads + dx / 4, dx % 4); });
      }
      case Taps::kSequence:
        return PackTaps<std::int8_t, 4>(operation, QuadsOfAll(operation.kernel_height),
                                        InSequence(operation.kernel_height, 4));
      case Taps::kPairs:
        return PackTaps<std::int16_t, 2>(operation, PairsOfAll(operation.kernel_height),
                                         InSequence(operation.kernel_height, 2));
    }
    return nullptr;
  }
  // `place(dy, dx)` says which of the vectors of a block holds a tap, and where among those of its
  // channel.
  template <typename Weight, int kTogether, typename Place>
  const std::int8_t* PackTaps(const Operation& operation, int vectors, Place place) {
    const int channels = At(operation.first).channels, kernel = operation.kernel_height;
    auto* weights =
        place_.constants.Make<Weight>(Size((channels + 15) / 16 * vectors) * 16 * Size(kTogether));
    for (int c = 0; c < channels; ++c) {
      for (int dy = 0; dy < kernel; ++dy) {
        for (int dx = 0; dx < kernel; ++dx) {
          const auto [vector, at] = place(dy, dx);
          weights[Size(((c / 16 * vectors + vector) * 16 + c % 16) * kTogether + at)] =
              operation.weights[Size((c * kernel + dy) * kernel + dx)];
        }
      }
    }
    return reinterpret_cast<const std::int8_t*>(weights);
  }

  // What all operations have that go from place to place.
  void Connect(const Operation& operation, Elementwise& work) {
    work.x = PlacesOf(operation.first);
    work.x_steps = MapOf(operation.first).steps;
    work.y = PlacesOf(operation.result);
    work.y_steps = MapOf(operation.result).steps;
    work.places = RowsOf(operation.first);
    work.table = KeptTable(operation);
    work.zero_point = operation.zero_point;
  }

  void PutAdd(const Operation& operation) {
    int8::Add add;
    Connect(operation, add);
    add.b = PlacesOf(operation.second);
    add.b_steps = MapOf(operation.second).steps;
    add.zero_x = At(operation.first).zero_point;
    add.zero_b = At(operation.second).zero_point;
    add.multiplier_x = operation.multipliers[0];
    add.multiplier_b = operation.multipliers[1];
    Add(add);
  }

  void PutMean(const Operation& operation) {
    Mean mean;
    Connect(operation, mean);
    mean.zero_x = At(operation.first).zero_point;
    mean.multiplier = operation.multipliers[0];
    Add(mean);
  }

  void PutGate(const Operation& operation) {
    Gate gate;
    Connect(operation, gate);
    gate.gates = PlacesOf(operation.second);
    gate.gate_steps = MapOf(operation.second).steps;
    gate.zero_x = At(operation.first).zero_point;
    gate.zero_gate = At(operation.second).zero_point;
    gate.multiplier = operation.multipliers[0];
    Add(gate);
  }

  void PutLookup(const Operation& operation) {
    Lookup lookup;
    Connect(operation, lookup);
    Add(lookup);
  }

  std::ptrdiff_t LogitsStep(int labels) const { return (labels + 15) / 16 * 16; }

  void PutScores(const Operation& operation) {
    Scores scores;
    scores.x = PlacesOf(operation.first);
    scores.window = MapOf(operation.first).steps.window;
    scores.labels = At(operation.first).channels;
    scores.zero_point = At(operation.first).zero_point;
    scores.flips = InMaps(0);
    scores.multiplier = operation.multipliers[0];
    scores.floats = place_.logits.data();
    scores.floats_window = LogitsStep(scores.labels);
    Add(scores);
  }

  void PutSelect(const Operation& operation) {
    Select select;
    select.x = PlacesOf(operation.first);
    select.x_steps = MapOf(operation.first).steps;
    select.logits = place_.logits.data();
    select.labels = At(operation.first).channels;
    select.logits_window = LogitsStep(select.labels);
    select.y = PlacesOf(operation.result);
    select.y_steps = MapOf(operation.result).steps;
    select.places = RowsOf(operation.result);
    Add(select);
  }

  void PutOutput(int tensor, std::uint8_t* codes) {
    Add(ReadOut{PlacesOf(tensor), MapOf(tensor).steps, 1, At(tensor).height, At(tensor).width,
                At(tensor).channels, InMaps(0), codes});
  }

  const Network& network_;
  const Kernels& kernels_;
  const Workplace& place_;
  std::vector<bool> has_border_filled_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> Assemble(const Network& network, const Kernels& kernels, const Workplace& place) {
  return Assembler(network, kernels, place).All();
}

}  // namespace taktgate::int8
