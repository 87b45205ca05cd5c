#include <turbojpeg.h>

#include <memory>
#include <string>

#include "image/codec.h"

namespace taktgate::image {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Decoder = std::unique_ptr<void, Destroy>;

// The library tells a kind of image that it cannot read from a damaged one only by its text.
Error HeaderError(const std::string& text) {
  const auto says = [&](const char* word) { return text.find(word) != std::string::npos; };
  if (says("precision") || says("subsampling") || says("Unsupported")) {
    return {ErrorCode::kUnsupported,
            "expected an 8-bit baseline or progressive JPEG, came another kind (" + text +
                "); convert it"};
  }
  return DamagedImage("JPEG", text);
}

Error WrongColours() {
  return {ErrorCode::kUnsupported,
          "expected a grey or RGB JPEG, came CMYK colours; convert it to RGB"};
}

}  // namespace

bool IsJpeg(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

Result<Image> DecodeJpeg(std::span<const std::uint8_t> bytes) {
  const Decoder decoder(tjInitDecompress());
  if (!decoder) return Error{ErrorCode::kIo, "no memory for the JPEG decoder"};
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder.get(), bytes.data(), bytes.size(), &width, &height, &subsampling,
                          &colours) != 0) {
    return HeaderError(tjGetErrorStr2(decoder.get()));
  }
  // A file that ends before its picture counts as one of tables only, without an error.
  if (width < 1 || height < 1) return DamagedImage("JPEG", "no picture in it");
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) return WrongColours();
  const bool grey = colours == TJCS_GRAY;
  auto image = MakeImage(width, height, grey ? PixelFormat::kGrey8 : PixelFormat::kRgb8);
  if (!image) return image;
  // A cut file only warns, with grey filled in: any warning is damage. Scans are limited because
  // a small progressive file can hold thousands.
  if (tjDecompress2(decoder.get(), bytes.data(), bytes.size(), image->pixels.data(), width,
                    static_cast<int>(image->View().stride_bytes), height,
                    grey ? TJPF_GRAY : TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS) != 0) {
    return DamagedImage("JPEG", tjGetErrorStr2(decoder.get()));
  }
  return image;
}

}  // namespace taktgate::image
