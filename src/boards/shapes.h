#ifndef TAKTGATE_BOARDS_SHAPES_H_
#define TAKTGATE_BOARDS_SHAPES_H_

#include <algorithm>
#include <cmath>

namespace taktgate::boards {

struct Point {
  double x = 0;
  double y = 0;
};

inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator*(double k, Point a) { return {k * a.x, k * a.y}; }
inline double Dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
inline double Length(Point a) { return std::sqrt(Dot(a, a)); }

// Signed distances, in px: negative inside.
inline double DistanceToSegment(Point p, Point a, Point b, double half_width) {
  const Point along = b - a;
  const double length2 = Dot(along, along);
  const double t = length2 > 0 ? std::clamp(Dot(p - a, along) / length2, 0.0, 1.0) : 0.0;
  return Length(p - (a + t * along)) - half_width;
}

inline double DistanceToBox(Point p, Point centre, double half_w, double half_h, double corner) {
  const double dx = std::abs(p.x - centre.x) - (half_w - corner);
  const double dy = std::abs(p.y - centre.y) - (half_h - corner);
  const double outside = std::hypot(std::max(dx, 0.0), std::max(dy, 0.0));
  return outside + std::min(std::max(dx, dy), 0.0) - corner;
}

// How much of the pixel a shape covers, 0 to 1, from the distance of the pixel's centre.
inline double Coverage(double distance) { return std::clamp(0.5 - distance, 0.0, 1.0); }

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_SHAPES_H_
