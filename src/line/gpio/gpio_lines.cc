#include "line/gpio/gpio_lines.h"

#include <linux/gpio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace taktgate::line {
namespace {

constexpr std::uint32_t kEdgeBuffer = 1024;  // events that may wait in the kernel; its own limit

std::string Words(int failed) { return std::strerror(-failed); }

// The open chip that carries a label; not_found with the labels that are there.
Result<int> OpenChip(GpioKernel& kernel, const std::string& label) {
  std::string there;
  for (const std::string& path : kernel.Chips()) {
    const int fd = kernel.Open(path);
    if (fd < 0) {
      there += (there.empty() ? "" : ", ") + path + " (" + Words(fd) + ")";
      continue;
    }
    gpiochip_info info{};
    if (kernel.Control(fd, GPIO_GET_CHIPINFO_IOCTL, &info) == 0 && info.label == label) return fd;
    there += (there.empty() ? "" : ", ") + std::string(info.label);
    kernel.Close(fd);
  }
  return Error{ErrorCode::kNotFound, "expected a GPIO chip with the label \"" + label + "\", got " +
                                         (there.empty() ? "no chip at all" : there) +
                                         "; `gpiodetect` lists them"};
}

Result<std::uint32_t> OffsetOf(GpioKernel& kernel, int chip, const GpioName& name) {
  gpiochip_info info{};
  if (const int failed = kernel.Control(chip, GPIO_GET_CHIPINFO_IOCTL, &info); failed != 0) {
    return Error{ErrorCode::kIo, "GPIO chip " + name.chip + ": " + Words(failed)};
  }
  for (std::uint32_t offset = 0; offset < info.lines; ++offset) {
    gpio_v2_line_info line{};
    line.offset = offset;
    if (kernel.Control(chip, GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0) continue;
    if (name.line != line.name) continue;
    if ((line.flags & GPIO_V2_LINE_FLAG_USED) == 0) return offset;
    return Error{ErrorCode::kIo, "GPIO line " + ToString(name) + " is taken by \"" + line.consumer +
                                     "\"; free it, or name another line"};
  }
  return Error{ErrorCode::kNotFound, "expected a line \"" + name.line + "\" on GPIO chip \"" +
                                         name.chip + "\", got none; `gpioinfo` lists them"};
}

std::uint64_t MaskOf(std::size_t lines) { return lines == 64 ? ~0ULL : (1ULL << lines) - 1; }

gpio_v2_line_config ConfigOf(GpioUse use, Duration debounce, std::uint64_t debounced,
                             std::size_t lines) {
  gpio_v2_line_config config{};
  if (use == GpioUse::kOutput) {
    config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
    config.num_attrs = 1;  // every line starts without current
    config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    config.attrs[0].attr.values = 0;
    config.attrs[0].mask = MaskOf(lines);
  } else {
    config.flags =
        GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
    if (debounce <= Duration(0)) return config;
    config.num_attrs = 1;
    config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    config.attrs[0].attr.debounce_period_us = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(debounce).count());
    config.attrs[0].mask = debounced & MaskOf(lines);
  }
  return config;
}

Result<std::vector<std::uint32_t>> OffsetsOf(GpioKernel& kernel, int chip,
                                             const std::vector<GpioName>& names) {
  std::vector<std::uint32_t> offsets;
  for (const GpioName& name : names) {
    auto offset = OffsetOf(kernel, chip, name);
    if (!offset) return offset.error();
    offsets.push_back(*offset);
  }
  return offsets;
}

}  // namespace

Result<GpioName> ParseGpioName(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
    return Error{ErrorCode::kInvalid,
                 "expected a GPIO line as \"CHIP LABEL/LINE NAME\", such as "
                 "\"pinctrl-rp1/GPIO17\", got \"" +
                     std::string(text) + "\""};
  }
  return GpioName{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

std::string ToString(const GpioName& name) { return name.chip + "/" + name.line; }

Result<GpioLines> GpioLines::Request(GpioKernel& kernel, const std::vector<GpioName>& names,
                                     GpioUse use, Duration debounce, std::uint64_t debounced) {
  if (names.empty() || names.size() > GPIO_V2_LINES_MAX) {
    return Error{ErrorCode::kInternal, "a request is for 1 to 64 lines of one chip"};
  }
  auto chip = OpenChip(kernel, names.front().chip);
  if (!chip) return chip.error();
  auto offsets = OffsetsOf(kernel, *chip, names);
  gpio_v2_line_request request{};
  int failed = 0;
  if (offsets) {
    std::copy(offsets->begin(), offsets->end(), request.offsets);
    std::strncpy(request.consumer, "taktgate", sizeof request.consumer - 1);
    request.config = ConfigOf(use, debounce, debounced, names.size());
    request.num_lines = static_cast<std::uint32_t>(names.size());
    request.event_buffer_size = use == GpioUse::kOutput ? 0 : kEdgeBuffer;
    failed = kernel.Control(*chip, GPIO_V2_GET_LINE_IOCTL, &request);
  }
  kernel.Close(*chip);
  if (!offsets) return offsets.error();
  if (failed != 0) {
    return Error{ErrorCode::kIo, "GPIO line " + ToString(names.front()) + ": " + Words(failed) +
                                     "; the user needs the device (group gpio), the line must be "
                                     "free, and the chip must do edges"};
  }
  return GpioLines(kernel, request.fd, std::move(*offsets));
}

GpioLines::GpioLines(GpioLines&& other) noexcept
    : kernel_(other.kernel_),
      fd_(std::exchange(other.fd_, -1)),
      offsets_(std::move(other.offsets_)) {}

GpioLines::~GpioLines() {
  if (fd_ >= 0) kernel_.Close(fd_);
}

bool GpioLines::Set(std::size_t position, bool energised) {
  gpio_v2_line_values values{};
  values.mask = 1ULL << position;
  values.bits = energised ? values.mask : 0;
  return kernel_.Control(fd_, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) == 0;
}

void GpioLines::ClearAll() noexcept {
  gpio_v2_line_values values{};
  values.mask = MaskOf(offsets_.size());
  (void)kernel_.Control(fd_, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

Wait GpioLines::NextEdge(Duration timeout, Edge& edge) {
  const Wait wait = kernel_.WaitReadable(fd_, std::max(timeout, Duration(0)));
  if (wait != Wait::kReady) return wait;
  gpio_v2_line_event event{};
  const long got = kernel_.Read(fd_, &event, sizeof event);
  if (got == -EAGAIN || got == -EINTR) return Wait::kTimeout;
  const auto found = std::find(offsets_.begin(), offsets_.end(), event.offset);
  if (got != static_cast<long>(sizeof event) || found == offsets_.end()) return Wait::kFault;
  edge.position = static_cast<std::size_t>(found - offsets_.begin());
  edge.rising = event.id == GPIO_V2_LINE_EVENT_RISING_EDGE;
  edge.number = event.line_seqno;
  edge.at = TimePoint(Duration(static_cast<Duration::rep>(event.timestamp_ns)));
  return Wait::kReady;
}

}  // namespace taktgate::line
