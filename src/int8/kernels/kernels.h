#ifndef TAKTGATE_INT8_KERNELS_H_
#define TAKTGATE_INT8_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "int8/kernels/isa.h"

// The loops that a network spends its time in, one set for each kind of CPU. All sets give the same
// bytes (docs/int8.md).
//
// Codes lie in *blocks* of 16 channels: a map is its blocks, one behind the other, each of them
// rows of places of 16 bytes. Channels that fill up the last block have weights of zero. A place
// may be read beyond the end of its row by up to kOverRead bytes; what is read there is multiplied
// by zero.
//
// Threads: any; a kernel touches nothing but what its arguments point to.
namespace taktgate::int8 {

inline constexpr std::size_t kBlock = 16;
inline constexpr std::size_t kOverRead = 256;

// Where the places of a map lie, in bytes from its first place.
struct Steps {
  std::ptrdiff_t window = 0;  // to the same place of the next window of the part
  std::ptrdiff_t row = 0;
  std::ptrdiff_t column = 0;
  std::ptrdiff_t block = 0;
};

// How sums become codes.
struct Requantisation {
  const float* multipliers = nullptr;   // blocks x 16
  const std::uint8_t* table = nullptr;  // 256 codes; nullptr: none
  int zero_point = 0;
  // That no sum times its multiplier is above kMostSmall in size: 16 bits have room for it.
  bool stays_small = false;
};
inline constexpr int kMostSmall = 32'000;

// How the weights of dense layers lie.
enum class DenseOrder {
  kFours,     // blocks x steps x 16 results x 4
  kPairs,     // blocks x steps x 8 x 2 halves of 16 codes x 2 results x 8
  kSixteens,  // blocks x 4 x pairs of steps x 4 results x 2 (of a single last step 1) x 16
};

// Where codes of a map of four bytes a place are taken from, for a kernel of 3 x 3: vectors of 16
// are put together of 16 bytes of each of three rows, `row` bytes apart. kNoByte: of none, 0.
struct Gather {
  const std::uint8_t* from = nullptr;  // vectors x 16; nullptr: codes are taken where they lie
  int vectors = 0;
  std::ptrdiff_t row = 0;
};
inline constexpr std::uint8_t kNoByte = 255;

// Of every place of the result 16 sums for each block: of `steps` times four codes and four weights
// each (or sixteen: DenseOrder). The codes of step k lie `offsets[k]` bytes after the first code of
// the place; or in what was gathered for it.
// Pointwise layers, the stem and fully connected layers are all of this form.
struct Dense {
  const std::uint8_t* x = nullptr;
  Steps x_steps;  // from what one place of the result reads to what the next one reads
  const std::int32_t* offsets = nullptr;
  int steps = 0;
  std::uint8_t* y = nullptr;
  Steps y_steps;
  Gather gather;
  int windows = 1, rows = 1, columns = 1, blocks = 1;
  int results = 1;                       // of all blocks, without what fills up the last one
  const std::int8_t* weights = nullptr;  // in the order of the set
  const std::int32_t* biases = nullptr;  // blocks x 16, with what the zero point of x adds
  bool half_at_end = false;  // kSixteens: the last 8 codes of the last step are not used
  // For sets that add products in 16 bits. kFours: blocks x (steps / 4), how many of these four
  // steps may be added there before their sum is widened, 1, 2 or 4. kSixteens: blocks x 4, how
  // many products a lane has room for, 2, 4 or 8: a lane takes two of each step in turn, and those
  // of its neighbours where there are only one or two steps. nullptr: of others.
  const std::uint8_t* chains = nullptr;
  Requantisation result;
  // Of logits: float(sum) * multiplier instead of codes, blocks x 16 for each place of one row.
  float* floats = nullptr;
};

// How the taps of a depthwise kernel lie in its weights: as a set multiplies them.
enum class Taps {
  kRows,      // blocks x kernel x quads x 16 channels x 4 taps of a row
  kSequence,  // blocks x quads x 16 channels x 4 taps, each row right behind the one before
  kPairs,     // blocks x pairs x 16 channels x 2 taps, likewise, of 16 bits each
};

// Each channel with its own kernel, of 3 x 3 or 5 x 5 mostly. x points to the place of the first
// tap, which may lie in the border of the map.
struct Depthwise {
  const std::uint8_t* x = nullptr;
  Steps x_steps;  // of the map itself: the stride is below
  std::uint8_t* y = nullptr;
  Steps y_steps;
  int windows = 1, rows = 1, columns = 1, blocks = 1;
  int kernel = 3, stride = 1;
  const std::int8_t* weights = nullptr;  // see Taps; the last taps of a channel may be none
  const std::int32_t* biases = nullptr;
  // For sets with signed maps, of each block: how many rows 16 bits have room for, all, 1 or 0.
  const std::uint8_t* chains = nullptr;
  Requantisation result;
};

// Vectors of 64 bytes of weights: for a row of a depthwise kernel, for all of it in fours or pairs.
constexpr int QuadsOf(int kernel) { return (kernel + 3) / 4; }
constexpr int QuadsOfAll(int kernel) { return (kernel * kernel + 3) / 4; }
constexpr int PairsOfAll(int kernel) { return (kernel * kernel + 1) / 2; }

// Places of one block: `columns` of 16 bytes in each row.
struct Rows {
  int windows = 1, blocks = 1, rows = 1, columns = 1;
};

// From one map to another, place by place.
struct Elementwise {
  const std::uint8_t* x = nullptr;
  Steps x_steps;
  std::uint8_t* y = nullptr;
  Steps y_steps;
  Rows places;
  const std::uint8_t* table = nullptr;  // 256 codes; nullptr: none
  int zero_point = 0;
};

// y = requantise((x - zero_x) * (gate - zero_gate)); the gates of a block are 16 bytes.
struct Gate : Elementwise {
  const std::uint8_t* gates = nullptr;
  Steps gate_steps;
  int zero_x = 0, zero_gate = 0;
  float multiplier = 0;
};

// y = sat(round((x - zero_x) * multiplier_x + (b - zero_b) * multiplier_b) + zero_point).
struct Add : Elementwise {
  const std::uint8_t* b = nullptr;
  Steps b_steps;
  int zero_x = 0, zero_b = 0;
  float multiplier_x = 0, multiplier_b = 0;
};

// y = requantise(sum over all places of (x - zero_x)), a vector; `places` are those of x.
struct Mean : Elementwise {
  int zero_x = 0;
  float multiplier = 0;
};

// The border of a map says what lies outside: the zero point.
struct FillBorder {
  std::uint8_t* y = nullptr;  // the first place of the border
  Steps steps;
  int windows = 1, blocks = 1, rows = 1, columns = 1;  // with the border
  int top = 0, left = 0, bottom = 0, right = 0;
  std::uint8_t zero_point = 0;
};

// One channel of a picture: the pixel at (row, column) is first[row * row_step + column * step].
struct Plane {
  const std::uint8_t* first = nullptr;
  std::ptrdiff_t row_step = 0;
  std::ptrdiff_t step = 1;
};

// Pixels of a picture become codes of the input map.
struct ReadIn {
  const Plane* planes = nullptr;         // windows x channels
  const std::uint8_t* tables = nullptr;  // channels x 256
  // Where a place has four bytes: the same, each code where its channel lies in them.
  const std::uint32_t* placed_tables = nullptr;
  int channels = 1, height = 1, width = 1, windows = 1;
  int first_row = 0;          // of the pictures, that goes to the first row of y
  std::uint8_t* y = nullptr;  // the first place of the map
  Steps y_steps;
};

// y = table[x].
struct Lookup : Elementwise {};

struct Kernels {
  Isa isa{};
  // It multiplies codes less 128, but for pairs of taps: the biases must make up for it.
  bool takes_signed_codes = false;
  // The largest sum of weights of one sign whose products fit into its sums of 16 bits, or of sizes
  // of weights if codes are signed; 0: it does not add fours of weights in 16 bits.
  int most_chained = 0;
  void (*read_in)(const ReadIn&) = nullptr;
  void (*dense)(const Dense&) = nullptr;
  void (*depthwise)(const Depthwise&) = nullptr;
  void (*gate)(const Gate&) = nullptr;
  void (*add)(const Add&) = nullptr;
  void (*mean)(const Mean&) = nullptr;
  void (*lookup)(const Lookup&) = nullptr;
  Taps taps = Taps::kRows;
  void (*fill_border)(const FillBorder&) = nullptr;  // nullptr: as the scalar set does it
  // All its maps hold codes less 128, as signed bytes. Zero points and tables are those of codes.
  bool signed_maps = false;
  DenseOrder dense_order = DenseOrder::kFours;
  bool gathers = false;
};

// The set of this name that is best for weights of 7 or 8 bits. nullptr: this CPU, or this program,
// has none.
const Kernels* KernelsFor(Isa isa, int weight_bits);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_KERNELS_H_
