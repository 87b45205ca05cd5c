#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

// After <cstdio>: libjpeg's header needs FILE.
#include <jerror.h>
#include <jpeglib.h>

#include "image/codec.h"
#include "image/exif.h"

namespace taktgate::image {
namespace {

// Where the coefficients of a damaged file leave what an 8-bit picture can have, libjpeg-turbo's
// SIMD code and its C code differ, on x86-64 in another way than on aarch64. The C code is the same
// everywhere, and a quarter slower; no JPEG is decoded between trigger and output. Set before main,
// while there is one thread; the library reads it at its first picture.
[[maybe_unused]] const bool kSameOnEveryCpu = setenv("JSIMD_FORCENONE", "1", 1) == 0;

constexpr unsigned kExifMarker = JPEG_APP0 + 1;
constexpr char kExifName[] = {'E', 'x', 'i', 'f', 0, 0};
// A small progressive file can hold thousands of scans, each of the whole picture's time.
constexpr int kMostScans = 500;
// The entropy decoder reads ahead up to this many bytes, without saying so.
constexpr int kReadAhead = 8;

// What libjpeg's callbacks reach; `manager` is first, as they get a pointer to it. libjpeg leaves a
// failed call by longjmp, so the guarded functions below hold nothing with a destructor.
struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf on_error;
  const std::uint8_t* begin;
  const std::uint8_t* end;
  int code;
  char message[JMSG_LENGTH_MAX];
};

JpegErrors* ErrorsOf(j_common_ptr jpeg) { return reinterpret_cast<JpegErrors*>(jpeg->err); }

[[noreturn]] void OnJpegError(j_common_ptr jpeg) {
  JpegErrors* errors = ErrorsOf(jpeg);
  errors->code = errors->manager.msg_code;
  errors->manager.format_message(jpeg, errors->message);
  std::longjmp(errors->on_error, 1);
}

// Bytes between the end of a scan's data and the next marker. Zeros are how cameras fill a buffer;
// a few bytes of any value lie within the read-ahead; more are data that was not decoded in step.
bool IsPadding(const JpegErrors& errors, const jpeg_decompress_struct& jpeg) {
  const int count = errors.manager.msg_parm.i[0];
  if (jpeg.input_scan_number == 0 || count <= kReadAhead) return true;
  const std::uint8_t* at = jpeg.src->next_input_byte;
  if (at < errors.begin || at > errors.end) at = errors.end;  // in the end marker that is appended
  if (at - errors.begin < count) return false;
  return std::all_of(at - count, at, [](std::uint8_t byte) { return byte == 0; });
}

// What libjpeg only warns of: untidy where no pixel depends on it, else damage.
bool IsUntidy(j_common_ptr jpeg) {
  const JpegErrors& errors = *ErrorsOf(jpeg);
  switch (errors.manager.msg_code) {
    case JWRN_JPEG_EOF:        // no end marker; a picture that is cut short has another warning
    case JWRN_JFIF_MAJOR:      // a newer JFIF
    case JWRN_NOT_SEQUENTIAL:  // bounds of a scan that a sequential picture does not use
      return true;
    case JWRN_EXTRANEOUS_DATA:
      return IsPadding(errors, *reinterpret_cast<jpeg_decompress_struct*>(jpeg));
    default:
      return false;
  }
}

void OnJpegMessage(j_common_ptr jpeg, int level) {
  if (level < 0 && !IsUntidy(jpeg)) OnJpegError(jpeg);
}

// Which components a scan has named, one bit for each.
unsigned ComponentsOfScan(const jpeg_decompress_struct& jpeg) {
  unsigned seen = 0;
  for (int i = 0; i < jpeg.comps_in_scan; ++i) {
    seen |= 1U << jpeg.cur_comp_info[i]->component_index;
  }
  return seen;
}

// Owns libjpeg's structures.
struct JpegReader {
  explicit JpegReader(std::span<const std::uint8_t> bytes) {
    jpeg.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = OnJpegError;
    errors.manager.emit_message = OnJpegMessage;
    errors.begin = bytes.data();
    errors.end = bytes.data() + bytes.size();
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  jpeg_decompress_struct jpeg{};
  JpegErrors errors{};
};

[[gnu::noinline]] bool ReadJpegHeader(JpegReader& reader) {
  if (setjmp(reader.errors.on_error) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  jpeg_mem_src(&reader.jpeg, reader.errors.begin,
               static_cast<unsigned long>(reader.errors.end - reader.errors.begin));
  jpeg_save_markers(&reader.jpeg, kExifMarker, 0xffff);
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

// Takes all scans in. False, with the reason, where the picture is not whole.
bool ReadScans(JpegReader& reader) {
  jpeg_decompress_struct& jpeg = reader.jpeg;
  unsigned seen = ComponentsOfScan(jpeg);
  for (int status = JPEG_REACHED_SOS; status != JPEG_REACHED_EOI;) {
    status = jpeg_consume_input(&jpeg);
    if (status != JPEG_REACHED_SOS) continue;
    seen |= ComponentsOfScan(jpeg);
    if (jpeg.input_scan_number > kMostScans) {
      std::strcpy(reader.errors.message, "more than 500 scans");
      return false;
    }
  }
  bool whole = seen + 1 == 1U << jpeg.num_components;
  for (int c = 0; jpeg.coef_bits != nullptr && c < jpeg.num_components; ++c) {
    const int* bits = jpeg.coef_bits[c];
    whole = whole && std::all_of(bits, bits + DCTSIZE2, [](int missing) { return missing == 0; });
  }
  if (!whole) std::strcpy(reader.errors.message, "scans are missing");
  return whole;
}

// Accurate integer DCT and smooth upsampling; nothing is guessed where a scan is missing.
[[gnu::noinline]] bool ReadJpegPixels(JpegReader& reader, std::uint8_t* pixels,
                                      std::size_t row_bytes) {
  if (setjmp(reader.errors.on_error) != 0) return false;
  jpeg_decompress_struct& jpeg = reader.jpeg;
  jpeg.buffered_image = jpeg_has_multiple_scans(&jpeg);
  jpeg.out_color_space = jpeg.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  jpeg.dct_method = JDCT_ISLOW;
  jpeg.do_fancy_upsampling = TRUE;
  jpeg.do_block_smoothing = FALSE;
  jpeg_start_decompress(&jpeg);
  if (jpeg.buffered_image != FALSE) {
    if (!ReadScans(reader)) return false;
    jpeg_start_output(&jpeg, jpeg.input_scan_number);
  }
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels + jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  if (jpeg.buffered_image != FALSE) jpeg_finish_output(&jpeg);
  jpeg_finish_decompress(&jpeg);
  return true;
}

Error OtherJpeg(const std::string& why) {
  return {
      ErrorCode::kUnsupported,
      "expected an 8-bit baseline or progressive JPEG, got another kind (" + why + "); convert it"};
}

Error JpegError(const JpegErrors& errors) {
  switch (errors.code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
      return OtherJpeg(errors.message);
    case JERR_OUT_OF_MEMORY:
      return {ErrorCode::kIo, "no memory for the JPEG decoder"};
    default:
      return DamagedImage("JPEG", errors.message);
  }
}

int OrientationOf(const jpeg_decompress_struct& jpeg) {
  for (const jpeg_marker_struct* each = jpeg.marker_list; each != nullptr; each = each->next) {
    const std::span<const std::uint8_t> data(each->data, each->data_length);
    if (data.size() >= sizeof(kExifName) &&
        std::memcmp(data.data(), kExifName, sizeof(kExifName)) == 0) {
      return OrientationOfExif(data.subspan(sizeof(kExifName)));
    }
  }
  return 1;
}

}  // namespace

bool IsJpeg(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0xff && bytes[1] == 0xd8;
}

Result<Stored> DecodeJpeg(std::span<const std::uint8_t> bytes) {
  JpegReader reader(bytes);
  if (!ReadJpegHeader(reader)) return JpegError(reader.errors);
  const jpeg_decompress_struct& jpeg = reader.jpeg;
  const bool grey = jpeg.jpeg_color_space == JCS_GRAYSCALE;
  // Its decoder reads zeros for ever after the end of the data: half a picture would look whole.
  if (jpeg.arith_code != FALSE) return OtherJpeg("arithmetic coding");
  if (!grey && jpeg.jpeg_color_space != JCS_YCbCr && jpeg.jpeg_color_space != JCS_RGB) {
    const bool cmyk = jpeg.num_components == 4;
    return Error{ErrorCode::kUnsupported,
                 "expected a grey or RGB JPEG, got " +
                     (cmyk ? std::string("CMYK colours")
                           : std::to_string(jpeg.num_components) + " colour channels") +
                     "; convert it to RGB"};
  }
  auto image = MakeImage(jpeg.image_width, jpeg.image_height,
                         grey ? PixelFormat::kGrey8 : PixelFormat::kRgb8);
  if (!image) return image.error();
  const int orientation = OrientationOf(jpeg);  // libjpeg forgets the segments at the end
  if (!ReadJpegPixels(reader, image->pixels.data(), image->View().stride_bytes)) {
    return JpegError(reader.errors);
  }
  return Stored{std::move(*image), orientation};
}

}  // namespace taktgate::image
