#ifndef TAKTGATE_SAMPLES_SAMPLE_LIST_H_
#define TAKTGATE_SAMPLES_SAMPLE_LIST_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/release.h"
#include "image/contract.h"

namespace taktgate::samples {

// One row of a sample list: a window of an image, or a whole frame where there is no window.
struct SampleRow {
  std::filesystem::path image;
  std::optional<std::filesystem::path> golden;
  std::optional<image::Rect> window;
  std::string label;  // empty: unlabelled
  std::string part;
  std::string split;      // train, val or test
  std::uint64_t row = 0;  // counts the rows of the list (or the files of the folder) from 1
};

// Reads a sample list, or a folder SPLIT/CLASS/image (docs/formats.md, 1). Every file that is
// named must exist; none is opened. A row without a split belongs to the split of its part, or to
// train; setting parts of train aside is left to prep/.
// `split` empty: all rows; else those of this split, with their row numbers in the whole list.
// invalid, with file and line: a missing or unknown column, an unknown label or split, a path that
// leaves the list's folder, a number that is none, no row at all. not_found: no such list or image.
Result<std::vector<SampleRow>> LoadSamples(const std::filesystem::path& list_or_folder,
                                           const std::string& split,
                                           const std::vector<bundle::Label>& labels);

}  // namespace taktgate::samples

#endif  // TAKTGATE_SAMPLES_SAMPLE_LIST_H_
