#ifndef TAKTGATE_INT8_ASSEMBLE_H_
#define TAKTGATE_INT8_ASSEMBLE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "int8/constants.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network.h"
#include "int8/plan.h"
#include "int8/step.h"

namespace taktgate::int8 {

// What the steps of a network work on; all of it outlives them.
struct Workplace {
  const MemoryPlan& plan;
  std::uint8_t* arena = nullptr;
  std::span<const Plane> planes;       // windows x channels
  std::span<float> logits;             // windows x labels, these rounded up to whole blocks
  std::vector<std::uint8_t*> outputs;  // where the codes of each extra output go
  Constants& constants;
};

// The operations of a network as steps for these kernels, with weights in their order, and zero
// points within the biases.
std::vector<Step> Assemble(const Network& network, const Kernels& kernels, const Workplace& place);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ASSEMBLE_H_
