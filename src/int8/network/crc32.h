#ifndef TAKTGATE_INT8_CRC32_H_
#define TAKTGATE_INT8_CRC32_H_

#include <cstdint>
#include <span>

namespace taktgate::int8 {

// The CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320), as zlib computes it.
std::uint32_t Crc32(std::span<const std::uint8_t> bytes);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_CRC32_H_
