#include "boards/defects.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace taktgate::boards {
namespace {

const Place* Pick(const std::vector<Place>& places, Random& random) {
  if (places.empty()) return nullptr;
  return &places[random.Next() % places.size()];
}

Point NormalOf(const Place& place) { return place.side * Point{-place.along.y, place.along.x}; }

Damage Open(const Place& place, double extent) {
  const double gap = std::clamp(0.6 * extent, 4.0, 8.0);
  const Point reach = (place.half_width + 0.5) * NormalOf(place);
  // A stroke across the trace, as wide as the gap is long.
  return {Damage::Kind::kEraseCopper, {{place.at - reach, place.at + reach, gap / 2}}, 1, {}};
}

Damage Short(const Place& place, double extent) {
  const Point out = NormalOf(place);
  const double half_width = std::clamp(0.2 * extent, 1.6, 2.4);
  return {Damage::Kind::kAddCopper,
          {{place.at, place.at + (place.half_width + place.gap + 1.5) * out, half_width}},
          1,
          {}};
}

Damage MouseBite(const Place& place, double extent) {
  const double radius = std::clamp(0.38 * extent, 2.8, 4.2);
  const Point edge = place.at + (place.half_width + 0.15 * radius) * NormalOf(place);
  const Point along = (0.5 * radius) * place.along;
  return {Damage::Kind::kEraseCopper,
          {{edge - along, edge - along, 0.8 * radius}, {edge + along, edge + along, radius}},
          2,
          {}};
}

Damage Spur(const Place& place, double extent) {
  const Point out = NormalOf(place);
  const double reach = std::clamp(0.7 * extent, 4.4, std::max(4.4, place.gap - 2.5));
  const Point foot = place.at + place.half_width * out;
  return {Damage::Kind::kAddCopper,
          {{place.at, foot + (0.4 * reach) * out, 2.0}, {foot, foot + reach * out, 1.6}},
          2,
          {}};
}

Damage MissingPad(const Design& design, const Place& place) {
  Damage damage;
  damage.kind = Damage::Kind::kDropPad;
  damage.pad = design.pads[place.pad];
  return damage;
}

Damage SolderBridge(const Place& place, double extent) {
  const Point reach = 4.5 * place.along;
  const double half_width = std::clamp(0.25 * extent, 1.8, 3.0);
  return {Damage::Kind::kAddSolder, {{place.at - reach, place.at + reach, half_width}}, 1, {}};
}

Damage Scratch(const Design& design, double extent, Random& random) {
  Point at;
  do {
    at = {random.Between(0, design.width), random.Between(0, design.height)};
  } while (!design.InInspectedRegion(at, 14));
  const double angle = random.Between(0, std::acos(-1.0));
  const Point along = extent * Point{std::cos(angle), std::sin(angle)};
  const Point bend = (0.25 * extent) * Point{-std::sin(angle), std::cos(angle)};
  return {
      Damage::Kind::kScratch, {{at - along, at + bend, 1.2}, {at + bend, at + along, 0.9}}, 2, {}};
}

double DistanceTo(const Damage& damage, Point p) {
  if (damage.kind == Damage::Kind::kDropPad) {
    const Pad& pad = damage.pad;
    return DistanceToBox(p, pad.centre, pad.half_w, pad.half_h, pad.round ? pad.half_w : 1.0) - 1;
  }
  double nearest = 1e9;
  for (int i = 0; i < damage.count; ++i) {
    const Stroke& stroke = damage.strokes[i];
    nearest = std::min(nearest, DistanceToSegment(p, stroke.from, stroke.to, stroke.half_width));
  }
  return nearest;
}

}  // namespace

Damage DrawDamage(const Design& design, Defect defect, double extent, Random& random) {
  const auto on = [&](const std::vector<Place>& places, auto form) {
    const Place* place = Pick(places, random);
    return place == nullptr ? Damage{} : form(*place);
  };
  switch (defect) {
    case Defect::kNone:
      return {};
    case Defect::kOpen:
      return on(design.on_traces, [&](const Place& p) { return Open(p, extent); });
    case Defect::kShort:
      return on(design.beside, [&](const Place& p) { return Short(p, extent); });
    case Defect::kMouseBite:
      return on(design.on_traces, [&](const Place& p) { return MouseBite(p, extent); });
    case Defect::kSpur:
      return on(design.on_traces, [&](const Place& p) { return Spur(p, extent); });
    case Defect::kMissingPad:
      return on(design.pad_places, [&](const Place& p) { return MissingPad(design, p); });
    case Defect::kSolderBridge:
      return on(design.pad_gaps, [&](const Place& p) { return SolderBridge(p, extent); });
    case Defect::kScratch:
      return Scratch(design, extent, random);
  }
  return {};
}

image::Rect BoxOf(const Damage& damage, int width, int height) {
  if (damage.kind == Damage::Kind::kNothing) return {};
  Point low{1e9, 1e9};
  Point high{-1e9, -1e9};
  const auto include = [&](Point p, double border) {
    low = {std::min(low.x, p.x - border), std::min(low.y, p.y - border)};
    high = {std::max(high.x, p.x + border), std::max(high.y, p.y + border)};
  };
  if (damage.kind == Damage::Kind::kDropPad) {
    include(damage.pad.centre, std::max(damage.pad.half_w, damage.pad.half_h) + 1.5);
  }
  for (int i = 0; i < damage.count; ++i) {
    include(damage.strokes[i].from, damage.strokes[i].half_width + 0.5);
    include(damage.strokes[i].to, damage.strokes[i].half_width + 0.5);
  }
  const int x0 = std::max(0, static_cast<int>(std::floor(low.x)));
  const int y0 = std::max(0, static_cast<int>(std::floor(low.y)));
  const int x1 = std::min(width, static_cast<int>(std::ceil(high.x)));
  const int y1 = std::min(height, static_cast<int>(std::ceil(high.y)));
  return {x0, y0, x1 - x0, y1 - y0};
}

Layers::Pixel Damaged(const Damage& damage, Layers::Pixel pixel, Point centre, float& scratch) {
  const auto cover = static_cast<float>(Coverage(DistanceTo(damage, centre)));
  switch (damage.kind) {
    case Damage::Kind::kNothing:
      break;
    case Damage::Kind::kEraseCopper:
      pixel.copper *= 1 - cover;
      break;
    case Damage::Kind::kAddCopper:
      pixel.copper = std::max(pixel.copper, cover);
      break;
    case Damage::Kind::kAddSolder:
      pixel.solder = std::max(pixel.solder, cover);
      break;
    case Damage::Kind::kDropPad:
      pixel.pad *= 1 - cover;
      pixel.solder *= 1 - cover;
      pixel.hole *= 1 - cover;
      pixel.copper *= 1 - cover;
      break;
    case Damage::Kind::kScratch:
      scratch = cover;
      break;
  }
  return pixel;
}

}  // namespace taktgate::boards
