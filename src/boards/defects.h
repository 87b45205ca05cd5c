#ifndef TAKTGATE_BOARDS_DEFECTS_H_
#define TAKTGATE_BOARDS_DEFECTS_H_

#include <cstddef>

#include "base/random.h"
#include "boards/board.h"
#include "boards/design.h"
#include "boards/layers.h"

namespace taktgate::boards {

// How a defect changes the board where its strokes cover it.
struct Stroke {
  Point from;
  Point to;
  double half_width = 1;
};

struct Damage {
  enum class Kind { kNothing, kEraseCopper, kAddCopper, kAddSolder, kDropPad, kScratch };
  Kind kind = Kind::kNothing;
  Stroke strokes[2];
  int count = 0;
  Pad pad;  // of kDropPad
};

// Draws a place and a form for a defect of this kind and extent (px). Allocates nothing. kNothing
// when the design has no place for the kind.
Damage DrawDamage(const Design& design, Defect defect, double extent, Random& random);

// The pixels that the damage can change, in the unshifted frame.
image::Rect BoxOf(const Damage& damage, int width, int height);

// One pixel after the damage.
Layers::Pixel Damaged(const Damage& damage, Layers::Pixel pixel, Point centre, float& scratch);

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_DEFECTS_H_
