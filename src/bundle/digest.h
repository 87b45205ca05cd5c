#ifndef TAKTGATE_BUNDLE_DIGEST_H_
#define TAKTGATE_BUNDLE_DIGEST_H_

#include <cstdint>
#include <span>
#include <string>

namespace taktgate::bundle {

// SHA-256 as 64 lower-case hex digits.
std::string Sha256Hex(std::span<const std::uint8_t> bytes);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_DIGEST_H_
