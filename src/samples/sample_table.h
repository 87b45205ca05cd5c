#ifndef TAKTGATE_SAMPLES_SAMPLE_TABLE_H_
#define TAKTGATE_SAMPLES_SAMPLE_TABLE_H_

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "samples/sample_list.h"

namespace taktgate::samples {

// The rows of a *.tsv file in their order, each checked by itself; every file that is named
// exists. Labels are not checked here, and a split that is not named stays empty.
Result<std::vector<SampleRow>> ReadSampleTable(const std::filesystem::path& path);

}  // namespace taktgate::samples

#endif  // TAKTGATE_SAMPLES_SAMPLE_TABLE_H_
