#ifndef TAKTGATE_IMAGE_EXIF_H_
#define TAKTGATE_IMAGE_EXIF_H_

#include <cstdint>
#include <span>

namespace taktgate::image {

// The orientation (1 to 8) that an EXIF block names: a TIFF header and its first directory, as in a
// PNG's eXIf chunk or after "Exif\0\0" in a JPEG's APP1 segment.
// 1, as stored, where the block names none: it is damaged, or the entry is not one SHORT of 1 to 8.
// So do the viewers; a block that cannot be read says nothing about the picture.
int OrientationOfExif(std::span<const std::uint8_t> block);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_EXIF_H_
