#include "line/gpio/gpio_kernel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace taktgate::line {

std::vector<std::string> LinuxGpioKernel::Chips() {
  std::vector<std::string> chips;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    if (entry.path().filename().string().starts_with("gpiochip")) {
      chips.push_back(entry.path().string());
    }
  }
  std::sort(chips.begin(), chips.end());
  return chips;
}

int LinuxGpioKernel::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int LinuxGpioKernel::Control(int fd, unsigned long request, void* data) {
  return ioctl(fd, request, data) < 0 ? -errno : 0;
}

long LinuxGpioKernel::Read(int fd, void* data, std::size_t bytes) {
  const ssize_t got = read(fd, data, bytes);
  return got < 0 ? -errno : got;
}

Wait LinuxGpioKernel::WaitReadable(int fd, Duration timeout) {
  pollfd waiting{fd, POLLIN, 0};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{seconds.count(), (timeout - seconds).count()};
  const int ready = ppoll(&waiting, 1, &limit, nullptr);
  if (ready == 0 || (ready < 0 && errno == EINTR)) return Wait::kTimeout;
  return ready == 1 && (waiting.revents & POLLIN) != 0 ? Wait::kReady : Wait::kFault;
}

void LinuxGpioKernel::Close(int fd) { close(fd); }

}  // namespace taktgate::line
