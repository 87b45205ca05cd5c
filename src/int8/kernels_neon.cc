// NEON of every aarch64 core, without dot products.
#if defined(__aarch64__)
#include "int8/kernel_sets.h"
#include "int8/neon_dense_widening.h"
#include "int8/neon_kernels.h"

namespace taktgate::int8 {

const Kernels kNeonSevenBitKernels =
    NeonKernels<7>(Isa::kNeon, DenseOrder::kSixteens, DenseNeonWidening);
const Kernels kNeonKernels = NeonKernels<8>(Isa::kNeon, DenseOrder::kSixteens, DenseNeonWidening);

}  // namespace taktgate::int8
#endif
