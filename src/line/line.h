#ifndef TAKTGATE_LINE_LINE_H_
#define TAKTGATE_LINE_LINE_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "image/frame.h"

namespace taktgate::line {

// How a wait for the line ended. Not a Result: a time-out is normal and must not allocate.
enum class Wait : std::uint8_t {
  kReady,
  kTimeout,
  kEnd,    // the source has no more (a replay is over)
  kFault,  // the device is gone; fault() has its words
};

// One edge of the light barrier.
struct Edge {
  std::uint64_t count = 0;  // counts edges since Start, from 0
  TimePoint at{};           // when it happened, on the station's clock
};

// Announces parts.
//
// Threads: one, that of Start and Next.
class Trigger {
 public:
  virtual ~Trigger() = default;
  virtual Status Start(TimePoint at) = 0;
  // Waits for the next edge, at most until `until`. Blocks, allocates nothing.
  virtual Wait Next(TimePoint until, Edge& edge) = 0;
  virtual std::string fault() const { return {}; }
};

// Delivers one frame per trigger edge, from a pool of its own.
//
// Threads: Start and Next from one thread; Release from any.
class Camera {
 public:
  virtual ~Camera() = default;
  // Opens the device and makes the pool. not_found, io: no camera, with what to do.
  virtual Status Open() = 0;
  // Frames before `at` are the past. The first frame has sequence 0.
  virtual Status Start(TimePoint at) = 0;
  // Waits for the next frame, at most until `until`. Blocks, allocates nothing.
  virtual Wait Next(TimePoint until, image::Frame& frame) = 0;
  virtual void Release(const image::Frame& frame) = 0;
  virtual std::string fault() const { return {}; }
};

enum class Level : std::uint8_t { kReject, kPass };

// The PASS line. Energised means PASS; everything else, a dead process and a cut wire included, is
// REJECT.
//
// Threads: one, the gate thread. Set is quick, blocks on nothing and cannot fail in silence:
// false means that the level is not known to be on the wire.
class Output {
 public:
  virtual ~Output() = default;
  virtual bool Set(Level level, TimePoint now) = 0;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_LINE_H_
