#include "base/strict_table.h"

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

Result<toml::table> ParseToml(std::string_view text) {
  try {
    return toml::parse(text);
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

StrictTable::StrictTable(const toml::table& file, std::string_view name,
                         std::optional<Error>& error)
    : table_(file[name].as_table()), where_("[" + std::string(name) + "]"), error_(error) {
  if (const toml::node* node = file.get(name); node != nullptr && table_ == nullptr && !error_) {
    error_ = Error{ErrorCode::kInvalid, where_ + ": expected a table, got " + AsText(*node)};
  }
}

const toml::node* StrictTable::Take(std::string_view key) {
  known_.emplace_back(key);
  return table_ == nullptr || error_ ? nullptr : table_->get(key);
}

void StrictTable::Wrong(std::string_view key, const std::string& expected, const toml::node& came) {
  error_ = Error{ErrorCode::kInvalid, where_ + " " + std::string(key) + ": expected " + expected +
                                          ", got " + AsText(came)};
}

void StrictTable::Text(std::string_view key, std::string& value) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  if (!text || text->empty()) return Wrong(key, "a text in quotes", *node);
  if (Printable(*text, text->size()) != *text) {
    return Wrong(key, "a text without control characters", *node);
  }
  value = *text;
}

void StrictTable::Choice(std::string_view key, std::initializer_list<std::string_view> names,
                         std::size_t& index) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  const auto* const found =
      text ? std::find(names.begin(), names.end(), std::string_view(*text)) : names.end();
  if (found != names.end()) {
    index = static_cast<std::size_t>(found - names.begin());
    return;
  }
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  Wrong(key, "one of " + all, *node);
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
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  if (const auto expected = take(text.value_or(""))) Wrong(key, *expected, *node);
}

void StrictTable::TimeFrom(std::string_view key, bool zero, Duration& value) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  const auto time = text ? ParseDuration(*text) : Result<Duration>(Error{});
  if (!time || (!zero && *time == Duration(0))) {
    return Wrong(key,
                 std::string(zero ? "a" : "a positive") +
                     " time with its unit in quotes, such as \"8ms\" (ns, us, ms, s, min, h), at "
                     "most 115 days",
                 *node);
  }
  value = *time;
}

void StrictTable::Time(std::string_view key, Duration& value) { TimeFrom(key, false, value); }

void StrictTable::TimeOrZero(std::string_view key, Duration& value) { TimeFrom(key, true, value); }

void StrictTable::Whole(std::string_view key, std::uint64_t low, std::uint64_t high,
                        std::uint64_t& value) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const auto whole = node->value_exact<std::int64_t>();
  if (!whole || *whole < 0 || static_cast<std::uint64_t>(*whole) < low ||
      static_cast<std::uint64_t>(*whole) > high) {
    return Wrong(key, "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
                 *node);
  }
  value = static_cast<std::uint64_t>(*whole);
}

void StrictTable::Real(std::string_view key, double low, double high, double& value) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const auto real = node->is_number() ? node->value<double>() : std::nullopt;
  if (!real || !(*real >= low && *real <= high)) {
    return Wrong(key, "a number from " + Short(low) + " to " + Short(high), *node);
  }
  value = *real;
}

void StrictTable::Flag(std::string_view key, bool& value) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) return Wrong(key, "true or false", *node);
  value = node->value_or(value);
}

void StrictTable::Range(std::string_view key, std::uint64_t& first, std::uint64_t& last) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const toml::array* pair = node->as_array();
  const auto at = [&](std::size_t index) {
    const auto whole = pair->get(index)->value_exact<std::int64_t>();
    return whole.value_or(0);
  };
  if (pair == nullptr || pair->size() != 2 || at(0) < 1 || at(1) < at(0)) {
    return Wrong(key, "a first and a last part, such as [1000, 2000]", *node);
  }
  first = static_cast<std::uint64_t>(at(0));
  last = static_cast<std::uint64_t>(at(1));
}

void StrictTable::Pair(std::string_view key, std::uint32_t& low, std::uint32_t& high) {
  const toml::node* node = Take(key);
  if (node == nullptr) return;
  const toml::array* pair = node->as_array();
  const auto at = [&](std::size_t index) {
    return pair->get(index)->value_exact<std::int64_t>().value_or(-1);
  };
  const bool two = pair != nullptr && pair->size() == 2;
  const bool whole = two && at(0) >= 0 && at(1) >= 0 && at(0) <= 1'000'000 && at(1) <= 1'000'000;
  if (!whole || (at(0) > at(1) && at(1) != 0)) {
    return Wrong(key, "[amber, stop], such as [5, 10]; 0 for never, amber not above stop", *node);
  }
  low = static_cast<std::uint32_t>(at(0));
  high = static_cast<std::uint32_t>(at(1));
}

const toml::node* StrictTable::Inner(std::string_view key) { return Take(key); }

void StrictTable::Refuse(std::string_view key, std::string_view why) {
  if (error_ || !Has(key)) return;
  error_ = Error{ErrorCode::kInvalid, where_ + " " + std::string(key) + " " + std::string(why)};
}

void StrictTable::Need(std::string_view key, std::string_view why) {
  if (error_ || (table_ != nullptr && table_->contains(key))) return;
  error_ = Error{ErrorCode::kInvalid,
                 where_ + ": expected " + std::string(key) + ", " + std::string(why)};
}

void StrictTable::RefuseOtherKeys() {
  if (table_ == nullptr || error_) return;
  for (const auto& [key, node] : *table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    std::string all;
    for (const std::string& name : known_) all += (all.empty() ? "" : ", ") + name;
    error_ = Error{ErrorCode::kInvalid,
                   where_ + ": unknown key " + Quoted(key.str()) + "; known keys: " + all};
    return;
  }
}

}  // namespace taktgate
