#ifndef TAKTGATE_LINE_GPIO_GPIO_LINES_H_
#define TAKTGATE_LINE_GPIO_GPIO_LINES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "line/gpio/gpio_kernel.h"

namespace taktgate::line {

// A line by the names that stay the same when chips are numbered anew at boot: the chip's label and
// the line's name, as `gpioinfo` shows them.
struct GpioName {
  std::string chip;
  std::string line;
  friend bool operator==(const GpioName&, const GpioName&) = default;
};

// "pinctrl-rp1/GPIO17".
Result<GpioName> ParseGpioName(std::string_view text);
std::string ToString(const GpioName& name);

enum class GpioUse : std::uint8_t { kOutput, kEdges };

// Lines of one chip, held by this process until the object goes. Outputs start without current.
//
// Threads: one.
class GpioLines {
 public:
  // not_found: no such chip or line. io: the line is taken, or not allowed; with what to do.
  // `debounce`: of edges, by the kernel; zero for none. `debounced`: of which positions.
  static Result<GpioLines> Request(GpioKernel& kernel, const std::vector<GpioName>& names,
                                   GpioUse use, Duration debounce, std::uint64_t debounced = ~0ULL);
  GpioLines(GpioLines&& other) noexcept;
  GpioLines& operator=(GpioLines&&) = delete;
  ~GpioLines();

  // Drives the line of this position in `names`; false when the kernel refused.
  bool Set(std::size_t position, bool energised);
  // All of them without current: one system call, so that a signal handler may ask for it.
  void ClearAll() noexcept;

  struct Edge {
    std::size_t position = 0;  // in `names`
    bool rising = true;
    std::uint32_t number = 0;  // of this line, from 1; a gap: the kernel had to drop some
    TimePoint at{};            // CLOCK_MONOTONIC, taken in the interrupt
  };
  Wait NextEdge(Duration timeout, Edge& edge);

 private:
  GpioLines(GpioKernel& kernel, int fd, std::vector<std::uint32_t> offsets)
      : kernel_(kernel), fd_(fd), offsets_(std::move(offsets)) {}

  GpioKernel& kernel_;
  int fd_;
  std::vector<std::uint32_t> offsets_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_GPIO_GPIO_LINES_H_
