#include "session/process_signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/thread_name.h"

namespace taktgate::session {
namespace {

// Time for all signals of one request to come, and for a station to end.
constexpr auto kSameWish = std::chrono::seconds(1);

sigset_t Heeded() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&signals, signal);
  return signals;
}

bool OnTerminal() {
  termios ignored;
  return tcgetattr(STDIN_FILENO, &ignored) == 0;
}

}  // namespace

std::optional<Wish> Wishes::Of(int signal, bool terminal_gone, TimePoint now) {
  if (signal == SIGUSR1) return Wish::kIncident;
  if (signal == SIGHUP && !terminal_gone) return Wish::kReopen;
  if (!stopped_at_) {
    stopped_at_ = now;
    return Wish::kStop;
  }
  if (now - *stopped_at_ < kSameWish) return std::nullopt;
  return Wish::kStopNow;
}

ProcessSignals::ProcessSignals(Heard heard) : heard_(std::move(heard)), on_terminal_(OnTerminal()) {
  const sigset_t heeded = Heeded();
  pthread_sigmask(SIG_BLOCK, &heeded, nullptr);
  signals_ = signalfd(-1, &heeded, SFD_CLOEXEC | SFD_NONBLOCK);
  end_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { Run(); });
}

ProcessSignals::~ProcessSignals() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(end_, &one, sizeof one);
  thread_.join();
  close(end_);
  close(signals_);
}

void ProcessSignals::Run() {
  NameThisThread("process signals");
  Wishes wishes;
  while (true) {
    pollfd waiting[] = {{signals_, POLLIN, 0}, {end_, POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    signalfd_siginfo info;
    if (read(signals_, &info, sizeof info) != sizeof info) continue;
    const auto signal = static_cast<int>(info.ssi_signo);
    const bool terminal_gone = on_terminal_ && !OnTerminal();
    const auto wish = wishes.Of(signal, terminal_gone, std::chrono::steady_clock::now());
    if (wish) heard_(*wish, signal);
  }
}

void ProcessSignals::DieBy(int signal) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  raise(signal);  // pending on this thread until it is let through
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  std::abort();  // it is ignored: we were started that way
}

}  // namespace taktgate::session
