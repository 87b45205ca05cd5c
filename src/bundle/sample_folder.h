#ifndef TAKTGATE_BUNDLE_SAMPLE_FOLDER_H_
#define TAKTGATE_BUNDLE_SAMPLE_FOLDER_H_

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "bundle/sample_list.h"

namespace taktgate::bundle {

// The images of SPLIT/CLASS/image.{png,jpg,jpeg}, or of CLASS/image as split train, ordered by
// path, bytewise. Labels are not checked here.
Result<std::vector<SampleRow>> ReadSampleFolder(const std::filesystem::path& folder);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_SAMPLE_FOLDER_H_
