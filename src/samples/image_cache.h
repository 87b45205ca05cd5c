#ifndef TAKTGATE_SAMPLES_IMAGE_CACHE_H_
#define TAKTGATE_SAMPLES_IMAGE_CACHE_H_

#include <filesystem>

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::samples {

// The image that was decoded last. Rows of one board follow each other in a list, so one is enough.
//
// Threads: one.
class ImageCache {
 public:
  // Good until the next call. The errors of image::DecodeFile.
  Result<const image::Image*> Get(const std::filesystem::path& path);

 private:
  std::filesystem::path path_;
  image::Image image_;
};

}  // namespace taktgate::samples

#endif  // TAKTGATE_SAMPLES_IMAGE_CACHE_H_
