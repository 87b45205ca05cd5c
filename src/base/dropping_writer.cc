#include "base/dropping_writer.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace taktgate {
namespace {

void WriteAllOf(std::string_view text, int fd) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {  // somebody made it non-blocking
      pollfd taken{fd, POLLOUT, 0};
      (void)poll(&taken, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      return;  // the reader has gone: nobody can be told
    }
  }
}

}  // namespace

struct DroppingWriter::Shared {
  Shared(int to, std::size_t most) : fd(to), capacity(most) {}
  const int fd;
  const std::size_t capacity;
  Mutex mutex;
  std::condition_variable_any changed;
  std::string waiting TAKTGATE_GUARDED_BY(mutex);
  bool writing TAKTGATE_GUARDED_BY(mutex) = false;
  bool ending TAKTGATE_GUARDED_BY(mutex) = false;
  std::uint64_t dropped TAKTGATE_GUARDED_BY(mutex) = 0;
  std::uint64_t unreported TAKTGATE_GUARDED_BY(mutex) = 0;
};

DroppingWriter::DroppingWriter(int fd, std::size_t capacity)
    : shared_(std::make_shared<Shared>(fd, capacity)) {
  // The process's signals are for other threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([shared = shared_] { Run(shared); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

DroppingWriter::~DroppingWriter() {
  Flush();
  const MutexLock lock(shared_->mutex);
  shared_->ending = true;
  shared_->changed.notify_all();
}

void DroppingWriter::Write(std::string_view text) {
  const MutexLock lock(shared_->mutex);
  std::string notice;
  if (shared_->unreported > 0) {
    notice = "taktgate: " + std::to_string(shared_->unreported) +
             " messages were dropped here while nobody read them\n";
  }
  if (shared_->waiting.size() + notice.size() + text.size() > shared_->capacity) {
    ++shared_->dropped;
    ++shared_->unreported;
    return;
  }
  shared_->unreported = 0;
  shared_->waiting += notice;
  shared_->waiting += text;
  shared_->changed.notify_all();
}

void DroppingWriter::WriteIfIdle(std::string_view text) {
  {
    const MutexLock lock(shared_->mutex);
    if (shared_->writing || !shared_->waiting.empty()) return;
  }
  Write(text);
}

bool DroppingWriter::Flush(Duration limit) {
  const TimePoint until = std::chrono::steady_clock::now() + limit;
  const MutexLock lock(shared_->mutex);
  while (shared_->writing || !shared_->waiting.empty()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    shared_->changed.wait_until(shared_->mutex, until);
  }
  return true;
}

std::uint64_t DroppingWriter::dropped() const {
  const MutexLock lock(shared_->mutex);
  return shared_->dropped;
}

void DroppingWriter::Run(const std::shared_ptr<Shared>& shared) {
  while (true) {
    std::string text;
    {
      const MutexLock lock(shared->mutex);
      shared->writing = false;
      shared->changed.notify_all();
      while (shared->waiting.empty() && !shared->ending) shared->changed.wait(shared->mutex);
      if (shared->waiting.empty()) return;
      text = std::exchange(shared->waiting, {});
      shared->writing = true;
    }
    WriteAllOf(text, shared->fd);
  }
}

}  // namespace taktgate
