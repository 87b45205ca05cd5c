// AVX512-VNNI with VBMI. vpdpbusd multiplies four codes by four weights and adds them to a sum, in
// each of 16 lanes, without saturation. The bound: 64 products a cycle and port, so that a layer of
// n products needs n / 64 cycles where one such instruction starts a cycle, n / 128 where two do.
#if defined(__x86_64__)
#include <immintrin.h>

#include "int8/kernel_sets.h"

namespace taktgate::int8 {
namespace {

constexpr int kLanes = 16;

// The loops over registers: they must not be loops.
#define TAKTGATE_UNROLL _Pragma("GCC unroll 64")

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

inline void Store(std::uint8_t* to, __m128i codes) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), codes);
}

// The quarters of a register, the first `count` of them, to where `to` says.
template <typename To>
inline __attribute__((always_inline)) void StoreFour(__m512i codes, int count, To to) {
  Store(to(0), _mm512_castsi512_si128(codes));
  if (count > 1) Store(to(1), _mm512_extracti32x4_epi32(codes, 1));
  if (count > 2) Store(to(2), _mm512_extracti32x4_epi32(codes, 2));
  if (count > 3) Store(to(3), _mm512_extracti32x4_epi32(codes, 3));
}

// The sums of R places and N blocks lie in registers, so that a step loads N vectors of weights and
// R times four codes for R x N dot products.
template <int R, int N>
void DenseTile(const Dense& d, const std::uint8_t* x, std::uint8_t* y, int column, int block,
               const Requantiser& requantiser) {
  __m512i sums[R * N];
  TAKTGATE_UNROLL
  for (int n = 0; n < N; ++n) {
    const __m512i bias = _mm512_loadu_si512(d.biases + (block + n) * kLanes);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) sums[r * N + n] = bias;
  }
  const std::ptrdiff_t of_block = std::ptrdiff_t{d.steps} * 64;
  const std::int8_t* weights = d.weights + block * of_block;
  const std::ptrdiff_t x_column = d.x_steps.column;
  x += column * x_column;
  for (int k = 0; k < d.steps; ++k, weights += 64) {
    const std::uint8_t* codes = x + d.offsets[k];
    __m512i w[N];
    TAKTGATE_UNROLL
    for (int n = 0; n < N; ++n) w[n] = _mm512_loadu_si512(weights + n * of_block);
    TAKTGATE_UNROLL
    for (int r = 0; r < R; ++r) {
      int four;
      __builtin_memcpy(&four, codes + r * x_column, sizeof four);
      const __m512i same = _mm512_set1_epi32(four);
      TAKTGATE_UNROLL
      for (int n = 0; n < N; ++n) AddProducts(sums[r * N + n], same, w[n]);
    }
  }
  __m512 multipliers[N];
  TAKTGATE_UNROLL
  for (int n = 0; n < N; ++n) {
    multipliers[n] = _mm512_loadu_ps(d.result.multipliers + (block + n) * kLanes);
  }
  if (d.floats != nullptr) {
    TAKTGATE_UNROLL
    for (int at = 0; at < R * N; ++at) {
      float* to = d.floats + ((column + at / N) * d.blocks + block + at % N) * kLanes;
      _mm512_storeu_ps(to, _mm512_mul_ps(_mm512_cvtepi32_ps(sums[at]), multipliers[at % N]));
    }
    return;
  }
  const std::ptrdiff_t y_column = d.y_steps.column, y_block = d.y_steps.block;
  y += column * y_column + block * y_block;
  // Four registers at a time, whichever places and blocks they are of.
  constexpr int kAll = R * N;
  TAKTGATE_UNROLL
  for (int group = 0; group < kAll; group += 4) {
    __m512i rounded[4];
    TAKTGATE_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int at = group + i < kAll ? group + i : kAll - 1;
      rounded[i] = Scaled(sums[at], multipliers[at % N]);
    }
    const __m512i codes = requantiser.Of(rounded);
    StoreFour(codes, kAll - group,
              [=](int i) { return y + (group + i) / N * y_column + (group + i) % N * y_block; });
  }
}

template <int R, int N>
void DenseRest(const Dense& d, const std::uint8_t* x, std::uint8_t* y, int column, int block,
               const Requantiser& requantiser) {
  if constexpr (R > 0) {
    if (d.columns - column == R) return DenseTile<R, N>(d, x, y, column, block, requantiser);
    DenseRest<R - 1, N>(d, x, y, column, block, requantiser);
  }
}

template <int R, int N>
void DenseBlocks(const Dense& d, int block, const Requantiser& requantiser) {
  for (int window = 0; window < d.windows; ++window) {
    for (int row = 0; row < d.rows; ++row) {
      const std::uint8_t* x = d.x + window * d.x_steps.window + row * d.x_steps.row;
      std::uint8_t* y = d.y + window * d.y_steps.window + row * d.y_steps.row;
      int column = 0;
      for (; column + R <= d.columns; column += R) {
        DenseTile<R, N>(d, x, y, column, block, requantiser);
      }
      DenseRest<R - 1, N>(d, x, y, column, block, requantiser);
    }
  }
}

// Four blocks at a time: their weights stay in the first cache while all places go by.
void DenseAvx512(const Dense& d) {
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  int block = 0;
  for (; d.blocks - block >= 4; block += 4) DenseBlocks<6, 4>(d, block, requantiser);
  switch (d.blocks - block) {
    case 3:
      return DenseBlocks<8, 3>(d, block, requantiser);
    case 2:
      return DenseBlocks<12, 2>(d, block, requantiser);
    case 1:
      return DenseBlocks<12, 1>(d, block, requantiser);
    default:
      return;
  }
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

template <int K, int S, int R>
void DepthwiseTile(const Depthwise& d, const std::uint8_t* x, std::uint8_t* y,
                   const std::int8_t* weights, __m512i bias, __m512 multipliers,
                   const Requantiser& requantiser) {
  constexpr int kQuads = (K + 3) / 4;
  __m512i sums[R];
  TAKTGATE_UNROLL
  for (int r = 0; r < R; ++r) sums[r] = bias;
  TAKTGATE_UNROLL
  for (int dy = 0; dy < K; ++dy) {
    const std::uint8_t* row = x + dy * d.x_steps.row;
    TAKTGATE_UNROLL
    for (int quad = 0; quad < kQuads; ++quad) {
      const __m512i w = _mm512_loadu_si512(weights + (dy * kQuads + quad) * 64);
      TAKTGATE_UNROLL
      for (int r = 0; r < R; ++r)
        AddProducts(sums[r], FourPlaces(row + (r * S + quad * 4) * 16), w);
    }
  }
  TAKTGATE_UNROLL
  for (int group = 0; group < R; group += 4) {
    __m512i rounded[4];
    TAKTGATE_UNROLL
    for (int i = 0; i < 4; ++i)
      rounded[i] = Scaled(sums[group + i < R ? group + i : R - 1], multipliers);
    StoreFour(requantiser.Of(rounded), R - group, [=](int i) { return y + (group + i) * 16; });
  }
}

template <int K, int S, int R, typename... Rest>
void DepthwiseRest(const Depthwise& d, const std::uint8_t* x, std::uint8_t* y, int rest,
                   const Rest&... others) {
  if constexpr (R > 0) {
    if (rest == R) return DepthwiseTile<K, S, R>(d, x, y, others...);
    DepthwiseRest<K, S, R - 1>(d, x, y, rest, others...);
  }
}

template <int K, int S>
void DepthwiseOf(const Depthwise& d) {
  constexpr int R = 8;
  const Requantiser requantiser(d.result.table, d.result.zero_point);
  for (int block = 0; block < d.blocks; ++block) {
    const __m512i bias = _mm512_loadu_si512(d.biases + block * kLanes);
    const __m512 multipliers = _mm512_loadu_ps(d.result.multipliers + block * kLanes);
    const std::int8_t* weights = d.weights + std::ptrdiff_t{block} * K * ((K + 3) / 4) * 64;
    for (int window = 0; window < d.windows; ++window) {
      for (int row = 0; row < d.rows; ++row) {
        const std::uint8_t* x =
            d.x + window * d.x_steps.window + block * d.x_steps.block + row * S * d.x_steps.row;
        std::uint8_t* y =
            d.y + window * d.y_steps.window + block * d.y_steps.block + row * d.y_steps.row;
        int column = 0;
        for (; column + R <= d.columns; column += R) {
          DepthwiseTile<K, S, R>(d, x + column * S * 16, y + column * 16, weights, bias,
                                 multipliers, requantiser);
        }
        DepthwiseRest<K, S, R - 1>(d, x + column * S * 16, y + column * 16, d.columns - column,
                                   weights, bias, multipliers, requantiser);
      }
    }
  }
}

void DepthwiseAvx512(const Depthwise& d) {
  switch (d.kernel * 10 + d.stride) {
    case 11:
      return DepthwiseOf<1, 1>(d);
    case 12:
      return DepthwiseOf<1, 2>(d);
    case 31:
      return DepthwiseOf<3, 1>(d);
    case 32:
      return DepthwiseOf<3, 2>(d);
    case 51:
      return DepthwiseOf<5, 1>(d);
    case 52:
      return DepthwiseOf<5, 2>(d);
    case 71:
      return DepthwiseOf<7, 1>(d);
    case 72:
      return DepthwiseOf<7, 2>(d);
    default:
      return;  // the reader refuses other kernels
  }
}

inline __m512i Widened(__m128i codes) { return _mm512_cvtepu8_epi32(codes); }
inline __m128i Load(const std::uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

// Goes through the rows of all blocks four places at a time; `rounded(x, y, block, four)` fills
// four registers, of which those beyond the row are not stored.
template <typename Rounded>
void ForEachFour(const Rows& places, const Steps& x_steps, const Steps& y_steps, std::uint8_t* y,
                 const Requantiser& requantiser, Rounded rounded) {
  for (int window = 0; window < places.windows; ++window) {
    for (int block = 0; block < places.blocks; ++block) {
      for (int row = 0; row < places.rows; ++row) {
        const std::ptrdiff_t from =
            window * x_steps.window + block * x_steps.block + row * x_steps.row;
        std::uint8_t* to = y + window * y_steps.window + block * y_steps.block + row * y_steps.row;
        for (int column = 0; column < places.columns; column += 4) {
          __m512i four[4];
          rounded(from + column * 16, window, block, row, column, four);
          const __m512i codes = requantiser.Of(four);
          if (column + 4 <= places.columns) {
            _mm512_storeu_si512(to + column * 16, codes);
          } else {
            const auto bytes = static_cast<unsigned>(places.columns - column) * 16;
            _mm512_mask_storeu_epi8(to + column * 16, (std::uint64_t{1} << bytes) - 1, codes);
          }
        }
      }
    }
  }
}

// vpmaddwd multiplies the lower halves; the upper ones of the gates are zero.
void GateAvx512(const Gate& g) {
  const Requantiser requantiser(g.table, g.zero_point);
  const __m512i zero_x = _mm512_set1_epi32(g.zero_x), zero_gate = _mm512_set1_epi32(g.zero_gate);
  const __m512 multiplier = _mm512_set1_ps(g.multiplier);
  ForEachFour(g.places, g.x_steps, g.y_steps, g.y, requantiser,
              [&](std::ptrdiff_t from, int window, int block, int, int, __m512i(&four)[4]) {
                const std::uint8_t* gates =
                    g.gates + window * g.gate_steps.window + block * g.gate_steps.block;
                const __m512i gate = _mm512_and_si512(
                    _mm512_sub_epi32(Widened(Load(gates)), zero_gate), _mm512_set1_epi32(0xFFFF));
                TAKTGATE_UNROLL
                for (int i = 0; i < 4; ++i) {
                  const __m512i x = _mm512_sub_epi32(Widened(Load(g.x + from + i * 16)), zero_x);
                  four[i] = Scaled(_mm512_madd_epi16(x, gate), multiplier);
                }
              });
}

void AddAvx512(const Add& d) {
  const Requantiser requantiser(d.table, d.zero_point);
  const __m512i zero_a = _mm512_set1_epi32(d.zero_x), zero_b = _mm512_set1_epi32(d.zero_b);
  const __m512 times_a = _mm512_set1_ps(d.multiplier_x), times_b = _mm512_set1_ps(d.multiplier_b);
  const auto scaled = [](const std::uint8_t* from, __m512i zero, __m512 times) {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(Widened(Load(from)), zero)), times);
  };
  ForEachFour(
      d.places, d.x_steps, d.y_steps, d.y, requantiser,
      [&](std::ptrdiff_t from, int window, int block, int row, int column, __m512i(&four)[4]) {
        const std::uint8_t* b = d.b + window * d.b_steps.window + block * d.b_steps.block +
                                row * d.b_steps.row + column * 16;
        TAKTGATE_UNROLL
        for (int i = 0; i < 4; ++i) {
          four[i] = _mm512_cvtps_epi32(_mm512_add_ps(scaled(d.x + from + i * 16, zero_a, times_a),
                                                     scaled(b + i * 16, zero_b, times_b)));
        }
      });
}

void MeanAvx512(const Mean& m) {
  const Requantiser requantiser(m.table, m.zero_point);
  const __m512i all = _mm512_set1_epi32(m.places.rows * m.places.columns * m.zero_x);
  const __m512 multiplier = _mm512_set1_ps(m.multiplier);
  for (int window = 0; window < m.places.windows; ++window) {
    for (int block = 0; block < m.places.blocks; ++block) {
      __m512i sums = _mm512_setzero_si512();
      for (int row = 0; row < m.places.rows; ++row) {
        const std::uint8_t* x =
            m.x + window * m.x_steps.window + block * m.x_steps.block + row * m.x_steps.row;
        for (int column = 0; column < m.places.columns; ++column) {
          sums = _mm512_add_epi32(sums, Widened(Load(x + column * 16)));
        }
      }
      const __m512i rounded = Scaled(_mm512_sub_epi32(sums, all), multiplier);
      const __m512i four[4] = {rounded, rounded, rounded, rounded};
      Store(m.y + window * m.y_steps.window + block * m.y_steps.block,
            _mm512_castsi512_si128(requantiser.Of(four)));
    }
  }
}

// Sixteen pixels of a plane, whose steps are of four bytes at most, as the lowest 16 bytes.
inline __m512i SixteenPixels(const std::uint8_t* from, std::ptrdiff_t step, __m512i every,
                             int count) {
  const auto bytes = static_cast<unsigned>((count - 1) * step + 1);
  const __m512i loaded = _mm512_maskz_loadu_epi8(~std::uint64_t{0} >> (64 - bytes), from);
  return _mm512_permutexvar_epi8(every, loaded);
}

void ReadRow(const ReadIn& read, const Table* tables, int window, int row) {
  const Plane* planes = read.planes + window * read.channels;
  std::uint8_t* y = read.y + window * read.y_steps.window + row * read.y_steps.row;
  __m512i every[4];
  for (int c = 0; c < read.channels; ++c) {
    const __m512i place = _mm512_setr_epi32(0x03020100, 0x07060504, 0x0B0A0908, 0x0F0E0D0C, 0, 0, 0,
                                            0, 0, 0, 0, 0, 0, 0, 0, 0);
    every[c] = _mm512_mullo_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(place)),
                                  _mm512_set1_epi16(static_cast<short>(planes[c].step)));
    every[c] = _mm512_castsi256_si512(_mm512_cvtepi16_epi8(every[c]));
  }
  for (int column = 0; column < read.width; column += 16) {
    const int count = read.width - column < 16 ? read.width - column : 16;
    __m512i places = _mm512_setzero_si512();
    for (int c = 0; c < read.channels; ++c) {
      const std::uint8_t* from =
          planes[c].first + row * planes[c].row_step + column * planes[c].step;
      const __m512i codes = tables[c].Of(SixteenPixels(from, planes[c].step, every[c], count));
      const __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(codes));
      places = _mm512_or_si512(places, _mm512_sllv_epi32(wide, _mm512_set1_epi32(8 * c)));
    }
    _mm512_mask_storeu_epi32(y + column * 4, static_cast<__mmask16>((1U << count) - 1), places);
  }
}

void ReadInAvx512(const ReadIn& read) {
  const auto fits = [](const Plane& plane) { return plane.step >= 1 && plane.step <= 4; };
  bool all_fit = read.placed_tables != nullptr;
  for (int k = 0; all_fit && k < read.windows * read.channels; ++k) all_fit = fits(read.planes[k]);
  if (!all_fit) return kScalarKernels.read_in(read);
  const int last = read.channels - 1;
  const auto table = [&](int c) { return Table(read.tables + (c < last ? c : last) * 256); };
  const Table tables[4] = {table(0), table(1), table(2), table(3)};
  for (int window = 0; window < read.windows; ++window) {
    for (int row = 0; row < read.height; ++row) ReadRow(read, tables, window, row);
  }
}

void LookupAvx512(const Lookup& l) {
  const Table table(l.table);
  for (int window = 0; window < l.places.windows; ++window) {
    for (int block = 0; block < l.places.blocks; ++block) {
      for (int row = 0; row < l.places.rows; ++row) {
        const std::uint8_t* x =
            l.x + window * l.x_steps.window + block * l.x_steps.block + row * l.x_steps.row;
        std::uint8_t* y =
            l.y + window * l.y_steps.window + block * l.y_steps.block + row * l.y_steps.row;
        int at = 0;
        const int bytes = l.places.columns * 16;
        for (; at + 64 <= bytes; at += 64) {
          _mm512_storeu_si512(y + at, table.Of(_mm512_loadu_si512(x + at)));
        }
        for (; at < bytes; at += 16) {
          Store(y + at, _mm512_castsi512_si128(table.Of(_mm512_castsi128_si512(Load(x + at)))));
        }
      }
    }
  }
}

}  // namespace

const Kernels kAvx512VnniKernels = {Isa::kAvx512Vnni, false,           0,          ReadInAvx512,
                                    DenseAvx512,      DepthwiseAvx512, GateAvx512, AddAvx512,
                                    MeanAvx512,       LookupAvx512};

}  // namespace taktgate::int8
#endif
