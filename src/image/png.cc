#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/codec.h"
#include "image/decode.h"
#include "image/exif.h"
#include "image/samples.h"

namespace taktgate::image {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kHeaderEnd = 33;  // signature and IHDR chunk

// What libpng's callbacks reach. libpng leaves a failed call by longjmp, so nothing with a
// destructor may live between setjmp and the call: the guarded functions below hold none.
struct Source {
  const std::uint8_t* at;
  const std::uint8_t* end;
  std::jmp_buf on_error;
  char message[96];
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof(source->message) - 1);
  std::longjmp(source->on_error, 1);
}

void OnWarning(png_structp /*png*/, png_const_charp /*message*/) {}

void OnRead(png_structp png, png_bytep to, std::size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (size > static_cast<std::size_t>(source->end - source->at)) png_error(png, "cut short");
  std::memcpy(to, source->at, size);
  source->at += size;
}

// Owns libpng's structures; they are freed in the same frame that made them.
struct Reader {
  explicit Reader(Source* source)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, source, OnError, OnWarning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {}
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  png_structp png;
  png_infop info;
};

[[gnu::noinline]] bool ReadHeader(Source* source, png_structp png, png_infop info) {
  if (setjmp(source->on_error) != 0) return false;
  png_set_read_fn(png, source, OnRead);
  // A wrong checksum is damage, also in a chunk that we do not need. The other chunks, right or
  // wrong, change no pixel. Anything wrong with the pixels is damage, never a warning.
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_benign_errors(png, 0);
  png_read_info(png, info);
  png_set_packing(png);  // indices below 8 bit: one byte each
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  return true;
}

[[gnu::noinline]] bool ReadPixels(Source* source, png_structp png, png_infop info,
                                  png_bytepp rows) {
  if (setjmp(source->on_error) != 0) return false;
  png_read_image(png, rows);
  png_read_end(png, info);
  return true;
}

std::uint32_t BigEndian(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
         std::uint32_t{at[3]};
}

std::string NameOf(int colour) {
  switch (colour) {
    case PNG_COLOR_TYPE_GRAY:
      return "grey";
    case PNG_COLOR_TYPE_RGB:
      return "RGB";
    case PNG_COLOR_TYPE_PALETTE:
      return "palette";
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return "grey with alpha";
    case PNG_COLOR_TYPE_RGB_ALPHA:
      return "RGB with alpha";
    default:
      return "colour type " + std::to_string(colour);
  }
}

int ChannelsOfPng(int colour) {
  switch (colour) {
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return 2;
    case PNG_COLOR_TYPE_RGB:
      return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA:
      return 4;
    default:
      return 1;
  }
}

// Reads the header itself: libpng's own complaints would not say what to do, and nothing is
// allocated yet.
Result<Samples> SamplesForHeader(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderEnd || std::memcmp(&bytes[12], "IHDR", 4) != 0) {
    return DamagedImage("PNG", "cut short in its header");
  }
  const int depth = bytes[24];
  const int colour = bytes[25];
  const bool palette = colour == PNG_COLOR_TYPE_PALETTE;
  const bool known = palette || colour == PNG_COLOR_TYPE_GRAY || colour == PNG_COLOR_TYPE_RGB ||
                     colour == PNG_COLOR_TYPE_GRAY_ALPHA || colour == PNG_COLOR_TYPE_RGB_ALPHA;
  const bool fits =
      palette ? depth == 1 || depth == 2 || depth == 4 || depth == 8 : depth == 8 || depth == 16;
  if (!known || !fits) {
    return WrongKind(std::to_string(depth) + "-bit " + NameOf(colour), "convert it to 8 bit");
  }
  const std::int64_t width = BigEndian(&bytes[16]);
  const std::int64_t height = BigEndian(&bytes[20]);
  if (Status sound = CheckSize(width, height); !sound) return sound.error();
  Samples samples{static_cast<int>(width),
                  static_cast<int>(height),
                  ChannelsOfPng(colour),
                  depth == 16 ? 16 : 8,
                  {}};
  auto memory = MakeBytes(static_cast<std::size_t>(width * height * samples.channels) *
                          static_cast<std::size_t>(samples.bits / 8));
  if (!memory) return memory.error();
  samples.bytes = std::move(*memory);
  return samples;
}

std::vector<png_bytep> RowsOf(Samples& samples) {
  std::vector<png_bytep> rows(static_cast<std::size_t>(samples.height));
  const std::size_t stride = samples.bytes.size() / rows.size();
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = samples.bytes.data() + y * stride;
  return rows;
}

Palette PaletteOf(png_structp png, png_infop info) {
  png_colorp colours = nullptr;
  int count = 0;
  png_get_PLTE(png, info, &colours, &count);
  png_bytep alphas = nullptr;
  int alpha_count = 0;
  png_color_16p key = nullptr;
  png_get_tRNS(png, info, &alphas, &alpha_count, &key);
  Palette palette;
  for (int i = 0; i < count; ++i) {
    const auto alpha = alphas != nullptr && i < alpha_count ? alphas[i] : png_byte{255};
    palette.push_back({colours[i].red, colours[i].green, colours[i].blue, alpha});
  }
  return palette;
}

// The content of the first chunk of this name. Only for a file that libpng has read to its end.
std::optional<std::span<const std::uint8_t>> FindChunk(std::span<const std::uint8_t> bytes,
                                                       const char* name) {
  for (std::size_t at = kSignature.size(); at + 12 <= bytes.size();) {
    const std::size_t length = BigEndian(&bytes[at]);
    const std::uint8_t* kind = &bytes[at + 4];
    if (length > bytes.size() - at - 12 || std::memcmp(kind, "IEND", 4) == 0) break;
    if (std::memcmp(kind, name, 4) == 0) return bytes.subspan(at + 8, length);
    at += length + 12;
  }
  return std::nullopt;
}

Result<Image> ReadPng(std::span<const std::uint8_t> bytes, Samples samples) {
  Source source{bytes.data(), bytes.data() + bytes.size(), {}, {}};
  Reader reader(&source);
  if (reader.info == nullptr) return Error{ErrorCode::kIo, "no memory for the PNG decoder"};
  if (!ReadHeader(&source, reader.png, reader.info)) return DamagedImage("PNG", source.message);
  std::vector<png_bytep> rows = RowsOf(samples);
  if (png_get_rowbytes(reader.png, reader.info) * rows.size() != samples.bytes.size()) {
    return Error{ErrorCode::kInternal, "the PNG decoder's rows differ in size from the header's"};
  }
  if (!ReadPixels(&source, reader.png, reader.info, rows.data())) {
    return DamagedImage("PNG", source.message);
  }
  if (png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_PALETTE) {
    return ImageOfIndices(samples.width, samples.height, samples.bytes,
                          PaletteOf(reader.png, reader.info), "PNG");
  }
  if (png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0) {
    return WrongKind("a transparent colour (tRNS chunk)", "remove it");
  }
  return ImageOfSamples(std::move(samples));
}

}  // namespace

bool IsPng(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kSignature.size() &&
         std::equal(kSignature.begin(), kSignature.end(), bytes.begin());
}

Result<Stored> DecodePng(std::span<const std::uint8_t> bytes) {
  auto samples = SamplesForHeader(bytes);
  if (!samples) return samples.error();
  auto image = ReadPng(bytes, std::move(*samples));
  if (!image) return image.error();
  if (FindChunk(bytes, "acTL")) return WrongKind("an animation (acTL chunk)", "save one picture");
  const auto exif = FindChunk(bytes, "eXIf");
  return Stored{std::move(*image), exif ? OrientationOfExif(*exif) : 1};
}

Result<std::vector<std::uint8_t>> EncodePng(const ImageView& view) {
  if (view.data == nullptr || !IsSupportedSize(view.width, view.height)) {
    return Error{ErrorCode::kInvalid, "expected pixels of 1 to 8192 px a side to encode, got " +
                                          std::to_string(view.width) + " x " +
                                          std::to_string(view.height)};
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(view.width);
  image.height = static_cast<png_uint_32>(view.height);
  image.format = view.format == PixelFormat::kGrey8 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> bytes;
  try {
    bytes.resize(size);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kIo, "no memory to encode " + std::to_string(view.width) + " x " +
                                     std::to_string(view.height) + " px as PNG"};
  }
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, view.data,
                                static_cast<png_int_32>(view.stride_bytes), nullptr) == 0) {
    return Error{ErrorCode::kInternal, std::string("encode PNG: ") + image.message};
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace taktgate::image
