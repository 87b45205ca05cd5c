// AVX-VNNI: vpdpbusd for 256 bits. The bound: 32 products an instruction, of which two start a
// cycle.
#if defined(__x86_64__)
#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/kernels_ymm.h"

namespace taktgate::int8 {
namespace {

struct DotProduct {
  static constexpr bool kTakesSignedCodes = false;
  static constexpr int kPlaces = 6;
  static constexpr int kMostChained = 0;
  static constexpr Taps kTaps = Taps::kSequence;
  __m256i Codes(__m256i codes) const { return codes; }
  // Not the intrinsic: with it GCC 12 copies every sum twice.
  void Add(__m256i& sums, __m256i codes, __m256i weights) const {
    asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums) : "x"(codes), "x"(weights));
  }
};

}  // namespace

const Kernels kAvxVnniKernels = KernelsOf<DotProduct>(Isa::kAvxVnni);

}  // namespace taktgate::int8
#endif
