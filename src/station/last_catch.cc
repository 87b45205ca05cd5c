#include "station/last_catch.h"

#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>

#include "base/clock.h"
#include "base/say_now.h"

namespace taktgate::station {
namespace {

// Every signal that ends a process unless it is caught, but for those of real time, which follow in
// WithoutName, and SIGKILL.
struct Deadly {
  int number;
  const char* name;
  bool fault;  // of this program
};
constexpr Deadly kDeadly[] = {
    {SIGSEGV, "SIGSEGV", true},  {SIGBUS, "SIGBUS", true},        {SIGFPE, "SIGFPE", true},
    {SIGILL, "SIGILL", true},    {SIGABRT, "SIGABRT", true},      {SIGTRAP, "SIGTRAP", true},
    {SIGSYS, "SIGSYS", true},    {SIGQUIT, "SIGQUIT", false},     {SIGXCPU, "SIGXCPU", false},
    {SIGALRM, "SIGALRM", false}, {SIGVTALRM, "SIGVTALRM", false}, {SIGPROF, "SIGPROF", false},
    {SIGUSR1, "SIGUSR1", false}, {SIGUSR2, "SIGUSR2", false},     {SIGIO, "SIGIO", false},
    {SIGPWR, "SIGPWR", false},   {SIGSTKFLT, "SIGSTKFLT", false}, {SIGINT, "SIGINT", false},
    {SIGTERM, "SIGTERM", false}, {SIGHUP, "SIGHUP", false}};
constexpr int kIgnored[] = {SIGPIPE, SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU};

// Of this process: a handler has no object. All lock-free, as a handler needs.
std::atomic<line::Output*> guarded{nullptr};
std::atomic<bool> dying{false};
std::atomic<bool> level_changes{false};
static_assert(std::atomic<line::Output*>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

std::array<struct sigaction, NSIG> before;

// A change of a level that was under way may have energised a line after the first MakeSafe. If it
// is this very thread's it never ends, so the wait does.
void WaitForLevelChange() {
  constexpr std::chrono::milliseconds kLongest{200};
  const MonotonicClock clock;  // clock_gettime, which a handler may call
  const TimePoint limit = clock.Now() + kLongest;
  while (level_changes && clock.Now() < limit) sched_yield();
}

const Deadly* Known(int signal) {
  const Deadly* known = nullptr;
  for (const Deadly& one : kDeadly) {
    if (one.number == signal) known = &one;
  }
  return known;
}

void SayWhy(int signal) {
  const Deadly* known = Known(signal);
  const bool fault = known != nullptr && known->fault;
  SayNow(fault ? "taktgate: internal error: " : "taktgate: ended by ");
  SayNow(known != nullptr ? known->name : "a real-time signal");
  SayNow("; every line was made safe");
  SayNow(fault ? "; please report it with what the station was doing\n" : "\n");
}

// Only what a signal handler may do: atomics, system calls, no memory, no lock.
extern "C" void OnDeadlySignal(int signal) {
  LastCatch::MakeSafe();
  if (guarded != nullptr) SayWhy(signal);
  std::signal(signal, SIG_DFL);
  raise(signal);  // it is blocked in here, so the process ends when the handler returns
}

template <typename Visit>
void ForEachSignal(Visit visit) {
  for (const Deadly& one : kDeadly) visit(one.number, OnDeadlySignal);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) visit(number, OnDeadlySignal);
  for (const int number : kIgnored) visit(number, SIG_IGN);
}

}  // namespace

LastCatch::LastCatch(line::Output& output) {
  guarded = &output;
  ForEachSignal([](int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, &before[static_cast<std::size_t>(number)]);
  });
  UseOwnSignalStack();
}

LastCatch::~LastCatch() {
  ForEachSignal([](int number, auto) {
    sigaction(number, &before[static_cast<std::size_t>(number)], nullptr);
  });
  guarded = nullptr;
}

void LastCatch::MakeSafe() noexcept {
  line::Output* output = guarded;
  if (output == nullptr) return;
  dying = true;
  output->MakeSafeInSignal();
  WaitForLevelChange();
  output->MakeSafeInSignal();
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
