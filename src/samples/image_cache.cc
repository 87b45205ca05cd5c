#include "samples/image_cache.h"

#include <utility>

#include "image/decode.h"

namespace taktgate::samples {

Result<const image::Image*> ImageCache::Get(const std::filesystem::path& path) {
  if (path != path_) {
    auto decoded = image::DecodeFile(path);
    if (!decoded) return decoded.error();
    image_ = std::move(*decoded);
    path_ = path;
  }
  return &image_;
}

}  // namespace taktgate::samples
