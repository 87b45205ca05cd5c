// The referee must notice gates that are broken on purpose, one rule each.
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <variant>

#include "sim/soft_line.h"

namespace taktgate::sim {
namespace {

using gate::Line;
namespace event = gate::event;
using judge::Reason;
using judge::Verdict;

// Stands between the gate and the line and hands everything on.
class Between : public gate::GateOutputs {
 public:
  explicit Between(gate::GateOutputs& line) : line_(line) {}
  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    return line_.SetLine(line, energised, latest, until);
  }
  void StartInference(gate::PartId part, std::uint32_t slot) override {
    line_.StartInference(part, slot);
  }
  void TerminateInference(gate::PartId part) override { line_.TerminateInference(part); }
  void ReleaseFrame(std::uint32_t slot) override { line_.ReleaseFrame(slot); }
  void Decided(const gate::Decision& decision) override { line_.Decided(decision); }
  void LateAnswer(gate::PartId part, const gate::Answer& answer) override {
    line_.LateAnswer(part, answer);
  }
  void PassCutShort(gate::PartId part) override { line_.PassCutShort(part); }
  void BinSaid(gate::PartId part, gate::Verified said) override { line_.BinSaid(part, said); }
  void Raised(const gate::Alarm& alarm) override { line_.Raised(alarm); }
  void Acknowledged(std::string_view name) override { line_.Acknowledged(name); }
  void InferenceFault(gate::PartId part) override { line_.InferenceFault(part); }

 protected:
  gate::GateOutputs& line_;
};

template <typename Out>
struct Holds {
  explicit Holds(gate::GateOutputs& line) : between(line) {}
  Out between;
};

template <typename Out>
class GateWith : private Holds<Out>, public gate::Gate {
 public:
  GateWith(const gate::GateSettings& settings, gate::GateOutputs& line)
      : Holds<Out>(line), Gate(settings, Holds<Out>::between) {}
};

template <typename Gate>
MakeGate Make() {
  return [](const gate::GateSettings& settings, gate::GateOutputs& line) {
    return std::make_unique<Gate>(settings, line);
  };
}

// Every hundredth decision, which the referee's rules must call a fault.
class EveryHundredth {
 public:
  bool Now() { return ++count_ % 100 == 0; }

 private:
  int count_ = 0;
};

class DecidesTwice : public Between {
 public:
  using Between::Between;
  void Decided(const gate::Decision& decision) override {
    line_.Decided(decision);
    if (sometimes_.Now()) line_.Decided(decision);
  }

 private:
  EveryHundredth sometimes_;
};

class ForgetsParts : public Between {
 public:
  using Between::Between;
  void Decided(const gate::Decision& decision) override {
    if (!sometimes_.Now()) line_.Decided(decision);
  }

 private:
  EveryHundredth sometimes_;
};

class WrongReason : public Between {
 public:
  using Between::Between;
  void Decided(const gate::Decision& decision) override {
    gate::Decision other = decision;
    if (decision.reason == Reason::kDefect) other.reason = Reason::kLate;
    line_.Decided(other);
  }
};

class KeepsPass : public Between {
 public:
  using Between::Between;
  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    if (line == Line::kPass && !energised && sometimes_.Now()) return true;
    if (line == Line::kPass) until = TimePoint::max();
    return line_.SetLine(line, energised, latest, until);
  }

 private:
  EveryHundredth sometimes_;
};

class PassWithoutReady : public Between {
 public:
  using Between::Between;
  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    const bool set = line_.SetLine(line, energised, latest, until);
    if (line == Line::kReady && !energised) line_.SetLine(Line::kPass, true, latest, until);
    return set;
  }
};

class LosesPass : public Between {
 public:
  using Between::Between;
  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    if (line == Line::kPass && energised && sometimes_.Now()) return true;
    return line_.SetLine(line, energised, latest, until);
  }

 private:
  EveryHundredth sometimes_;
};

class SilentAlarms : public Between {
 public:
  using Between::Between;
  void Raised(const gate::Alarm&) override {}
};

class LateTimer : public gate::Gate {
 public:
  using gate::Gate::Gate;
  TimePoint NextTimer() const override {
    const TimePoint next = Gate::NextTimer();
    return next == TimePoint::max() ? next : next + std::chrono::milliseconds(1);
  }
};

// A gate that gets one kind of event changed.
template <typename Event>
class Twists : public gate::Gate {
 public:
  using gate::Gate::Gate;
  bool On(const event::Input& input) override {
    const auto* event = std::get_if<Event>(&input);
    return event != nullptr ? Twist(*event) : Gate::On(input);
  }

 protected:
  virtual bool Twist(Event event) = 0;
};

// Verdict n goes to part n + 1.
class ShiftsVerdicts : public Twists<event::Answered> {
 public:
  using Twists::Twists;
  bool Twist(event::Answered event) override {
    std::swap(event.answer, before_);
    return Gate::On(event);
  }

 private:
  gate::Answer before_;
};

class PassesFails : public Twists<event::Answered> {
 public:
  using Twists::Twists;
  bool Twist(event::Answered event) override {
    if (sometimes_.Now()) event.answer.verdict = Verdict::kPass;
    return Gate::On(event);
  }

 private:
  EveryHundredth sometimes_;
};

// An answer is due half a millisecond later than it should be.
class PassesLateAnswers : public gate::Gate {
 public:
  PassesLateAnswers(const gate::GateSettings& settings, gate::GateOutputs& line)
      : Gate(Longer(settings), line) {}

 private:
  static gate::GateSettings Longer(gate::GateSettings settings) {
    settings.window += std::chrono::microseconds(500);
    return settings;
  }
};

// Takes the frame of the part before for that of this part, and calls it fresh.
class TakesOldFrames : public gate::Gate {
 public:
  using gate::Gate::Gate;
  bool On(const event::Input& input) override {
    event::Input fresh = input;
    if (const auto* edge = std::get_if<event::Trigger>(&input)) edge_at_ = edge->at;
    if (auto* seen = std::get_if<event::Frame>(&fresh)) {
      seen->frame.captured_at = edge_at_ + std::chrono::milliseconds(1);
    }
    return Gate::On(fresh);
  }

 private:
  TimePoint edge_at_{};
};

class RejectsAll : public Twists<event::Answered> {
 public:
  using Twists::Twists;
  bool Twist(event::Answered event) override {
    event.answer.verdict = Verdict::kFail;
    event.answer.reason = Reason::kDefect;
    return Gate::On(event);
  }
};

class LosesFrames : public Twists<event::Frame> {
 public:
  using Twists::Twists;
  bool Twist(event::Frame event) override { return sometimes_.Now() || Gate::On(event); }

 private:
  EveryHundredth sometimes_;
};

class NamelessAcknowledge : public Twists<event::Acknowledge> {
 public:
  using Twists::Twists;
  bool Twist(event::Acknowledge event) override {
    event.name = event::ShortName("nobody");
    return Gate::On(event);
  }
};

class ChangesReleaseOnline : public Twists<event::ChangeRelease> {
 public:
  using Twists::Twists;
  bool Twist(event::ChangeRelease event) override {
    Gate::On(event);
    return true;
  }
};

class NamesTheReleaseBefore : public Twists<event::ChangeRelease> {
 public:
  using Twists::Twists;
  bool Twist(event::ChangeRelease event) override {
    --event.number;
    return Gate::On(event);
  }
};

class TakesNoReserveOver : public Twists<event::ChangeRelease> {
 public:
  using Twists::Twists;
  bool Twist(event::ChangeRelease event) override {
    event.reserve = Duration(0);
    return Gate::On(event);
  }
};

// The gate is one part further on than it believes.
class WrongPlace : public gate::Gate {
 public:
  WrongPlace(const gate::GateSettings& settings, gate::GateOutputs& line)
      : Gate(Nearer(settings), line) {}
  bool On(const event::Input& input) override {
    return std::holds_alternative<event::GateSensor>(input) || Gate::On(input);
  }

 private:
  static gate::GateSettings Nearer(gate::GateSettings settings) {
    settings.belt.distance -= 60;
    return settings;
  }
};

struct Case {
  const char* name;
  Invariant broken;
  MakeGate make;
  gate::BeltMode mode = gate::BeltMode::kAtCamera;
  std::vector<Fault> faults = {};
};

Fault Of(FaultKind kind, std::uint64_t every, Duration time = {}) {
  Fault fault;
  fault.kind = kind;
  fault.every = every;
  fault.time = time;
  return fault;
}

Fault AtOneSecond(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  fault.at = std::chrono::seconds(1);
  fault.lasts = std::chrono::milliseconds(200);
  return fault;
}

class BrokenGate : public ::testing::TestWithParam<Case> {};

TEST_P(BrokenGate, IsNoticed) {
  SoftSettings settings;
  settings.parts = 5000;
  settings.gate = GateSettingsOf(GetParam().mode, settings.parts_per_second);
  SoftLine line(settings, GetParam().faults, GetParam().make);
  line.Run();
  const Findings& findings = line.referee().findings();
  EXPECT_GT(findings.Of(GetParam().broken), 0U) << findings.words();
  EXPECT_FALSE(findings.words().empty());
}

// The same lines and faults with the gate as it is.
TEST_P(BrokenGate, AndTheSoundOneIsNotAccused) {
  SoftSettings settings;
  settings.parts = 5000;
  settings.gate = GateSettingsOf(GetParam().mode, settings.parts_per_second);
  SoftLine line(settings, GetParam().faults, Make<gate::Gate>());
  line.Run();
  EXPECT_EQ(line.referee().findings().total(), 0U) << line.referee().findings().words();
}

const Case kCases[] = {
    {"DecidesTwice", Invariant::kOneDecision, Make<GateWith<DecidesTwice>>()},
    {"ForgetsParts", Invariant::kOneDecision, Make<GateWith<ForgetsParts>>()},
    {"LateTimer",
     Invariant::kInTime,
     Make<LateTimer>(),
     gate::BeltMode::kAtCamera,
     {Of(FaultKind::kFrameLost, 10)}},
    {"PassesLateAnswers",
     Invariant::kOnlyProven,
     Make<PassesLateAnswers>(),
     gate::BeltMode::kAtCamera,
     {Of(FaultKind::kModelTakes, 10, std::chrono::microseconds(5800))}},
    {"ShiftsVerdicts", Invariant::kOnlyProven, Make<ShiftsVerdicts>()},
    {"PassesFails", Invariant::kOnlyProven, Make<PassesFails>()},
    {"TakesOldFrames",
     Invariant::kOnlyProven,
     Make<TakesOldFrames>(),
     gate::BeltMode::kByTime,
     {Of(FaultKind::kFrameStale, 50), Of(FaultKind::kTriggerIgnored, 101)}},
    {"WrongReason", Invariant::kRightReason, Make<GateWith<WrongReason>>()},
    {"RejectsAll", Invariant::kRightReason, Make<RejectsAll>()},
    {"LosesFrames", Invariant::kReconciled, Make<LosesFrames>()},
    {"KeepsPass", Invariant::kSafeLines, Make<GateWith<KeepsPass>>(), gate::BeltMode::kByTime},
    {"PassWithoutReady",
     Invariant::kSafeLines,
     Make<GateWith<PassWithoutReady>>(),
     gate::BeltMode::kAtCamera,
     {AtOneSecond(FaultKind::kStationStops)}},
    {"WrongPlace", Invariant::kSafeLines, Make<WrongPlace>(), gate::BeltMode::kByCount},
    {"LosesPass", Invariant::kNothingLost, Make<GateWith<LosesPass>>()},
    {"SilentAlarms",
     Invariant::kExactAlarms,
     Make<GateWith<SilentAlarms>>(),
     gate::BeltMode::kAtCamera,
     {Of(FaultKind::kModelNan, 2)}},
    {"NamelessAcknowledge",
     Invariant::kRightCommand,
     Make<NamelessAcknowledge>(),
     gate::BeltMode::kAtCamera,
     {AtOneSecond(FaultKind::kCameraStalls)}},
    {"ChangesReleaseOnline",
     Invariant::kRightCommand,
     Make<ChangesReleaseOnline>(),
     gate::BeltMode::kAtCamera,
     {AtOneSecond(FaultKind::kReleaseChange)}},
    {"NamesTheReleaseBefore",
     Invariant::kRightCommand,
     Make<NamesTheReleaseBefore>(),
     gate::BeltMode::kAtCamera,
     {AtOneSecond(FaultKind::kReleaseSwap)}},
    {"TakesNoReserveOver",
     Invariant::kInTime,
     Make<TakesNoReserveOver>(),
     gate::BeltMode::kAtCamera,
     {AtOneSecond(FaultKind::kReleaseSwap),
      Of(FaultKind::kFrameLate, 10, std::chrono::milliseconds(4))}},
};

INSTANTIATE_TEST_SUITE_P(All, BrokenGate, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace taktgate::sim
