#include "rig/real_session.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/thread_name.h"
#include "station/realtime.h"

namespace taktgate::rig {
namespace {

constexpr std::size_t kMaxCountsBytes = 1 << 16;
constexpr Duration kLast = std::chrono::seconds(1);
constexpr Duration kBeforeParts = std::chrono::milliseconds(1200);  // a PLC beats twice
constexpr auto kLook = std::chrono::milliseconds(5);

// The line's threads stand for hardware, which is never late; where that is refused, the line's
// own lateness costs parts their time.
void BecomeHardware() {
  station::PrefaultStack();
  (void)station::MakeThisThreadRealtime(85);
}

Status Times(std::uint32_t count, StationProcess& station, Status (StationProcess::*once)()) {
  for (std::uint32_t k = 0; k < count; ++k) {
    if (Status done = (station.*once)(); !done) return done;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<RealSession>> RealSession::Create(const RealLineOptions& options) {
  HoldSignalsBack();
  auto prepared = PreparedLine::Create(options);
  if (!prepared) return prepared.error();
  return std::unique_ptr<RealSession>(new RealSession(std::move(*prepared)));
}

RealSession::RealSession(std::unique_ptr<PreparedLine> prepared)
    : prepared_(std::move(prepared)),
      line_(LineSettings(), prepared_->host(), prepared_->images()),
      station_(*prepared_, line_),
      swapper_(*prepared_, station_) {}

RealSession::~RealSession() {
  hogs_stop_ = true;
  for (std::thread& hog : hogs_) hog.join();
}

bool RealSession::disturbed() const {
  const RealLineOptions& options = prepared_->options();
  return options.kills + options.freezes + options.stalls + options.swaps > 0;
}

RealLineSettings RealSession::LineSettings() {
  const RealLineOptions& options = prepared_->options();
  RealLineSettings settings;
  settings.schedule = prepared_->schedule();
  settings.schedule.parts = disturbed() ? 0 : options.parts;
  settings.belt = prepared_->belt();
  settings.loop = prepared_->loop();
  settings.prepare_thread = BecomeHardware;
  return settings;
}

void RealSession::StartHogs() {
  for (int k = 0; k < prepared_->options().hogs; ++k) {
    hogs_.emplace_back([this] {
      NameThisThread("hog");
      while (!hogs_stop_.load(std::memory_order_relaxed)) {
      }
    });
  }
}

// On a board the relay is hardware.
Status RealSession::StartRelay() {
  if (prepared_->loop() != nullptr) return {};
  return relay_.Start({"linesim-relay", prepared_->shared_line(),
                       std::to_string(prepared_->options().relay_silence_ms)},
                      folder() / "relay.log");
}

Status RealSession::AwaitRelay() {
  while (prepared_->loop() == nullptr && !prepared_->host().relay_closed()) {
    if (relay_.Ended()) return Error{ErrorCode::kIo, "the watchdog relay did not start"};
    if (Status napped = Nap(kLook); !napped) return napped;
  }
  return {};
}

Status RealSession::Run() {
  if (Status started = StartRelay(); !started) return started;
  if (Status started = station_.Start(); !started) return started;
  if (Status ready = station_.AwaitReady(); !ready) return ready;
  if (Status closed = AwaitRelay(); !closed) return closed;
  StartHogs();
  hiccups_.Start();
  first_edge_ = std::chrono::steady_clock::now() + kBeforeParts;
  line_.Start(first_edge_);
  if (Status done = Disturb(); !done) return done;
  while (line_.feeding()) {
    if (disturbed() && line_.parts() >= prepared_->options().parts) line_.Stop();
    if (Status napped = station_.NapBeside(kLook); !napped) return napped;
  }
  return Finish();
}

Status RealSession::Disturb() {
  const RealLineOptions& options = prepared_->options();
  Status done = Times(options.kills, station_, &StationProcess::KillOnce);
  if (done) done = Times(options.freezes, station_, &StationProcess::FreezeOnce);
  if (done) done = Times(options.stalls, station_, &StationProcess::StallOnce);
  if (done) done = swapper_.Run(first_edge_);
  if (done) done = station_.AwaitReady();
  // The last station shows that it works.
  if (done) done = station_.NapBeside(disturbed() ? kLast : Duration(0));
  return done;
}

// The line is over; the station ends by itself, and the relay with the line.
Status RealSession::Finish() {
  line_.Wait();
  if (Status ended = station_.AwaitEnd(); !ended) return ended;
  hiccups_.Stop();
  line_.Collect();
  if (prepared_->loop() == nullptr) {
    relay_.Kill();
    return {};
  }
  if (!line_.witness_failed() && line_.witnessed().size() == line_.parts()) return {};
  return Error{ErrorCode::kIo, "the witness saw " + std::to_string(line_.witnessed().size()) +
                                   " of " + std::to_string(line_.parts()) +
                                   " edges; check the wires, or lower --rate"};
}

// The station's own last count; nothing when it never said good-bye.
std::optional<std::uint64_t> RealSession::MissesReported() const {
  const auto bytes = ReadFile(prepared_->last_counts(), kMaxCountsBytes);
  if (!bytes) return std::nullopt;
  const auto counts = nlohmann::json::parse(*bytes, nullptr, false);
  if (!counts.is_object() || !counts.contains("misses")) return std::nullopt;
  return counts["misses"].get<std::uint64_t>();
}

// What a witness saw of a board: its edges, and every one taken by the one station.
void RealSession::OnBoard(RealTruth& truth) const {
  truth.edges = line_.witnessed();
  line::Change closed;
  closed.energised = true;
  truth.relay.Add(closed);
}

RealTruth RealSession::Truth() {
  RealTruth truth;
  truth.releases = prepared_->releases();
  truth.swaps = swapper_.orders();
  truth.first_edge = first_edge_;
  truth.period = line_.settings().schedule.period;
  truth.freezes = station_.freezes();
  for (std::uint64_t part = 0; part < line_.parts(); ++part) {
    truth.board_of_part.push_back(static_cast<std::uint32_t>(line_.ImageOf(part)));
  }
  truth.window = prepared_->settings().gate.window;
  truth.belt = prepared_->belt();
  truth.belt_history = line_.belt_history();
  truth.relay_silence = std::chrono::milliseconds(prepared_->options().relay_silence_ms);
  truth.pass = line_.wire(OutputLine::kPass);
  truth.relay = line_.relay();
  if (prepared_->loop() != nullptr) OnBoard(truth);
  truth.readings = line_.readings();
  for (std::uint64_t number = 1; number <= prepared_->host().runs(); ++number) {
    RunTruth run;
    if (const auto seen = prepared_->host().RunAt(number)) {
      run.first_edge = seen->first_edge;
      run.taken_edges = prepared_->loop() != nullptr ? line_.parts() : seen->taken_edges;
    }
    for (const auto& [ended, killed] : station_.ends()) {
      run.killed = run.killed || (ended == number && killed);
      run.failed = run.failed || (ended == number && !killed);
    }
    truth.runs.push_back(run);
  }
  if (station_.tally().starts == 1 && station_.tally().failures == 0)
    truth.misses_reported = MissesReported();
  return truth;
}

RealConditions RealSession::Conditions() {
  const StationProcess::Tally& tally = station_.tally();
  const std::vector<TimePoint>& kills = station_.kills();
  RealConditions conditions;
  conditions.starts = tally.starts;
  conditions.kills = tally.kills;
  conditions.freezes = tally.freezes;
  conditions.stalls = tally.stalls;
  conditions.failures = tally.failures;
  conditions.failure = tally.failure;
  conditions.swaps = prepared_->options().swaps;
  conditions.refusal = swapper_.refusal();
  conditions.parts_per_second = prepared_->options().parts_per_second;
  conditions.length = line_.settings().schedule.period * static_cast<Duration::rep>(line_.parts());
  conditions.hogs = prepared_->options().hogs;
  conditions.frames_lost = line_.frames_lost();
  conditions.hiccups = hiccups_.histogram();
  for (const Stretch& closed : line_.relay().stretches()) {
    conditions.relay_openings += closed.fell ? 1 : 0;
  }
  const auto& ready = line_.wire(OutputLine::kReady).stretches();
  for (std::size_t k = 0; k < kills.size(); ++k) {
    const TimePoint next = k + 1 < kills.size() ? kills[k + 1] : TimePoint::max();
    const auto found = std::find_if(ready.begin(), ready.end(), [&](const Stretch& stretch) {
      return stretch.rise.before > kills[k];
    });
    if (found != ready.end() && found->rise.after < next) {
      conditions.restart.Record(found->rise.after - kills[k]);
    }
  }
  return conditions;
}

}  // namespace taktgate::rig
