#include "image/turn.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "image/codec.h"

namespace taktgate::image {

// TIFF 6.0, Orientation: where row 0 and column 0 of what is stored stand in what is shown.
Result<Image> Turned(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool exchanged = orientation >= 5;  // rows stand as columns
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  auto shown = exchanged ? MakeImage(image.height, image.width, image.format)
                         : MakeImage(image.width, image.height, image.format);
  if (!shown) return shown;
  const auto channels = static_cast<std::size_t>(ChannelsOf(image.format));
  const ImageView stored = image.View();
  std::uint8_t* target = shown->pixels.data();
  for (int y = 0; y < shown->height; ++y) {
    for (int x = 0; x < shown->width; ++x, target += channels) {
      const int column = exchanged ? y : x;
      const int row = exchanged ? x : y;
      const std::uint8_t* source =
          stored.Row(from_below ? image.height - 1 - row : row) +
          channels * static_cast<std::size_t>(from_right ? image.width - 1 - column : column);
      std::copy_n(source, channels, target);
    }
  }
  return shown;
}

}  // namespace taktgate::image
