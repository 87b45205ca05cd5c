#ifndef TAKTGATE_BUNDLE_RECIPE_H_
#define TAKTGATE_BUNDLE_RECIPE_H_

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::bundle {

// recipe.json (docs/formats.md, 3), checked in itself: windows inside the frame, thresholds in
// order, alignment only with a golden image and a frame size.
Result<Recipe> ParseRecipe(std::span<const std::uint8_t> bytes, const std::string& file);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_RECIPE_H_
