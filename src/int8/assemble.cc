#include "int8/assemble.h"

#include <algorithm>
#include <utility>

#include "int8/pack_dense.h"
#include "int8/pack_depthwise.h"
#include "int8/pack_result.h"

namespace taktgate::int8 {
namespace {

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
    dense.biases = BiasesOf(operation, At(operation.first), kernels_, place_.constants);
    dense.result = ResultOf(operation, place_.constants);
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
    PackDepthwise(operation, kernels_, place_.constants, depthwise);
    depthwise.x = PlacesOf(operation.first) - operation.pad_top * map.steps.row -
                  operation.pad_left * map.steps.column;
    depthwise.x_steps = map.steps;
    depthwise.y = PlacesOf(operation.result);
    depthwise.y_steps = MapOf(operation.result).steps;
    depthwise.rows = At(operation.result).height;
    depthwise.columns = At(operation.result).width;
    depthwise.blocks = map.blocks;
    depthwise.biases = BiasesOf(operation, At(operation.first), kernels_, place_.constants);
    depthwise.result = ResultOf(operation, place_.constants);
    Add(depthwise);
  }

  // What all operations have that go from place to place.
  void Connect(const Operation& operation, Elementwise& work) {
    work.x = PlacesOf(operation.first);
    work.x_steps = MapOf(operation.first).steps;
    work.y = PlacesOf(operation.result);
    work.y_steps = MapOf(operation.result).steps;
    work.places = RowsOf(operation.first);
    work.table = KeptTable(operation, place_.constants);
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
