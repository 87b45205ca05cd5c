#ifndef TAKTGATE_GATE_TEST_RECORDER_H_
#define TAKTGATE_GATE_TEST_RECORDER_H_

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/gate.h"

// For the unit tests of this room.
namespace taktgate::gate::testing {

inline TimePoint At(double ms) { return TimePoint(Duration(static_cast<Duration::rep>(ms * 1e6))); }

inline Answer MakeAnswer(judge::Verdict verdict) {
  Answer answer;
  answer.verdict = verdict;
  answer.reason = verdict == judge::Verdict::kPass   ? judge::Reason::kNone
                  : verdict == judge::Verdict::kFail ? judge::Reason::kDefect
                                                     : judge::Reason::kLowConfidence;
  return answer;
}

// Remembers what the gate wanted and checks the rules that hold whatever happens.
class Recorder : public GateOutputs {
 public:
  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    bool& level = levels[static_cast<std::size_t>(line)];
    EXPECT_NE(level, energised) << "only changes are told";
    level = energised;
    if (line == Line::kPass) transitions.push_back(energised);
    if (line == Line::kPass && energised) {
      pass_until = until;
      pass_latest = latest;
    }
    EXPECT_TRUE(energised || until == TimePoint::max());
    if (line == Line::kValid && energised) valid_saw_pass.push_back(Has(Line::kPass));
    EXPECT_FALSE(Has(Line::kPass) && !Has(Line::kReady)) << "I7: PASS without READY";
    if (line == Line::kPass) {
      EXPECT_FALSE(Has(Line::kValid)) << "PASS changed under VALID";
    }
    if (line == Line::kValid && energised) valid_latest = latest;
    if (line == Line::kValid && energised && valid_too_slow) return false;
    return line != Line::kPass || !energised || !too_slow;
  }
  void WillPass(PartId part) override {
    EXPECT_FALSE(pass());
    will_pass = part;
  }
  void StartInference(PartId part, std::uint32_t slot) override {
    EXPECT_FALSE(running.has_value()) << "backlog above one";
    running = part;
    running_slot = slot;
    ++started;
  }
  void TerminateInference(PartId part) override { terminated.push_back(part.sequence); }
  void ReleaseFrame(std::uint32_t slot) override { released_slots.push_back(slot); }
  void Decided(const Decision& decision) override {
    EXPECT_EQ(decisions.count(decision.part.sequence), 0U) << "decided twice";
    EXPECT_EQ(decision.released, decision.reason == judge::Reason::kNone);
    if (decision.released) {
      EXPECT_TRUE(Has(Line::kPass)) << "PASS decided before the wire had it";
      EXPECT_EQ(will_pass, decision.part);
      EXPECT_LT(decision.decided_at, decision.answer_due);
      EXPECT_EQ(decision.answer.verdict, judge::Verdict::kPass);
      EXPECT_TRUE(decision.has_frame && decision.has_answer);
    }
    decisions[decision.part.sequence] = decision;
  }
  void LateAnswer(PartId part, const Answer&) override { late.push_back(part.sequence); }
  void PassCutShort(PartId part) override { cut_short.push_back(part.sequence); }
  void BinSaid(PartId part, Verified said) override {
    EXPECT_FALSE(bin.contains(part.sequence)) << "the bin speaks once of each part";
    bin[part.sequence] = said;
  }
  void Raised(const Alarm& alarm) override { alarms.push_back(alarm); }
  void Acknowledged(std::string_view name) override { names.emplace_back(name); }
  void InferenceFault(PartId part) override { faults.push_back(part.sequence); }

  judge::Reason ReasonOf(std::uint64_t part) const { return decisions.at(part).reason; }
  bool Has(Line line) const { return levels[static_cast<std::size_t>(line)]; }
  bool pass() const { return Has(Line::kPass); }
  // Which severity an alarm of this kind reached last.
  Severity Last(AlarmKind kind) const {
    Severity last = Severity::kCalm;
    for (const Alarm& alarm : alarms) last = alarm.kind == kind ? alarm.severity : last;
    return last;
  }

  std::optional<PartId> will_pass;
  TimePoint pass_latest{};  // of the last PASS: it must be on the wire before
  TimePoint pass_until{};   // of the last PASS: the hardware drops it then
  std::array<bool, kOutputLines> levels{};
  TimePoint valid_latest{};  // and the last VALID
  bool too_slow = false;     // PASS does not reach the wire in time
  bool valid_too_slow = false;
  std::vector<bool> transitions;     // of PASS
  std::vector<bool> valid_saw_pass;  // PASS at each rising edge of VALID
  std::map<std::uint64_t, Decision> decisions;
  std::optional<PartId> running;
  std::uint32_t running_slot = 0;
  int started = 0;
  std::vector<std::uint64_t> terminated, late, cut_short, faults;
  std::vector<std::uint32_t> released_slots;
  std::map<std::uint64_t, Verified> bin;
  std::vector<Alarm> alarms;
  std::vector<std::string> names;
};

// As the station does: called at every timer before `end`. A gate whose timer does not advance is
// broken, and the test says so instead of running for ever.
inline void RunTimers(Gate& gate, TimePoint end) {
  constexpr int kMost = 100'000;
  for (int taken = 0; gate.NextTimer() < end; ++taken) {
    ASSERT_LT(taken, kMost) << "the gate's next timer stands at "
                            << gate.NextTimer().time_since_epoch().count() << " ns";
    gate.On(event::Time{gate.NextTimer()});
  }
}

inline void GoOnline(GateInputs& gate, TimePoint now = {}) {
  ASSERT_TRUE(gate.On(event::Command{Command::kInitialize, now, now}));
  ASSERT_TRUE(gate.On(event::Command{Command::kPrepare, now, now}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartContinuous, now, now}));
}

// A gate that is online, and a camera that delivers 2.5 ms after the edge.
class GateFixture : public ::testing::Test {
 protected:
  explicit GateFixture(const GateSettings& wanted = Quiet()) : settings(wanted) {
    EXPECT_TRUE(CheckSettings(settings));
    GoOnline(gate);
  }
  // Alarms are the subject of their own tests.
  static GateSettings Quiet() {
    GateSettings settings;
    settings.boot = 7;
    settings.escalation = EscalationSettings::Off();
    return settings;
  }
  void RunUntil(double ms) {
    RunTimers(gate, At(ms));
    gate.On(event::Time{At(ms)});
  }
  void Frame(std::uint64_t sequence, double captured_ms, double now_ms, bool partial = false) {
    gate.On(event::Frame{
        {sequence, At(captured_ms), At(now_ms), partial, static_cast<std::uint32_t>(sequence % 8)},
        At(now_ms)});
  }
  void AnswerRunning(judge::Verdict verdict, double now_ms) {
    ASSERT_TRUE(out.running);
    const PartId part = *out.running;
    out.running.reset();
    gate.On(event::Answered{part, MakeAnswer(verdict), At(now_ms)});
  }
  // Part `number` (of 1, 2, ...) with its frame and its answer 4 ms after the edge.
  void WholePart(std::uint64_t number, double edge_ms, judge::Verdict verdict,
                 std::uint32_t encoder = 0) {
    gate.On(event::Trigger{encoder, At(edge_ms), At(edge_ms)});
    Frame(number - 1, edge_ms + 2, edge_ms + 2.5);
    AnswerRunning(verdict, edge_ms + 4);
  }
  void GoodPart(std::uint64_t number, double edge_ms, std::uint32_t encoder = 0) {
    WholePart(number, edge_ms, judge::Verdict::kPass, encoder);
  }

  Recorder out;
  const GateSettings settings;
  Gate gate{settings, out};
};

}  // namespace taktgate::gate::testing

#endif  // TAKTGATE_GATE_TEST_RECORDER_H_
