#ifndef TAKTGATE_FUZZ_IMAGE_TARGET_H_
#define TAKTGATE_FUZZ_IMAGE_TARGET_H_

#include "fuzz_target.h"
#include "image/decode.h"

namespace taktgate::fuzz {

// What holds for every file that is decoded or refused.
inline void DecodeAndCheck(Bytes bytes) {
  const auto image = image::Decode(bytes);
  if (!image) return ExpectForAPerson(image.error());
  Expect(image->width >= 1 && image->width <= image::kMaxSide, "the width is one that is read");
  Expect(image->height >= 1 && image->height <= image::kMaxSide, "the height is one that is read");
  const auto pixels = static_cast<std::size_t>(image->width) *
                      static_cast<std::size_t>(image->height) *
                      static_cast<std::size_t>(image::ChannelsOf(image->format));
  Expect(image->pixels.size() == pixels, "every pixel is there");
  std::size_t sum = 0;
  for (const std::uint8_t value : image->pixels) sum += value;  // none was left unset or outside
  Expect(sum <= 255 * pixels, "bytes are bytes");
}

}  // namespace taktgate::fuzz

#endif  // TAKTGATE_FUZZ_IMAGE_TARGET_H_
