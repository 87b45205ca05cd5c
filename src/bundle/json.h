#ifndef TAKTGATE_BUNDLE_JSON_H_
#define TAKTGATE_BUNDLE_JSON_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "base/result.h"

namespace taktgate::bundle {

using Json = nlohmann::json;

inline constexpr std::size_t kMaxJsonBytes = 1U << 20;
inline constexpr int kMaxJsonDepth = 8;

// Strict JSON (docs/formats.md): UTF-8, at most 1 MiB, nesting at most 8, no duplicate keys, no
// comments, no numbers beyond double. Depth is refused while reading, before it costs stack.
// Every message begins with `file`.
Result<Json> ParseJson(std::span<const std::uint8_t> bytes, const std::string& file);

// The document's schema number, 1; a greater one is `unsupported` (a newer format).
Status CheckSchema(const Json& document, const std::string& file);

// A value in a message: short, whatever it is.
std::string Describe(const Json& value);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_JSON_H_
