#include "rig/station_process.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <ctime>
#include <fstream>
#include <thread>

namespace taktgate::rig {
namespace {

constexpr auto kReadyLimit = std::chrono::minutes(5);  // machines under load start slowly
constexpr auto kGoodByeLimit = std::chrono::seconds(5);
constexpr auto kFreeze = std::chrono::seconds(3);
constexpr auto kStationLook = std::chrono::milliseconds(5);

sigset_t InterruptSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

TimePoint Now() { return std::chrono::steady_clock::now(); }

}  // namespace

void HoldSignalsBack() {
  const sigset_t signals = InterruptSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Status Nap(Duration duration) {
  const sigset_t signals = InterruptSignals();
  const timespec time{static_cast<time_t>(duration / std::chrono::seconds(1)),
                      static_cast<long>((duration % std::chrono::seconds(1)).count())};
  if (sigtimedwait(&signals, nullptr, &time) > 0) {
    return Error{ErrorCode::kWrongState, "stopped by a signal; nothing was compared"};
  }
  return {};
}

StationProcess::StationProcess(PreparedLine& prepared, const RealLine& line)
    : prepared_(prepared), line_(line), random_(Random::Of(prepared.options().seed, 7)) {}

StationProcess::~StationProcess() {
  process_.Signal(SIGCONT);
  process_.Signal(SIGTERM);
  const TimePoint limit = Now() + kGoodByeLimit;
  while (process_.started() && !process_.Ended() && Now() < limit) {
    std::this_thread::sleep_for(kStationLook);
  }
  process_.Kill();
}

Status StationProcess::Start() {
  runs_before_ = prepared_.host().runs();
  ++tally_.starts;
  return process_.Start(
      {"run", prepared_.station_file().string(), "--json", prepared_.last_counts().string()},
      prepared_.station_log());
}

// Before the line begins nothing else on the wires matters.
bool StationProcess::ReadyOnWire() {
  line::GpioLoop::Event event;
  while (!line_.feeding() && prepared_.loop()->Next(Duration(0), event) == line::Wait::kReady) {
    if (event.line == OutputLine::kReady) ready_on_wire_ = event.energised;
  }
  return ready_on_wire_;
}

bool StationProcess::Ready() {
  if (prepared_.loop() != nullptr) return ReadyOnWire();
  const line::WireLevel ready = prepared_.host().Wire(OutputLine::kReady);
  return prepared_.host().runs() > runs_before_ && ready.energised &&
         ready.run == (prepared_.host().runs() & 0x7FFF);
}

void StationProcess::NoteEnd(bool killed) {
  if (prepared_.host().runs() > runs_before_) ends_.emplace_back(prepared_.host().runs(), killed);
}

std::string StationProcess::LastWords() const {
  std::ifstream log(prepared_.station_log());
  std::string last;
  for (std::string line; std::getline(log, line);) {
    if (line.find("error:") != std::string::npos) last = line;
  }
  return last;
}

// A station that ends by itself is started again, as a supervisor would; the report says so.
Status StationProcess::RestartIfItFailed() {
  const auto ended = process_.Ended();
  if (!ended || !line_.feeding()) return {};
  tally_.failure = "exit " + std::to_string(*ended) + ", " + LastWords();
  if (++tally_.failures > 20) {
    return Error{ErrorCode::kIo, "the station keeps failing: " + tally_.failure};
  }
  NoteEnd(false);
  return Start();
}

Status StationProcess::NapBeside(Duration duration) {
  for (const TimePoint end = Now() + duration; Now() < end;) {
    if (Status napped = Nap(std::min<Duration>(kStationLook, end - Now())); !napped) return napped;
    if (Status runs = RestartIfItFailed(); !runs) return runs;
  }
  return {};
}

Status StationProcess::AwaitReady() {
  const TimePoint limit = Now() + kReadyLimit;
  while (!Ready()) {
    if (Now() >= limit) {
      return Error{ErrorCode::kTimeout, "the station was not READY within five minutes"};
    }
    const bool before_line = !line_.feeding();
    if (before_line && process_.Ended()) {
      return Error{ErrorCode::kIo, "the station did not start: " + LastWords()};
    }
    if (Status napped = NapBeside(kStationLook); !napped) return napped;
  }
  return {};
}

Status StationProcess::KillOnce() {
  if (random_.Unit() < 0.125) {
    const auto wait = Duration(static_cast<Duration::rep>(random_.Unit() * 600e6));
    if (Status napped = NapBeside(wait); !napped) return napped;
  } else {
    if (Status ready = AwaitReady(); !ready) return ready;
    const auto wait = Duration(static_cast<Duration::rep>(random_.Unit() * 1000e6));
    if (Status napped = NapBeside(wait); !napped) return napped;
  }
  kills_.push_back(Now());
  process_.Kill();
  NoteEnd(true);
  ++tally_.kills;
  return Start();
}

Status StationProcess::FreezeOnce() {
  if (Status ready = AwaitReady(); !ready) return ready;
  const auto wait =
      std::chrono::seconds(1) + Duration(static_cast<Duration::rep>(random_.Unit() * 100e6));
  if (Status napped = NapBeside(wait); !napped) return napped;
  process_.Signal(SIGSTOP);
  const TimePoint from = Now();
  const Status napped = Nap(kFreeze);
  freezes_.push_back({from, Now()});
  process_.Signal(SIGCONT);
  if (!napped) return napped;
  ++tally_.freezes;
  return NapBeside(std::chrono::seconds(1));
}

Status StationProcess::StallOnce() {
  if (Status ready = AwaitReady(); !ready) return ready;
  const auto ms = [](double value) { return Duration(static_cast<Duration::rep>(value * 1e6)); };
  if (Status napped = NapBeside(ms(random_.Between(50, 250))); !napped) return napped;
  process_.Signal(SIGSTOP);
  const TimePoint from = Now();
  const Status napped = Nap(ms(5 * std::pow(80, random_.Unit())));
  freezes_.push_back({from, Now()});
  process_.Signal(SIGCONT);
  ++tally_.stalls;
  return napped;
}

Status StationProcess::AwaitEnd() {
  // A GPIO trigger does not say that the line is over.
  if (prepared_.loop() != nullptr) process_.Signal(SIGTERM);
  const TimePoint limit = Now() + kReadyLimit;
  while (!process_.Ended()) {
    if (Now() >= limit) {
      return Error{ErrorCode::kTimeout, "the station did not end with its line"};
    }
    if (Status napped = Nap(kStationLook); !napped) return napped;
  }
  if (*process_.Ended() == 0) return {};
  NoteEnd(false);
  ++tally_.failures;
  tally_.failure = LastWords();
  return {};
}

}  // namespace taktgate::rig
