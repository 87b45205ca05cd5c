#ifndef TAKTGATE_IMAGE_GREY_H_
#define TAKTGATE_IMAGE_GREY_H_

#include <cstddef>
#include <cstdint>

namespace taktgate::image {

// Grey from interleaved RGB, as docs/formats.md, 2.1 has it.
inline void GreyFromRgb(const std::uint8_t* rgb, std::size_t pixels, std::uint8_t* grey) {
  for (std::size_t i = 0; i < pixels; ++i, rgb += 3) {
    const std::uint32_t sum = 19595U * rgb[0] + 38470U * rgb[1] + 7471U * rgb[2] + 32768U;
    grey[i] = static_cast<std::uint8_t>(sum >> 16);
  }
}

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_GREY_H_
