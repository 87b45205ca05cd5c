// What a real line has shown, once it is over.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "gate/settings.h"
#include "rig/real_session.h"

namespace taktgate::rig {
namespace {

constexpr std::size_t kMaxCountsBytes = 1 << 16;

}  // namespace

// The station's own last count; nothing when it never said good-bye.
std::optional<std::uint64_t> RealSession::MissesTold() const {
  const auto bytes = ReadFile(LastCounts(), kMaxCountsBytes);
  if (!bytes) return std::nullopt;
  const auto counts = nlohmann::json::parse(*bytes, nullptr, false);
  if (!counts.is_object() || !counts.contains("misses")) return std::nullopt;
  return counts["misses"].get<std::uint64_t>();
}

// What a witness saw of a board: its edges, and every one taken by the one station.
void RealSession::OnBoard(RealTruth& truth) const {
  truth.edges = line_->witnessed();
  line::Change closed;
  closed.energised = true;
  truth.relay.Add(closed);
}

RealTruth RealSession::Truth() {
  RealTruth truth = truth_;
  for (std::uint64_t part = 0; part < line_->parts(); ++part) {
    truth.board_of_part.push_back(static_cast<std::uint32_t>(line_->ImageOf(part)));
  }
  truth.window = line_settings_.gate.window;
  truth.belt = belt_;
  truth.belt_history = line_->belt_history();
  truth.relay_silence = std::chrono::milliseconds(options_.relay_silence_ms);
  truth.pass = line_->wire(OutputLine::kPass);
  truth.relay = line_->relay();
  if (loop_) OnBoard(truth);
  truth.glances = line_->glances();
  for (std::uint64_t number = 1; number <= host_->runs(); ++number) {
    RunTruth run;
    if (const auto seen = host_->RunAt(number)) {
      run.first_edge = seen->first_edge;
      run.taken_edges = loop_ ? line_->parts() : seen->taken_edges;
    }
    for (const auto& [ended, killed] : ends_) {
      run.killed = run.killed || (ended == number && killed);
      run.failed = run.failed || (ended == number && !killed);
    }
    truth.runs.push_back(run);
  }
  if (conditions_.starts == 1 && conditions_.failures == 0) truth.misses_told = MissesTold();
  return truth;
}

RealConditions RealSession::Conditions() {
  RealConditions conditions = conditions_;
  conditions.parts_per_second = options_.parts_per_second;
  conditions.length = truth_.period * static_cast<Duration::rep>(line_->parts());
  conditions.hogs = options_.hogs;
  conditions.frames_lost = line_->frames_lost();
  conditions.hiccups = hiccups_.histogram();
  for (const Stretch& closed : line_->relay().stretches()) {
    conditions.relay_openings += closed.fell ? 1 : 0;
  }
  const auto& ready = line_->wire(OutputLine::kReady).stretches();
  for (std::size_t k = 0; k < kills_.size(); ++k) {
    const TimePoint next = k + 1 < kills_.size() ? kills_[k + 1] : TimePoint::max();
    const auto found = std::find_if(ready.begin(), ready.end(), [&](const Stretch& stretch) {
      return stretch.rise.before > kills_[k];
    });
    if (found != ready.end() && found->rise.after < next) {
      conditions.restart.Record(found->rise.after - kills_[k]);
    }
  }
  return conditions;
}

}  // namespace taktgate::rig
