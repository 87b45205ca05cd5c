#ifndef TAKTGATE_BOARDS_LAYERS_H_
#define TAKTGATE_BOARDS_LAYERS_H_

#include <cstddef>
#include <vector>

#include "boards/design.h"

namespace taktgate::boards {

// A design as coverages per pixel, 0 to 1, in the unshifted frame: drawn once, mixed to grey levels
// as often as needed, with local changes where a defect is.
class Layers {
 public:
  explicit Layers(const Design& design);

  struct Pixel {
    float body = 0;  // inside the board's outline
    float copper = 0;
    float pad = 0;
    float solder = 0;
    float hole = 0;
    float texture = 0;  // grey levels of the solder mask's unevenness
    float shine = 0;    // grey levels of the highlights on solder
  };

  const Pixel& At(int x, int y) const {
    return pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                   static_cast<std::size_t>(x)];
  }
  int width() const { return width_; }
  int height() const { return height_; }

  // Grey level of a pixel under even light, 0 to 255.
  static float Grey(const Pixel& pixel);

 private:
  void DrawBody(const Design& design);
  void DrawTextures(std::uint64_t seed);
  void DrawTrace(const Trace& trace);
  void DrawPad(const Pad& pad);
  template <typename Draw>
  void ForPixelsAround(Point low, Point high, Draw draw);

  const int width_;
  const int height_;
  std::vector<Pixel> pixels_;
};

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_LAYERS_H_
