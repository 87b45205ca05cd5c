#ifndef TAKTGATE_SAMPLES_SAMPLE_FOLDER_H_
#define TAKTGATE_SAMPLES_SAMPLE_FOLDER_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "samples/sample_list.h"

namespace taktgate::samples {

// The images of SPLIT/CLASS/image.{png,jpg,jpeg,bmp,tif,tiff}, or of CLASS/image as split train,
// ordered by path, bytewise. Labels are not checked here.
Result<std::vector<SampleRow>> ReadSampleFolder(const std::filesystem::path& folder);

// The files beside those images whose names are no image's, in the folders of classes, of `split`
// or (empty) of all; hidden ones do not count. None for a list, or a folder that cannot be read.
std::vector<std::string> FilesLeftOut(const std::filesystem::path& list_or_folder,
                                      const std::string& split);

// The message about them: how many, and the first ones by name.
std::string LeftOutText(const std::filesystem::path& folder, const std::vector<std::string>& names);

}  // namespace taktgate::samples

#endif  // TAKTGATE_SAMPLES_SAMPLE_FOLDER_H_
