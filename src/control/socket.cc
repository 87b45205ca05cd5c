#include "control/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace taktgate::control {
namespace {

constexpr const char* kName = "control";
constexpr auto kPatience = std::chrono::seconds(2);
constexpr int kLookAroundMs = 50;

TimePoint Now() { return std::chrono::steady_clock::now(); }

Error Failed(const std::filesystem::path& path, const std::string& what) {
  return {ErrorCode::kIo,
          "control socket " + path.string() + ": " + what + ": " + std::strerror(errno)};
}

// A folder's path may be longer than a socket address can hold; this one never is.
class ShortAddress {
 public:
  explicit ShortAddress(const std::filesystem::path& folder)
      : folder_(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address_.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(folder_) + "/" + kName;
    path.copy(address_.sun_path, sizeof address_.sun_path - 1);
  }
  ~ShortAddress() {
    if (folder_ >= 0) close(folder_);
  }
  ShortAddress(const ShortAddress&) = delete;
  ShortAddress& operator=(const ShortAddress&) = delete;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  bool found() const { return folder_ >= 0; }

 private:
  const int folder_;
  sockaddr_un address_{};
};

// For connect and send, which otherwise wait for ever.
void GiveUpAfter(Duration patience, int fd) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval limit{us / 1'000'000, us % 1'000'000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool WaitFor(int fd, short what, TimePoint until) {
  while (Now() < until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Now());
    pollfd waiting{fd, what, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace

ControlSocket::ControlSocket(std::filesystem::path path, int fd, Reply reply)
    : path_(std::move(path)), fd_(fd), reply_(std::move(reply)) {
  thread_ = std::thread([this] { Serve(); });
}

ControlSocket::~ControlSocket() {
  stopping_ = true;
  thread_.join();
  for (Caller& caller : callers_) HangUp(caller);
  close(fd_);
  unlink(path_.c_str());
}

Result<std::unique_ptr<ControlSocket>> ControlSocket::Create(const std::filesystem::path& folder,
                                                             Reply reply) {
  const std::filesystem::path path = folder / kName;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Failed(path, "cannot be made");
  unlink(path.c_str());
  const ShortAddress address(folder);
  if (bind(fd, address.get(), sizeof(sockaddr_un)) != 0 || chmod(path.c_str(), 0660) != 0 ||
      listen(fd, 8) != 0) {
    const Error error = Failed(path, "cannot be made");
    close(fd);
    return error;
  }
  return std::unique_ptr<ControlSocket>(new ControlSocket(path, fd, std::move(reply)));
}

void ControlSocket::Serve() {
  while (!stopping_) {
    std::array<pollfd, kCallers + 1> waiting{};
    waiting[kCallers] = {fd_, POLLIN, 0};
    for (std::size_t i = 0; i < kCallers; ++i) {
      waiting[i] = {callers_[i].later ? -1 : callers_[i].fd, POLLIN, 0};
    }
    (void)poll(waiting.data(), waiting.size(), kLookAroundMs);
    const TimePoint now = Now();
    for (std::size_t i = 0; i < kCallers; ++i) {
      if (callers_[i].fd >= 0 && waiting[i].revents != 0) Hear(callers_[i]);
      if (callers_[i].later) {
        AnswerLater(callers_[i]);
      } else if (callers_[i].fd >= 0 && now >= callers_[i].until) {
        HangUp(callers_[i]);
      }
    }
    if (waiting[kCallers].revents != 0) Welcome(now);
  }
}

// When all places are in use, the caller that has been silent longest is dropped.
void ControlSocket::Welcome(TimePoint now) {
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  auto* place =
      &*std::min_element(callers_.begin(), callers_.end(), [](const Caller& a, const Caller& b) {
        return std::pair(a.fd >= 0, a.until) < std::pair(b.fd >= 0, b.until);
      });
  HangUp(*place);
  *place = {fd, now + kPatience, {}, {}};
}

void ControlSocket::Hear(Caller& caller) {
  char bytes[kMaxLine];
  const ssize_t got = recv(caller.fd, bytes, sizeof bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return HangUp(caller);
  caller.line.append(bytes, static_cast<std::size_t>(got));
  const std::size_t end = caller.line.find('\n');
  if (end != std::string::npos && end <= kMaxLine) {
    Answer(caller, std::string_view(caller.line).substr(0, end));
  } else if (caller.line.size() > kMaxLine) {
    HangUp(caller);
  }
}

// The answer fits into the socket's buffer; a caller that does not read it loses it. A caller that
// has hung up was told, or saw, that nobody answered. What it asked for while the station stood
// still is no longer done.
void ControlSocket::Answer(Caller& caller, std::string_view line) {
  pollfd other_end{caller.fd, 0, 0};
  if (poll(&other_end, 1, 0) > 0) return HangUp(caller);
  Said said = reply_(line);
  if (const auto* answer = std::get_if<std::string>(&said)) return Say(caller, *answer);
  caller.later = std::move(std::get<Later>(said));
  caller.until = TimePoint::max();  // gives its place to none
}

void ControlSocket::AnswerLater(Caller& caller) {
  if (const auto answer = caller.later()) Say(caller, *answer);
}

void ControlSocket::Say(Caller& caller, const std::string& answer) {
  const std::string line = answer + "\n";
  (void)send(caller.fd, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  HangUp(caller);
}

void ControlSocket::HangUp(Caller& caller) {
  if (caller.fd >= 0) close(caller.fd);
  caller = {};
}

Result<std::string> AskStation(const std::filesystem::path& folder, std::string_view line,
                               Duration patience) {
  const std::filesystem::path path = folder / kName;
  const ShortAddress address(folder);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed(path, "cannot be made");
  const auto hang_up = [fd](Result<std::string> result) {
    close(fd);
    return result;
  };
  const Error silent{ErrorCode::kTimeout,
                     "the station does not answer; look at what it says, and restart it"};
  // A process that stands still accepts no call; if too many wait, connect waits too.
  GiveUpAfter(patience, fd);
  if (!address.found() || connect(fd, address.get(), sizeof(sockaddr_un)) != 0) {
    if (errno == EAGAIN) return hang_up(silent);
    const bool denied = errno == EACCES || errno == EPERM;
    return hang_up(Error{denied ? ErrorCode::kIo : ErrorCode::kNotFound,
                         denied ? "control socket " + path.string() +
                                      ": not allowed; ask as the station's user or "
                                      "group"
                                : "no station runs with the state folder " + folder.string() +
                                      "; start it with `taktgate run`"});
  }
  const std::string request = std::string(line) + "\n";
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return hang_up(Failed(path, "cannot be written"));
  }
  std::string answer;
  const TimePoint until = Now() + patience;
  while (answer.find('\n') == std::string::npos) {
    char bytes[4096];
    const ssize_t came = WaitFor(fd, POLLIN, until) ? recv(fd, bytes, sizeof bytes, 0) : 0;
    if (came <= 0) return hang_up(silent);
    answer.append(bytes, static_cast<std::size_t>(came));
  }
  return hang_up(answer.substr(0, answer.find('\n')));
}

}  // namespace taktgate::control
