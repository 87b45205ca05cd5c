// What test_pictures.py needs of the device:
//   picture_tool decode FOLDER   for each file: its name and WIDTHxHEIGHTxCHANNELS and the SHA-256
//                                of its pixels, or `refused` and the message; between them tabs
//   picture_tool make FOLDER     JPEG files of kinds that Pillow does not write
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// After <cstdio>: libjpeg's header needs FILE.
#include <jpeglib.h>

#include "base/file.h"
#include "bundle/digest.h"
#include "image/decode.h"

namespace taktgate {
namespace {

void DecodeAll(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const auto bytes = ReadFile(path, std::size_t{64} << 20);
    const auto image = bytes ? image::Decode(*bytes) : bytes.error();
    const std::string name = path.filename().string();
    if (!image) {
      std::printf("%s\trefused\t%s\n", name.c_str(), image.error().message.c_str());
      continue;
    }
    std::printf("%s\t%dx%dx%d\t%s\n", name.c_str(), image->width, image->height,
                image::ChannelsOf(image->format), bundle::Sha256Hex(image->pixels).c_str());
  }
}

struct Kind {
  const char* name;
  J_COLOR_SPACE colours = JCS_YCbCr;
  int across[3] = {1, 1, 1};  // sampling factors
  int down[3] = {1, 1, 1};
  bool arithmetic = false;
  bool progressive = false;
  bool apart = false;  // a scan for each component
  int restart_rows = 0;
  unsigned restart_blocks = 0;
};

constexpr Kind kKinds[] = {
    {"s411", JCS_YCbCr, {4, 1, 1}},
    {"s410", JCS_YCbCr, {4, 1, 1}, {2, 1, 1}},
    {"s440", JCS_YCbCr, {1, 1, 1}, {2, 1, 1}},
    {"s31", JCS_YCbCr, {3, 1, 1}},
    {"chroma_finer", JCS_YCbCr, {1, 2, 2}},
    {"mixed", JCS_YCbCr, {2, 1, 2}, {2, 2, 1}},
    {"rgb", JCS_RGB},
    {"arithmetic", JCS_YCbCr, {2, 1, 1}, {2, 1, 1}, true},
    {"arithmetic_progressive", JCS_YCbCr, {2, 1, 1}, {1, 1, 1}, true, true},
    {"arithmetic_restarts", JCS_GRAYSCALE, {1, 1, 1}, {1, 1, 1}, true, false, false, 1},
    {"apart", JCS_YCbCr, {2, 1, 1}, {2, 1, 1}, false, false, true},
    {"apart_restarts", JCS_YCbCr, {2, 1, 1}, {1, 1, 1}, false, false, true, 0, 5},
    {"progressive", JCS_YCbCr, {2, 1, 1}, {2, 1, 1}, false, true},
    {"progressive_restarts", JCS_YCbCr, {1, 1, 1}, {1, 1, 1}, false, true, false, 1},
    {"progressive_grey", JCS_GRAYSCALE, {1, 1, 1}, {1, 1, 1}, false, true},
    {"restarts", JCS_YCbCr, {2, 1, 1}, {2, 1, 1}, false, false, false, 1},
    {"restarts_each_block", JCS_GRAYSCALE, {1, 1, 1}, {1, 1, 1}, false, false, false, 0, 1},
};

std::vector<std::uint8_t> Picture(int width, int height) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int noise = (x * 7919 + y * 104729) % 31;
      pixels.push_back(static_cast<std::uint8_t>(x * 255 / width));
      pixels.push_back(static_cast<std::uint8_t>(100 + noise));
      pixels.push_back(static_cast<std::uint8_t>(y * 255 / height));
    }
  }
  return pixels;
}

constexpr jpeg_scan_info kApart[] = {
    {1, {0, 0, 0, 0}, 0, 63, 0, 0}, {1, {1, 0, 0, 0}, 0, 63, 0, 0}, {1, {2, 0, 0, 0}, 0, 63, 0, 0}};

void Choose(jpeg_compress_struct& jpeg, const Kind& kind) {
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, kind.colours);
  jpeg_set_quality(&jpeg, 88, TRUE);
  for (int c = 0; c < jpeg.num_components; ++c) {
    jpeg.comp_info[c].h_samp_factor = kind.across[c];
    jpeg.comp_info[c].v_samp_factor = kind.down[c];
  }
  jpeg.arith_code = kind.arithmetic;
  if (kind.progressive) jpeg_simple_progression(&jpeg);
  if (kind.apart) {
    jpeg.scan_info = kApart;
    jpeg.num_scans = 3;
  }
  jpeg.restart_in_rows = kind.restart_rows;
  jpeg.restart_interval = kind.restart_blocks;
}

Status Make(const std::filesystem::path& folder, const Kind& kind) {
  constexpr int kWidth = 45;
  constexpr int kHeight = 34;
  const std::vector<std::uint8_t> pixels = Picture(kWidth, kHeight);
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* made = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &made, &size);
  jpeg.image_width = kWidth;
  jpeg.image_height = kHeight;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  Choose(jpeg, kind);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < kHeight) {
    auto* row =
        const_cast<JSAMPROW>(&pixels[jpeg.next_scanline * static_cast<std::size_t>(3 * kWidth)]);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  const std::string_view bytes(reinterpret_cast<const char*>(made), size);
  Status written = WriteFile(folder / (std::string(kind.name) + ".jpg"), bytes);
  std::free(made);
  jpeg_destroy_compress(&jpeg);
  return written;
}

}  // namespace
}  // namespace taktgate

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  if (std::strcmp(argv[1], "decode") == 0) {
    taktgate::DecodeAll(argv[2]);
    return 0;
  }
  for (const taktgate::Kind& kind : taktgate::kKinds) {
    if (!taktgate::Make(argv[2], kind)) return 1;
  }
  return 0;
}
