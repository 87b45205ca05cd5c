#ifndef TAKTGATE_INT8_ZMM_H_
#define TAKTGATE_INT8_ZMM_H_

#include <immintrin.h>

#include "int8/kernels/kernel_loops.h"

// Registers of 512 bits: how they are read and written, and how sums become codes.
namespace taktgate::int8 {
namespace {

constexpr int kLanes = 16;

inline __m128i Load16(const std::uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
inline void Store16(std::uint8_t* to, __m128i codes) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), codes);
}
// The first `places` of four places behind each other.
inline void StoreFour(std::uint8_t* to, int places, __m512i codes) {
  if (places >= 4) {
    _mm512_storeu_si512(to, codes);
  } else {
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((1U << (places * 4)) - 1), codes);
  }
}

// The same where the compiler knows the number: no masks.
TAKTGATE_INLINE void StoreKnown(std::uint8_t* to, int places, __m512i codes) {
  if (places >= 4) {
    _mm512_storeu_si512(to, codes);
  } else if (places == 1) {
    Store16(to, _mm512_castsi512_si128(codes));
  } else {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(codes));
    if (places == 3) Store16(to + 32, _mm512_extracti32x4_epi32(codes, 2));
  }
}

// Four products in each lane. Not the intrinsic: with it GCC 12 copies every sum twice.
inline void AddProducts(__m512i& sums, __m512i codes, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(codes), "v"(weights));
}

// A table in registers: 128 entries in each pair.
struct Table {
  explicit Table(const std::uint8_t* codes) : present(codes != nullptr) {
    if (!present) return;
    for (int k = 0; k < 4; ++k) quarters[k] = _mm512_loadu_si512(codes + 64 * k);
  }
  // vpermi2b takes the lower seven bits; the eighth says which pair.
  __m512i Of(__m512i codes) const {
    const __m512i low = _mm512_permutex2var_epi8(quarters[0], codes, quarters[1]);
    const __m512i high = _mm512_permutex2var_epi8(quarters[2], codes, quarters[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), low, high);
  }
  bool present;
  __m512i quarters[4];
};

// Four sums of 16 lanes become 64 codes, those of the first sum first.
class Requantiser {
 public:
  explicit Requantiser(const std::uint8_t* table, int zero_point)
      : table_(table), zero_point_(_mm512_set1_epi16(static_cast<short>(zero_point))) {}

  __m512i Of(const __m512i (&rounded)[4]) const {
    const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(rounded[0], rounded[1]), zero_point_);
    const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(rounded[2], rounded[3]), zero_point_);
    // The packs work within each quarter of a register.
    const __m512i codes = _mm512_permutexvar_epi32(Order(), _mm512_packus_epi16(low, high));
    return table_.present ? table_.Of(codes) : codes;
  }

 private:
  static __m512i Order() {
    return _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  }
  const Table table_;
  const __m512i zero_point_;
};

inline __m512i Scaled(__m512i sums, __m512 multipliers) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sums), multipliers));
}

// Four neighbouring places of a block are 64 bytes. Turned so that the four codes of a channel lie
// together, they meet four taps of a kernel row in one dot product.
struct Turn {
  constexpr Turn() {
    for (int channel = 0; channel < 16; ++channel) {
      for (int place = 0; place < 4; ++place) {
        bytes[channel * 4 + place] = static_cast<unsigned char>(place * 16 + channel);
      }
    }
  }
  alignas(64) unsigned char bytes[64] = {};
};
constexpr Turn kTurn;

inline __m512i FourPlaces(const std::uint8_t* x) {
  return _mm512_permutexvar_epi8(_mm512_load_si512(kTurn.bytes), _mm512_loadu_si512(x));
}

}  // namespace
}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ZMM_H_
