#include "boards/layers.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace taktgate::boards {
namespace {

constexpr float kTable = 26;  // what the board lies on
constexpr float kMask = 82;
constexpr float kCopperUnderMask = 140;
constexpr float kBarePad = 176;
constexpr float kSolder = 208;
constexpr float kHole = 38;

float Mix(float below, float above, float coverage) { return below + coverage * (above - below); }

void Cover(float& layer, double coverage) { layer = std::max(layer, static_cast<float>(coverage)); }

}  // namespace

Layers::Layers(const Design& design)
    : width_(design.width),
      height_(design.height),
      pixels_(static_cast<std::size_t>(design.width) * static_cast<std::size_t>(design.height)) {
  DrawBody(design);
  DrawTextures(static_cast<std::uint64_t>(design.traces.size() * 7919 + design.pads.size()));
  for (const Trace& trace : design.traces) DrawTrace(trace);
  for (const Pad& pad : design.pads) DrawPad(pad);
}

float Layers::Grey(const Pixel& pixel) {
  float grey = kMask + pixel.texture;
  grey = Mix(grey, kCopperUnderMask + 0.5F * pixel.texture, pixel.copper);
  grey = Mix(grey, kBarePad, pixel.pad);
  grey = Mix(grey, kSolder + pixel.shine, pixel.solder);
  grey = Mix(grey, kHole, pixel.hole);
  return Mix(kTable, grey, pixel.body);
}

template <typename Draw>
void Layers::ForPixelsAround(Point low, Point high, Draw draw) {
  const int x0 = std::max(0, static_cast<int>(low.x) - 3);
  const int y0 = std::max(0, static_cast<int>(low.y) - 3);
  const int x1 = std::min(width_ - 1, static_cast<int>(high.x) + 3);
  const int y1 = std::min(height_ - 1, static_cast<int>(high.y) + 3);
  for (int y = y0; y <= y1; ++y) {
    for (int x = x0; x <= x1; ++x) {
      draw(Point{x + 0.5, y + 0.5},
           pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                   static_cast<std::size_t>(x)]);
    }
  }
}

void Layers::DrawBody(const Design& design) {
  const Point centre{width_ / 2.0, height_ / 2.0};
  ForPixelsAround({0, 0}, {static_cast<double>(width_), static_cast<double>(height_)},
                  [&](Point p, Pixel& pixel) {
                    Cover(pixel.body, Coverage(DistanceToBox(p, centre, centre.x - design.margin,
                                                             centre.y - design.margin, 6)));
                  });
}

// Cloudy unevenness: random levels on a coarse grid, interpolated between.
void Layers::DrawTextures(std::uint64_t seed) {
  constexpr int kCell = 8;
  Random random = Random::Of(seed, 3);
  const int columns = width_ / kCell + 2;
  std::vector<double> levels(static_cast<std::size_t>(columns) *
                             static_cast<std::size_t>(height_ / kCell + 2));
  for (double& level : levels) level = random.Between(-6, 6);
  const auto level = [&](int x, int y) {
    return levels[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) +
                  static_cast<std::size_t>(x)];
  };
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      const double fx = static_cast<double>(x % kCell) / kCell;
      const double fy = static_cast<double>(y % kCell) / kCell;
      const int cx = x / kCell;
      const int cy = y / kCell;
      const double top = level(cx, cy) * (1 - fx) + level(cx + 1, cy) * fx;
      const double bottom = level(cx, cy + 1) * (1 - fx) + level(cx + 1, cy + 1) * fx;
      pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
              static_cast<std::size_t>(x)]
          .texture = static_cast<float>(top * (1 - fy) + bottom * fy);
    }
  }
}

void Layers::DrawTrace(const Trace& trace) {
  const Point low{std::min(trace.from.x, trace.to.x), std::min(trace.from.y, trace.to.y)};
  const Point high{std::max(trace.from.x, trace.to.x), std::max(trace.from.y, trace.to.y)};
  ForPixelsAround(low, high, [&](Point p, Pixel& pixel) {
    Cover(pixel.copper, Coverage(DistanceToSegment(p, trace.from, trace.to, trace.half_width)));
  });
}

void Layers::DrawPad(const Pad& pad) {
  const Point half{pad.half_w, pad.half_h};
  ForPixelsAround(pad.centre - half, pad.centre + half, [&](Point p, Pixel& pixel) {
    const double distance = pad.round ? Length(p - pad.centre) - pad.half_w
                                      : DistanceToBox(p, pad.centre, pad.half_w, pad.half_h, 1.0);
    Cover(pixel.pad, Coverage(distance));
    if (pad.soldered) {
      Cover(pixel.solder, Coverage(distance + 1));
      const double from_shine = Length(p - (pad.centre - Point{1.2, 1.2}));
      pixel.shine =
          std::max(pixel.shine, static_cast<float>(36 * std::exp(-from_shine * from_shine / 3)));
    } else if (pad.round) {
      Cover(pixel.hole, Coverage(Length(p - pad.centre) - 0.38 * pad.half_w));
    }
  });
}

}  // namespace taktgate::boards
