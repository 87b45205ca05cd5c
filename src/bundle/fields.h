#ifndef TAKTGATE_BUNDLE_FIELDS_H_
#define TAKTGATE_BUNDLE_FIELDS_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bundle/json.h"

namespace taktgate::bundle {

// Reads the fields of one object, and only those. The first thing that is wrong is kept in
// `fault`, with the path of its field; whatever is read after that is a default value, so a
// parser reads everything and looks at the fault once.
//
//   recipe.json: windows[3].w: expected a whole number from 1 to 8192, got 0
class Fields {
 public:
  // `path` is empty for the document itself. `keys` are all that may occur.
  Fields(const Json& value, std::string file, std::string path,
         std::initializer_list<std::string_view> keys, std::optional<Error>& fault);

  std::int64_t Whole(std::string_view key, std::int64_t min, std::int64_t max);
  double Number(std::string_view key, double min, double max);
  bool Flag(std::string_view key);
  std::string Text(std::string_view key);
  // One of `choices`; their position.
  std::size_t Choice(std::string_view key, std::span<const std::string_view> choices);
  std::size_t Choice(std::string_view key, std::initializer_list<std::string_view> choices) {
    return Choice(key, std::span(choices.begin(), choices.size()));
  }
  const Json& Array(std::string_view key, std::size_t min, std::size_t max);
  // Any value.
  const Json& Value(std::string_view key);

  bool Has(std::string_view key) const;
  // "windows[3]" and "w" -> "windows[3].w".
  std::string PathOf(std::string_view key) const;
  const std::string& file() const { return file_; }

  // Notes a fault at `key`, unless there is one already.
  void Fail(std::string_view key, std::string_view expected, std::string_view came);
  bool failed() const { return fault_.has_value(); }

 private:
  const Json* Find(std::string_view key, std::string_view expected);

  const Json* object_ = nullptr;  // null after a fault
  const std::string file_;
  const std::string path_;
  std::optional<Error>& fault_;
};

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_FIELDS_H_
