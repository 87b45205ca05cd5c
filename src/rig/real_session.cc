#include "rig/real_session.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "base/thread_name.h"
#include "station/realtime.h"

namespace taktgate::rig {
namespace {

constexpr auto kReadyLimit = std::chrono::minutes(5);  // machines under load start slowly
constexpr auto kGoodByeLimit = std::chrono::seconds(5);
constexpr auto kFreeze = std::chrono::seconds(3);
constexpr Duration kLast = std::chrono::seconds(1);
constexpr Duration kBeforeParts = std::chrono::milliseconds(1200);  // a PLC beats twice
constexpr auto kLook = std::chrono::milliseconds(5);

// A terminal that closes does not end it; it ends a station (LineSession).
sigset_t InterruptSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

TimePoint Now() { return std::chrono::steady_clock::now(); }

// The line's threads stand for hardware, which is never late; where that is refused, the line's
// own lateness costs parts their time.
void BecomeHardware() {
  station::PrefaultStack();
  (void)station::MakeThisThreadRealtime(85);
}

}  // namespace

RealSession::RealSession(const RealLineOptions& options)
    : options_(options), random_(Random::Of(options.seed, 7)) {}

// The station is asked first: one that is only killed leaves its journal behind.
RealSession::~RealSession() {
  station_.Signal(SIGCONT);
  station_.Signal(SIGTERM);
  const TimePoint limit = Now() + kGoodByeLimit;
  while (station_.started() && !station_.Ended() && Now() < limit)
    std::this_thread::sleep_for(kLook);
  hogs_stop_ = true;
  for (std::thread& hog : hogs_) hog.join();
  station_.Kill();
  std::error_code ignored;
  if (!folder_kept_ && !folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<RealSession>> RealSession::Create(const RealLineOptions& options) {
  // Waited for while the line runs, so that no process and no file is left behind.
  const sigset_t signals = InterruptSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::unique_ptr<RealSession> session(new RealSession(options));
  if (Status read = session->ReadLine(); !read) return read.error();
  if (Status open = session->OpenLoop(); !open) return open.error();
  if (Status made = session->MakeBoards(); !made) return made.error();
  if (Status made = session->MakeFiles(); !made) return made.error();
  return session;
}

void RealSession::StartHogs() {
  for (int k = 0; k < options_.hogs; ++k) {
    hogs_.emplace_back([this] {
      NameThisThread("hog");
      while (!hogs_stop_.load(std::memory_order_relaxed)) {
      }
    });
  }
}

Status RealSession::StartStation() {
  runs_before_ = host_->runs();
  ++conditions_.starts;
  return station_.Start(
      {"run", (folder_ / "station.toml").string(), "--json", LastCounts().string()},
      folder_ / "station.log");
}

// Before the line begins nothing else on the wires matters.
bool RealSession::ReadyOnWire() {
  line::GpioLoop::Event event;
  while (!line_->feeding() && loop_->Next(Duration(0), event) == line::Wait::kReady) {
    if (event.line == OutputLine::kReady) ready_on_wire_ = event.energised;
  }
  return ready_on_wire_;
}

bool RealSession::Ready() {
  if (loop_) return ReadyOnWire();
  const line::WireLevel ready = host_->Wire(OutputLine::kReady);
  return host_->runs() > runs_before_ && ready.energised && ready.run == (host_->runs() & 0x7FFF);
}

// Sleeps, and hears the signals that end the program.
Status RealSession::Nap(Duration duration) const {
  const sigset_t signals = InterruptSignals();
  const timespec time{static_cast<time_t>(duration / std::chrono::seconds(1)),
                      static_cast<long>((duration % std::chrono::seconds(1)).count())};
  if (sigtimedwait(&signals, nullptr, &time) > 0) {
    return Error{ErrorCode::kWrongState, "stopped by a signal; nothing was compared"};
  }
  return {};
}

void RealSession::NoteEnd(bool killed) {
  if (host_->runs() > runs_before_) ends_.emplace_back(host_->runs(), killed);
}

std::string RealSession::LastWordsOfStation() const {
  std::ifstream log(folder_ / "station.log");
  std::string last;
  for (std::string line; std::getline(log, line);) {
    if (line.find("error:") != std::string::npos) last = line;
  }
  return last;
}

// A station that ends by itself is started again, as a supervisor would; the report says so.
Status RealSession::RestartIfItFailed() {
  const auto ended = station_.Ended();
  if (!ended || !line_->feeding()) return {};
  conditions_.failure = "exit " + std::to_string(*ended) + ", " + LastWordsOfStation();
  if (++conditions_.failures > 20) {
    return Error{ErrorCode::kIo, "the station keeps failing: " + conditions_.failure};
  }
  NoteEnd(false);
  return StartStation();
}

Status RealSession::NapWithStation(Duration duration) {
  for (const TimePoint end = Now() + duration; Now() < end;) {
    if (Status napped = Nap(std::min<Duration>(kLook, end - Now())); !napped) return napped;
    if (Status runs = RestartIfItFailed(); !runs) return runs;
  }
  return {};
}

Status RealSession::AwaitReady() {
  const TimePoint limit = Now() + kReadyLimit;
  while (!Ready()) {
    if (Now() >= limit) {
      return Error{ErrorCode::kTimeout, "the station was not READY within five minutes"};
    }
    const bool before_line = !line_->feeding();
    if (before_line && station_.Ended()) {
      return Error{ErrorCode::kIo, "the station did not start: " + LastWordsOfStation()};
    }
    if (Status napped = NapWithStation(kLook); !napped) return napped;
  }
  return {};
}

// Every eighth kill meets a station that is still starting.
Status RealSession::KillOnce() {
  if (random_.Unit() < 0.125) {
    const auto wait = Duration(static_cast<Duration::rep>(random_.Unit() * 600e6));
    if (Status napped = NapWithStation(wait); !napped) return napped;
  } else {
    if (Status ready = AwaitReady(); !ready) return ready;
    const auto wait = Duration(static_cast<Duration::rep>(random_.Unit() * 1000e6));
    if (Status napped = NapWithStation(wait); !napped) return napped;
  }
  kills_.push_back(Now());
  station_.Kill();
  NoteEnd(true);
  ++conditions_.kills;
  return StartStation();
}

Status RealSession::FreezeOnce() {
  if (Status ready = AwaitReady(); !ready) return ready;
  const auto wait =
      std::chrono::seconds(1) + Duration(static_cast<Duration::rep>(random_.Unit() * 100e6));
  if (Status napped = NapWithStation(wait); !napped) return napped;
  station_.Signal(SIGSTOP);
  const TimePoint from = Now();
  const Status napped = Nap(kFreeze);
  truth_.freezes.push_back({from, Now()});
  station_.Signal(SIGCONT);
  if (!napped) return napped;
  ++conditions_.freezes;
  return NapWithStation(std::chrono::seconds(1));
}

// Shorter than anything that the relay notices, at any moment of a part.
Status RealSession::StallOnce() {
  if (Status ready = AwaitReady(); !ready) return ready;
  const auto ms = [](double value) { return Duration(static_cast<Duration::rep>(value * 1e6)); };
  if (Status napped = NapWithStation(ms(random_.Between(50, 250))); !napped) return napped;
  station_.Signal(SIGSTOP);
  const TimePoint from = Now();
  const Status napped = Nap(ms(5 * std::pow(80, random_.Unit())));
  truth_.freezes.push_back({from, Now()});
  station_.Signal(SIGCONT);
  ++conditions_.stalls;
  return napped;
}

// On a board the relay is hardware.
Status RealSession::StartRelay() {
  if (loop_) return {};
  const std::string shared = "/dev/shm/" + folder_.filename().string();
  return relay_.Start({"linesim-relay", shared, std::to_string(options_.relay_silence_ms)},
                      folder_ / "relay.log");
}

Status RealSession::AwaitRelay() {
  while (!loop_ && !host_->relay_closed()) {
    if (relay_.Ended()) return Error{ErrorCode::kIo, "the watchdog relay did not start"};
    if (Status napped = Nap(kLook); !napped) return napped;
  }
  return {};
}

Status RealSession::Run() {
  RealLineSettings settings;
  settings.schedule.period =
      Duration(static_cast<Duration::rep>(1e9 / options_.parts_per_second + 0.5));
  settings.schedule.seed = options_.seed;
  settings.belt = belt_;
  settings.loop = loop_.get();
  settings.prepare_thread = BecomeHardware;
  const bool disturbed = options_.kills + options_.freezes + options_.stalls > 0;
  settings.schedule.parts = disturbed ? 0 : options_.parts;
  line_ = std::make_unique<RealLine>(settings, *host_, images_);
  if (Status started = StartRelay(); !started) return started;
  if (Status started = StartStation(); !started) return started;
  if (Status ready = AwaitReady(); !ready) return ready;
  if (Status closed = AwaitRelay(); !closed) return closed;
  StartHogs();
  hiccups_.Start();
  truth_.first_edge = Now() + kBeforeParts;
  truth_.period = settings.schedule.period;
  line_->Start(truth_.first_edge);
  for (std::uint32_t k = 0; k < options_.kills; ++k) {
    if (Status killed = KillOnce(); !killed) return killed;
  }
  for (std::uint32_t k = 0; k < options_.freezes; ++k) {
    if (Status frozen = FreezeOnce(); !frozen) return frozen;
  }
  for (std::uint32_t k = 0; k < options_.stalls; ++k) {
    if (Status stalled = StallOnce(); !stalled) return stalled;
  }
  if (Status ready = AwaitReady(); !ready) return ready;
  // The last station shows that it works.
  if (Status napped = NapWithStation(disturbed ? kLast : Duration(0)); !napped) return napped;
  while (line_->feeding()) {
    if (disturbed && line_->parts() >= options_.parts) line_->Stop();
    if (Status napped = NapWithStation(kLook); !napped) return napped;
  }
  return Finish();
}

// The line is over; the station ends by itself, and the relay with the line.
Status RealSession::Finish() {
  line_->Wait();
  // A GPIO trigger does not say that the line is over.
  if (loop_) station_.Signal(SIGTERM);
  const TimePoint limit = Now() + kReadyLimit;
  while (!station_.Ended()) {
    if (Now() >= limit) {
      return Error{ErrorCode::kTimeout, "the station did not end with its line"};
    }
    if (Status napped = Nap(kLook); !napped) return napped;
  }
  hiccups_.Stop();
  if (*station_.Ended() != 0) {
    NoteEnd(false);
    ++conditions_.failures;
    conditions_.failure = LastWordsOfStation();
  }
  line_->Collect();
  if (!loop_) {
    relay_.Kill();
    return {};
  }
  if (!line_->witness_failed() && line_->witnessed().size() == line_->parts()) return {};
  return Error{ErrorCode::kIo, "the witness saw " + std::to_string(line_->witnessed().size()) +
                                   " of " + std::to_string(line_->parts()) +
                                   " edges; check the wires, or lower --rate"};
}

}  // namespace taktgate::rig
