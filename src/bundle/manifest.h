#ifndef TAKTGATE_BUNDLE_MANIFEST_H_
#define TAKTGATE_BUNDLE_MANIFEST_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::bundle {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kSignatureName = "manifest.sig";

// What a bundle says about itself (docs/formats.md, 5).
struct Manifest {
  std::string name;
  std::string version;
  std::vector<Member> members;  // in the bundle's order; roles counted, names unique

  // nullptr where no member has this role.
  const Member* WithRole(std::string_view role) const;
};

Result<Manifest> ParseManifest(std::span<const std::uint8_t> bytes);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_MANIFEST_H_
