#include "bundle/recipe.h"

#include "base/utf8.h"
#include "bundle/fields.h"
#include "bundle/names.h"
#include "image/frame.h"

namespace taktgate::bundle {
namespace {

void ParseFrame(Fields& document, std::optional<Error>& fault, Recipe& recipe) {
  const Json& value = document.Value("frame");
  if (value.is_null()) return;
  Fields fields(value, document.file(), "frame", {"width", "height"}, fault);
  FrameSize size;
  size.width = static_cast<int>(fields.Whole("width", 1, image::kMaxSide));
  size.height = static_cast<int>(fields.Whole("height", 1, image::kMaxSide));
  recipe.frame = size;
}

void ParseGolden(Fields& document, Recipe& recipe) {
  const Json& value = document.Value("golden");
  if (value.is_null()) return;
  recipe.golden_member = document.Text("golden");
  if (!IsMemberName(recipe.golden_member)) {
    document.Fail("golden", "null or a member's name [a-z0-9_./-]{1,96}",
                  Quoted(recipe.golden_member));
  }
}

Window ParseWindow(const Json& value, const std::string& file, const std::string& path,
                   const Recipe& recipe, std::optional<Error>& fault) {
  Fields fields(value, file, path, {"name", "x", "y", "w", "h"}, fault);
  Window window;
  window.name = fields.Text("name");
  if (!IsWord(window.name, "_-", 32, false)) {
    fields.Fail("name", "a name [a-z0-9_-]{1,32}", Quoted(window.name));
  }
  for (const Window& other : recipe.windows) {
    if (other.name == window.name) {
      fields.Fail("name", "every name once", "a second " + Quoted(window.name));
    }
  }
  const int width = recipe.frame ? recipe.frame->width : image::kMaxSide;
  const int height = recipe.frame ? recipe.frame->height : image::kMaxSide;
  window.rect.x = static_cast<int>(fields.Whole("x", 0, width - 1));
  window.rect.y = static_cast<int>(fields.Whole("y", 0, height - 1));
  // What is left of the frame, so that the sum cannot leave it.
  window.rect.w = static_cast<int>(fields.Whole("w", 1, width - window.rect.x));
  window.rect.h = static_cast<int>(fields.Whole("h", 1, height - window.rect.y));
  return window;
}

void ParseWindows(Fields& document, std::optional<Error>& fault, Recipe& recipe) {
  const Json& value = document.Value("windows");
  if (value.is_string() && value == "whole_frame") return;
  if (!value.is_array()) {
    document.Fail("windows", "1 to 64 windows or \"whole_frame\"", Describe(value));
    return;
  }
  for (const Json& entry : document.Array("windows", 1, 64)) {
    const std::string path = "windows[" + std::to_string(recipe.windows.size()) + "]";
    recipe.windows.push_back(ParseWindow(entry, document.file(), path, recipe, fault));
  }
}

void ParseAlignment(Fields& document, std::optional<Error>& fault, Recipe& recipe) {
  const Json& value = document.Value("alignment");
  if (value.is_null()) return;
  Fields fields(value, document.file(), "alignment", {"method", "max_shift", "min_score"}, fault);
  fields.Choice("method", {"profiles"});
  image::AlignmentSettings settings;
  settings.max_shift = static_cast<int>(fields.Whole("max_shift", 1, 16));
  settings.min_score = fields.Number("min_score", 0, 1);
  recipe.alignment = settings;
  if (recipe.golden_member.empty()) {
    document.Fail("alignment", "null where there is no golden image to align on", "an alignment");
  }
  if (!recipe.frame) {
    document.Fail("alignment", "null where the frame has no fixed size", "an alignment");
  }
}

image::HealthRange ParseRange(Fields& health, std::string_view key, double highest,
                              std::optional<Error>& fault) {
  Fields fields(health.Value(key), health.file(), health.PathOf(key), {"low", "high"}, fault);
  image::HealthRange range;
  range.low = fields.Number("low", 0, highest);
  range.high = fields.Number("high", 0, highest);
  if (range.low > range.high) {
    fields.Fail("low", "a number not above high",
                std::to_string(range.low) + " above " + std::to_string(range.high));
  }
  return range;
}

// Releases from before there was one have no such field.
void ParseHealth(Fields& document, std::optional<Error>& fault, Recipe& recipe) {
  if (!document.Has("health") || document.Value("health").is_null()) return;
  Fields fields(document.Value("health"), document.file(), "health",
                {"brightness", "contrast", "sharpness"}, fault);
  image::HealthLimits limits;
  limits.brightness = ParseRange(fields, "brightness", 255, fault);
  limits.contrast = ParseRange(fields, "contrast", 255, fault);
  limits.sharpness = ParseRange(fields, "sharpness", 4, fault);
  recipe.health = limits;
}

void ParseThresholds(Fields& document, std::optional<Error>& fault, Recipe& recipe) {
  Fields fields(document.Value("thresholds"), document.file(), "thresholds",
                {"pass_at_most", "fail_at_least"}, fault);
  Thresholds& thresholds = recipe.thresholds;
  thresholds.pass_at_most = fields.Number("pass_at_most", 0, 1);
  thresholds.fail_at_least = fields.Number("fail_at_least", 0, 1);
  if (thresholds.pass_at_most > thresholds.fail_at_least) {
    fields.Fail("pass_at_most", "a number not above fail_at_least",
                std::to_string(thresholds.pass_at_most) + " above " +
                    std::to_string(thresholds.fail_at_least));
  }
}

}  // namespace

Result<Recipe> ParseRecipe(std::span<const std::uint8_t> bytes, const std::string& file) {
  Result<Json> document = ParseJson(bytes, file);
  if (!document) return document.error();
  if (Status schema = CheckSchema(*document, file); !schema) return schema.error();

  std::optional<Error> fault;
  Fields fields(*document, file, "",
                {"schema", "frame", "golden", "windows", "alignment", "health", "thresholds"},
                fault);
  Recipe recipe;
  ParseFrame(fields, fault, recipe);
  ParseGolden(fields, recipe);
  ParseWindows(fields, fault, recipe);
  ParseAlignment(fields, fault, recipe);
  ParseHealth(fields, fault, recipe);
  ParseThresholds(fields, fault, recipe);
  if (fault) return *fault;
  return recipe;
}

}  // namespace taktgate::bundle
