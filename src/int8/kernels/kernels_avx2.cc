// AVX2 without dot products. vpmaddubsw multiplies codes by weights and adds pairs of them in 16
// bits, which saturates; both sets below keep that exact. Where the weights of two or four steps
// are small enough together, their pairs are added in 16 bits, too, and widened once. Two
// multiplications start a cycle; the bound is 32 products a cycle, or 51 with four steps together.
#if defined(__x86_64__)
#include "int8/kernels/kernel_sets.h"
#include "int8/kernels/kernels_ymm.h"

namespace taktgate::int8 {
namespace {

constexpr int kMost16 = 32'767;

inline void AddPairs(__m256i& sums, __m256i pairs) {
  sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

// 255 x 64 x 2 = 32,640 fits.
struct SevenBits {
  static constexpr bool kTakesSignedCodes = false;
  static constexpr int kPlaces = 4;
  static constexpr int kMostChained = kMost16 / 255;
  static constexpr Taps kTaps = Taps::kSequence;
  __m256i Codes(__m256i codes) const { return codes; }
  __m256i Pairs(__m256i codes, __m256i weights) const {
    return _mm256_maddubs_epi16(codes, weights);
  }
  void Widen(__m256i& sums, __m256i pairs) const { AddPairs(sums, pairs); }
  void Add(__m256i& sums, __m256i codes, __m256i weights) const {
    AddPairs(sums, Pairs(codes, weights));
  }
};

// With 128 subtracted, codes are from -128 to 127. Their sizes are multiplied by weights that have
// taken over their signs: 128 x 127 x 2 = 32,512 fits.
struct EightBits {
  static constexpr bool kTakesSignedCodes = true;
  static constexpr int kPlaces = 4;
  static constexpr int kMostChained = kMost16 / 128;
  static constexpr Taps kTaps = Taps::kPairs;
  struct Split {
    __m256i sizes, codes;
  };
  Split Codes(__m256i codes) const {
    const __m256i less = _mm256_xor_si256(codes, _mm256_set1_epi8(-128));
    return {_mm256_abs_epi8(less), less};
  }
  __m256i Pairs(const Split& codes, __m256i weights) const {
    return _mm256_maddubs_epi16(codes.sizes, _mm256_sign_epi8(weights, codes.codes));
  }
  void Widen(__m256i& sums, __m256i pairs) const { AddPairs(sums, pairs); }
  void Add(__m256i& sums, const Split& codes, __m256i weights) const {
    AddPairs(sums, Pairs(codes, weights));
  }
};

}  // namespace

const Kernels kAvx2SevenBitKernels = KernelsOf<SevenBits>(Isa::kAvx2);
const Kernels kAvx2Kernels = KernelsOf<EightBits>(Isa::kAvx2);

}  // namespace taktgate::int8
#endif
