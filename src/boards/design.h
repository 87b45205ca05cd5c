#ifndef TAKTGATE_BOARDS_DESIGN_H_
#define TAKTGATE_BOARDS_DESIGN_H_

#include <cstdint>
#include <vector>

#include "boards/shapes.h"

namespace taktgate::boards {

struct Pad {
  Point centre;
  double half_w = 4;
  double half_h = 4;
  bool round = false;
  bool soldered = false;
};

struct Trace {
  Point from;
  Point to;
  double half_width = 2;
};

// A place where one kind of defect makes sense.
struct Place {
  Point at;           // on the middle line of a trace, or the middle of a pad or gap
  Point along{1, 0};  // unit vector of the trace, or from pad to pad
  double half_width = 2;
  double gap = 0;       // to the next copper on the `side`, px
  double side = 1;      // +1 or -1: which side of `along`
  std::size_t pad = 0;  // of a missing pad
};

// The layout of one kind of board: what the golden image shows and where defects can be. All
// lengths in px of the unshifted frame; the board's body reaches `margin` px from the frame's edge.
struct Design {
  int width = 0;
  int height = 0;
  double margin = 10;
  std::vector<Pad> pads;
  std::vector<Trace> traces;
  std::vector<Place> on_traces;   // open, mouse bite, spur
  std::vector<Place> beside;      // short: a trace with copper close to it
  std::vector<Place> pad_places;  // missing pad
  std::vector<Place> pad_gaps;    // solder bridge

  bool InInspectedRegion(Point p, double border) const;
};

// Draws pads and traces at random until the board is full; the same (width, height, seed) give the
// same layout.
Design MakeDesign(int width, int height, std::uint64_t seed);

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_DESIGN_H_
