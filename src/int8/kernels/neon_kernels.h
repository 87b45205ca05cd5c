#ifndef TAKTGATE_INT8_NEON_KERNELS_H_
#define TAKTGATE_INT8_NEON_KERNELS_H_

#include "int8/kernels/kernels.h"

namespace taktgate::int8 {

// Of dense layers alone there is more than one form: a set with all else of kernels_neon.cc.
Kernels NeonKernels(Isa isa, DenseOrder order, void (*dense)(const Dense&));

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NEON_KERNELS_H_
