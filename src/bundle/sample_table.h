#ifndef TAKTGATE_BUNDLE_SAMPLE_TABLE_H_
#define TAKTGATE_BUNDLE_SAMPLE_TABLE_H_

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "bundle/sample_list.h"

namespace taktgate::bundle {

// The rows of a *.tsv file in their order, each checked by itself; every file that is named
// exists. Labels are not checked here, and a split that is not told stays empty.
Result<std::vector<SampleRow>> ReadSampleTable(const std::filesystem::path& path);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_SAMPLE_TABLE_H_
