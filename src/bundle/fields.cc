#include "bundle/fields.h"

#include <algorithm>

#include "base/utf8.h"

namespace taktgate::bundle {
namespace {

const Json& Nothing() {
  static const Json kNothing;
  return kNothing;
}

const Json& EmptyArray() {
  static const Json kEmpty = Json::array();
  return kEmpty;
}

std::string ShortNumber(double value) {
  std::string text = Describe(Json(value));
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace

Fields::Fields(const Json& value, std::string file, std::string path,
               std::initializer_list<std::string_view> keys, std::optional<Error>& fault)
    : file_(std::move(file)), path_(std::move(path)), fault_(fault) {
  if (failed()) return;
  if (!value.is_object()) {
    Fail("", "an object", Describe(value));
    return;
  }
  for (const auto& [key, unused] : value.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::string known;
    for (const std::string_view name : keys)
      known += (known.empty() ? "" : ", ") + std::string(name);
    Fail("", "only the keys " + known, "the key " + Quoted(key));
    return;
  }
  object_ = &value;
}

std::string Fields::PathOf(std::string_view key) const {
  if (path_.empty() || key.empty()) return path_ + std::string(key);
  return path_ + "." + std::string(key);
}

void Fields::Fail(std::string_view key, std::string_view expected, std::string_view came) {
  if (failed()) return;
  const std::string path = PathOf(key);
  fault_ =
      Error{ErrorCode::kInvalid, file_ + ": " + path + (path.empty() ? "" : ": ") + "expected " +
                                     std::string(expected) + ", got " + std::string(came)};
  object_ = nullptr;
}

const Json* Fields::Find(std::string_view key, std::string_view expected) {
  if (object_ == nullptr || failed()) return nullptr;
  const auto found = object_->find(key);
  if (found != object_->end()) return &*found;
  Fail(key, expected, "nothing");
  return nullptr;
}

bool Fields::Has(std::string_view key) const {
  return object_ != nullptr && object_->find(key) != object_->end();
}

std::int64_t Fields::Whole(std::string_view key, std::int64_t min, std::int64_t max) {
  const std::string expected =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  const Json* value = Find(key, expected);
  if (value == nullptr) return min;
  // Unsigned values beyond int64 must not wrap around into the range.
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
  if (fits && value->get<std::int64_t>() >= min && value->get<std::int64_t>() <= max) {
    return value->get<std::int64_t>();
  }
  Fail(key, expected, Describe(*value));
  return min;
}

double Fields::Number(std::string_view key, double min, double max) {
  const std::string expected = "a number from " + ShortNumber(min) + " to " + ShortNumber(max);
  const Json* value = Find(key, expected);
  if (value == nullptr) return min;
  if (value->is_number() && value->get<double>() >= min && value->get<double>() <= max) {
    return value->get<double>();
  }
  Fail(key, expected, Describe(*value));
  return min;
}

bool Fields::Flag(std::string_view key) {
  const Json* value = Find(key, "true or false");
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  Fail(key, "true or false", Describe(*value));
  return false;
}

std::string Fields::Text(std::string_view key) {
  const Json* value = Find(key, "text");
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  Fail(key, "text", Describe(*value));
  return {};
}

std::size_t Fields::Choice(std::string_view key, std::span<const std::string_view> choices) {
  std::string expected;
  for (const std::string_view name : choices) {
    expected += (expected.empty() ? "" : " or ") + Quoted(name);
  }
  const Json* value = Find(key, expected);
  if (value == nullptr) return 0;
  if (value->is_string()) {
    const auto found =
        std::find(choices.begin(), choices.end(), value->get_ref<const std::string&>());
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  }
  Fail(key, expected, Describe(*value));
  return 0;
}

const Json& Fields::Array(std::string_view key, std::size_t min, std::size_t max) {
  const std::string expected =
      min == max ? "an array of " + std::to_string(min)
                 : "an array of " + std::to_string(min) + " to " + std::to_string(max);
  const Json* value = Find(key, expected);
  if (value == nullptr) return EmptyArray();
  if (value->is_array() && value->size() >= min && value->size() <= max) return *value;
  Fail(key, expected, Describe(*value));
  return EmptyArray();
}

const Json& Fields::Value(std::string_view key) {
  const Json* value = Find(key, "a value");
  return value == nullptr ? Nothing() : *value;
}

}  // namespace taktgate::bundle
