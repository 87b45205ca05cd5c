#ifndef TAKTGATE_IMAGE_TEST_FLIPS_H_
#define TAKTGATE_IMAGE_TEST_FLIPS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>

#include "image/decode.h"
#include "image/test_files.h"

namespace taktgate::image::testing {

// Whatever one byte of a file becomes: refused, or an image that is whole.
inline void ExpectHarmless(const Bytes& whole, std::initializer_list<int> flips) {
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : flips) {
      Bytes flipped = whole;
      flipped[at] = static_cast<std::uint8_t>(flipped[at] ^ flip);
      const auto image = Decode(flipped);
      if (image) {
        EXPECT_EQ(image->pixels.size(), static_cast<std::size_t>(image->width * image->height *
                                                                 ChannelsOf(image->format)));
      }
    }
  }
}

}  // namespace taktgate::image::testing

#endif  // TAKTGATE_IMAGE_TEST_FLIPS_H_
