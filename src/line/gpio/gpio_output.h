#ifndef TAKTGATE_LINE_GPIO_GPIO_OUTPUT_H_
#define TAKTGATE_LINE_GPIO_GPIO_OUTPUT_H_

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "line/gpio/gpio_lines.h"
#include "line/line.h"

namespace taktgate::line {

// The wires on GPIO outputs. A GPIO cannot drop a line by itself, so `until` is not kept here: a
// stalled process leaves PASS on the wire. The watchdog relay on HEARTBEAT is not optional.
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

#endif  // TAKTGATE_LINE_GPIO_GPIO_OUTPUT_H_
