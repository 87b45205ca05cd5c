#include "samples/sample_folder.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/utf8.h"
#include "bundle/names.h"
#include "samples/sample_table.h"

namespace taktgate::samples {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kImageSuffixes{".png", ".jpg", ".jpeg",
                                                         ".bmp", ".tif", ".tiff"};

// What the folders of the classes hold.
struct FolderContent {
  std::vector<SampleRow> rows;
  struct Other {
    std::string split;
    std::string name;  // below the folder
  };
  std::vector<Other> others;  // no images by their names
};

bool IsImageName(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return bundle::Contains(kImageSuffixes, suffix);
}

// Names in `folder` that are not litter, ordered bytewise.
Result<std::vector<std::string>> Names(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (!bundle::IsLitter(name)) names.push_back(std::move(name));
  }
  if (error) {
    return Error{ErrorCode::kIo, folder.string() + ": expected a folder that can be read, got: " +
                                     error.message() + "; check its permissions"};
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The folders inside `folder`; an image among them is in the wrong place.
Result<std::vector<std::string>> Folders(const fs::path& folder) {
  Result<std::vector<std::string>> names = Names(folder);
  if (!names) return names.error();
  std::vector<std::string> folders;
  for (const std::string& name : *names) {
    std::error_code error;
    if (fs::is_directory(folder / name, error)) {
      folders.push_back(name);
    } else if (IsImageName(name)) {
      return Invalid(folder.string(), "expected folders named after the classes, got the image " +
                                          Quoted(name) + "; move it into the folder of its class");
    }
  }
  return folders;
}

Status AddClass(const fs::path& folder, const std::string& prefix, const std::string& split,
                const std::string& label, FolderContent& content) {
  Result<std::vector<std::string>> names = Names(folder);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    std::error_code error;
    if (fs::is_directory(folder / name, error)) {
      return Invalid(folder.string(),
                     "expected images, got the folder " + Quoted(name) + "; use SPLIT/CLASS/image");
    }
    if (!IsImageName(name)) {
      content.others.push_back({split, prefix + label + "/" + name});
      continue;
    }
    SampleRow row;
    row.image = folder / name;
    row.label = bundle::OneForm(label);
    row.part = prefix + label + "/" + name;
    row.split = split;
    content.rows.push_back(std::move(row));
  }
  return {};
}

Status AddSplit(const fs::path& folder, const std::string& prefix, const std::string& split,
                FolderContent& content) {
  Result<std::vector<std::string>> classes = Folders(folder);
  if (!classes) return classes.error();
  for (const std::string& label : *classes) {
    if (FindBadUtf8(label) != std::string_view::npos) {
      return Invalid(folder.string(), "expected class folders named in UTF-8, got " +
                                          Quoted(label) +
                                          ", as an old archive leaves it; rename "
                                          "the folder");
    }
    if (Status added = AddClass(folder / label, prefix, split, label, content); !added)
      return added;
  }
  return {};
}

bool HoldsFolders(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator it(folder, error);
  return !error && std::any_of(it, fs::directory_iterator(), [](const fs::directory_entry& entry) {
    std::error_code unknown;
    return !bundle::IsLitter(entry.path().filename().string()) && entry.is_directory(unknown);
  });
}

// The split that a folder of this name is, or none: parts may be called `valid` and `invalid`.
std::string_view SplitOf(const fs::path& parent, const std::string& name) {
  return bundle::Contains(bundle::kSplits, name) || HoldsFolders(parent / name)
             ? bundle::SplitNamed(name)
             : std::string_view();
}

// The folder's name of every split that there is.
Result<std::map<std::string_view, std::string>> Splits(const fs::path& folder,
                                                       const std::vector<std::string>& names) {
  std::map<std::string_view, std::string> splits;
  std::string other;
  for (const std::string& name : names) {
    const std::string_view split = SplitOf(folder, name);
    if (split.empty()) {
      other = other.empty() ? name : other;
      continue;
    }
    if (const auto [known, fresh] = splits.emplace(split, name); !fresh) {
      return Invalid(folder.string(), "expected one folder of the split " + std::string(split) +
                                          ", got " + Quoted(known->second) + " and " +
                                          Quoted(name) + "; put their classes together");
    }
  }
  if (!splits.empty() && !other.empty()) {
    return Invalid(folder.string(),
                   "expected the folders train, val, test only, or classes only, got " +
                       Quoted(other) + " beside a split; move it");
  }
  return splits;
}

Result<FolderContent> ReadContent(const fs::path& folder) {
  Result<std::vector<std::string>> names = Folders(folder);
  if (!names) return names.error();
  auto splits = Splits(folder, *names);
  if (!splits) return splits.error();
  FolderContent content;
  if (splits->empty()) {
    if (Status added = AddSplit(folder, "", "train", content); !added) return added.error();
  }
  for (const auto& [split, name] : *splits) {
    Status added = AddSplit(folder / name, name + "/", std::string(split), content);
    if (!added) return added.error();
  }
  return content;
}

}  // namespace

Result<std::vector<SampleRow>> ReadSampleFolder(const fs::path& folder) {
  Result<FolderContent> content = ReadContent(folder);
  if (!content) return content.error();
  std::vector<SampleRow>& rows = content->rows;
  if (rows.empty()) {
    return Invalid(folder.string(),
                   "expected images as SPLIT/CLASS/image.png (or .jpg, .bmp, .tif), got none; "
                   "check the folder");
  }
  // By the whole path: "a-b/x" stands before "a/x", which an order folder by folder would miss.
  std::sort(rows.begin(), rows.end(),
            [](const SampleRow& a, const SampleRow& b) { return a.part < b.part; });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].row = i + 1;
  return std::move(rows);
}

std::vector<std::string> FilesLeftOut(const fs::path& list_or_folder, const std::string& split) {
  std::error_code error;
  if (!fs::is_directory(list_or_folder, error)) return {};
  Result<FolderContent> content = ReadContent(list_or_folder);
  if (!content) return {};
  std::vector<std::string> others;
  for (FolderContent::Other& other : content->others) {
    if (split.empty() || other.split == split) others.push_back(std::move(other.name));
  }
  std::sort(others.begin(), others.end());
  return others;
}

std::string LeftOutText(const fs::path& folder, const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 20;
  std::string text =
      folder.string() + ": left out " +
      (names.size() == 1 ? "1 file that is" : std::to_string(names.size()) + " files that are") +
      " no PNG, JPEG, BMP or TIFF: ";
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kMostNames) {
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  }
  return text;
}

}  // namespace taktgate::samples
