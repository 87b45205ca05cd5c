// The referee must notice: gates that are broken on purpose, one rule each.
#include <gtest/gtest.h>

#include <functional>

#include "sim/soft_line.h"

namespace taktgate::sim {
namespace {

using gate::Line;
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
class PortWith : private Holds<Out>, public GatePort {
 public:
  PortWith(const gate::GateSettings& settings, gate::GateOutputs& line)
      : Holds<Out>(line), GatePort(settings, Holds<Out>::between) {}
};

template <typename Port>
MakeGatePort Make() {
  return [](const gate::GateSettings& settings, gate::GateOutputs& line) {
    return std::make_unique<Port>(settings, line);
  };
}

// Every hundredth decision, by the referee's rules a fault.
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

class LateTimer : public GatePort {
 public:
  using GatePort::GatePort;
  TimePoint NextTimer() const override {
    const TimePoint next = GatePort::NextTimer();
    return next == TimePoint::max() ? next : next + std::chrono::milliseconds(1);
  }
};

// Verdict n goes to part n + 1.
class ShiftsVerdicts : public GatePort {
 public:
  using GatePort::GatePort;
  void OnAnswer(gate::PartId part, const gate::Answer& answer, TimePoint now) override {
    GatePort::OnAnswer(part, before_, now);
    before_ = answer;
  }

 private:
  gate::Answer before_;
};

class PassesFails : public GatePort {
 public:
  using GatePort::GatePort;
  void OnAnswer(gate::PartId part, const gate::Answer& answer, TimePoint now) override {
    gate::Answer other = answer;
    if (sometimes_.Now()) other.verdict = Verdict::kPass;
    GatePort::OnAnswer(part, other, now);
  }

 private:
  EveryHundredth sometimes_;
};

// Its deadline is half a millisecond behind the true one.
class PassesLateAnswers : public GatePort {
 public:
  PassesLateAnswers(const gate::GateSettings& settings, gate::GateOutputs& line)
      : GatePort(Longer(settings), line) {}

 private:
  static gate::GateSettings Longer(gate::GateSettings settings) {
    settings.window += std::chrono::microseconds(500);
    return settings;
  }
};

// Takes the frame of the part before for that of this part, and calls it fresh.
class TakesOldFrames : public GatePort {
 public:
  using GatePort::GatePort;
  void OnTrigger(TimePoint edge_at, TimePoint now, std::uint32_t encoder) override {
    GatePort::OnTrigger(edge_at, now, encoder);
    edge_at_ = edge_at;
  }
  void OnFrame(const gate::FrameSeen& frame, TimePoint now) override {
    gate::FrameSeen fresh = frame;
    fresh.captured_at = edge_at_ + std::chrono::milliseconds(1);
    GatePort::OnFrame(fresh, now);
  }

 private:
  TimePoint edge_at_{};
};

class RejectsAll : public GatePort {
 public:
  using GatePort::GatePort;
  void OnAnswer(gate::PartId part, const gate::Answer& answer, TimePoint now) override {
    gate::Answer fail = answer;
    fail.verdict = Verdict::kFail;
    fail.reason = Reason::kDefect;
    GatePort::OnAnswer(part, fail, now);
  }
};

class LosesFrames : public GatePort {
 public:
  using GatePort::GatePort;
  void OnFrame(const gate::FrameSeen& frame, TimePoint now) override {
    if (!sometimes_.Now()) GatePort::OnFrame(frame, now);
  }

 private:
  EveryHundredth sometimes_;
};

class NamelessAcknowledge : public GatePort {
 public:
  using GatePort::GatePort;
  bool Acknowledge(std::string_view, TimePoint now) override {
    return GatePort::Acknowledge("nobody", now);
  }
};

class ChangesReleaseOnline : public GatePort {
 public:
  using GatePort::GatePort;
  bool ChangeRelease(std::uint32_t number, TimePoint now) override {
    GatePort::ChangeRelease(number, now);
    return true;
  }
};

// The encoder's count is one part too far.
class WrongPlace : public GatePort {
 public:
  using GatePort::GatePort;
  void OnEncoder(std::uint32_t count, TimePoint now) override {
    GatePort::OnEncoder(count + 60, now);
  }
  void OnGateSensor(TimePoint) override {}
};

struct Case {
  const char* name;
  Invariant broken;
  MakeGatePort make;
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
  SoftLine line(settings, GetParam().faults, Make<GatePort>());
  line.Run();
  EXPECT_EQ(line.referee().findings().total(), 0U) << line.referee().findings().words();
}

const Case kCases[] = {
    {"DecidesTwice", Invariant::kOneDecision, Make<PortWith<DecidesTwice>>()},
    {"ForgetsParts", Invariant::kOneDecision, Make<PortWith<ForgetsParts>>()},
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
    {"WrongReason", Invariant::kRightReason, Make<PortWith<WrongReason>>()},
    {"RejectsAll", Invariant::kRightReason, Make<RejectsAll>()},
    {"LosesFrames", Invariant::kReconciled, Make<LosesFrames>()},
    {"KeepsPass", Invariant::kSafeLines, Make<PortWith<KeepsPass>>(), gate::BeltMode::kByTime},
    {"PassWithoutReady",
     Invariant::kSafeLines,
     Make<PortWith<PassWithoutReady>>(),
     gate::BeltMode::kAtCamera,
     {AtOneSecond(FaultKind::kStationStops)}},
    {"WrongPlace", Invariant::kSafeLines, Make<WrongPlace>(), gate::BeltMode::kByCount},
    {"LosesPass", Invariant::kNothingLost, Make<PortWith<LosesPass>>()},
    {"SilentAlarms",
     Invariant::kExactAlarms,
     Make<PortWith<SilentAlarms>>(),
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
};

INSTANTIATE_TEST_SUITE_P(All, BrokenGate, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace taktgate::sim
