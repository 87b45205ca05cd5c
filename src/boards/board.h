#ifndef TAKTGATE_BOARDS_BOARD_H_
#define TAKTGATE_BOARDS_BOARD_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "image/contract.h"
#include "image/frame.h"

namespace taktgate::boards {

// What may be wrong with a board. The names are those of the labels.
enum class Defect : std::uint8_t {
  kNone,
  kOpen,
  kShort,
  kMouseBite,
  kSpur,
  kMissingPad,
  kSolderBridge,
  kScratch,
};
inline constexpr int kDefectKinds = 7;
std::string_view LabelOf(Defect defect);  // "good", "open", "short", "mouse-bite", ...

// The line's spread: how one frame of a good board differs from the next. Uniform within the
// bounds unless said otherwise; each value in the unit named.
struct Nuisance {
  double gain = 0.10;    // lamp: brightness factor in 1 +- gain
  double blur_px = 0.7;  // sigma of the lens blur, 0.3 .. blur_px
  double noise = 3.0;    // sigma of the sensor noise, grey levels (normal)
  int shift_px = 10;     // the board's place in x and y
};

struct BoardSettings {
  int width = 192;  // of the frame, px
  int height = 192;
  std::uint64_t design = 4;   // which layout: one design is one kind of board with one golden image
  double defect_share = 0.1;  // of the parts; each kind equally often
  double size_min_px = 7;     // extent of a defect
  double size_max_px = 13;
  Nuisance nuisance;
  std::uint64_t seed = 1;  // of the parts; part k depends on (design, seed, k) alone
};

// The truth about one simulated part.
struct Truth {
  Defect defect = Defect::kNone;
  image::Rect box;  // of the defect in the frame, after the shift; empty when good
  int shift_x = 0;
  int shift_y = 0;
  double gain = 1;
};

// The defect that part `part` is to have. A rendered board may still be good, if its design has no
// place for this kind of defect.
Defect WantedDefect(const BoardSettings& settings, std::uint64_t part);

// Renders circuit boards in grey: solder mask, traces, pads, solder joints, drawn from one design,
// with at most one defect each. The same settings give the same bytes on every machine of one
// architecture; part k can be rendered without the parts before it.
//
// Threads: one at a time. Render allocates nothing after construction.
class BoardRenderer {
 public:
  explicit BoardRenderer(const BoardSettings& settings);
  ~BoardRenderer();
  BoardRenderer(BoardRenderer&&) noexcept;

  // The perfect board, unshifted, without noise: the recipe's golden image.
  const image::Image& golden() const;

  // Writes width * height grey pixels of part `part` and returns the truth about it.
  Truth Render(std::uint64_t part, std::uint8_t* pixels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_BOARD_H_
