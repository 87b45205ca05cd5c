#include "boards/design.h"

#include <cmath>

#include "base/random.h"

namespace taktgate::boards {
namespace {

constexpr double kClearance = 5.0;  // between copper that does not belong together, px
constexpr int kPadTries = 900;
constexpr std::size_t kMostPads = 36;
constexpr int kTraceTries = 9000;

double DistanceToPad(Point p, const Pad& pad) {
  if (pad.round) return Length(p - pad.centre) - pad.half_w;
  return DistanceToBox(p, pad.centre, pad.half_w, pad.half_h, 1.0);
}

constexpr std::size_t kNoPad = static_cast<std::size_t>(-1);

class Maker {
 public:
  Maker(int width, int height, std::uint64_t seed) : random_(Random::Of(seed, 17)) {
    design_.width = width;
    design_.height = height;
  }

  Design Make() {
    PlacePads();
    RouteTraces();
    FindTracePlaces();
    FindPadPlaces();
    return std::move(design_);
  }

 private:
  bool OnBoard(Point p, double border) const {
    const double edge = design_.margin + border;
    return p.x > edge && p.y > edge && p.x < design_.width - edge && p.y < design_.height - edge;
  }

  bool PadFits(const Pad& pad) const {
    if (!OnBoard(pad.centre, 10)) return false;
    for (const Pad& other : design_.pads) {
      const double dx = std::abs(pad.centre.x - other.centre.x) - pad.half_w - other.half_w;
      const double dy = std::abs(pad.centre.y - other.centre.y) - pad.half_h - other.half_h;
      if (std::max(dx, dy) < kClearance + 2) return false;
    }
    return true;
  }

  // Pairs of soldered rectangles with a gap a bridge can close, and single round pads.
  void PlacePads() {
    for (int i = 0; i < kPadTries && design_.pads.size() < kMostPads; ++i) {
      Pad first;
      first.centre = {random_.Between(0, design_.width), random_.Between(0, design_.height)};
      first.round = random_.Unit() < 0.45;
      const bool upright = random_.Unit() < 0.5;
      first.half_w = first.round ? random_.Between(3.5, 5.0) : (upright ? 3.5 : 4.5);
      first.half_h = first.round ? first.half_w : (upright ? 4.5 : 3.5);
      first.soldered = !first.round;
      if (!PadFits(first)) continue;
      if (first.round) {
        design_.pads.push_back(first);
        continue;
      }
      Pad second = first;
      const double step = 2 * (upright ? first.half_w : first.half_h) + 5.0;
      (upright ? second.centre.x : second.centre.y) += step;
      if (!PadFits(second)) continue;
      design_.pads.push_back(first);
      design_.pads.push_back(second);
    }
  }

  // Keeps its clearance from everything but the pad it starts on.
  bool TraceFits(const Trace& trace, std::size_t own_pad) const {
    const double length = Length(trace.to - trace.from);
    const int steps = static_cast<int>(length) + 1;
    for (int i = 0; i <= steps; ++i) {
      const Point p = trace.from + (static_cast<double>(i) / steps) * (trace.to - trace.from);
      if (!OnBoard(p, 5)) return false;
      for (std::size_t k = 0; k < design_.pads.size(); ++k) {
        const double distance = DistanceToPad(p, design_.pads[k]) - trace.half_width;
        if (k != own_pad && distance < kClearance) return false;
      }
      for (const Trace& other : design_.traces) {
        const double distance =
            DistanceToSegment(p, other.from, other.to, other.half_width) - trace.half_width;
        if (distance < kClearance - 0.5) return false;
      }
    }
    return true;
  }

  // Straight runs in one of eight directions, from a pad or from anywhere, with a bend of 45
  // degrees where there is room behind them. Runs that end up side by side make shorts possible.
  void RouteTraces() {
    for (int i = 0; i < kTraceTries; ++i) {
      const bool from_pad = i < kTraceTries / 2;
      const auto pad = static_cast<std::size_t>(random_.Next() %
                                                static_cast<std::uint64_t>(design_.pads.size()));
      const Point from =
          from_pad ? design_.pads[pad].centre
                   : Point{random_.Between(0, design_.width), random_.Between(0, design_.height)};
      const double half_width = random_.Unit() < 0.5 ? 2.0 : 2.5;
      const int eighth = random_.Whole(0, 7);
      const Trace first = Run(from, eighth, random_.Between(18, 80), half_width);
      if (!TraceFits(first, from_pad ? pad : kNoPad)) continue;
      const Trace second = Run(first.to, eighth + (random_.Unit() < 0.5 ? 1 : 7),
                               random_.Between(14, 50), half_width);
      const bool bends = TraceFits(second, kNoPad);
      design_.traces.push_back(first);
      if (bends) design_.traces.push_back(second);
    }
  }

  static Trace Run(Point from, int eighth, double length, double half_width) {
    const double angle = eighth * std::acos(-1.0) / 4;
    return {from, from + length * Point{std::cos(angle), std::sin(angle)}, half_width};
  }

  // The nearest copper from p in direction `out`, measured from the trace's edge.
  double GapBeside(std::size_t own, Point p, Point out, double half_width) const {
    for (double gap = 1; gap < 14; gap += 0.5) {
      const Point q = p + (half_width + gap) * out;
      for (const Pad& pad : design_.pads) {
        if (DistanceToPad(q, pad) < 0) return gap;
      }
      for (std::size_t k = 0; k < design_.traces.size(); ++k) {
        const Trace& other = design_.traces[k];
        if (k != own && DistanceToSegment(q, other.from, other.to, other.half_width) < 0)
          return gap;
      }
    }
    return 14;
  }

  void FindTracePlaces() {
    for (std::size_t k = 0; k < design_.traces.size(); ++k) {
      const Trace& trace = design_.traces[k];
      const double length = Length(trace.to - trace.from);
      const Point along = (1 / length) * (trace.to - trace.from);
      for (double t = 9; t < length - 7; t += 2) {
        Place place;
        place.at = trace.from + t * along;
        place.along = along;
        place.half_width = trace.half_width;
        if (!design_.InInspectedRegion(place.at, 10) || NearAnyPad(place.at, 7)) continue;
        for (const double side : {1.0, -1.0}) {
          place.side = side;
          place.gap = GapBeside(k, place.at, side * Point{-along.y, along.x}, trace.half_width);
          if (place.gap > 8) design_.on_traces.push_back(place);
          if (place.gap >= 3 && place.gap <= 10) design_.beside.push_back(place);
        }
      }
    }
  }

  bool NearAnyPad(Point p, double distance) const {
    for (const Pad& pad : design_.pads) {
      if (DistanceToPad(p, pad) < distance) return true;
    }
    return false;
  }

  void FindPadPlaces() {
    for (std::size_t k = 0; k < design_.pads.size(); ++k) {
      const Pad& pad = design_.pads[k];
      Place place;
      place.at = pad.centre;
      place.pad = k;
      if (design_.InInspectedRegion(pad.centre, 10)) design_.pad_places.push_back(place);
      if (!pad.soldered || k + 1 >= design_.pads.size() || !design_.pads[k + 1].soldered) continue;
      const Point between = design_.pads[k + 1].centre - pad.centre;
      const double distance = Length(between);
      if (distance > 16) continue;
      place.at = pad.centre + 0.5 * between;
      place.along = (1 / distance) * between;
      if (design_.InInspectedRegion(place.at, 10)) design_.pad_gaps.push_back(place);
    }
  }

  Design design_;
  Random random_;
};

}  // namespace

bool Design::InInspectedRegion(Point p, double border) const {
  // The windows cover the middle; 32 px around them are left for the shift.
  const double edge = 32 + border;
  return p.x > edge && p.y > edge && p.x < width - edge && p.y < height - edge;
}

Design MakeDesign(int width, int height, std::uint64_t seed) {
  return Maker(width, height, seed).Make();
}

}  // namespace taktgate::boards
