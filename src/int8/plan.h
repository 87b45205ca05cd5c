#ifndef TAKTGATE_INT8_PLAN_H_
#define TAKTGATE_INT8_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "int8/kernels/kernels.h"
#include "int8/network/network.h"

namespace taktgate::int8 {

// How the codes of a tensor lie in the arena: blocks of rows of places, with a border where a
// kernel reads beyond the map. The input of a network of at most four channels lies closer: four
// bytes a place, one block.
struct MapLayout {
  int place_bytes = static_cast<int>(kBlock);
  int blocks = 0;
  int top = 0, left = 0, bottom = 0, right = 0;  // of the border, in places
  Steps steps;
  std::size_t bytes = 0;   // of one window, a multiple of 64
  std::size_t offset = 0;  // in the arena, of the first window
  std::ptrdiff_t interior() const { return top * steps.row + left * steps.column; }
  bool has_border() const { return top + left + bottom + right > 0; }
};

// Where every tensor of a network lies while `windows` of them are computed at once. Tensors that
// are never needed at the same time share memory.
struct MemoryPlan {
  std::vector<MapLayout> maps;  // as network.tensors
  std::size_t arena_bytes = 0;  // with what kernels may read beyond
};

MemoryPlan PlanMemory(const Network& network, int windows);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_PLAN_H_
