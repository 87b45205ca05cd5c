// NEON of every aarch64 core, without dot products. Weights of 7 and of 8 bits differ by how many
// products have room in 16 bits, which is known of each layer.
#if defined(__aarch64__)
#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/neon_border.h"
#include "int8/kernels/neon_dense_widening.h"
#include "int8/kernels/neon_depthwise.h"
#include "int8/kernels/neon_elementwise.h"
#include "int8/kernels/neon_kernels.h"
#include "int8/kernels/neon_mean.h"
#include "int8/kernels/neon_read_in.h"

namespace taktgate::int8 {

Kernels NeonKernels(Isa isa, DenseOrder order, void (*dense)(const Dense&)) {
  return {.isa = isa,
          .takes_signed_codes = true,
          .read_in = ReadInNeon,
          .dense = dense,
          .depthwise = DepthwiseNeon,
          .gate = GateNeon,
          .add = AddNeon,
          .mean = MeanNeon,
          .lookup = LookupNeon,
          .fill_border = FillBorderNeon,
          .signed_maps = true,
          .dense_order = order,
          .gathers = true};
}

const Kernels kNeonKernels = NeonKernels(Isa::kNeon, DenseOrder::kSixteens, DenseNeonWidening);

}  // namespace taktgate::int8
#endif
