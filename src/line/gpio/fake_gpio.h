#ifndef TAKTGATE_LINE_GPIO_FAKE_GPIO_H_
#define TAKTGATE_LINE_GPIO_FAKE_GPIO_H_

#include <linux/gpio.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "line/gpio/gpio_kernel.h"

namespace taktgate::line::testing {

// A board in memory that answers the calls of linux/gpio.h, and refuses them on request.
class FakeGpio final : public GpioKernel {
 public:
  struct Line {
    std::string name;
    bool energised = false;
    std::string taken_by;
  };
  struct Chip {
    std::string label;
    std::vector<Line> lines;
  };

  std::vector<Chip> chips;  // /dev/gpiochip0, 1, ...
  gpio_v2_line_request last_request{};
  std::deque<gpio_v2_line_event> events;
  bool gone = false;
  int open_files = 0;
  int level_calls = 0;

  Line& At(const std::string& label, const std::string& name) {
    for (Chip& chip : chips) {
      for (Line& line : chip.lines) {
        if (chip.label == label && line.name == name) return line;
      }
    }
    std::abort();
  }
  // A wire on the first chip: what an output does, an input sees, at `now`.
  void Wire(std::uint32_t output, std::uint32_t input) { wires_[output] = input; }
  TimePoint now{};

  void Edge(std::uint32_t offset, std::uint32_t number, TimePoint at, bool rising = true) {
    gpio_v2_line_event event{};
    event.offset = offset;
    event.line_seqno = number;
    event.timestamp_ns = static_cast<std::uint64_t>(at.time_since_epoch().count());
    event.id = rising ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE;
    events.push_back(event);
  }

  std::vector<std::string> Chips() override {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < chips.size(); ++i) {
      paths.push_back("/dev/gpiochip" + std::to_string(i));
    }
    return paths;
  }
  int Open(const std::string& path) override {
    files_[next_fd_] = {static_cast<std::size_t>(path.back() - '0'), {}};
    ++open_files;
    return next_fd_++;
  }
  void Close(int fd) override { open_files -= static_cast<int>(files_.erase(fd)); }
  int Control(int fd, unsigned long request, void* data) override {
    if (gone || files_.count(fd) == 0) return -ENODEV;
    Chip& chip = chips[files_[fd].chip];
    if (request == GPIO_GET_CHIPINFO_IOCTL) {
      auto& info = *static_cast<gpiochip_info*>(data);
      std::strncpy(info.label, chip.label.c_str(), sizeof info.label - 1);
      info.lines = static_cast<std::uint32_t>(chip.lines.size());
      return 0;
    }
    if (request == GPIO_V2_GET_LINEINFO_IOCTL) {
      return Describe(chip, *static_cast<gpio_v2_line_info*>(data));
    }
    if (request == GPIO_V2_GET_LINE_IOCTL) {
      return Give(fd, *static_cast<gpio_v2_line_request*>(data));
    }
    if (request == GPIO_V2_LINE_SET_VALUES_IOCTL) {
      return Drive(fd, *static_cast<gpio_v2_line_values*>(data));
    }
    return -ENOTTY;
  }
  Wait WaitReadable(int, Duration) override {
    if (gone) return Wait::kFault;
    return events.empty() ? Wait::kTimeout : Wait::kReady;
  }
  long Read(int, void* data, std::size_t bytes) override {
    if (bytes < sizeof(gpio_v2_line_event)) return -EINVAL;
    std::memcpy(data, &events.front(), sizeof(gpio_v2_line_event));
    events.pop_front();
    return sizeof(gpio_v2_line_event);
  }

 private:
  struct File {
    std::size_t chip;
    std::vector<std::uint32_t> offsets;  // of a line request
  };

  static int Describe(const Chip& chip, gpio_v2_line_info& info) {
    if (info.offset >= chip.lines.size()) return -EINVAL;
    const Line& line = chip.lines[info.offset];
    std::strncpy(info.name, line.name.c_str(), sizeof info.name - 1);
    std::strncpy(info.consumer, line.taken_by.c_str(), sizeof info.consumer - 1);
    info.flags = line.taken_by.empty() ? 0 : GPIO_V2_LINE_FLAG_USED;
    return 0;
  }
  int Give(int fd, gpio_v2_line_request& request) {
    last_request = request;
    File file{files_[fd].chip, {}};
    for (std::uint32_t i = 0; i < request.num_lines; ++i) {
      file.offsets.push_back(request.offsets[i]);
      chips[file.chip].lines[request.offsets[i]].taken_by = request.consumer;
      chips[file.chip].lines[request.offsets[i]].energised = false;
    }
    files_[next_fd_] = file;
    ++open_files;
    request.fd = next_fd_++;
    return 0;
  }
  int Drive(int fd, const gpio_v2_line_values& values) {
    ++level_calls;
    const File& file = files_[fd];
    for (std::size_t i = 0; i < file.offsets.size(); ++i) {
      if ((values.mask >> i & 1) == 0) continue;
      bool& level = chips[file.chip].lines[file.offsets[i]].energised;
      const bool energised = (values.bits >> i & 1) != 0;
      const auto wire = wires_.find(file.offsets[i]);
      if (level != energised && wire != wires_.end()) {
        Edge(wire->second, ++wired_edges_[wire->second], now, energised);
      }
      level = energised;
    }
    return 0;
  }

  std::map<std::uint32_t, std::uint32_t> wires_;
  std::map<std::uint32_t, std::uint32_t> wired_edges_;
  std::map<int, File> files_;
  int next_fd_ = 3;
};

}  // namespace taktgate::line::testing

#endif  // TAKTGATE_LINE_GPIO_FAKE_GPIO_H_
