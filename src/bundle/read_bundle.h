#ifndef TAKTGATE_BUNDLE_READ_BUNDLE_H_
#define TAKTGATE_BUNDLE_READ_BUNDLE_H_

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::bundle {

// Verifies every byte of a bundle (docs/formats.md, 5) and decodes it. Fixed limits; nothing in it
// is trusted before its digest has been checked, and nothing unlisted may exist. corrupt: damaged
// or cut; invalid: against the format; unsupported: of a newer schema.
Result<Release> ReadBundle(std::span<const std::uint8_t> bytes);

// Reads the file (at most 256 MiB) and verifies it; messages name the file.
Result<Release> ReadBundleFile(const std::filesystem::path& path);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_READ_BUNDLE_H_
