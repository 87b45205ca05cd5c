#include "boards/write_images.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "image/decode.h"

namespace taktgate::boards {
namespace {

// The four windows of the demo recipe (demo/recipe.json), in golden coordinates.
constexpr int kWindow = 64;
constexpr image::Rect kWindows[] = {{32, 32, kWindow, kWindow},
                                    {96, 32, kWindow, kWindow},
                                    {32, 96, kWindow, kWindow},
                                    {96, 96, kWindow, kWindow}};
// A window that sees this share of a defect's box carries its label: of two windows that a defect
// lies across, at least one must have learned to see half of it.
constexpr double kSeen = 0.4;
// A box that comes this close to a window that sees less leaves the window without a label.
constexpr int kNear = 3;

std::string_view SplitOf(std::uint64_t part, const WriteSettings& settings) {
  if (settings.val_share + settings.test_share <= 0) return "";
  const double draw = Random::Of(settings.boards.seed, part ^ 0x73706c6974U).Unit();
  if (draw < settings.test_share) return "test";
  return draw < settings.test_share + settings.val_share ? "val" : "train";
}

std::string BoxColumns(const image::Rect& box) {
  if (box.w == 0) return "\t\t\t";
  return std::to_string(box.x) + "\t" + std::to_string(box.y) + "\t" + std::to_string(box.w) +
         "\t" + std::to_string(box.h);
}

image::Rect Overlap(const image::Rect& box, const image::Rect& window) {
  const int x0 = std::max(box.x, window.x);
  const int y0 = std::max(box.y, window.y);
  const int x1 = std::min(box.x + box.w, window.x + window.w);
  const int y1 = std::min(box.y + box.h, window.y + window.h);
  if (x1 <= x0 || y1 <= y0) return {};
  return {x0, y0, x1 - x0, y1 - y0};
}

bool FarFrom(const image::Rect& box, const image::Rect& window) {
  return box.x + box.w + kNear <= window.x || box.y + box.h + kNear <= window.y ||
         box.x - kNear >= window.x + window.w || box.y - kNear >= window.y + window.h;
}

// The board moved by -shift: back to where it lies in the golden image.
std::vector<std::uint8_t> MovedBack(const std::vector<std::uint8_t>& pixels, int width, int height,
                                    int shift_x, int shift_y) {
  std::vector<std::uint8_t> moved(pixels.size());
  const auto at = [width](int y, int x) {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  };
  for (int y = 0; y < height; ++y) {
    const int from_y = std::clamp(y + shift_y, 0, height - 1);
    for (int x = 0; x < width; ++x) {
      const int from_x = std::clamp(x + shift_x, 0, width - 1);
      moved[at(y, x)] = pixels[at(from_y, from_x)];
    }
  }
  return moved;
}

class Writer {
 public:
  Writer(const std::filesystem::path& folder, const WriteSettings& settings)
      : folder_(folder), settings_(settings), renderer_(settings.boards) {}

  Status Write(const std::function<void(std::uint64_t)>& progress) {
    if (Status prepared = Prepare(); !prepared) return prepared;
    for (std::uint64_t part = 0; part < settings_.parts; ++part) {
      if (Status written = WritePart(part); !written) return written;
      if (progress) progress(part + 1);
    }
    if (settings_.windows) {
      if (Status written = WriteFileAtomically(folder_ / "windows.tsv", windows_); !written) {
        return written;
      }
    }
    return WriteFileAtomically(folder_ / "parts.tsv", parts_);
  }

 private:
  Status Prepare() {
    if (std::filesystem::exists(folder_ / "parts.tsv")) {
      return Error{ErrorCode::kInvalid, (folder_ / "parts.tsv").string() +
                                            " is there already; name an empty folder or remove it"};
    }
    std::error_code failed;
    std::filesystem::create_directories(folder_ / "images", failed);
    if (!failed && settings_.windows) {
      std::filesystem::create_directories(folder_ / "aligned", failed);
    }
    if (failed) {
      return Error{ErrorCode::kIo, folder_.string() + ": " + failed.message() +
                                       "; name a folder that can be written"};
    }
    parts_ = "image\tgolden\tlabel\tpart\tsplit\tbx\tby\tbw\tbh\n";
    windows_ = "image\tgolden\tx\ty\tw\th\tlabel\tpart\tsplit\tbx\tby\tbw\tbh\n";
    return WritePng("golden.png", renderer_.golden().View());
  }

  Status WritePng(const std::string& name, const image::ImageView& view) {
    auto png = image::EncodePng(view);
    if (!png) return png.error().Within(name);
    const std::string_view bytes(reinterpret_cast<const char*>(png->data()), png->size());
    return WriteFile(folder_ / name, bytes);
  }

  Status WritePart(std::uint64_t part) {
    const BoardSettings& boards = settings_.boards;
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(boards.width * boards.height));
    const Truth truth = renderer_.Render(part, pixels.data());
    const std::string number = std::to_string(part);
    const std::string name = std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number;
    const std::string tail = std::string(LabelOf(truth.defect)) + "\t" + name + "\t" +
                             std::string(SplitOf(part, settings_)) + "\t";
    parts_ += "images/" + name + ".png\tgolden.png\t" + tail + BoxColumns(truth.box) + "\n";
    const auto stride = static_cast<std::size_t>(boards.width);
    const image::ImageView view{pixels.data(), boards.width, boards.height, stride,
                                image::PixelFormat::kGrey8};
    if (Status written = WritePng("images/" + name + ".png", view); !written) return written;
    return settings_.windows ? WriteAligned(part, name, pixels, truth) : Status();
  }

  Status WriteAligned(std::uint64_t part, const std::string& name,
                      const std::vector<std::uint8_t>& pixels, const Truth& truth) {
    const BoardSettings& boards = settings_.boards;
    Random random = Random::Of(boards.seed ^ 0x616c69676eU, part);
    const int back_x = truth.shift_x + random.Whole(-1, 1);
    const int back_y = truth.shift_y + random.Whole(-1, 1);
    const auto moved = MovedBack(pixels, boards.width, boards.height, back_x, back_y);
    const image::Rect box{truth.box.x - back_x, truth.box.y - back_y, truth.box.w, truth.box.h};
    // One good window a part is enough; more would only repeat the same few layouts.
    int good_left = 1;
    const int first = random.Whole(0, 3);
    for (int i = 0; i < 4; ++i) {
      AddSample(name, kWindows[(first + i) % 4], box, truth, part, good_left);
    }
    const image::ImageView view{moved.data(), boards.width, boards.height,
                                static_cast<std::size_t>(boards.width), image::PixelFormat::kGrey8};
    return WritePng("aligned/" + name + ".png", view);
  }

  void AddSample(const std::string& name, const image::Rect& window, const image::Rect& box,
                 const Truth& truth, std::uint64_t part, int& good_left) {
    const image::Rect seen = Overlap(box, window);
    const bool defective =
        truth.defect != Defect::kNone && seen.w * seen.h >= kSeen * box.w * box.h;
    if (!defective) {
      const bool near = truth.defect != Defect::kNone && !FarFrom(box, window);
      if (near || good_left-- <= 0) return;
    }
    const Defect label = defective ? truth.defect : Defect::kNone;
    windows_ += "aligned/" + name + ".png\tgolden.png\t" + std::to_string(window.x) + "\t" +
                std::to_string(window.y) + "\t" + std::to_string(window.w) + "\t" +
                std::to_string(window.h) + "\t" + std::string(LabelOf(label)) + "\t" + name + "\t" +
                std::string(SplitOf(part, settings_)) + "\t" +
                BoxColumns(defective ? seen : image::Rect{}) + "\n";
  }

  const std::filesystem::path folder_;
  const WriteSettings settings_;
  BoardRenderer renderer_;
  std::string parts_;
  std::string windows_;
};

}  // namespace

Status WriteImages(const std::filesystem::path& folder, const WriteSettings& settings,
                   const std::function<void(std::uint64_t)>& progress) {
  return Writer(folder, settings).Write(progress);
}

}  // namespace taktgate::boards
