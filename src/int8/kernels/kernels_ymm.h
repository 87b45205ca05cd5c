#ifndef TAKTGATE_INT8_KERNELS_YMM_H_
#define TAKTGATE_INT8_KERNELS_YMM_H_

#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/ymm_dense.h"
#include "int8/kernels/ymm_depthwise.h"
#include "int8/kernels/ymm_elementwise.h"

// The kernels for registers of 256 bits. They differ by how four codes meet four weights: `Dot`
// says it. Included by the file of each set alone, which is compiled for its instructions.
namespace taktgate::int8 {
namespace {

// One look into a table for each pixel is as fast as looking up 32 with shuffles.
inline void ReadInPlain(const ReadIn& read) { kScalarKernels.read_in(read); }

template <typename Dot>
constexpr Kernels KernelsOf(Isa isa) {
  return {.isa = isa,
          .takes_signed_codes = Dot::kTakesSignedCodes,
          .most_chained = Dot::kMostChained,
          .read_in = ReadInPlain,
          .dense = DenseYmm<Dot>,
          .depthwise = DepthwiseYmm<Dot>::Do,
          .gate = GateYmm,
          .add = AddYmm,
          .mean = MeanYmm,
          .lookup = LookupYmm,
          .taps = Dot::kTaps,
          .fill_border = FillBorderYmm};
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_KERNELS_YMM_H_
