#ifndef TAKTGATE_INT8_PROBE_H_
#define TAKTGATE_INT8_PROBE_H_

#include <span>
#include <vector>

#include "int8/aligned_bytes.h"
#include "int8/kernels/kernels.h"
#include "int8/step.h"

namespace taktgate::int8 {

// Whether `kernels` give the bytes of the scalar ones, on random codes: a few places of every shape
// of a network, in some milliseconds. CPUs differ, and not every one was there when the kernels
// were written. `steps` and `plain` are of the same network, each with its arena, which is written.
bool GivesTheRightBytes(const std::vector<Step>& steps, const Kernels& kernels,
                        const std::vector<Step>& plain, const AlignedBytes& arena,
                        const AlignedBytes& plain_arena);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_PROBE_H_
