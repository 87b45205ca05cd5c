#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "image/codec.h"
#include "image/samples.h"

// BMP in a few lines of our own: Debian has no library for it, and what cameras save is plain.
// Source: Microsoft, "Bitmap Storage" (BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER and
// its later forms).
namespace taktgate::image {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::uint32_t kCoreHeader = 12;  // OS/2, with 16-bit sizes
constexpr std::uint32_t kInfoHeader = 40;  // all later ones begin like this one
constexpr std::uint32_t kLongestHeader = 124;
constexpr std::uint32_t kMasks = 3;  // compression BI_BITFIELDS: none, with masks of the colours

std::uint32_t LittleEndian(const std::uint8_t* at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | at[i];
  return value;
}

struct BmpHeader {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool from_below = true;  // the first row that is stored is the lowest one
  std::uint32_t bits = 0;
  bool has_alpha = false;
  std::size_t palette_at = 0;
  std::size_t colours = 0;
  std::size_t colour_bytes = 4;
  std::size_t pixels_at = 0;

  std::size_t RowBytes() const { return static_cast<std::size_t>(width) * (bits / 8); }
  std::size_t Stride() const { return (RowBytes() + 3) / 4 * 4; }
};

Error OtherBmp(const std::string& came) {
  return {ErrorCode::kUnsupported, "expected an uncompressed BMP of 8, 24 or 32 bits, got " + came +
                                       "; save it that way, or as PNG"};
}

// The masks of red, green, blue and alpha; only the usual places are read.
Result<bool> AlphaOfMasks(std::span<const std::uint8_t> bytes, std::uint32_t header) {
  const std::size_t at = kFileHeader + kInfoHeader;
  if (bytes.size() < at + 16) return DamagedImage("BMP", "cut short in its header");
  const auto mask = [&](std::size_t i) { return LittleEndian(&bytes[at + 4 * i], 4); };
  const std::uint32_t alpha = header >= kInfoHeader + 16 ? mask(3) : 0;
  if (mask(0) != 0xff0000 || mask(1) != 0xff00 || mask(2) != 0xff ||
      (alpha != 0 && alpha != 0xff000000)) {
    return OtherBmp("other masks than those of blue, green, red and alpha in this order");
  }
  return alpha != 0;
}

Status ReadInfo(std::span<const std::uint8_t> bytes, std::uint32_t size, BmpHeader& header) {
  const auto number = [&](std::size_t at, std::size_t width) {
    return LittleEndian(&bytes[kFileHeader + at], width);
  };
  header.width = static_cast<std::int32_t>(number(4, 4));
  const std::int64_t height = static_cast<std::int32_t>(number(8, 4));
  header.from_below = height >= 0;
  header.height = height < 0 ? -height : height;
  header.bits = number(14, 2);
  header.colours = number(32, 4);
  const std::uint32_t compression = number(16, 4);
  if (compression == kMasks && header.bits == 32) {
    auto alpha = AlphaOfMasks(bytes, size);
    if (!alpha) return alpha.error();
    header.has_alpha = *alpha;
  } else if (compression != 0) {
    return OtherBmp("compression " + std::to_string(compression) + " with " +
                    std::to_string(header.bits) + " bits");
  }
  return {};
}

void ReadCore(std::span<const std::uint8_t> bytes, BmpHeader& header) {
  header.width = LittleEndian(&bytes[kFileHeader + 4], 2);
  header.height = LittleEndian(&bytes[kFileHeader + 6], 2);
  header.bits = LittleEndian(&bytes[kFileHeader + 10], 2);
  header.colour_bytes = 3;
}

Status CheckPlaces(std::span<const std::uint8_t> bytes, const BmpHeader& header) {
  const std::size_t palette_end = header.palette_at + header.colours * header.colour_bytes;
  if (header.bits == 8 && palette_end > header.pixels_at) {
    return DamagedImage("BMP", "the palette reaches into the pixels");
  }
  // The last row may lack its padding.
  const std::size_t needed =
      header.Stride() * static_cast<std::size_t>(header.height - 1) + header.RowBytes();
  if (header.pixels_at < header.palette_at || header.pixels_at > bytes.size() ||
      needed > bytes.size() - header.pixels_at) {
    return DamagedImage("BMP", "cut short, or its pixels lie elsewhere");
  }
  return {};
}

Result<BmpHeader> ReadBmpHeader(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kFileHeader + kCoreHeader) return DamagedImage("BMP", "no header");
  const std::uint32_t size = LittleEndian(&bytes[kFileHeader], 4);
  const bool core = size == kCoreHeader;
  if (!core && (size < kInfoHeader || size > kLongestHeader)) {
    return OtherBmp("a header of " + std::to_string(size) + " bytes");
  }
  if (bytes.size() < kFileHeader + size) return DamagedImage("BMP", "cut short in its header");
  BmpHeader header;
  header.pixels_at = LittleEndian(&bytes[10], 4);
  header.palette_at = kFileHeader + size;
  if (core) {
    ReadCore(bytes, header);
  } else if (Status read = ReadInfo(bytes, size, header); !read) {
    return read.error();
  }
  if (header.bits != 8 && header.bits != 24 && header.bits != 32) {
    return OtherBmp(std::to_string(header.bits) + " bits");
  }
  if (header.colours == 0 && header.bits == 8) header.colours = 256;
  if (header.bits == 8 && header.colours > 256) return DamagedImage("BMP", "too many colours");
  if (Status sound = CheckSize(header.width, header.height); !sound) return sound.error();
  if (Status sound = CheckPlaces(bytes, header); !sound) return sound.error();
  return header;
}

const std::uint8_t* RowOf(std::span<const std::uint8_t> bytes, const BmpHeader& header,
                          std::int64_t y) {
  const auto row = static_cast<std::size_t>(header.from_below ? header.height - 1 - y : y);
  return bytes.data() + header.pixels_at + row * header.Stride();
}

Result<Image> ReadIndices(std::span<const std::uint8_t> bytes, const BmpHeader& header) {
  Palette palette;
  for (std::size_t i = 0; i < header.colours; ++i) {
    const std::uint8_t* colour = &bytes[header.palette_at + i * header.colour_bytes];
    palette.push_back({colour[2], colour[1], colour[0], 255});
  }
  auto indices = MakeBytes(header.RowBytes() * static_cast<std::size_t>(header.height));
  if (!indices) return indices.error();
  for (std::int64_t y = 0; y < header.height; ++y) {
    std::copy_n(RowOf(bytes, header, y), header.RowBytes(),
                indices->data() + header.RowBytes() * static_cast<std::size_t>(y));
  }
  return ImageOfIndices(static_cast<int>(header.width), static_cast<int>(header.height), *indices,
                        palette, "BMP");
}

// The fourth byte of 32 bits is alpha only where a mask says so; otherwise it has no meaning.
Result<Image> ReadColours(std::span<const std::uint8_t> bytes, const BmpHeader& header) {
  const std::size_t step = header.bits / 8;
  Samples samples{static_cast<int>(header.width),
                  static_cast<int>(header.height),
                  header.has_alpha ? 4 : 3,
                  8,
                  {}};
  auto memory = MakeBytes(static_cast<std::size_t>(header.width * header.height) *
                          static_cast<std::size_t>(samples.channels));
  if (!memory) return memory.error();
  samples.bytes = std::move(*memory);
  std::uint8_t* target = samples.bytes.data();
  for (std::int64_t y = 0; y < header.height; ++y) {
    const std::uint8_t* pixel = RowOf(bytes, header, y);
    for (std::int64_t x = 0; x < header.width; ++x, pixel += step) {
      *target++ = pixel[2];
      *target++ = pixel[1];
      *target++ = pixel[0];
      if (header.has_alpha) *target++ = pixel[3];
    }
  }
  return ImageOfSamples(std::move(samples));
}

}  // namespace

bool IsBmp(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 'B' && bytes[1] == 'M';
}

Result<Stored> DecodeBmp(std::span<const std::uint8_t> bytes) {
  const auto header = ReadBmpHeader(bytes);
  if (!header) return header.error();
  auto image = header->bits == 8 ? ReadIndices(bytes, *header) : ReadColours(bytes, *header);
  if (!image) return image.error();
  return Stored{std::move(*image), 1};
}

}  // namespace taktgate::image
