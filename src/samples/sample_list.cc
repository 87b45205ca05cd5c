#include "samples/sample_list.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <system_error>

#include "base/utf8.h"
#include "bundle/names.h"
#include "samples/sample_folder.h"
#include "samples/sample_table.h"

namespace taktgate::samples {
namespace {

namespace fs = std::filesystem;

// The line of a list (the header is line 1), the file of a folder.
std::string PlaceOf(const fs::path& list, const SampleRow& row) {
  std::error_code error;
  if (fs::is_directory(list, error)) return row.image.string();
  return list.string() + ":" + std::to_string(row.row + 1);
}

Status CheckLabels(const fs::path& list, const std::vector<SampleRow>& rows,
                   const std::vector<bundle::Label>& labels) {
  std::vector<std::string_view> names;  // in one form already, as the rows' labels are
  for (const bundle::Label& label : labels) names.push_back(label.name);
  for (const SampleRow& row : rows) {
    if (row.label.empty() || bundle::Contains(names, row.label)) continue;
    return Invalid(PlaceOf(list, row), "expected a label of the release (" + bundle::Joined(names) +
                                           "), got " + Quoted(row.label) +
                                           "; correct the label or use the release of this data");
  }
  return {};
}

// Rows of one part belong to one split, named or not.
Status CompleteSplits(const fs::path& list, std::vector<SampleRow>& rows) {
  std::map<std::string_view, const SampleRow*> first_of_part;
  for (const SampleRow& row : rows) {
    if (row.split.empty()) continue;
    const SampleRow& first = *first_of_part.emplace(row.part, &row).first->second;
    if (first.split == row.split) continue;
    return Invalid(PlaceOf(list, row), "expected part " + Quoted(row.part) + " in split " +
                                           first.split + " as at " + PlaceOf(list, first) +
                                           ", got " + row.split +
                                           "; rows of one part belong to one split");
  }
  for (SampleRow& row : rows) {
    if (!row.split.empty()) continue;
    const auto first = first_of_part.find(row.part);
    row.split = first == first_of_part.end() ? "train" : first->second->split;
  }
  return {};
}

Result<std::vector<SampleRow>> ReadRows(const fs::path& list_or_folder) {
  std::error_code error;
  if (fs::is_directory(list_or_folder, error)) return ReadSampleFolder(list_or_folder);
  return ReadSampleTable(list_or_folder);
}

}  // namespace

Result<std::vector<SampleRow>> LoadSamples(const fs::path& list_or_folder, const std::string& split,
                                           const std::vector<bundle::Label>& labels) {
  if (!split.empty() && !bundle::Contains(bundle::kSplits, split)) {
    return Invalid("split", "expected " + bundle::Joined(bundle::kSplits) +
                                " or nothing (all), got " + Quoted(split) + "; correct it");
  }
  Result<std::vector<SampleRow>> rows = ReadRows(list_or_folder);
  if (!rows) return rows;
  if (Status known = CheckLabels(list_or_folder, *rows, labels); !known) return known.error();
  if (Status whole = CompleteSplits(list_or_folder, *rows); !whole) return whole.error();
  if (split.empty()) return rows;
  std::erase_if(*rows, [&](const SampleRow& row) { return row.split != split; });
  if (rows->empty()) {
    return Invalid(list_or_folder.string(), "expected rows of the split " + split +
                                                ", got none; give another split, or the column "
                                                "split its values");
  }
  return rows;
}

}  // namespace taktgate::samples
