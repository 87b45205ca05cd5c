#include "gate/replay_log.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace taktgate::gate {
namespace {

// Compares what the gate does with the record, one output after the other.
class Comparison final : public GateOutputs {
 public:
  Comparison(const std::vector<event::Any>& events, Replay& replay)
      : events_(events), replay_(replay) {}

  // What follows the event before `end` belongs to the next stretch.
  void ReadUntil(std::size_t end) { end_ = end; }
  // The next event; nullptr at the end of the stretch, or after a difference.
  const event::Any* NextInput() {
    if (next_ == end_ || replay_.difference) return nullptr;
    const event::Any& event = events_[next_];
    const bool input = std::visit(
        [](const auto& one) { return event::kIsInput<std::decay_t<decltype(one)>>; }, event);
    if (!input) {
      Differ(event, std::nullopt);
      return nullptr;
    }
    ++next_;
    ++replay_.inputs;
    return &event;
  }

  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    bool taken = true;
    if (next_ < end_) {
      if (const auto* set = std::get_if<event::LineSet>(&events_[next_])) taken = set->taken;
    }
    Compare(event::LineSet{line, energised, latest, until, taken});
    return taken;
  }
  void StartInference(PartId part, std::uint32_t frame_slot) override {
    Compare(event::InferenceStarted{part, frame_slot});
  }
  void TerminateInference(PartId part) override { Compare(event::InferenceTerminated{part}); }
  void ReleaseFrame(std::uint32_t frame_slot) override {
    Compare(event::FrameReleased{frame_slot});
  }
  void Decided(const Decision& decision) override {
    ++replay_.decisions;
    Compare(event::PartDecided{decision});
  }
  void LateAnswer(PartId part, const Answer& answer) override {
    Compare(event::AnsweredLate{part, answer});
  }
  void PassCutShort(PartId part) override { Compare(event::CutShort{part}); }
  void BinSaid(PartId part, Verified verified) override {
    Compare(event::BinVerdict{part, verified});
  }
  void Raised(const Alarm& alarm) override { Compare(event::AlarmRaised{alarm}); }
  void Acknowledged(std::string_view name) override {
    Compare(event::Acknowledged{event::ShortName(name)});
  }
  void InferenceFault(PartId part) override { Compare(event::InferenceFault{part}); }

 private:
  void Compare(event::Any made) {
    if (replay_.difference) return;
    ++replay_.outputs;
    if (next_ == end_) {
      Differ(std::nullopt, std::move(made));
    } else if (const event::Any& recorded = events_[next_]; BytesOf(recorded) != BytesOf(made)) {
      Differ(recorded, std::move(made));
    } else {
      ++next_;
    }
  }
  void Differ(std::optional<event::Any> recorded, std::optional<event::Any> made) {
    replay_.difference = {next_ + 1, std::move(recorded), std::move(made)};
  }

  const std::vector<event::Any>& events_;
  Replay& replay_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
};

void Feed(Gate& gate, const event::Any& any) {
  std::visit(
      [&gate]<typename Event>(const Event& event) {
        if constexpr (event::kIsInput<Event>) gate.On(event);  // NextInput returns no others
      },
      any);
}

Error NoState() {
  return {ErrorCode::kCorrupt,
          "the recorded state is not that of a gate with the recorded settings; replay it with the "
          "version of taktgate that wrote it"};
}

bool SameState(Gate& gate, std::span<const std::uint8_t> recorded) {
  std::vector<std::uint8_t> bytes(recorded.size());
  StateWriter writer(bytes);
  writer(gate);
  return !writer.overflowed() && writer.size() == recorded.size() &&
         std::ranges::equal(recorded, bytes);
}

}  // namespace

Result<Replay> ReplayLog(const GateSettings& settings, std::span<const LogStretch> stretches) {
  Replay replay;
  std::vector<event::Any> events;
  std::vector<std::size_t> ends;
  for (const LogStretch& stretch : stretches) {
    auto more = ReadEvents(stretch.events);
    if (!more) return more.error();
    std::move(more->begin(), more->end(), std::back_inserter(events));
    ends.push_back(events.size());
  }
  Comparison comparison(events, replay);
  Gate gate(settings, comparison);
  for (std::size_t i = 0; i < stretches.size() && !replay.difference; ++i) {
    if (i == 0) {
      StateReader reader(stretches[i].state);
      reader(gate);
      if (!reader.sound() || reader.left() != 0) return NoState();
    } else if (!SameState(gate, stretches[i].state)) {
      replay.difference = Replay::Difference{ends[i - 1], std::nullopt, std::nullopt};
    }
    comparison.ReadUntil(ends[i]);
    while (const event::Any* input = comparison.NextInput()) Feed(gate, *input);
  }
  return replay;
}

}  // namespace taktgate::gate
