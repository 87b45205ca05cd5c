// Writes the tensors that the device makes of a sample list, for test_twins.py:
//   tensor_dump grey|rgb golden|plain area|bilinear|antialias stretch|letterbox WIDTH HEIGHT
//   LIST.tsv OUT
// OUT holds per row the uint8 pixels (HWC), then the float32 tensor (NCHW).
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "image/contract.h"
#include "image/decode.h"
#include "samples/sample_list.h"

namespace taktgate {
namespace {

image::InputContract ContractOf(char** argv) {
  image::InputContract contract;
  contract.channels =
      std::string(argv[1]) == "rgb" ? image::PixelFormat::kRgb8 : image::PixelFormat::kGrey8;
  contract.golden = std::string(argv[2]) == "golden";
  for (const auto resize :
       {image::Resize::kArea, image::Resize::kBilinear, image::Resize::kAntialias}) {
    if (image::ToString(resize) == argv[3]) contract.resize = resize;
  }
  contract.fit = std::string(argv[4]) == "stretch" ? image::Fit::kStretch : image::Fit::kLetterbox;
  contract.width = std::stoi(argv[5]);
  contract.height = std::stoi(argv[6]);
  for (int c = 0; c < contract.channel_count(); ++c) {
    contract.scale.push_back(1.0 / (127.5 + c));
    contract.offset.push_back(-1.0 + 0.1 * c);
  }
  return contract;
}

void WritePixels(const image::InputContract& contract, const std::vector<image::Plane>& planes,
                 std::ostream& out) {
  for (std::ptrdiff_t y = 0; y < contract.height; ++y) {
    for (std::ptrdiff_t x = 0; x < contract.width; ++x) {
      for (const image::Plane& plane : planes) {
        out.put(static_cast<char>(plane.first[y * plane.row_step + x * plane.step]));
      }
    }
  }
}

Status Dump(const image::InputContract& contract, const std::string& list, std::ostream& out) {
  const auto rows = samples::LoadSamples(list, "", {});
  if (!rows) return rows.error();
  image::TensorMaker maker(contract, 8192);
  std::vector<image::Plane> planes(static_cast<std::size_t>(contract.channel_count()));
  std::vector<float> tensor(contract.tensor_size());
  for (const samples::SampleRow& row : *rows) {
    const auto picture = image::DecodeFile(row.image);
    if (!picture) return picture.error();
    std::optional<image::Image> golden;
    if (row.golden) {
      auto decoded = image::DecodeFile(*row.golden);
      if (!decoded) return decoded.error();
      golden = std::move(*decoded);
    }
    const image::ImageView view = picture->View();
    const image::ImageView golden_view = golden ? golden->View() : image::ImageView{};
    const image::ImageView* golden_or_none = golden ? &golden_view : nullptr;
    const image::Rect window = row.window.value_or(image::Rect{0, 0, view.width, view.height});
    if (Status made = maker.Prepare(window.w, window.h); !made) return made;
    if (Status made = maker.FindPlanes(view, window, 0, 0, golden_or_none, 0, planes); !made) {
      return made;
    }
    WritePixels(contract, planes, out);
    if (Status made = maker.Fill(view, window, 0, 0, golden_or_none, tensor); !made) return made;
    out.write(reinterpret_cast<const char*>(tensor.data()),
              static_cast<std::streamsize>(tensor.size() * sizeof(float)));
  }
  return {};
}

}  // namespace
}  // namespace taktgate

int main(int argc, char** argv) {
  if (argc != 9) return 2;
  std::ofstream out(argv[8], std::ios::binary);
  const taktgate::Status done = taktgate::Dump(taktgate::ContractOf(argv), argv[7], out);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
