#ifndef TAKTGATE_INT8_NETWORK_FILE_H_
#define TAKTGATE_INT8_NETWORK_FILE_H_

#include <cstdint>
#include <span>

#include "base/result.h"
#include "int8/network/network.h"

namespace taktgate::int8 {

inline constexpr std::size_t kMostFileBytes = 64U << 20;

// A compiled network (docs/int8.md, 4), checked whole: shapes that follow from each other, and no
// sum that could overflow. The bytes may lie anywhere; everything is copied. corrupt: cut, or its
// checksum is wrong. unsupported: of a later version. invalid: anything that the page does not
// allow.
Result<Network> ReadNetwork(std::span<const std::uint8_t> file);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NETWORK_FILE_H_
