#ifndef TAKTGATE_BASE_STRICT_TABLE_H_
#define TAKTGATE_BASE_STRICT_TABLE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate {

// A TOML file that was read. Copies share what it holds.
class TomlFile {
 public:
  // invalid: no TOML; the message has line and column.
  static Result<TomlFile> Parse(std::string_view text);
  // Something at the top of the file that is none of the `known` tables.
  std::optional<Error> UnknownTable(std::span<const std::string_view> known) const;

 private:
  friend class StrictTable;
  struct Content;
  explicit TomlFile(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
};

// "8ms", "2.5 ms", "250us", "1s": a number and one of ns, us, ms, s. Not negative.
Result<Duration> ParseDuration(std::string_view text);

// Reads known keys of a table, of the right type and within bounds, and refuses the rest. The
// first thing that is wrong is kept; after it nothing is taken any more. A key that is not there
// leaves its value as it is.
class StrictTable {
 public:
  // The keys at the top of a file. `where` is how messages call them.
  static StrictTable Top(const TomlFile& file, std::string where, std::optional<Error>& error);
  // The table [name] of a file, which need not be there.
  StrictTable(const TomlFile& file, std::string_view name, std::optional<Error>& error);

  void Text(std::string_view key, std::string& value);
  // Relative to `base`.
  void Path(std::string_view key, std::filesystem::path& value, const std::filesystem::path& base);
  // `take` has what was expected when it does not take the text.
  void Parsed(std::string_view key,
              const std::function<std::optional<std::string>(const std::string&)>& take);
  // One of `names`; `index` is its place.
  void Choice(std::string_view key, std::span<const std::string_view> names, std::size_t& index);
  void Choice(std::string_view key, std::initializer_list<std::string_view> names,
              std::size_t& index) {
    Choice(key, std::span(names.begin(), names.size()), index);
  }
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
  bool Has(std::string_view key) const;
  // The keys that somebody has asked for, and whether this is one; in the file they need not be.
  const std::vector<std::string>& known() const { return known_; }
  bool Knows(std::string_view key) const;
  // [low, high], whole numbers; 0 stands for never, otherwise low is not above high.
  void Pair(std::string_view key, std::uint32_t& low, std::uint32_t& high);
  // The table [key] in this one, which need not be there.
  StrictTable Inner(std::string_view key);
  // Each of [[key]] in this table; messages call them "KEY 1", "KEY 2".
  std::vector<StrictTable> InnerList(std::string_view key);
  // The key must not be there.
  void Refuse(std::string_view key, std::string_view why);
  // The key must have been there.
  void Need(std::string_view key, std::string_view why);
  void RefuseOtherKeys();

 private:
  struct Node;  // of the parser, which nobody else has to compile
  struct Table;
  StrictTable(std::shared_ptr<const Table> table, std::string where, std::optional<Error>& error)
      : table_(std::move(table)), where_(std::move(where)), error_(error) {}
  Node Take(std::string_view key);
  void TimeFrom(std::string_view key, bool zero, Duration& value);
  void Wrong(std::string_view key, const std::string& expected, const Node& came);

  std::shared_ptr<const Table> table_;  // nullptr: there is none
  std::string where_;
  std::optional<Error>& error_;
  std::vector<std::string> known_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_STRICT_TABLE_H_
