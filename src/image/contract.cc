#include "image/contract.h"

#include <algorithm>
#include <string>

#include "image/grey.h"
#include "image/resize.h"

namespace taktgate::image {
namespace {

std::string SizeText(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

Error Outside(const char* what, const ImageView& image, Rect window, int shift_x, int shift_y) {
  return {ErrorCode::kInvalid, "expected a window inside the " + std::string(what) + " of " +
                                   SizeText(image.width, image.height) + " px, got " +
                                   SizeText(window.w, window.h) + " px at (" +
                                   std::to_string(window.x) + ", " + std::to_string(window.y) +
                                   ") moved by (" + std::to_string(shift_x) + ", " +
                                   std::to_string(shift_y) + "); correct the window"};
}

ImageView Crop(const ImageView& image, Rect window, int shift_x, int shift_y) {
  ImageView part = image;
  part.data = image.Row(window.y + shift_y) +
              static_cast<std::ptrdiff_t>(window.x + shift_x) * ChannelsOf(image.format);
  part.width = window.w;
  part.height = window.h;
  return part;
}

ImageView WithoutPadding(const std::uint8_t* data, int width, int height, PixelFormat format) {
  const auto row = static_cast<std::size_t>(width) * static_cast<std::size_t>(ChannelsOf(format));
  return {data, width, height, row, format};
}

ImageView Greyed(const ImageView& rgb, std::uint8_t* target) {
  const auto width = static_cast<std::size_t>(rgb.width);
  for (int y = 0; y < rgb.height; ++y) {
    GreyFromRgb(rgb.Row(y), width, target + static_cast<std::size_t>(y) * width);
  }
  return WithoutPadding(target, rgb.width, rgb.height, PixelFormat::kGrey8);
}

// Every channel of a grey picture is the one that it has.
Plane PlaneOf(const ImageView& pixels, std::size_t channel) {
  const int step = ChannelsOf(pixels.format);
  return {pixels.data + (step == 1 ? 0 : channel), static_cast<std::ptrdiff_t>(pixels.stride_bytes),
          step};
}

Error WrongRoom(std::size_t expected, const char* what, std::size_t came) {
  return {ErrorCode::kInvalid, "expected room for " + std::to_string(expected) + " " + what +
                                   ", got " + std::to_string(came)};
}

constexpr std::uint8_t kAround = 128;  // grey around a letterboxed window

std::array<float, 256> Scaled(double scale, double offset) {
  std::array<float, 256> values{};
  for (std::size_t pixel = 0; pixel < values.size(); ++pixel) {
    values[pixel] = static_cast<float>(static_cast<double>(pixel) * scale + offset);
  }
  return values;
}

}  // namespace

std::string_view ToString(Resize resize) {
  switch (resize) {
    case Resize::kArea:
      return "area";
    case Resize::kBilinear:
      return "bilinear";
    case Resize::kAntialias:
      return "antialias";
  }
  return "unknown";
}

bool Contains(const ImageView& image, Rect window, int shift_x, int shift_y) {
  const std::int64_t left = std::int64_t{window.x} + shift_x;
  const std::int64_t top = std::int64_t{window.y} + shift_y;
  return window.w >= 1 && window.h >= 1 && left >= 0 && top >= 0 &&
         left + window.w <= image.width && top + window.h <= image.height;
}

Size FittedSize(const InputContract& contract, int width, int height) {
  const std::int64_t w = contract.width;
  const std::int64_t h = contract.height;
  if (contract.fit == Fit::kStretch) return {contract.width, contract.height};
  const auto rounded = [](std::int64_t numerator, std::int64_t denominator) {
    const std::int64_t side = (2 * numerator + denominator) / (2 * denominator);
    return static_cast<int>(std::max<std::int64_t>(1, side));
  };
  if (width * h >= height * w) return {contract.width, rounded(height * w, width)};
  return {rounded(width * h, height), contract.height};
}

TensorMaker::TensorMaker(const InputContract& contract, int max_window, std::size_t places)
    : contract_(contract), max_window_(std::min(max_window, kMaxSide)), kept_(places) {
  const std::size_t channels = std::min(contract.scale.size(), contract.offset.size());
  for (std::size_t c = 0; c < channels; ++c) {
    scaled_.push_back(Scaled(contract.scale[c], contract.offset[c]));
  }
}

TensorMaker::~TensorMaker() = default;
TensorMaker::TensorMaker(TensorMaker&&) noexcept = default;
TensorMaker& TensorMaker::operator=(TensorMaker&&) noexcept = default;

Status TensorMaker::Prepare(int width, int height) {
  const auto channels = static_cast<std::size_t>(contract_.channel_count());
  if (contract_.scale.size() != channels || contract_.offset.size() != channels ||
      !IsSupportedSize(contract_.width, contract_.height)) {
    return Error{ErrorCode::kInvalid,
                 "expected a contract with a size and one scale and offset for each of " +
                     std::to_string(channels) + " channels, got " +
                     SizeText(contract_.width, contract_.height) + " px, " +
                     std::to_string(contract_.scale.size()) + " scales and " +
                     std::to_string(contract_.offset.size()) + " offsets; correct the contract"};
  }
  if (width < 1 || height < 1 || width > max_window_ || height > max_window_) {
    return Error{ErrorCode::kInvalid, "expected a window of 1 to " + std::to_string(max_window_) +
                                          " px a side, got " + SizeText(width, height) +
                                          "; correct the window"};
  }
  if (FindResizer(width, height) != nullptr) return {};
  const auto grow = [](auto& memory, std::size_t size) {
    if (memory.size() < size) memory.resize(size);
  };
  const Size fitted = FittedSize(contract_, width, height);
  const Resizer& resizer =
      resizers_.emplace_back(contract_.resize, width, height, fitted.width, fitted.height);
  grow(grey_, static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  grow(column_sums_, resizer.scratch_size(ChannelsOf(contract_.channels)));
  const std::size_t pixels = static_cast<std::size_t>(contract_.width) *
                             static_cast<std::size_t>(contract_.height) *
                             static_cast<std::size_t>(ChannelsOf(contract_.channels));
  if (contract_.fit == Fit::kLetterbox) grow(resized_, pixels);
  for (Kept& kept : kept_) {
    grow(kept.frame, pixels);
    if (contract_.golden) grow(kept.golden, pixels);
  }
  return {};
}

const Resizer* TensorMaker::FindResizer(int width, int height) const {
  const auto found = std::find_if(resizers_.begin(), resizers_.end(), [&](const Resizer& resizer) {
    return resizer.source_width() == width && resizer.source_height() == height;
  });
  return found == resizers_.end() ? nullptr : &*found;
}

Status TensorMaker::Check(const ImageView& frame, Rect window, int shift_x, int shift_y,
                          const ImageView* golden) const {
  if (!Contains(frame, window, shift_x, shift_y)) {
    return Outside("frame", frame, window, shift_x, shift_y);
  }
  if (contract_.golden && golden == nullptr) {
    return Error{ErrorCode::kInvalid,
                 "expected a golden image, as the contract has a golden channel, got none; name "
                 "one in the recipe or the sample list"};
  }
  if (contract_.golden && !Contains(*golden, window, 0, 0)) {
    return Outside("golden image", *golden, window, 0, 0);
  }
  if (FindResizer(window.w, window.h) == nullptr) {
    return Error{ErrorCode::kWrongState, "no tables for windows of " +
                                             SizeText(window.w, window.h) +
                                             " px; call Prepare for each size at set-up"};
  }
  return {};
}

ImageView TensorMaker::Cut(const ImageView& image, Rect window, int shift_x, int shift_y,
                           PixelFormat wanted, std::vector<std::uint8_t>& kept) {
  ImageView cut = Crop(image, window, shift_x, shift_y);
  const Size fitted = FittedSize(contract_, cut.width, cut.height);
  const bool same_size = fitted == Size{cut.width, cut.height};
  const bool fills = fitted == Size{contract_.width, contract_.height};
  if (wanted == PixelFormat::kGrey8 && cut.format == PixelFormat::kRgb8) {
    cut = Greyed(cut, same_size && fills ? kept.data() : grey_.data());
  }
  if (!same_size) {
    std::uint8_t* target = fills ? kept.data() : resized_.data();
    FindResizer(cut.width, cut.height)->Run(cut, column_sums_.data(), target);
    cut = WithoutPadding(target, fitted.width, fitted.height, cut.format);
  }
  return fills ? cut : Boxed(cut, kept.data());
}

// The picture in the middle, grey around it.
ImageView TensorMaker::Boxed(const ImageView& inner, std::uint8_t* target) const {
  const auto channels = static_cast<std::size_t>(ChannelsOf(inner.format));
  const auto row = static_cast<std::size_t>(contract_.width) * channels;
  const auto inner_row = static_cast<std::size_t>(inner.width) * channels;
  const auto left = static_cast<std::size_t>((contract_.width - inner.width) / 2) * channels;
  const int top = (contract_.height - inner.height) / 2;
  std::fill_n(target, row * static_cast<std::size_t>(contract_.height), kAround);
  for (int y = 0; y < inner.height; ++y) {
    std::copy_n(inner.Row(y), inner_row, target + row * static_cast<std::size_t>(top + y) + left);
  }
  return WithoutPadding(target, contract_.width, contract_.height, inner.format);
}

// A table per channel is faster here than the arithmetic in double, and exact by construction.
void TensorMaker::Scale(const ImageView& pixels, int channels, const std::array<float, 256>* scaled,
                        float* tensor) const {
  const auto width = static_cast<std::size_t>(pixels.width);
  const std::size_t plane = width * static_cast<std::size_t>(pixels.height);
  for (int y = 0; y < pixels.height; ++y, tensor += width) {
    const std::uint8_t* row = pixels.Row(y);
    if (pixels.format == PixelFormat::kRgb8) {
      for (std::size_t x = 0; x < width; ++x, row += 3) {
        tensor[x] = scaled[0][row[0]];
        tensor[plane + x] = scaled[1][row[1]];
        tensor[2 * plane + x] = scaled[2][row[2]];
      }
      continue;
    }
    for (int c = 0; c < channels; ++c) {  // colour from grey: the one channel three times
      const float* values = scaled[c].data();
      float* target = tensor + static_cast<std::size_t>(c) * plane;
      for (std::size_t x = 0; x < width; ++x) target[x] = values[row[x]];
    }
  }
}

Status TensorMaker::Fill(const ImageView& frame, Rect window, int shift_x, int shift_y,
                         const ImageView* golden, std::span<float> tensor) {
  if (tensor.size() != contract_.tensor_size()) {
    return WrongRoom(contract_.tensor_size(), "values of the tensor", tensor.size());
  }
  if (Status sound = Check(frame, window, shift_x, shift_y, golden); !sound) return sound;
  const int channels = ChannelsOf(contract_.channels);
  Scale(Cut(frame, window, shift_x, shift_y, contract_.channels, kept_[0].frame), channels,
        scaled_.data(), tensor.data());
  if (contract_.golden) {
    const std::size_t done = tensor.size() - tensor.size() / static_cast<std::size_t>(channels + 1);
    Scale(Cut(*golden, window, 0, 0, PixelFormat::kGrey8, kept_[0].golden), 1,
          scaled_.data() + channels, tensor.data() + done);
  }
  return {};
}

Status TensorMaker::FindPlanes(const ImageView& frame, Rect window, int shift_x, int shift_y,
                               const ImageView* golden, std::size_t place,
                               std::span<Plane> planes) {
  const auto all = static_cast<std::size_t>(contract_.channel_count());
  if (planes.size() != all) return WrongRoom(all, "planes", planes.size());
  if (Status sound = Check(frame, window, shift_x, shift_y, golden); !sound) return sound;
  Kept& kept = kept_[place];
  const auto channels = static_cast<std::size_t>(ChannelsOf(contract_.channels));
  const ImageView pixels = Cut(frame, window, shift_x, shift_y, contract_.channels, kept.frame);
  for (std::size_t c = 0; c < channels; ++c) planes[c] = PlaneOf(pixels, c);
  if (contract_.golden) {
    planes[channels] = PlaneOf(Cut(*golden, window, 0, 0, PixelFormat::kGrey8, kept.golden), 0);
  }
  return {};
}

}  // namespace taktgate::image
