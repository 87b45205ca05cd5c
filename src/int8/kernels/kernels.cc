#include "int8/kernels/kernels.h"

#include "int8/kernels/kernel_sets.h"

namespace taktgate::int8 {

const Kernels* KernelsFor(Isa isa, [[maybe_unused]] int weight_bits) {
  const Kernels* kernels = nullptr;
  switch (isa) {
    case Isa::kScalar:
      kernels = &kScalarKernels;
      break;
#if defined(__x86_64__)
    case Isa::kAvx2:
      kernels = weight_bits == 7 ? &kAvx2SevenBitKernels : &kAvx2Kernels;
      break;
    case Isa::kAvxVnni:
      kernels = &kAvxVnniKernels;
      break;
    case Isa::kAvx512Vnni:
      kernels = &kAvx512VnniKernels;
      break;
#elif defined(__aarch64__)
    case Isa::kNeon:
      kernels = &kNeonKernels;
      break;
    case Isa::kNeonDot:
      kernels = &kNeonDotKernels;
      break;
    case Isa::kNeonI8mm:
      kernels = &kNeonI8mmKernels;
      break;
#endif
    default:
      break;
  }
  return kernels != nullptr && CpuHas(isa) ? kernels : nullptr;
}

}  // namespace taktgate::int8
