#include "int8/network/crc32.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace taktgate::int8 {
namespace {

std::uint32_t Of(std::string_view text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return Crc32(bytes);
}

// The check value of the published parameters, and values that zlib gives.
TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(Of(""), 0U);
  EXPECT_EQ(Of("123456789"), 0xCBF43926U);
  EXPECT_EQ(Of("a"), 0xE8B7BE43U);
  EXPECT_EQ(Of("taktgate, taktgate"), 0xA7DDE8A0U);
}

TEST(Crc32, EveryBitCounts) {
  std::vector<std::uint8_t> bytes(37, 0x5A);
  const std::uint32_t whole = Crc32(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_NE(Crc32(bytes), whole) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

}  // namespace
}  // namespace taktgate::int8
