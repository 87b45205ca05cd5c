#ifndef TAKTGATE_LINE_GPIO_GPIO_KERNEL_H_
#define TAKTGATE_LINE_GPIO_GPIO_KERNEL_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "line/line.h"

namespace taktgate::line {

// The system calls of the kernel's GPIO character device (uAPI v2, linux/gpio.h, from Linux 5.10
// on), so that tests can stand in for a board. Failures are -errno.
//
// Threads: each file descriptor from one; objects from any.
class GpioKernel {
 public:
  virtual ~GpioKernel() = default;
  virtual std::vector<std::string> Chips() = 0;  // paths of /dev/gpiochip*, in order
  virtual int Open(const std::string& path) = 0;
  virtual int Control(int fd, unsigned long request, void* data) = 0;
  virtual long Read(int fd, void* data, std::size_t bytes) = 0;
  // kReady: Read gives at least one event.
  virtual Wait WaitReadable(int fd, Duration timeout) = 0;
  virtual void Close(int fd) = 0;
};

class LinuxGpioKernel final : public GpioKernel {
 public:
  std::vector<std::string> Chips() override;
  int Open(const std::string& path) override;
  int Control(int fd, unsigned long request, void* data) override;
  long Read(int fd, void* data, std::size_t bytes) override;
  Wait WaitReadable(int fd, Duration timeout) override;
  void Close(int fd) override;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_GPIO_GPIO_KERNEL_H_
