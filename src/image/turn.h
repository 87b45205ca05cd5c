#ifndef TAKTGATE_IMAGE_TURN_H_
#define TAKTGATE_IMAGE_TURN_H_

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::image {

// The picture as it is to be shown: turned and mirrored by an orientation of TIFF and EXIF, 1 (as
// stored) to 8. From 5 on width and height change places. io: not enough memory.
Result<Image> Turned(Image image, int orientation);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_TURN_H_
