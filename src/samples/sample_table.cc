#include "samples/sample_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/utf8.h"
#include "bundle/names.h"
#include "image/frame.h"

namespace taktgate::samples {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListBytes = 256U << 20;
constexpr std::size_t kLongestWord = 256;
constexpr std::array<std::string_view, 4> kWindow = {"x", "y", "w", "h"};
constexpr std::array<std::string_view, 4> kBox = {"bx", "by", "bw", "bh"};
constexpr std::array<std::string_view, 13> kColumns = {
    "image", "golden", "x", "y", "w", "h", "label", "part", "split", "bx", "by", "bw", "bh"};
std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t at = text.find(separator);
    fields.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return fields;
    text.remove_prefix(at + 1);
  }
}

// 0, or one to four digits without a leading zero.
std::optional<int> ParseNumber(std::string_view text) {
  if (text.empty() || text.size() > 4 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// As any editor saves it: a byte order mark in front goes, and so does the \r of every \r\n.
std::string PlainText(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') plain += text[i];
  }
  return plain;
}

// Reads one list; the first error ends it.
class ListReader {
 public:
  explicit ListReader(const fs::path& path) : path_(path), folder_(path.parent_path()) {}

  Result<std::vector<SampleRow>> Read(std::string_view text) {
    if (Status sound = CheckText(text); !sound) return sound.error();
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::vector<std::string_view> lines = Split(text, '\n');
    header_ = Split(lines[0], '\t');
    if (Status header = CheckHeader(); !header) return header.error();
    std::vector<SampleRow> rows;
    rows.reserve(lines.size());
    for (line_ = 2; line_ <= lines.size(); ++line_) {
      Result<SampleRow> row = ReadRow(lines[line_ - 1]);
      if (!row) return row.error();
      rows.push_back(std::move(*row));
    }
    if (rows.empty()) {
      return Invalid(path_.string(), "expected rows below the header line, got none; add samples");
    }
    return rows;
  }

 private:
  std::string Where() const { return path_.string() + ":" + std::to_string(line_); }

  Status CheckText(std::string_view text) {
    if (text.empty()) {
      return Invalid(path_.string(),
                     "expected a header line with the column image, got an empty file; write one");
    }
    const auto at = [&](std::size_t position) {
      line_ = 1 + static_cast<std::size_t>(std::count(
                      text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
      return Where();
    };
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
      return Invalid(at(0), "expected UTF-8 text, got UTF-16; save the list as UTF-8");
    }
    if (const std::size_t bad = FindBadUtf8(text); bad != std::string_view::npos) {
      return Invalid(at(bad), "expected UTF-8 text, got other bytes; save the list as UTF-8");
    }
    if (const std::size_t bad = text.find_first_of(std::string_view("\r\0", 2));
        bad != std::string_view::npos) {
      return Invalid(at(bad), std::string("expected lines that end in \\n or \\r\\n, got ") +
                                  (text[bad] == '\r' ? "a carriage return alone" : "a NUL byte") +
                                  "; save the list as plain text");
    }
    line_ = 1;
    return {};
  }

  Status CheckHeader() const {
    std::set<std::string_view> seen;
    for (const std::string_view name : header_) {
      if (!bundle::Contains(kColumns, name)) {
        return Invalid(Where(), "expected the columns " + bundle::Joined(kColumns) +
                                    ", separated by tabs, got " + Quoted(name) +
                                    "; check its spelling or remove it");
      }
      if (!seen.insert(name).second) {
        return Invalid(Where(),
                       "expected every column once, got a second " + Quoted(name) + "; remove one");
      }
    }
    if (!seen.contains("image")) {
      return Invalid(Where(),
                     "expected the column image, got " + bundle::Joined(header_) + "; add it");
    }
    for (const auto& group : {kWindow, kBox}) {
      const auto missing = std::find_if_not(
          group.begin(), group.end(), [&](std::string_view name) { return seen.contains(name); });
      const bool any = std::any_of(group.begin(), group.end(),
                                   [&](std::string_view name) { return seen.contains(name); });
      if (any && missing != group.end()) {
        return Invalid(Where(), "expected all of the columns " + bundle::Joined(group) +
                                    " or none, got no " + Quoted(*missing) + "; add it");
      }
    }
    return {};
  }

  // A column's field in the row at hand; empty where there is no such column.
  std::string_view Get(std::string_view column) const {
    const auto found = std::find(header_.begin(), header_.end(), column);
    return found == header_.end() ? std::string_view()
                                  : fields_[static_cast<std::size_t>(found - header_.begin())];
  }

  Result<SampleRow> ReadRow(std::string_view line) {
    fields_ = Split(line, '\t');
    if (fields_.size() != header_.size()) {
      return Invalid(Where(), "expected " + std::to_string(header_.size()) +
                                  " fields as in the header, got " +
                                  std::to_string(fields_.size()) + "; check the tabs of this line");
    }
    SampleRow row;
    row.row = line_ - 1;
    row.label = bundle::OneForm(Get("label"));
    row.split = bundle::SplitNamed(Get("split"));
    row.part = Get("part").empty() ? std::string(Get("image")) : bundle::OneForm(Get("part"));
    if (Status words = CheckWords(); !words) return words.error();
    Result<fs::path> image = ReadPath("image");
    if (!image) return image.error();
    row.image = std::move(*image);
    if (!Get("golden").empty()) {
      Result<fs::path> golden = ReadPath("golden");
      if (!golden) return golden.error();
      row.golden = std::move(*golden);
    }
    Result<std::optional<image::Rect>> window = ReadBox(kWindow);
    if (!window) return window.error();
    row.window = *window;
    if (const auto box = ReadBox(kBox); !box) return box.error();
    return row;
  }

  Status CheckWords() const {
    const std::string_view split = Get("split");
    if (!split.empty() && bundle::SplitNamed(split).empty()) {
      return Invalid(Where(), "expected the split " + bundle::Joined(bundle::kSplits) +
                                  " or nothing, got " + Quoted(split) + "; correct it");
    }
    for (const std::string_view column : {"label", "part"}) {
      const std::string_view text = Get(column);
      if (!text.empty() && !bundle::IsPlain(text, kLongestWord)) {
        return Invalid(Where(), "expected a " + std::string(column) +
                                    " of at most 256 bytes without control characters, got " +
                                    Quoted(text) + "; shorten it");
      }
    }
    return {};
  }

  Result<fs::path> ReadPath(std::string_view column) {
    const std::string_view name = Get(column);
    if (name.empty() || name.starts_with('/') || bundle::Contains(Split(name, '/'), "..")) {
      return Invalid(Where(), "expected " + std::string(column) +
                                  " as a path inside the list's folder, got " + Quoted(name) +
                                  "; write it relative to the list, without `..`");
    }
    if (const auto known = existing_.find(name); known != existing_.end()) return known->second;
    // Another system may have written the same name in the other form of Unicode.
    for (const std::string& form :
         {std::string(name), bundle::OneForm(name), bundle::Decomposed(name)}) {
      std::error_code error;
      if (!fs::is_regular_file(folder_ / form, error)) continue;
      return existing_.emplace(name, folder_ / form).first->second;
    }
    return Error{ErrorCode::kNotFound, Where() + ": expected the " + std::string(column) +
                                           " file " + Quoted(name) +
                                           " beside the list, got none; check the path"};
  }

  Result<std::optional<image::Rect>> ReadBox(const std::array<std::string_view, 4>& columns) const {
    if (std::all_of(columns.begin(), columns.end(),
                    [&](std::string_view column) { return Get(column).empty(); })) {
      return std::optional<image::Rect>();
    }
    std::array<int, 4> values{};
    for (std::size_t i = 0; i < 4; ++i) {
      const int least = i < 2 ? 0 : 1;  // a place may be 0, a size not
      const std::optional<int> value = ParseNumber(Get(columns[i]));
      if (!value || *value < least || *value > image::kMaxSide) {
        return Invalid(Where(), "expected " + std::string(columns[i]) + " as a whole number from " +
                                    std::to_string(least) + " to " +
                                    std::to_string(image::kMaxSide) + " (or all of " +
                                    bundle::Joined(columns) + " empty), got " +
                                    Quoted(Get(columns[i])) + "; correct it");
      }
      values[i] = *value;
    }
    return std::optional(image::Rect{values[0], values[1], values[2], values[3]});
  }

  const fs::path path_;
  const fs::path folder_;
  std::vector<std::string_view> header_;
  std::vector<std::string_view> fields_;
  std::map<std::string, fs::path, std::less<>> existing_;  // by the name in the list
  std::size_t line_ = 1;
};

}  // namespace

Result<std::vector<SampleRow>> ReadSampleTable(const fs::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = ReadFile(path, kMaxListBytes);
  if (!bytes) return bytes.error().Within("read sample list");
  return ListReader(path).Read(
      PlainText({reinterpret_cast<const char*>(bytes->data()), bytes->size()}));
}

}  // namespace taktgate::samples
