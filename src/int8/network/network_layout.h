#ifndef TAKTGATE_INT8_NETWORK_LAYOUT_H_
#define TAKTGATE_INT8_NETWORK_LAYOUT_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "int8/network/network.h"

// How a compiled network lies in its file: docs/int8.md, 4.
namespace taktgate::int8 {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

inline constexpr char kMagic[8] = {'t', 'a', 'k', 't', 'i', 'n', 't', '8'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint16_t kNone = 65'535;
inline constexpr std::size_t kAlignment = 64;
inline constexpr std::uint32_t kMostThings = 4'096;
inline constexpr int kMostSide = 1'024, kMostChannels = 4'096;
inline constexpr std::int64_t kMostCodes = 1 << 26;  // of a tensor: offsets have 32 bits

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t crc;  // of all that follows
  std::uint32_t bytes;
  std::uint32_t weight_bits;
  std::uint32_t tensors, operations, tables, weights, biases, multipliers, extra_outputs;
  std::uint32_t reserved[3];
};
static_assert(sizeof(Header) == 64);
inline constexpr std::size_t kCrcEnd = 16;

struct TensorEntry {
  std::uint16_t height, width, channels;
  std::uint8_t zero_point, reserved;
  float scale;
  std::uint32_t reserved2;
};
static_assert(sizeof(TensorEntry) == 16);

struct OperationEntry {
  std::uint8_t kind, kernel_height, kernel_width, stride_y, stride_x, pad_top, pad_left, zero_point;
  std::uint16_t first, second, result, table;
  std::uint32_t weights, biases, multipliers;
  std::uint8_t reserved[36];
};
static_assert(sizeof(OperationEntry) == 64);

struct ExtraOutputEntry {
  std::uint16_t tensor;
  std::uint8_t role, reserved;
};
static_assert(sizeof(ExtraOutputEntry) == 4);

struct Section {
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;

  std::uint64_t end() const { return begin + bytes; }
  std::uint64_t padded_end() const { return (end() + kAlignment - 1) / kAlignment * kAlignment; }
};

// Where each section lies; they follow each other.
struct Sections {
  explicit Sections(const Header& header) {
    const auto put = [this](std::uint64_t count, std::size_t size) {
      const Section section{end, count * size};
      end = section.padded_end();
      return section;
    };
    tensors = put(header.tensors, sizeof(TensorEntry));
    operations = put(header.operations, sizeof(OperationEntry));
    tables = put(header.tables, kCodes);
    weights = put(header.weights, 1);
    biases = put(header.biases, sizeof(std::int32_t));
    multipliers = put(header.multipliers, sizeof(float));
    extra_outputs = put(header.extra_outputs, sizeof(ExtraOutputEntry));
  }
  std::array<Section, 7> all() const {
    return {tensors, operations, tables, weights, biases, multipliers, extra_outputs};
  }

  Section tensors, operations, tables, weights, biases, multipliers, extra_outputs;
  std::uint64_t end = sizeof(Header);
};

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NETWORK_LAYOUT_H_
