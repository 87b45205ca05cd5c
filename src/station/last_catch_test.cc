#include "station/last_catch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/test_form.h"
#include "base/test_tree.h"
#include "base/test_wait.h"
#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "line/shared/shared_devices.h"
#include "line/shared/shared_host.h"
#include "station/station.h"
#include "station/test_edge_first.h"

namespace taktgate::station {
namespace {

using std::chrono::milliseconds;
using taktgate::testing::Comes;

struct Deadly {
  int number;
  std::string_view name;
};
constexpr Deadly kFaults[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
                              {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"},
                              {SIGSYS, "SIGSYS"}};
constexpr int kIgnored[] = {SIGPIPE, SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU};

// Every other signal that ends a process unless it is caught; by hand, for signal(7) has the list.
std::vector<Deadly> FromOutside() {
  std::vector<Deadly> all = {{SIGQUIT, "SIGQUIT"},     {SIGXCPU, "SIGXCPU"}, {SIGALRM, "SIGALRM"},
                             {SIGVTALRM, "SIGVTALRM"}, {SIGPROF, "SIGPROF"}, {SIGUSR1, "SIGUSR1"},
                             {SIGUSR2, "SIGUSR2"},     {SIGIO, "SIGIO"},     {SIGPWR, "SIGPWR"},
                             {SIGSTKFLT, "SIGSTKFLT"}, {SIGINT, "SIGINT"},   {SIGTERM, "SIGTERM"},
                             {SIGHUP, "SIGHUP"}};
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) {
    all.push_back({number, "a real-time signal"});
  }
  return all;
}

// What a process that dies of this signal says.
std::string Said(std::string_view signal) {
  return "taktgate: internal error: " + std::string(signal) +
         "; every line was made safe; please report it with what the station was doing\n";
}
// A broken handler must not run for ever.
void EndInAnyCase() { alarm(120); }

// A line in a file whose wires this process sees after the station's process is dead.
class LastCatchDeathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = line::SharedHost::Create(path(), {64, 48, image::PixelFormat::kGrey8});
    ASSERT_TRUE(made) << made.error().message;
    host = std::move(*made);
  }
  std::filesystem::path path() const { return tree.root() / "line"; }
  void ExpectAllSafe() const {
    for (std::size_t line = 0; line < kOutputLines; ++line) {
      EXPECT_FALSE(host->Wire(static_cast<OutputLine>(line)).energised) << line;
    }
  }

  taktgate::testing::Tree tree;
  std::unique_ptr<line::SharedHost> host;
};

// A station that has PASS on the wire, and then a thread of its process throws.
[[noreturn]] void ThrowBehindPass(const std::filesystem::path& path) {
  EndInAnyCase();
  MonotonicClock clock;
  auto shared = line::SharedStation::Attach(path, clock);
  if (!shared) _exit(90);
  line::SharedOutput output(**shared);
  const LastCatch last_catch(output);
  line::Schedule schedule;
  schedule.period = std::chrono::seconds(200);
  schedule.parts = 5;
  line::ReplayTrigger trigger(schedule, clock);
  const auto camera = *line::ReplayCamera::Open(
      schedule, clock, *line::MemorySource::Create({inspect::testing::SmallFrame(10, 20)}));
  auto inspector = inspect::testing::SmallInspector();
  record::RecordQueue records(64, {});
  StationSettings settings;
  settings.gate.window = std::chrono::seconds(90);  // for the machine to be slow in
  settings.gate.capture_until = std::chrono::seconds(90);
  settings.gate.pass_hold = std::chrono::seconds(90);
  settings.lock_memory = false;
  settings.realtime_threads = false;
  testing::EdgeFirst in_order(trigger, *camera);
  Station station(settings, clock, {in_order.trigger(), in_order.camera(), output}, *inspector,
                  records, [](auto) {});
  records.Start();
  if (!station.Start(milliseconds(5))) _exit(91);
  std::thread([&] {
    const auto energised = [&](OutputLine line) {
      const line::Word& wire = (*shared)->words().wires[static_cast<std::size_t>(line)];
      return line::Unpack(wire.load()).energised;
    };
    if (!Comes("PASS", [&] { return energised(OutputLine::kPass); })) _exit(93);
    std::fprintf(stderr, "PASS is on, READY is %s. ", energised(OutputLine::kReady) ? "on" : "off");
    throw std::runtime_error("a bug");
  }).join();
  _exit(92);
}

TEST_F(LastCatchDeathTest, AnExceptionOnAnyThreadTakesPassOffTheWire) {
  EXPECT_EXIT(ThrowBehindPass(path()), ::testing::KilledBySignal(SIGABRT),
              "PASS is on, READY is on.*" + Said("SIGABRT"));
  EXPECT_EQ(host->runs(), 1U);
  ExpectAllSafe();
}

// With lines energised, `die` ends the process.
template <typename Die>
[[noreturn]] void DieEnergised(const std::filesystem::path& path, Die die) {
  EndInAnyCase();
  MonotonicClock clock;
  auto shared = line::SharedStation::Attach(path, clock);
  if (!shared) _exit(90);
  line::SharedOutput output(**shared);
  const LastCatch last_catch(output);
  for (const OutputLine line : {OutputLine::kPass, OutputLine::kReady, OutputLine::kLineStop}) {
    output.Set(line, true, clock.Now(), TimePoint::max());
  }
  die();
  _exit(91);
}

TEST_F(LastCatchDeathTest, EveryFaultMakesTheLinesSafe) {
  const std::uint64_t deaths = taktgate::testing::Form("deaths by each fault", 5, 200);
  for (const auto& [signal, name] : kFaults) {
    const int number = signal;
    for (std::uint64_t death = 0; death < deaths; ++death) {
      EXPECT_EXIT(DieEnergised(path(), [number] { raise(number); }),
                  ::testing::KilledBySignal(number), Said(name));
      ExpectAllSafe();
    }
  }
}

TEST_F(LastCatchDeathTest, EverySignalFromOutsideMakesTheLinesSafe) {
  const std::uint64_t deaths = taktgate::testing::Form("deaths by each other signal", 5, 200);
  for (const auto& [signal, name] : FromOutside()) {
    const int number = signal;
    const std::string said =
        "taktgate: ended by " + std::string(name) + "; every line was made safe\n";
    for (std::uint64_t death = 0; death < deaths; ++death) {
      EXPECT_EXIT(DieEnergised(path(), [number] { kill(getpid(), number); }),
                  ::testing::KilledBySignal(number), said)
          << number;
      ExpectAllSafe();
    }
  }
}

// No signal is forgotten: each of them is deadly and caught, ignored, or cannot end a process.
TEST_F(LastCatchDeathTest, ThereIsNoOtherSignalThatEndsAStation) {
  std::vector<bool> known(NSIG);
  for (const Deadly& one : kFaults) known[static_cast<std::size_t>(one.number)] = true;
  for (const Deadly& one : FromOutside()) known[static_cast<std::size_t>(one.number)] = true;
  for (const int number : {SIGKILL, SIGSTOP}) known[static_cast<std::size_t>(number)] = true;
  for (int number = 1; number < NSIG; ++number) {
    if (known[static_cast<std::size_t>(number)] || (number > SIGSYS && number < SIGRTMIN)) continue;
    EXPECT_EXIT(DieEnergised(path(), [number] { raise(number); }), ::testing::ExitedWithCode(91),
                "")
        << number;
  }
}

TEST_F(LastCatchDeathTest, LastWordsAreDroppedWhereNobodyTakesThem) {
  const auto die = [this] {
    int ends[2];
    if (pipe(ends) != 0) _exit(92);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const std::vector<char> much(4096, '.');
    while (write(ends[1], much.data(), much.size()) > 0) continue;
    fcntl(ends[1], F_SETFL, 0);  // full, and who writes waits
    dup2(ends[1], STDERR_FILENO);
    DieEnergised(path(), [] { raise(SIGQUIT); });
  };
  EXPECT_EXIT(die(), ::testing::KilledBySignal(SIGQUIT), "");
  ExpectAllSafe();
}

TEST_F(LastCatchDeathTest, AProcessThatIsAboutToEndMakesItsLinesSafe) {
  EXPECT_EXIT(DieEnergised(path(),
                           [] {
                             LastCatch::MakeSafe();
                             _exit(LevelChange().allowed() ? 90 : 7);
                           }),
              ::testing::ExitedWithCode(7), "");
  ExpectAllSafe();
}

#ifndef TAKTGATE_SANITIZED
int Deeper(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? depth : Deeper(depth + 1) + frame[0];
}

TEST_F(LastCatchDeathTest, TheThreadThatMadeItIsCaughtWhenItsStackIsFull) {
  EXPECT_EXIT(DieEnergised(path(), [] { std::fprintf(stderr, "%d", Deeper(0)); }),
              ::testing::KilledBySignal(SIGSEGV), Said("SIGSEGV"));
  ExpectAllSafe();
}

TEST_F(LastCatchDeathTest, AThreadWhoseStackIsFullIsCaughtToo) {
  EXPECT_EXIT(DieEnergised(path(),
                           [] {
                             std::thread([] {
                               LastCatch::UseOwnSignalStack();
                               std::fprintf(stderr, "%d", Deeper(0));
                             }).join();
                           }),
              ::testing::KilledBySignal(SIGSEGV), Said("SIGSEGV"));
  ExpectAllSafe();
}
#endif

// A thread that dies while it changes a level would wait for itself.
TEST_F(LastCatchDeathTest, AThreadThatDiesInTheMiddleOfAChangeIsNotWaitedForWithoutEnd) {
  EXPECT_EXIT(DieEnergised(path(),
                           [] {
                             const LevelChange change;
                             raise(SIGFPE);
                           }),
              ::testing::KilledBySignal(SIGFPE), Said("SIGFPE"));
  ExpectAllSafe();
}

TEST(LastCatch, AfterItsEndSignalsAreWhatTheyWere) {
  std::vector<int> numbers(std::begin(kIgnored), std::end(kIgnored));
  for (const Deadly& one : kFaults) numbers.push_back(one.number);
  for (const Deadly& one : FromOutside()) numbers.push_back(one.number);
  std::vector<struct sigaction> before(numbers.size());
  const auto ours = [](int) {};
  for (std::size_t i = 0; i < before.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = ours;
    sigaction(numbers[i], &action, &before[i]);
  }
  line::MemoryOutput output;
  { const LastCatch last_catch(output); }
  for (std::size_t i = 0; i < before.size(); ++i) {
    struct sigaction now {};
    sigaction(numbers[i], &before[i], &now);
    EXPECT_EQ(now.sa_handler, static_cast<void (*)(int)>(ours)) << numbers[i];
  }
}

TEST(LastCatch, WhatItGuardedIsLeftAloneAfterItsEnd) {
  class Counting final : public line::Output {
   public:
    bool Set(OutputLine, bool, TimePoint, TimePoint) override { return true; }
    void MakeSafeInSignal() noexcept override { ++made_safe; }
    int made_safe = 0;
  };
  Counting output;
  { const LastCatch guards(output); }
  LastCatch::MakeSafe();
  EXPECT_EQ(output.made_safe, 0);
}

TEST(LastCatch, WithoutOneThereIsNothingToMakeSafe) {
  LastCatch::MakeSafe();
  EXPECT_TRUE(LevelChange().allowed());
}

const bool under_way_at_the_beginning = LevelChange::UnderWay();

TEST(LevelChange, IsUnderWayWhileItLives) {
  EXPECT_FALSE(under_way_at_the_beginning);
  EXPECT_FALSE(LevelChange::UnderWay());
  {
    const LevelChange change;
    EXPECT_TRUE(LevelChange::UnderWay());
  }
  EXPECT_FALSE(LevelChange::UnderWay()) << "a process that dies now need not wait for it";
}

TEST(LastCatch, AThreadThatHasAStackForSignalsKeepsIt) {
  std::thread([] {
    static std::array<std::byte, 65'536> own;
    stack_t mine{};
    mine.ss_sp = own.data();
    mine.ss_size = own.size();
    ASSERT_EQ(sigaltstack(&mine, nullptr), 0);
    LastCatch::UseOwnSignalStack();
    stack_t now{};
    sigaltstack(nullptr, &now);
    EXPECT_EQ(now.ss_sp, own.data());
    mine.ss_flags = SS_DISABLE;
    sigaltstack(&mine, nullptr);
  }).join();
}

// A change of a level is under way on another thread when the process begins to die. It ends after
// the first MakeSafeInSignal; the second one must come after it.
class SlowOutput final : public line::Output {
 public:
  bool Set(OutputLine, bool, TimePoint, TimePoint) override {
    entered = true;
    while (made_safe == 0) std::this_thread::yield();
    const MonotonicClock clock;
    const TimePoint then = clock.Now() + milliseconds(2);  // a handler that does not wait is there
    while (clock.Now() < then) std::this_thread::yield();
    energised = true;
    return true;
  }
  void MakeSafeInSignal() noexcept override {
    if (++made_safe == 2) _exit(energised && !LevelChange().allowed() ? 7 : 8);
  }
  std::atomic<bool> entered{false}, energised{false};
  std::atomic<int> made_safe{0};
};

TEST(LevelChangeDeathTest, OneThatIsUnderWayIsWaitedForAndNoneIsAllowedAfterIt) {
  EXPECT_TRUE(LevelChange().allowed());
  const auto die = [] {
    EndInAnyCase();
    SlowOutput output;
    const LastCatch last_catch(output);
    std::thread gate([&output] {
      const LevelChange change;
      output.Set(OutputLine::kPass, true, {}, {});
    });
    if (!Comes("the change of level", [&] { return output.entered.load(); })) _exit(9);
    raise(SIGABRT);
  };
  EXPECT_EXIT(die(), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace taktgate::station
