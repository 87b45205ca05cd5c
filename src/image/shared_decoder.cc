// How prep/ decodes images: the same code as on the device, as a shared library (setup/decoder.sh).
// No other part of the program uses it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <new>
#include <utility>

#include "image/decode.h"

namespace {

using taktgate::image::ChannelsOf;
using taktgate::image::Image;

struct Picture {
  const std::uint8_t* pixels;  // rows without padding, channels interleaved
  std::int32_t width;
  std::int32_t height;
  std::int32_t channels;
  void* owner;  // for taktgate_free
  char message[512];
};

}  // namespace

#define TAKTGATE_DOOR extern "C" __attribute__((visibility("default")))

// 0 and a picture, or 1 and a message. Threads: any.
TAKTGATE_DOOR int taktgate_decode(const std::uint8_t* bytes, std::size_t size, Picture* picture);
TAKTGATE_DOOR void taktgate_free(Picture* picture);

int taktgate_decode(const std::uint8_t* bytes, std::size_t size, Picture* picture) {
  *picture = {};
  auto decoded = taktgate::image::Decode({bytes, size});
  if (!decoded) {
    std::snprintf(picture->message, sizeof(picture->message), "%s",
                  decoded.error().message.c_str());
    return 1;
  }
  auto* image = new (std::nothrow) Image(std::move(*decoded));
  if (image == nullptr) {
    std::snprintf(picture->message, sizeof(picture->message), "no memory for an image");
    return 1;
  }
  picture->pixels = image->pixels.data();
  picture->width = image->width;
  picture->height = image->height;
  picture->channels = ChannelsOf(image->format);
  picture->owner = image;
  return 0;
}

void taktgate_free(Picture* picture) { delete static_cast<Image*>(picture->owner); }
