#ifndef TAKTGATE_BASE_STRICT_TABLE_H_
#define TAKTGATE_BASE_STRICT_TABLE_H_

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate {

// The text of a TOML file as a table; the error has line and column.
Result<toml::table> ParseToml(std::string_view text);

// "8ms", "2.5 ms", "250us", "1s": a number and one of ns, us, ms, s. Not negative.
Result<Duration> ParseDuration(std::string_view text);

// Takes known keys out of a table, of the right type and within bounds, and refuses the rest. The
// first thing that is wrong is kept; after it nothing is taken any more. A key that is not there
// leaves its value as it is.
class StrictTable {
 public:
  // `where` is how messages call the table; `table` may be nullptr: there is none.
  StrictTable(const toml::table* table, std::string where, std::optional<Error>& error)
      : table_(table), where_(std::move(where)), error_(error) {}
  // The table [name] of a file, which need not be there.
  StrictTable(const toml::table& file, std::string_view name, std::optional<Error>& error);

  void Text(std::string_view key, std::string& value);
  // Relative to `base`.
  void Path(std::string_view key, std::filesystem::path& value, const std::filesystem::path& base);
  // `take` has what was expected when it does not take the text.
  void Parsed(std::string_view key,
              const std::function<std::optional<std::string>(const std::string&)>& take);
  // One of `names`; `index` is its place.
  void Choice(std::string_view key, std::initializer_list<std::string_view> names,
              std::size_t& index);
  void Time(std::string_view key, Duration& value);        // "8ms"; more than zero
  void TimeOrZero(std::string_view key, Duration& value);  // "0ms" too
  void Whole(std::string_view key, std::uint64_t low, std::uint64_t high, std::uint64_t& value);
  template <typename Number>
  void Whole(std::string_view key, std::uint64_t low, std::uint64_t high, Number& value) {
    std::uint64_t whole = static_cast<std::uint64_t>(value);
    Whole(key, low, high, whole);
    value = static_cast<Number>(whole);
  }
  void Real(std::string_view key, double low, double high, double& value);
  void Flag(std::string_view key, bool& value);
  // [first, last], from 1.
  void Range(std::string_view key, std::uint64_t& first, std::uint64_t& last);
  bool Has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }
  // [low, high], whole numbers; 0 stands for never, otherwise low is not above high.
  void Pair(std::string_view key, std::uint32_t& low, std::uint32_t& high);
  // A key of this table that is a table or an array itself: somebody else reads it.
  const toml::node* Inner(std::string_view key);
  // The key must not be there.
  void Refuse(std::string_view key, std::string_view why);
  // The key must have been there.
  void Need(std::string_view key, std::string_view why);
  void RefuseOtherKeys();

 private:
  const toml::node* Take(std::string_view key);
  void TimeFrom(std::string_view key, bool zero, Duration& value);
  void Wrong(std::string_view key, const std::string& expected, const toml::node& came);

  const toml::table* table_;
  const std::string where_;
  std::optional<Error>& error_;
  std::vector<std::string> known_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_STRICT_TABLE_H_
