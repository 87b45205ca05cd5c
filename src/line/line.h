#ifndef TAKTGATE_LINE_LINE_H_
#define TAKTGATE_LINE_LINE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/output_line.h"
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
  std::uint64_t count = 0;    // counts edges since Start, from 0
  TimePoint at{};             // when it happened, on the station's clock
  std::uint32_t encoder = 0;  // the belt's count at the edge; 0 where there is no encoder
};

// What a line says beside edges and frames. What `value` is depends on the kind.
struct Signal {
  enum class Kind : std::uint8_t {
    kEncoder,     // the belt's count; wraps
    kGateSensor,  // a part is before the gate
    kBinSensor,   // a part has fallen into the reject bin
    kPlcPart,     // the PLC's number of the part that is before the camera
    kPlcBeat,     // level of the PLC's heartbeat: 0 or 1
  };
  Kind kind{};
  std::uint32_t value = 0;
  TimePoint at{};  // on the station's clock
};
inline constexpr std::size_t kSignalKinds = 5;

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

// Tells the signals of the line, each kind in its own order.
//
// Threads: one, that of Start and Next.
class Signals {
 public:
  virtual ~Signals() = default;
  // Signals before `at` are the past; of the encoder only its last count counts then.
  virtual Status Start(TimePoint at) = 0;
  // Waits for the next signal, at most until `until`. Blocks, allocates nothing.
  virtual Wait Next(TimePoint until, Signal& signal) = 0;
  virtual std::string fault() const { return {}; }
};

// Delivers one frame per trigger edge, from a pool of its own. A camera that exists is open: its
// device is there, its pool is made, and its format is known.
//
// Threads: format before Start; Start and Next from one thread, the camera's; Release from any.
class Camera {
 public:
  virtual ~Camera() = default;
  // Of every frame; it never changes.
  virtual image::FrameFormat format() const = 0;
  // Frames before `at` are the past. The first frame has sequence 0.
  virtual Status Start(TimePoint at) = 0;
  // Waits for the next frame, at most until `until`. Blocks, allocates nothing.
  virtual Wait Next(TimePoint until, image::Frame& frame) = 0;
  // Takes the buffer of a delivered frame back, exactly once for each. On any thread, also on
  // several at a time, beside Next and after its end: on the gate thread between a decision and
  // the next, on the camera's, on one that ends the station. So it waits for nothing, takes no
  // lock, allocates nothing, and makes no system call but one that only hands a buffer to the
  // driver (as VIDIOC_QBUF does); what may take longer is left to the camera's own thread.
  virtual void Release(const image::Frame& frame) = 0;
  virtual std::string fault() const { return {}; }
};

// The wires to the line. What the hardware must do, because no dead process can: pull every line
// down when nobody drives it, drop PASS after `until` where it can (a one-shot), and open a
// watchdog relay in front of PASS when HEARTBEAT has not changed for 2 s.
//
// Threads: one, the gate thread. Set is quick, blocks on nothing and cannot fail in silence:
// false means that the level is not known to be on the wire.
class Output {
 public:
  virtual ~Output() = default;
  virtual bool Set(OutputLine line, bool energised, TimePoint now, TimePoint until) = 0;

  // Every line without current, from the handler of a signal that ends the process: on any thread,
  // also in the middle of Set, and more than once. Atomics and system calls only: no memory, no
  // lock. An output without wires outside the process has nothing to do.
  virtual void MakeSafeInSignal() noexcept {}

  // Every line without current; false when one of them did not take it.
  bool AllSafe(TimePoint now) {
    bool safe = true;
    for (std::size_t line = 0; line < kOutputLines; ++line) {
      safe = Set(static_cast<OutputLine>(line), false, now, TimePoint::max()) && safe;
    }
    return safe;
  }
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_LINE_H_
