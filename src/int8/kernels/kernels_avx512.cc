// AVX512-VNNI with VBMI. vpdpbusd multiplies four codes by four weights and adds them to a sum, in
// each of 16 lanes, without saturation. The bound: 64 products a cycle and port, so that a layer of
// n products needs n / 64 cycles where one such instruction starts a cycle, n / 128 where two do.
#if defined(__x86_64__)
#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/zmm_dense.h"
#include "int8/kernels/zmm_depthwise.h"
#include "int8/kernels/zmm_elementwise.h"
#include "int8/kernels/zmm_read_in.h"

namespace taktgate::int8 {

const Kernels kAvx512VnniKernels = {.isa = Isa::kAvx512Vnni,
                                    .read_in = ReadInZmm,
                                    .dense = DenseZmm,
                                    .depthwise = DepthwiseZmm,
                                    .gate = GateZmm,
                                    .add = AddZmm,
                                    .mean = MeanZmm,
                                    .lookup = LookupZmm,
                                    .taps = Taps::kRows,
                                    .fill_border = FillBorderZmm};

}  // namespace taktgate::int8
#endif
