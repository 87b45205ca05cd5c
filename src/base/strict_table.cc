#include "base/strict_table.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/utf8.h"

namespace taktgate {
namespace {

constexpr std::size_t kLongestProblem = 200;  // in the parser's words

std::string AsText(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return "the text " + Quoted(*text);
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (node.is_boolean()) return node.value_or(false) ? "true" : "false";
  if (!node.is_number()) return "a table or list";
  char number[40];
  std::snprintf(number, sizeof number, "%g", node.value_or(0.0));
  return number;
}

std::string Short(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

}  // namespace

struct TomlFile::Content {
  toml::table root;
};

struct StrictTable::Node {
  const toml::node* node = nullptr;
  explicit operator bool() const { return node != nullptr; }
  const toml::node* operator->() const { return node; }
  const toml::node& operator*() const { return *node; }
};

struct StrictTable::Table {
  std::shared_ptr<const TomlFile::Content> file;  // that it is part of
  const toml::table* keys;
};

Result<TomlFile> TomlFile::Parse(std::string_view text) {
  try {
    return TomlFile(std::make_shared<const Content>(Content{toml::parse(text)}));
  } catch (const toml::parse_error& problem) {
    const auto& at = problem.source().begin;
    if (const std::size_t bad = FindBadUtf8(text); bad != std::string_view::npos) {
      return Error{ErrorCode::kInvalid, "expected UTF-8 text, got other bytes (the first at byte " +
                                            std::to_string(bad) + "); save the file as UTF-8"};
    }
    return Error{ErrorCode::kInvalid, "line " + std::to_string(at.line) + ", column " +
                                          std::to_string(at.column) + ": " +
                                          Printable(problem.description(), kLongestProblem)};
  }
}

Result<Duration> ParseDuration(std::string_view text) {
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}};
  for (const auto& [name, factor] : kUnits) {
    if (status != std::errc() || unit != name) continue;
    const double nanos = number * factor;
    if (!std::isfinite(nanos) || nanos < 0 || nanos > 1e16) break;
    return Duration(static_cast<Duration::rep>(std::llround(nanos)));
  }
  return Error{ErrorCode::kInvalid,
               "expected a time such as \"8ms\" (ns, us, ms, s, min, h), got " + Quoted(text)};
}

std::optional<Error> TomlFile::UnknownTable(std::span<const std::string_view> known) const {
  for (const auto& [key, node] : content_->root) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    std::string all;
    for (const std::string_view name : known) {
      all += (all.empty() ? "[" : ", [") + std::string(name) + "]";
    }
    return Error{ErrorCode::kInvalid,
                 "unknown table or key " + Quoted(key.str()) + "; known: " + all};
  }
  return std::nullopt;
}

StrictTable StrictTable::Top(const TomlFile& file, std::string where, std::optional<Error>& error) {
  return {std::make_shared<const Table>(Table{file.content_, &file.content_->root}),
          std::move(where), error};
}

StrictTable::StrictTable(const TomlFile& file, std::string_view name, std::optional<Error>& error)
    : StrictTable(Top(file, "", error).Inner(name)) {}

StrictTable StrictTable::Inner(std::string_view key) {
  std::string where = "[" + std::string(key) + "]";
  const Node node = Take(key);
  if (!node) return {nullptr, std::move(where), error_};
  if (const toml::table* keys = node->as_table()) {
    return {std::make_shared<const Table>(Table{table_->file, keys}), std::move(where), error_};
  }
  error_ = Error{ErrorCode::kInvalid, where + ": expected a table, got " + AsText(*node)};
  return {nullptr, std::move(where), error_};
}

std::vector<StrictTable> StrictTable::InnerList(std::string_view key) {
  const Node node = Take(key);
  std::vector<StrictTable> list;
  if (!node) return list;
  const toml::array* tables = node->as_array();
  for (std::size_t k = 0; tables != nullptr && k < tables->size(); ++k) {
    const toml::table* keys = tables->get(k)->as_table();
    if (keys == nullptr) tables = nullptr;
    if (keys == nullptr) break;
    list.push_back({std::make_shared<const Table>(Table{table_->file, keys}),
                    std::string(key) + " " + std::to_string(k + 1), error_});
  }
  if (tables == nullptr) {
    list.clear();
    error_ = Error{ErrorCode::kInvalid, where_ + ": expected [[" + std::string(key) +
                                            "]], each with its keys, got " + AsText(*node)};
  }
  return list;
}

StrictTable::Node StrictTable::Take(std::string_view key) {
  if (!Knows(key)) known_.emplace_back(key);
  return {table_ == nullptr || error_ ? nullptr : table_->keys->get(key)};
}

bool StrictTable::Has(std::string_view key) const {
  return table_ != nullptr && table_->keys->contains(key);
}

bool StrictTable::Knows(std::string_view key) const {
  return std::find(known_.begin(), known_.end(), key) != known_.end();
}

void StrictTable::Wrong(std::string_view key, const std::string& expected, const Node& came) {
  error_ = Error{ErrorCode::kInvalid, where_ + " " + std::string(key) + ": expected " + expected +
                                          ", got " + AsText(*came)};
}

void StrictTable::Text(std::string_view key, std::string& value) {
  const Node node = Take(key);
  if (!node) return;
  const auto text = node->value_exact<std::string>();
  if (!text || text->empty()) return Wrong(key, "a text in quotes", node);
  if (Printable(*text, text->size()) != *text) {
    return Wrong(key, "a text without control characters", node);
  }
  value = *text;
}

void StrictTable::Choice(std::string_view key, std::span<const std::string_view> names,
                         std::size_t& index) {
  const Node node = Take(key);
  if (!node) return;
  const auto text = node->value_exact<std::string>();
  const auto found =
      text ? std::find(names.begin(), names.end(), std::string_view(*text)) : names.end();
  if (found != names.end()) {
    index = static_cast<std::size_t>(found - names.begin());
    return;
  }
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  Wrong(key, "one of " + all, node);
}

void StrictTable::Path(std::string_view key, std::filesystem::path& value,
                       const std::filesystem::path& base) {
  std::string text;
  Text(key, text);
  if (!text.empty()) value = base / text;
}

void StrictTable::Parsed(
    std::string_view key,
    const std::function<std::optional<std::string>(const std::string&)>& take) {
  const Node node = Take(key);
  if (!node) return;
  const auto text = node->value_exact<std::string>();
  if (const auto expected = take(text.value_or(""))) Wrong(key, *expected, node);
}

void StrictTable::TimeFrom(std::string_view key, bool zero, Duration& value) {
  const Node node = Take(key);
  if (!node) return;
  const auto text = node->value_exact<std::string>();
  const auto time = text ? ParseDuration(*text) : Result<Duration>(Error{});
  if (!time || (!zero && *time == Duration(0))) {
    return Wrong(key,
                 std::string(zero ? "a" : "a positive") +
                     " time with its unit in quotes, such as \"8ms\" (ns, us, ms, s, min, h), at "
                     "most 115 days",
                 node);
  }
  value = *time;
}

void StrictTable::Time(std::string_view key, Duration& value) { TimeFrom(key, false, value); }

void StrictTable::TimeOrZero(std::string_view key, Duration& value) { TimeFrom(key, true, value); }

void StrictTable::Whole(std::string_view key, std::uint64_t low, std::uint64_t high,
                        std::uint64_t& value) {
  const Node node = Take(key);
  if (!node) return;
  const auto whole = node->value_exact<std::int64_t>();
  if (!whole || *whole < 0 || static_cast<std::uint64_t>(*whole) < low ||
      static_cast<std::uint64_t>(*whole) > high) {
    return Wrong(key, "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
                 node);
  }
  value = static_cast<std::uint64_t>(*whole);
}

void StrictTable::Real(std::string_view key, double low, double high, double& value) {
  const Node node = Take(key);
  if (!node) return;
  const auto real = node->is_number() ? node->value<double>() : std::nullopt;
  if (!real || !(*real >= low && *real <= high)) {
    return Wrong(key, "a number from " + Short(low) + " to " + Short(high), node);
  }
  value = *real;
}

void StrictTable::Flag(std::string_view key, bool& value) {
  const Node node = Take(key);
  if (!node) return;
  if (!node->is_boolean()) return Wrong(key, "true or false", node);
  value = node->value_or(value);
}

void StrictTable::Range(std::string_view key, std::uint64_t& first, std::uint64_t& last) {
  const Node node = Take(key);
  if (!node) return;
  const toml::array* pair = node->as_array();
  const auto at = [&](std::size_t index) {
    const auto whole = pair->get(index)->value_exact<std::int64_t>();
    return whole.value_or(0);
  };
  if (pair == nullptr || pair->size() != 2 || at(0) < 1 || at(1) < at(0)) {
    return Wrong(key, "a first and a last part, such as [1000, 2000]", node);
  }
  first = static_cast<std::uint64_t>(at(0));
  last = static_cast<std::uint64_t>(at(1));
}

void StrictTable::Pair(std::string_view key, std::uint32_t& low, std::uint32_t& high) {
  const Node node = Take(key);
  if (!node) return;
  const toml::array* pair = node->as_array();
  const auto at = [&](std::size_t index) {
    return pair->get(index)->value_exact<std::int64_t>().value_or(-1);
  };
  const bool two = pair != nullptr && pair->size() == 2;
  const bool whole = two && at(0) >= 0 && at(1) >= 0 && at(0) <= 1'000'000 && at(1) <= 1'000'000;
  if (!whole || (at(0) > at(1) && at(1) != 0)) {
    return Wrong(key, "[amber, stop], such as [5, 10]; 0 for never, amber not above stop", node);
  }
  low = static_cast<std::uint32_t>(at(0));
  high = static_cast<std::uint32_t>(at(1));
}

void StrictTable::Refuse(std::string_view key, std::string_view why) {
  if (error_ || !Has(key)) return;
  error_ = Error{ErrorCode::kInvalid, where_ + " " + std::string(key) + " " + std::string(why)};
}

void StrictTable::Need(std::string_view key, std::string_view why) {
  if (error_ || Has(key)) return;
  error_ = Error{ErrorCode::kInvalid, where_ + ": expected " + std::string(key) + " (" +
                                          std::string(why) + "), got nothing; add it"};
}

void StrictTable::RefuseOtherKeys() {
  if (table_ == nullptr || error_) return;
  for (const auto& [key, node] : *table_->keys) {
    if (Knows(key.str())) continue;
    std::string all;
    for (const std::string& name : known_) all += (all.empty() ? "" : ", ") + name;
    error_ = Error{ErrorCode::kInvalid,
                   where_ + ": unknown key " + Quoted(key.str()) + "; known keys: " + all};
    return;
  }
}

}  // namespace taktgate
