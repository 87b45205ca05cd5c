#ifndef TAKTGATE_INT8_KERNEL_SETS_H_
#define TAKTGATE_INT8_KERNEL_SETS_H_

#include "int8/kernels/kernels.h"

// Each set is a file of its own, which is compiled for its instruction set.
namespace taktgate::int8 {

extern const Kernels kScalarKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx2SevenBitKernels;
extern const Kernels kAvxVnniKernels;
extern const Kernels kAvx512VnniKernels;
#elif defined(__aarch64__)
extern const Kernels kNeonKernels;
extern const Kernels kNeonDotKernels;
extern const Kernels kNeonI8mmKernels;
#endif

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_KERNEL_SETS_H_
