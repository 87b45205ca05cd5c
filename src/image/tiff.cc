#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "image/codec.h"
#include "image/samples.h"

namespace taktgate::image {
namespace {

// The file in memory, as libtiff's callbacks see it, and the first thing that it complained of.
struct TiffFile {
  std::span<const std::uint8_t> bytes;
  std::uint64_t at = 0;
  std::string complaint;
};

tmsize_t ReadBytes(thandle_t handle, void* to, tmsize_t size) {
  auto* file = static_cast<TiffFile*>(handle);
  if (size < 0 || file->at > file->bytes.size()) return 0;
  const std::size_t left = file->bytes.size() - static_cast<std::size_t>(file->at);
  const std::size_t count = std::min(left, static_cast<std::size_t>(size));
  std::memcpy(to, file->bytes.data() + file->at, count);
  file->at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t WriteBytes(thandle_t /*handle*/, void* /*from*/, tmsize_t /*size*/) { return 0; }

toff_t Seek(thandle_t handle, toff_t offset, int from) {
  auto* file = static_cast<TiffFile*>(handle);
  const std::uint64_t base =
      from == SEEK_SET ? 0 : (from == SEEK_CUR ? file->at : file->bytes.size());
  file->at = base + offset;
  return file->at;
}

int Close(thandle_t /*handle*/) { return 0; }

toff_t SizeOf(thandle_t handle) { return static_cast<TiffFile*>(handle)->bytes.size(); }

[[gnu::format(printf, 4, 0)]] int OnTiffError(TIFF* /*tiff*/, void* user, const char* /*module*/,
                                              const char* format, va_list values) {
  auto* file = static_cast<TiffFile*>(user);
  char text[128];
  std::vsnprintf(text, sizeof(text), format, values);
  if (file->complaint.empty()) file->complaint = text;
  return 1;
}

// Unknown tags, most often.
[[gnu::format(printf, 4, 0)]] int OnTiffWarning(TIFF* /*tiff*/, void* /*user*/,
                                                const char* /*module*/, const char* /*format*/,
                                                va_list /*values*/) {
  return 1;
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffReader = std::unique_ptr<TIFF, CloseTiff>;

TiffReader OpenTiff(TiffFile& file) {
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options, OnTiffError, &file);
  TIFFOpenOptionsSetWarningHandlerExtR(options, OnTiffWarning, &file);
  // m: the file is not mapped; strips are read by the callbacks.
  TiffReader tiff(TIFFClientOpenExt("picture", "rm", &file, ReadBytes, WriteBytes, Seek, Close,
                                    SizeOf, nullptr, nullptr, options));
  TIFFOpenOptionsFree(options);
  return tiff;
}

Error DamagedTiff(const TiffFile& file) {
  return DamagedImage("TIFF", file.complaint.empty() ? "cut short" : file.complaint);
}

Error OtherTiff(const std::string& came) {
  return {
      ErrorCode::kUnsupported,
      "expected a TIFF of 8 or 16 bits, grey or RGB, in strips, uncompressed or by LZW, deflate "
      "or PackBits, got " +
          came + "; save it that way, or as PNG"};
}

unsigned Field(TIFF* tiff, std::uint32_t tag) {
  std::uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

std::string NameOfCompression(unsigned compression) {
  const TIFFCodec* codec = TIFFFindCODEC(static_cast<std::uint16_t>(compression));
  return codec != nullptr ? std::string("the compression ") + codec->name
                          : "compression " + std::to_string(compression);
}

struct TiffHeader {
  unsigned channels = 0;
  unsigned bits = 0;
  bool is_inverted = false;  // 0 is white
};

Status CheckStorage(TIFF* tiff) {
  const unsigned compression = Field(tiff, TIFFTAG_COMPRESSION);
  if (compression != COMPRESSION_NONE && compression != COMPRESSION_LZW &&
      compression != COMPRESSION_ADOBE_DEFLATE && compression != COMPRESSION_DEFLATE &&
      compression != COMPRESSION_PACKBITS) {
    return OtherTiff(NameOfCompression(compression));
  }
  if (TIFFIsTiled(tiff) != 0) return OtherTiff("tiles");
  if (Field(tiff, TIFFTAG_PLANARCONFIG) != PLANARCONFIG_CONTIG &&
      Field(tiff, TIFFTAG_SAMPLESPERPIXEL) > 1) {
    return OtherTiff("one plane for each colour");
  }
  const unsigned format = Field(tiff, TIFFTAG_SAMPLEFORMAT);
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID) {
    return OtherTiff("samples that are not whole numbers from 0 on");
  }
  return {};
}

Result<TiffHeader> ReadTiffHeader(TIFF* tiff) {
  if (Status read = CheckStorage(tiff); !read) return read.error();
  TiffHeader header;
  header.channels = Field(tiff, TIFFTAG_SAMPLESPERPIXEL);
  header.bits = Field(tiff, TIFFTAG_BITSPERSAMPLE);
  std::uint16_t colours = 0;
  if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &colours) == 0) {
    return OtherTiff("one that does not say what its colours are");
  }
  header.is_inverted = colours == PHOTOMETRIC_MINISWHITE;
  const bool grey = colours == PHOTOMETRIC_MINISBLACK || header.is_inverted;
  const unsigned least = grey ? 1 : 3;
  if ((!grey && colours != PHOTOMETRIC_RGB) || header.channels < least ||
      header.channels > least + 1) {
    return OtherTiff("colours of kind " + std::to_string(colours) + " with " +
                     std::to_string(header.channels) + " samples a pixel");
  }
  if (header.bits != 8 && header.bits != 16) {
    return OtherTiff(std::to_string(header.bits) + "-bit samples");
  }
  return header;
}

Status ReadStrips(TIFF* tiff, const TiffFile& file, std::vector<std::uint8_t>& bytes) {
  const auto row = static_cast<std::uint64_t>(TIFFScanlineSize(tiff));
  std::uint32_t rows_a_strip = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows_a_strip);
  std::uint32_t height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  if (row * height != bytes.size() || rows_a_strip == 0) return DamagedTiff(file);
  const std::uint64_t strip_bytes = row * std::min(rows_a_strip, height);
  std::size_t done = 0;
  for (std::uint32_t strip = 0; done < bytes.size(); ++strip) {
    const std::size_t wanted =
        std::min<std::size_t>(bytes.size() - done, static_cast<std::size_t>(strip_bytes));
    const tmsize_t came =
        TIFFReadEncodedStrip(tiff, strip, bytes.data() + done, static_cast<tmsize_t>(wanted));
    if (came != static_cast<tmsize_t>(wanted) || !file.complaint.empty()) return DamagedTiff(file);
    done += wanted;
  }
  return {};
}

// Black is 0 from here on; alpha, the last of an even number of samples, stays.
void Invert(Samples& samples) {
  const std::size_t sample = static_cast<std::size_t>(samples.bits) / 8;
  const std::size_t pixel = sample * static_cast<std::size_t>(samples.channels);
  for (std::size_t i = 0; i < samples.bytes.size(); ++i) {
    if (i % pixel < sample) samples.bytes[i] = static_cast<std::uint8_t>(~samples.bytes[i]);
  }
}

bool IsPreview(TIFF* tiff) {
  std::uint32_t kind = 0;
  return TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) != 0 &&
         (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
}

// Previews and masks may follow the picture, another picture may not: which one would it be?
Status CheckIsOnlyPicture(TIFF* tiff) {
  while (TIFFReadDirectory(tiff) != 0) {
    if (!IsPreview(tiff)) return OtherTiff("several pictures in one file");
  }
  return {};
}

Result<Samples> ReadTiffSamples(TIFF* tiff, const TiffFile& file, const TiffHeader& header) {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  if (Status sound = CheckSize(width, height); !sound) return sound.error();
  auto memory = MakeBytes(std::size_t{width} * height * header.channels * (header.bits / 8));
  if (!memory) return memory.error();
  Samples samples{static_cast<int>(width), static_cast<int>(height),
                  static_cast<int>(header.channels), static_cast<int>(header.bits),
                  std::move(*memory)};
  if (Status read = ReadStrips(tiff, file, samples.bytes); !read) return read.error();
  if (header.is_inverted) Invert(samples);
  return samples;
}

}  // namespace

bool IsTiff(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4) return false;
  const bool little = bytes[0] == 'I' && bytes[1] == 'I' && bytes[3] == 0;
  const bool big = bytes[0] == 'M' && bytes[1] == 'M' && bytes[2] == 0;
  const std::uint8_t version = little ? bytes[2] : bytes[3];
  return (little || big) && (version == 42 || version == 43);
}

Result<Stored> DecodeTiff(std::span<const std::uint8_t> bytes) {
  TiffFile file{bytes, 0, {}};
  const TiffReader tiff = OpenTiff(file);
  if (!tiff) return DamagedTiff(file);
  if (IsPreview(tiff.get())) return OtherTiff("a preview as its first picture");
  const auto header = ReadTiffHeader(tiff.get());
  if (!header) return header.error();
  auto samples = ReadTiffSamples(tiff.get(), file, *header);
  if (!samples) return samples.error();
  const unsigned orientation = Field(tiff.get(), TIFFTAG_ORIENTATION);
  if (Status only = CheckIsOnlyPicture(tiff.get()); !only) return only.error();
  auto image = ImageOfSamples(std::move(*samples));
  if (!image) return image.error();
  return Stored{std::move(*image),
                orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1};
}

}  // namespace taktgate::image
