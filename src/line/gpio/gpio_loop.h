#ifndef TAKTGATE_LINE_GPIO_GPIO_LOOP_H_
#define TAKTGATE_LINE_GPIO_GPIO_LOOP_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/output_line.h"
#include "line/gpio/gpio_lines.h"

namespace taktgate::line {

// The other side of a board whose outputs are wired back to inputs of its own: plays the light
// barrier on an output, and witnesses on inputs what is really on the wires, by the kernel's times.
struct GpioLoopWiring {
  GpioName trigger_out;   // goes to the station's trigger and to trigger_back
  GpioName trigger_back;  // says when the edge was there
  // Where the station's outputs come back; PASS and READY are needed.
  std::array<std::optional<GpioName>, kOutputLines> back;
};

// Threads: one at a time.
class GpioLoop {
 public:
  // invalid: PASS or READY does not come back, inputs on two chips, or one line twice. Errors of
  // the chips.
  static Result<std::unique_ptr<GpioLoop>> Open(GpioKernel& kernel, const GpioLoopWiring& wiring);

  // The level of the light barrier; false when the kernel refused.
  bool Drive(bool part_there) { return trigger_.Set(0, part_there); }

  struct Event {
    std::optional<OutputLine> line;  // nothing: the light barrier
    bool energised = false;
    TimePoint at{};
  };
  // The next thing that was on the wires; kFault also when the kernel had to drop something.
  Wait Next(Duration timeout, Event& event);

 private:
  GpioLoop(GpioLines trigger, GpioLines back, std::vector<std::optional<OutputLine>> order)
      : trigger_(std::move(trigger)),
        back_(std::move(back)),
        order_(std::move(order)),
        numbers_(order_.size()) {}

  GpioLines trigger_;
  GpioLines back_;
  const std::vector<std::optional<OutputLine>> order_;  // of the lines in `back_`
  std::vector<std::uint32_t> numbers_;                  // the kernel's, of each
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_GPIO_GPIO_LOOP_H_
