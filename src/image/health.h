#ifndef TAKTGATE_IMAGE_HEALTH_H_
#define TAKTGATE_IMAGE_HEALTH_H_

#include "image/frame.h"

namespace taktgate::image {

// What a frame looks like before anybody looks for a part in it. Grey values of every column of at
// most about 256 to 511 rows, evenly spread: row 0, s, 2s, ... with s = max(1, height / 256).
struct Health {
  double brightness = 0;  // mean, 0 to 255
  double contrast = 0;    // standard deviation, grey levels
  // Brenner's focus measure, the mean of (v[x + 2] - v[x])^2, by twice the variance: about 1 for
  // uncorrelated pixels, towards 0 for a blurred or empty frame. (Brenner et al., J. Histochem.
  // Cytochem. 24, 1976)
  double sharpness = 0;
};

struct HealthRange {
  double low = 0;
  double high = 0;
  bool Holds(double value) const { return value >= low && value <= high; }
};

// What the frames of a healthy camera keep to.
struct HealthLimits {
  HealthRange brightness;
  HealthRange contrast;
  HealthRange sharpness;
  bool Hold(const Health& health) const {
    return brightness.Holds(health.brightness) && contrast.Holds(health.contrast) &&
           sharpness.Holds(health.sharpness);
  }
};

// Integer sums, so the same numbers on every machine. Columns from 8,192 on are not looked at.
// Allocates nothing.
Health MeasureHealth(const ImageView& frame);

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_HEALTH_H_
