#ifndef TAKTGATE_IMAGE_CONTRACT_H_
#define TAKTGATE_IMAGE_CONTRACT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::image {

enum class Resize : std::uint8_t { kArea, kBilinear, kAntialias };

std::string_view ToString(Resize resize);
// What happens to the aspect of a window: lost, or kept with grey around it.
enum class Fit : std::uint8_t { kStretch, kLetterbox };

// How pixels become the input tensor: the `input` part of a contract (docs/formats.md, 2).
// A checked value: the bundle reader, which makes it, has applied the limits.
struct InputContract {
  std::string tensor_name = "input";
  int width = 0;  // of the tensor, px
  int height = 0;
  PixelFormat channels = PixelFormat::kGrey8;
  bool golden = false;  // one further grey channel from the golden image
  Resize resize = Resize::kArea;
  Fit fit = Fit::kStretch;
  std::vector<double> scale;  // one per tensor channel
  std::vector<double> offset;

  int channel_count() const { return ChannelsOf(channels) + (golden ? 1 : 0); }
  std::size_t tensor_size() const {
    return static_cast<std::size_t>(channel_count()) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(height);
  }
};

struct Size {
  int width = 0, height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

// What a window of this size is resized to: the tensor's size, or (letterbox) the largest copy of
// the same aspect inside it, halves rounded up.
Size FittedSize(const InputContract& contract, int width, int height);

struct Rect {
  int x = 0, y = 0, w = 0, h = 0;
  friend bool operator==(const Rect&, const Rect&) = default;
};

// Whether the window, moved by the shift, lies inside the image. Never fails, allocates nothing.
bool Contains(const ImageView& image, Rect window, int shift_x, int shift_y);

class Resizer;

// Fills input tensors from windows of frames: crop, resize, channels, golden, scale.
// All tables and scratch memory are made by Prepare, once for each size of windows; Fill allocates
// nothing (but the text of an error) and is exact (docs/formats.md).
//
// Threads: one at a time.
class TensorMaker {
 public:
  // Windows may have at most `max_window` px a side. `places`: of how many FindPlanes keeps the
  // pixels at once.
  TensorMaker(const InputContract& contract, int max_window, std::size_t places = 1);
  ~TensorMaker();
  TensorMaker(TensorMaker&&) noexcept;
  TensorMaker& operator=(TensorMaker&&) noexcept;

  // Makes ready for windows of this size; a size that is ready already costs nothing.
  // invalid: larger than max_window or empty; a contract without one scale and one offset per
  // channel.
  Status Prepare(int width, int height);

  // Writes contract.tensor_size() floats, NCHW. `shift` moves the window on the frame but not on
  // the golden image. The window must lie inside both images, after the shift: invalid otherwise,
  // and so is a golden image that is wanted but null, or a tensor of another size. wrong_state:
  // a window's size that was not prepared.
  Status Fill(const ImageView& frame, Rect window, int shift_x, int shift_y,
              const ImageView* golden, std::span<float> tensor);

  // Where the pixels before scaling lie, a plane for each channel of the tensor: in the images
  // themselves where they need no change, else in memory of `place`, which the next call with the
  // same place writes again. Errors as of Fill.
  Status FindPlanes(const ImageView& frame, Rect window, int shift_x, int shift_y,
                    const ImageView* golden, std::size_t place, std::span<Plane> planes);

  const InputContract& contract() const { return contract_; }

 private:
  Status Check(const ImageView& frame, Rect window, int shift_x, int shift_y,
               const ImageView* golden) const;
  const Resizer* FindResizer(int width, int height) const;
  // The pixels of one window in the tensor's size, grey or RGB: in `kept`, or in the image itself.
  ImageView Cut(const ImageView& image, Rect window, int shift_x, int shift_y, PixelFormat wanted,
                std::vector<std::uint8_t>& kept);
  ImageView Boxed(const ImageView& inner, std::uint8_t* target) const;
  void Scale(const ImageView& pixels, int channels, const std::array<float, 256>* scaled,
             float* tensor) const;

  // Constant after construction.
  InputContract contract_;
  int max_window_;
  std::vector<std::array<float, 256>> scaled_;  // per channel: what each pixel value becomes
  // Of Prepare.
  std::vector<Resizer> resizers_;
  // Of one Fill.
  std::vector<std::uint8_t> grey_;  // the window, where grey is made from RGB
  std::vector<std::uint32_t> column_sums_;
  std::vector<std::uint8_t> resized_;  // letterbox only
  struct Kept {
    std::vector<std::uint8_t> frame, golden;
  };
  std::vector<Kept> kept_;  // for each place what had to be changed
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_CONTRACT_H_
