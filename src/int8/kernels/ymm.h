#ifndef TAKTGATE_INT8_YMM_H_
#define TAKTGATE_INT8_YMM_H_

#include <immintrin.h>

#include "int8/kernels/kernel_loops.h"

// Registers of 256 bits: how they are read and written, and how sums become codes.
namespace taktgate::int8 {
namespace {

inline __m256i Load32(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline __m128i Load16(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
inline void Store32(void* to, __m256i bytes) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), bytes);
}
inline void Store16(void* to, __m128i bytes) { _mm_storeu_si128(static_cast<__m128i*>(to), bytes); }
// The same 16 bytes in both halves.
inline __m256i Twice(const void* from) { return _mm256_broadcastsi128_si256(Load16(from)); }

// Two places behind each other, of which the second may be none.
inline void StoreTwo(std::uint8_t* to, int places, __m256i codes) {
  if (places == 2) {
    Store32(to, codes);
  } else {
    Store16(to, _mm256_castsi256_si128(codes));
  }
}

// Looks 32 codes up in a table of 256. vpshufb looks up sixteen entries by the lower four bits; the
// upper four choose among sixteen such results, one bit after the other. The bound: 31 shuffles and
// blends, of which two start a cycle.
class Table {
 public:
  explicit Table(const std::uint8_t* codes) : codes_(codes) {}
  bool present() const { return codes_ != nullptr; }

  __m256i Of(__m256i codes) const {
    const __m256i low = _mm256_and_si256(codes, _mm256_set1_epi8(15));
    // A blend takes the topmost bit of each byte; the shifts bring the others there.
    const __m256i bit4 = _mm256_slli_epi16(codes, 3), bit5 = _mm256_slli_epi16(codes, 2),
                  bit6 = _mm256_slli_epi16(codes, 1);
    const auto of32 = [&](const std::uint8_t* entries) {
      return _mm256_blendv_epi8(_mm256_shuffle_epi8(Twice(entries), low),
                                _mm256_shuffle_epi8(Twice(entries + 16), low), bit4);
    };
    __m256i of64[4];
    TAKTGATE_UNROLL
    for (int k = 0; k < 4; ++k) {
      of64[k] = _mm256_blendv_epi8(of32(codes_ + k * 64), of32(codes_ + k * 64 + 32), bit5);
    }
    return _mm256_blendv_epi8(_mm256_blendv_epi8(of64[0], of64[1], bit6),
                              _mm256_blendv_epi8(of64[2], of64[3], bit6), codes);
  }

 private:
  const std::uint8_t* codes_;
};

inline __m256i Scaled(__m256i sums, __m256 multipliers) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(sums), multipliers));
}

// Four registers of eight sums become 32 codes.
class Requantiser {
 public:
  Requantiser(const std::uint8_t* table, int zero_point)
      : table_(table), zero_point_(_mm256_set1_epi16(static_cast<short>(zero_point))) {}

  // By halves: the lower half of the result is of the lower halves of all four.
  __m256i ByHalves(const __m256i (&rounded)[4]) const { return Look(Halves(rounded)); }
  // In order: the first register's codes first.
  __m256i InOrder(const __m256i (&rounded)[4]) const { return Look(Ordered(rounded)); }
  // Of N times four registers.
  template <int N>
  TAKTGATE_INLINE void InOrder(const __m256i (&rounded)[N][4], __m256i (&codes)[N]) const {
    TAKTGATE_UNROLL
    for (int n = 0; n < N; ++n) codes[n] = Ordered(rounded[n]);
    TAKTGATE_UNROLL
    for (int n = 0; n < N; ++n) codes[n] = Look(codes[n]);
  }

 private:
  static __m256i Order() { return _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); }
  __m256i Ordered(const __m256i (&rounded)[4]) const {
    return _mm256_permutevar8x32_epi32(Halves(rounded), Order());
  }
  __m256i Halves(const __m256i (&rounded)[4]) const {
    const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(rounded[0], rounded[1]), zero_point_);
    const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(rounded[2], rounded[3]), zero_point_);
    return _mm256_packus_epi16(low, high);
  }
  __m256i Look(__m256i codes) const { return table_.present() ? table_.Of(codes) : codes; }

  const Table table_;
  const __m256i zero_point_;
};

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_YMM_H_
