#ifndef TAKTGATE_IMAGE_CONTRACT_H_
#define TAKTGATE_IMAGE_CONTRACT_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::image {

enum class Resize : std::uint8_t { kArea, kBilinear };

// How pixels become the input tensor: the `input` part of a contract (docs/formats.md, 2).
// A checked value: whoever makes one (the bundle reader) has applied the limits.
struct InputContract {
  std::string tensor_name = "input";
  int width = 0;   // of the tensor, px
  int height = 0;
  PixelFormat channels = PixelFormat::kGrey8;
  bool golden = false;  // one further grey channel from the golden image
  Resize resize = Resize::kArea;
  std::vector<double> scale;   // one per tensor channel
  std::vector<double> offset;

  int channel_count() const { return ChannelsOf(channels) + (golden ? 1 : 0); }
  std::size_t tensor_size() const {
    return static_cast<std::size_t>(channel_count()) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(height);
  }
};

struct Rect {
  int x = 0, y = 0, w = 0, h = 0;
  friend bool operator==(const Rect&, const Rect&) = default;
};

// Fills input tensors from windows of frames: crop, resize, channels, golden, scale.
// All tables and scratch memory are made in the constructor for windows of at most
// `max_window` px a side; Fill allocates nothing and is exact (docs/formats.md).
//
// Threads: one at a time.
class TensorMaker {
 public:
  TensorMaker(const InputContract& contract, int max_window);

  // Writes contract.tensor_size() floats, NCHW. `shift` moves the window on the frame but not on
  // the golden image. The window must lie inside both images, after the shift: invalid otherwise,
  // and so is a golden image that is wanted but null.
  Status Fill(const ImageView& frame, Rect window, int shift_x, int shift_y,
              const ImageView* golden, std::span<float> tensor);

  // The uint8 pixels before scaling, HWC (tests and the comparison with prep/ use it).
  Status FillPixels(const ImageView& frame, Rect window, int shift_x, int shift_y,
                    const ImageView* golden, std::span<std::uint8_t> pixels);

  const InputContract& contract() const { return contract_; }

 private:
  // (private members are the implementer's)
  InputContract contract_;
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_CONTRACT_H_
