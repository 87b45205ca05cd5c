#include "bundle/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

namespace taktgate::bundle {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr std::size_t kLongestMemberName = 96;
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kAlsoSplits = {
    {{"training", "train"}, {"valid", "val"}, {"validation", "val"}, {"testing", "test"}}};
constexpr std::array<std::string_view, 4> kLitter = {"__macosx", "thumbs.db", "desktop.ini",
                                                     "@eadir"};

std::string InSmallLetters(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

std::string InForm(std::string_view text, int form) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  utf8proc_uint8_t* made = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(bytes, static_cast<utf8proc_ssize_t>(text.size()), &made,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
  if (size < 0) return std::string(text);  // no UTF-8
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

}  // namespace

std::string OneForm(std::string_view text) { return InForm(text, UTF8PROC_COMPOSE); }

std::string Decomposed(std::string_view text) { return InForm(text, UTF8PROC_DECOMPOSE); }

std::string_view SplitNamed(std::string_view name) {
  const std::string small = InSmallLetters(name);
  for (const std::string_view split : kSplits) {
    if (small == split) return split;
  }
  for (const auto& [also, split] : kAlsoSplits) {
    if (small == also) return split;
  }
  return {};
}

bool IsLitter(std::string_view name) {
  return name.starts_with('.') || Contains(kLitter, InSmallLetters(name));
}

bool IsWord(std::string_view text, std::string_view others, std::size_t longest, bool upper_case) {
  if (text.empty() || text.size() > longest) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return IsLower(c) || IsDigit(c) || (upper_case && IsUpper(c)) ||
           others.find(c) != std::string_view::npos;
  });
}

bool IsMemberName(std::string_view name) {
  if (!IsWord(name, "_./-", kLongestMemberName, false)) return false;
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool IsPlain(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Joined(std::span<const std::string_view> names) {
  constexpr std::size_t kMostListed = 20;
  std::string text;
  for (const std::string_view name : names.first(std::min(names.size(), kMostListed))) {
    text += (text.empty() ? "" : ", ") + std::string(name);
  }
  if (names.size() <= kMostListed) return text;
  return text + " and " + std::to_string(names.size() - kMostListed) + " more";
}

}  // namespace taktgate::bundle
