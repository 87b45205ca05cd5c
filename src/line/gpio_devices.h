#ifndef TAKTGATE_LINE_GPIO_DEVICES_H_
#define TAKTGATE_LINE_GPIO_DEVICES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "line/gpio_lines.h"
#include "line/line.h"

namespace taktgate::line {

// The light barrier on a GPIO input. The kernel stamps and numbers every edge; a number that is
// missing reaches the station as a gap in the count, which it treats as a failed trigger.
//
// Threads: as Trigger.
class GpioTrigger final : public Trigger {
 public:
  GpioTrigger(GpioLines lines, Clock& clock) : lines_(std::move(lines)), clock_(clock) {}
  Status Start(TimePoint at) override;
  Wait Next(TimePoint until, Edge& edge) override;
  std::string fault() const override;

 private:
  GpioLines lines_;
  Clock& clock_;
  TimePoint start_{};
  std::uint32_t last_ = 0;   // the kernel's number of the last edge; wraps
  std::uint64_t edges_ = 0;  // since the start
  bool gone_ = false;
};

// The wires on GPIO outputs. A GPIO cannot drop a line by itself, so `until` is not kept here: a
// stalled process leaves PASS on the wire. The watchdog relay behind HEARTBEAT is not optional.
//
// Threads: as Output.
class GpioOutput final : public Output {
 public:
  // Which line has which wire; the others are not wired.
  using Wiring = std::array<std::optional<GpioName>, kOutputLines>;

  // invalid: PASS has no wire, or two lines have the same. Errors of the chips.
  static Result<GpioOutput> Open(GpioKernel& kernel, const Wiring& wiring);
  bool Set(OutputLine line, bool energised, TimePoint now, TimePoint until) override;
  void MakeSafeInSignal() noexcept override;

 private:
  struct Wire {
    std::size_t request;
    std::size_t position;
  };
  GpioOutput() = default;

  std::vector<GpioLines> requests_;  // one per chip
  std::array<std::optional<Wire>, kOutputLines> wires_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_GPIO_DEVICES_H_
