// SMMLA of cores with I8MM (Cortex-A510, A710 and later): 32 products an instruction.
#if defined(__aarch64__)
#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/neon_dense_pairs.h"
#include "int8/kernels/neon_kernels.h"

namespace taktgate::int8 {

const Kernels kNeonI8mmKernels = NeonKernels(Isa::kNeonI8mm, DenseOrder::kPairs, DenseNeonPairs);

}  // namespace taktgate::int8
#endif
