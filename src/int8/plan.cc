#include "int8/plan.h"

#include <algorithm>
#include <numeric>

namespace taktgate::int8 {
namespace {

constexpr std::size_t kAlignedTo = 64;

struct Lifetime {
  std::size_t first = 0, last = 0;  // operations
  bool used = false;

  bool Meets(const Lifetime& other) const { return first <= other.last && other.first <= last; }
};

std::size_t Aligned(std::size_t bytes) {
  return (bytes + kAlignedTo - 1) / kAlignedTo * kAlignedTo;
}

bool HasKernel(const Operation& operation) {
  return operation.kind == Kind::kConv || operation.kind == Kind::kDepthwise;
}

std::vector<Lifetime> LifetimesOf(const Network& network) {
  std::vector<Lifetime> lifetimes(network.tensors.size());
  for (std::size_t k = 0; k < network.operations.size(); ++k) {
    const Operation& operation = network.operations[k];
    lifetimes[static_cast<std::size_t>(operation.result)] = {k, k, true};
    for (const int tensor : {operation.first, operation.second}) {
      if (tensor >= 0) lifetimes[static_cast<std::size_t>(tensor)].last = k;
    }
  }
  for (const ExtraOutput& output : network.extra_outputs) {
    lifetimes[static_cast<std::size_t>(output.tensor)].last = network.operations.size();
  }
  return lifetimes;
}

// The border that an operation needs around what it reads.
void Widen(const Network& network, const Operation& operation, MapLayout& map) {
  const Tensor& x = network.tensors[static_cast<std::size_t>(operation.first)];
  const Tensor& y = network.tensors[static_cast<std::size_t>(operation.result)];
  const auto end = [](int to, int stride, int kernel, int pad, int from) {
    return std::max(0, (to - 1) * stride + kernel - pad - from);
  };
  map.top = std::max(map.top, operation.pad_top);
  map.left = std::max(map.left, operation.pad_left);
  map.bottom = std::max(map.bottom, end(y.height, operation.stride_y, operation.kernel_height,
                                        operation.pad_top, x.height));
  map.right = std::max(map.right, end(y.width, operation.stride_x, operation.kernel_width,
                                      operation.pad_left, x.width));
}

void Measure(const Tensor& tensor, MapLayout& map) {
  const int rows = map.top + tensor.height + map.bottom;
  const int columns = map.left + tensor.width + map.right;
  map.blocks = map.place_bytes == 4 ? 1 : (tensor.channels + 15) / 16;
  map.steps.column = map.place_bytes;
  map.steps.row = std::ptrdiff_t{columns} * map.place_bytes;
  map.steps.block = map.steps.row * rows;
  map.bytes = Aligned(static_cast<std::size_t>(map.steps.block * map.blocks));
  map.steps.window = static_cast<std::ptrdiff_t>(map.bytes);
}

// Whether four bytes a place are enough: all who read it sum over its channels.
bool LiesClosely(const Network& network, int tensor) {
  if (network.tensors[static_cast<std::size_t>(tensor)].channels > 4) return false;
  return std::ranges::all_of(network.operations,
                             [tensor](const Operation& operation) {
                               const bool reads =
                                   operation.first == tensor || operation.second == tensor;
                               return !reads || operation.kind == Kind::kConv;
                             }) &&
         std::ranges::none_of(network.extra_outputs, [tensor](const ExtraOutput& output) {
           return output.tensor == tensor;
         });
}

// The large ones first, each at the lowest place where none that lives at the same time lies. What
// may be read beyond a map is its own, too: another thread could be writing it.
std::size_t Place(std::vector<MapLayout>& maps, const std::vector<Lifetime>& lifetimes,
                  int windows) {
  std::vector<std::size_t> order(maps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return maps[a].bytes > maps[b].bytes; });
  const auto bytes_of = [&](std::size_t map) {
    return maps[map].bytes * static_cast<std::size_t>(windows) + kOverRead;
  };
  std::vector<std::size_t> placed;  // by offset
  std::size_t end = 0;
  for (const std::size_t one : order) {
    if (!lifetimes[one].used) continue;
    std::size_t offset = 0;
    for (const std::size_t other : placed) {
      if (!lifetimes[one].Meets(lifetimes[other])) continue;
      if (offset + bytes_of(one) <= maps[other].offset) break;
      offset = std::max(offset, maps[other].offset + bytes_of(other));
    }
    maps[one].offset = offset;
    end = std::max(end, offset + bytes_of(one));
    placed.insert(
        std::ranges::upper_bound(placed, offset, {}, [&](std::size_t k) { return maps[k].offset; }),
        one);
  }
  return end;
}

}  // namespace

MemoryPlan PlanMemory(const Network& network, int windows) {
  MemoryPlan plan;
  plan.maps.resize(network.tensors.size());
  for (const Operation& operation : network.operations) {
    if (HasKernel(operation)) {
      Widen(network, operation, plan.maps[static_cast<std::size_t>(operation.first)]);
    }
  }
  const int input = network.operations[0].result;
  if (LiesClosely(network, input)) plan.maps[static_cast<std::size_t>(input)].place_bytes = 4;
  for (std::size_t k = 0; k < plan.maps.size(); ++k) Measure(network.tensors[k], plan.maps[k]);
  plan.arena_bytes = Place(plan.maps, LifetimesOf(network), windows);
  return plan;
}

}  // namespace taktgate::int8
