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
  // Windows may have at most `max_window` px a side.
  TensorMaker(const InputContract& contract, int max_window);
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

  // The uint8 pixels before scaling, HWC (tests and the comparison with prep/ use it).
  Status FillPixels(const ImageView& frame, Rect window, int shift_x, int shift_y,
                    const ImageView* golden, std::span<std::uint8_t> pixels);

  const InputContract& contract() const { return contract_; }

 private:
  Status Check(const ImageView& frame, Rect window, int shift_x, int shift_y,
               const ImageView* golden, std::size_t came) const;
  const Resizer* FindResizer(int width, int height) const;
  // The pixels of one window in the tensor's size, grey or RGB.
  ImageView Cut(const ImageView& image, Rect window, int shift_x, int shift_y, PixelFormat wanted);
  ImageView Resized(const ImageView& cut);
  ImageView Boxed(const ImageView& inner);
  void Scale(const ImageView& pixels, int channels, const std::array<float, 256>* scaled,
             float* tensor) const;
  void Interleave(const ImageView& pixels, int channels, std::uint8_t* target) const;

  // Constant after construction.
  InputContract contract_;
  int max_window_;
  std::vector<std::array<float, 256>> scaled_;  // per channel: what each pixel value becomes
  // Of Prepare.
  std::vector<Resizer> resizers_;
  // Of one Fill.
  std::vector<std::uint8_t> grey_;  // the window, where grey is made from RGB
  std::vector<std::uint32_t> column_sums_;
  std::vector<std::uint8_t> resized_;
  std::vector<std::uint8_t> boxed_;  // letterbox only
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_CONTRACT_H_
