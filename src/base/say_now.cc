#include "base/say_now.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace taktgate {

void SayNow(const char* text) noexcept {
  const int before = errno;
  pollfd taken{STDERR_FILENO, POLLOUT, 0};
  if (poll(&taken, 1, 0) == 1 && (taken.revents & POLLOUT) != 0) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
  }
  errno = before;
}

}  // namespace taktgate
