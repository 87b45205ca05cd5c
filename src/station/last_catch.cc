#include "station/last_catch.h"

#include <sched.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>

#include "base/clock.h"

namespace taktgate::station {
namespace {

struct Fatal {
  int number;
  const char* name;
};
constexpr Fatal kFatal[] = {{SIGSEGV, "SIGSEGV"},
                            {SIGBUS, "SIGBUS"},
                            {SIGFPE, "SIGFPE"},
                            {SIGILL, "SIGILL"},
                            {SIGABRT, "SIGABRT"}};

// Of this process: a handler has no object. All lock-free, as a handler needs.
std::atomic<line::Output*> guarded{nullptr};
std::atomic<bool> dying{false};
std::atomic<bool> level_changes{false};
static_assert(std::atomic<line::Output*>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

std::array<struct sigaction, std::size(kFatal)> before;

// A change of a level that was under way may have energised a line after the first MakeSafe. If it
// is this very thread's it never ends, so the wait does.
void WaitForLevelChange() {
  constexpr std::chrono::milliseconds kLongest{200};
  const MonotonicClock clock;  // clock_gettime, which a handler may call
  const TimePoint limit = clock.Now() + kLongest;
  while (level_changes && clock.Now() < limit) sched_yield();
}

const char* NameOf(int signal) {
  const char* name = "";
  for (const Fatal& fatal : kFatal) {
    if (fatal.number == signal) name = fatal.name;
  }
  return name;
}

void Say(const char* text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

// Only what a signal handler may do: atomics, system calls, no memory, no lock.
extern "C" void OnFatalSignal(int signal) {
  dying = true;
  if (line::Output* output = guarded; output != nullptr) {
    output->MakeSafeInSignal();
    WaitForLevelChange();
    output->MakeSafeInSignal();
    Say("taktgate: internal error: ");
    Say(NameOf(signal));
    Say("; every line was made safe; please report it with what the station was doing\n");
  }
  std::signal(signal, SIG_DFL);
  raise(signal);  // it is blocked in here, so the process ends when the handler returns
}

}  // namespace

LastCatch::LastCatch(line::Output& output) {
  guarded = &output;
  struct sigaction action {};
  action.sa_handler = OnFatalSignal;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < before.size(); ++i) sigaction(kFatal[i].number, &action, &before[i]);
  UseOwnSignalStack();
}

LastCatch::~LastCatch() {
  for (std::size_t i = 0; i < before.size(); ++i) sigaction(kFatal[i].number, &before[i], nullptr);
  guarded = nullptr;
}

void LastCatch::UseOwnSignalStack() {
  constexpr std::size_t kBytes = 64 * 1024;  // the registers of a wide vector unit are on it, too
  alignas(16) static thread_local std::array<std::byte, kBytes> memory;
  stack_t stack{};
  sigaltstack(nullptr, &stack);
  if ((stack.ss_flags & SS_DISABLE) == 0) return;
  stack.ss_flags = 0;
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
}

LevelChange::LevelChange() { level_changes = true; }
LevelChange::~LevelChange() { level_changes = false; }
bool LevelChange::allowed() const { return !dying; }
bool LevelChange::UnderWay() { return level_changes; }

}  // namespace taktgate::station
