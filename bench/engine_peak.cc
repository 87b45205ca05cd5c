// What this core can do at most: multiplications of codes with weights, each with its addition, in
// a second, for each instruction set of the INT8 engine. Printed as JSON; 0: not measured here.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "int8/kernels/isa.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace taktgate::int8 {
namespace {

constexpr int kLoops = 200'000;
constexpr int kTries = 25;

#if defined(__x86_64__)
// Ten sums that do not wait for each other. The empty lines of assembly keep the compiler from
// finding out that nobody reads them.
constexpr int kSums = 10;
#define TAKTGATE_ALL_SUMS _Pragma("GCC unroll 10")  // each in a register of its own

__attribute__((target("avx512f,avx512vnni"))) void Avx512Vnni() {
  __m512i sums[kSums] = {}, codes = _mm512_set1_epi8(3), weights = _mm512_set1_epi8(5);
  for (int loop = 0; loop < kLoops; ++loop) {
    TAKTGATE_ALL_SUMS for (auto& sum : sums) sum = _mm512_dpbusd_epi32(sum, codes, weights);
    TAKTGATE_ALL_SUMS for (auto& sum : sums) asm volatile("" : "+v"(sum));
  }
}

__attribute__((target("avx2,avxvnni"))) void AvxVnni() {
  __m256i sums[kSums] = {}, codes = _mm256_set1_epi8(3), weights = _mm256_set1_epi8(5);
  for (int loop = 0; loop < kLoops; ++loop) {
    TAKTGATE_ALL_SUMS for (auto& sum : sums) sum = _mm256_dpbusd_avx_epi32(sum, codes, weights);
    TAKTGATE_ALL_SUMS for (auto& sum : sums) asm volatile("" : "+x"(sum));
  }
}

// 7-bit weights: products in pairs, which fit 16 bits. What widens them later is left out.
__attribute__((target("avx2"))) void Avx2() {
  __m256i sums[kSums] = {}, codes = _mm256_set1_epi8(3), weights = _mm256_set1_epi8(5);
  for (int loop = 0; loop < kLoops; ++loop) {
    asm volatile("" : "+x"(codes), "+x"(weights));
    TAKTGATE_ALL_SUMS for (auto& sum : sums) {
      __m256i pairs = _mm256_maddubs_epi16(codes, weights);
      asm volatile("" : "+x"(pairs));
      sum = _mm256_add_epi16(sum, pairs);
    }
    TAKTGATE_ALL_SUMS for (auto& sum : sums) asm volatile("" : "+x"(sum));
  }
}

// 8-bit weights: both sides in 16 bits.
__attribute__((target("avx2"))) void Avx2Wide() {
  __m256i sums[kSums] = {}, codes = _mm256_set1_epi16(3), weights = _mm256_set1_epi16(5);
  for (int loop = 0; loop < kLoops; ++loop) {
    asm volatile("" : "+x"(codes), "+x"(weights));
    TAKTGATE_ALL_SUMS for (auto& sum : sums) {
      __m256i pairs = _mm256_madd_epi16(codes, weights);
      asm volatile("" : "+x"(pairs));
      sum = _mm256_add_epi32(sum, pairs);
    }
    TAKTGATE_ALL_SUMS for (auto& sum : sums) asm volatile("" : "+x"(sum));
  }
}
#endif

// The best of some tries: the core may be slow at first, and another may want it.
[[maybe_unused]] double PerSecond(void (*work)(), double each_loop) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int k = 0; k < kTries; ++k) {
    const auto begin = Clock::now();
    work();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    best = std::max(best, kLoops * each_loop / seconds);
  }
  return best;
}

double PeakOf([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512Vnni) return PerSecond(Avx512Vnni, kSums * 64);
  if (isa == Isa::kAvxVnni) return PerSecond(AvxVnni, kSums * 32);
  if (isa == Isa::kAvx2) return PerSecond(Avx2, kSums * 32);
#endif
  return 0;
}

}  // namespace
}  // namespace taktgate::int8

int main() {
  using namespace taktgate::int8;
  std::printf("{");
  for (const Isa isa : IsasOfThisCpu()) {
    const bool last = isa == Isa::kScalar;
    std::printf("\"%s\": %.4g%s", NameOf(isa).data(), PeakOf(isa), last ? "" : ", ");
#if defined(__x86_64__)
    if (isa == Isa::kAvx2) {
      std::printf("\"avx2, 8 bits\": %.4g, ", PerSecond(Avx2Wide, kSums * 16));
    }
#endif
  }
  std::printf("}\n");
}
