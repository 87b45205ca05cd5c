#include "int8/network/crc32.h"

#include <array>

namespace taktgate::int8 {
namespace {

// Eight tables, so that a step takes eight bytes: a network is read in its 20 ms also on slow
// cores.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1U) ^ ((rest & 1U) * 0xEDB88320U);
    tables[0][byte] = rest;
  }
  for (std::size_t ahead = 1; ahead < 8; ++ahead) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[ahead - 1][byte];
      tables[ahead][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

std::uint32_t Crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  while (bytes.size() >= 8) {
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < 8; ++k) {
      const std::uint32_t with = k < 4 ? (crc >> (8U * k)) & 0xFFU : 0U;
      next ^= kTables[7 - k][bytes[k] ^ with];
    }
    crc = next;
    bytes = bytes.subspan(8);
  }
  for (const std::uint8_t byte : bytes) crc = (crc >> 8U) ^ kTables[0][(crc ^ byte) & 0xFFU];
  return ~crc;
}

}  // namespace taktgate::int8
