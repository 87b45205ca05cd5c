#ifndef TAKTGATE_BUNDLE_LABELS_H_
#define TAKTGATE_BUNDLE_LABELS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::bundle {

// labels.json (docs/formats.md, 4): 2 to 1000 classes with names of their own, one at least
// that passes and one that fails.
Result<std::vector<Label>> ParseLabels(std::span<const std::uint8_t> bytes,
                                       const std::string& file);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_LABELS_H_
