// A recorded gate does what a gate does, and the record is complete.
#include "gate/recorded_gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "gate/event_log.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Verdict;
using testing::At;
using testing::Recorder;

GateSettings Watched() {
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.escalation.rejects_amber = 1;
  settings.bin_within = std::chrono::milliseconds(50);
  settings.fault_after = std::chrono::milliseconds(20);
  return settings;
}

// A line on which every output of a gate comes.
class BusyLine {
 public:
  BusyLine(GateInputs& gate, Recorder& out) : gate_(gate), out_(out) {}

  void Run() {
    for (const Command command :
         {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
      gate_.On(event::Command{command, At(0), At(0)});
    }
    Edge(0);
    Frame(0, 2);
    Answer(Verdict::kPass, 4);
    Frame(1, 5);  // a second one: the PASS is cut short
    Edge(10);
    Frame(2, 12);
    Answer(Verdict::kFail, 14);  // an alarm
    gate_.On(event::BinSensor{At(30), At(30)});
    gate_.On(event::Acknowledge{event::ShortName("Anna"), At(31), At(31)});
    Edge(100);
    Frame(3, 102);
    gate_.On(event::Time{At(108)});  // late
    Answer(Verdict::kPass, 109);
    Edge(200);
    Frame(4, 202);
    gate_.On(event::Time{At(230)});  // the inference thread is away
  }

 private:
  void Edge(double ms) { gate_.On(event::Trigger{0, At(ms), At(ms)}); }
  void Frame(std::uint64_t sequence, double ms) {
    gate_.On(event::Frame{{sequence, At(ms), At(ms), false, static_cast<std::uint32_t>(sequence)},
                          At(ms)});
  }
  void Answer(Verdict verdict, double ms) {
    ASSERT_TRUE(out_.running);
    const PartId part = *out_.running;
    out_.running.reset();
    gate_.On(event::Answered{part, testing::MakeAnswer(verdict), At(ms)});
  }
  GateInputs& gate_;
  Recorder& out_;
};

void ExpectSame(const Recorder& one, const Recorder& other) {
  EXPECT_EQ(one.levels, other.levels);
  EXPECT_EQ(one.transitions, other.transitions);
  EXPECT_EQ(one.valid_saw_pass, other.valid_saw_pass);
  EXPECT_EQ(one.pass_latest, other.pass_latest);
  EXPECT_EQ(one.pass_until, other.pass_until);
  EXPECT_EQ(one.started, other.started);
  EXPECT_EQ(one.running, other.running);
  EXPECT_EQ(one.running_slot, other.running_slot);
  EXPECT_EQ(one.terminated, other.terminated);
  EXPECT_EQ(one.released_slots, other.released_slots);
  EXPECT_EQ(one.late, other.late);
  EXPECT_EQ(one.cut_short, other.cut_short);
  EXPECT_EQ(one.bin, other.bin);
  EXPECT_EQ(one.names, other.names);
  EXPECT_EQ(one.faults, other.faults);
  ASSERT_EQ(one.alarms.size(), other.alarms.size());
  for (std::size_t i = 0; i < one.alarms.size(); ++i) {
    EXPECT_EQ(one.alarms[i].kind, other.alarms[i].kind);
    EXPECT_EQ(one.alarms[i].severity, other.alarms[i].severity);
    EXPECT_EQ(one.alarms[i].part, other.alarms[i].part);
  }
  ASSERT_EQ(one.decisions.size(), other.decisions.size());
  for (const auto& [sequence, decision] : one.decisions) {
    EXPECT_EQ(decision.reason, other.decisions.at(sequence).reason);
    EXPECT_EQ(decision.trigger_at, other.decisions.at(sequence).trigger_at);
  }
}

// Gives what was written down to somebody else.
struct Teller {
  Recorder& to;
  void operator()(const event::LineSet& e) const {
    to.SetLine(e.line, e.energised, e.latest, e.until);
  }
  void operator()(const event::InferenceStarted& e) const {
    to.running.reset();
    to.StartInference(e.part, e.frame_slot);
  }
  void operator()(const event::InferenceTerminated& e) const { to.TerminateInference(e.part); }
  void operator()(const event::FrameReleased& e) const { to.ReleaseFrame(e.frame_slot); }
  void operator()(const event::PartDecided& e) const {
    if (e.decision.released) to.will_pass = e.decision.part;
    to.Decided(e.decision);
  }
  void operator()(const event::AnsweredLate& e) const { to.LateAnswer(e.part, e.answer); }
  void operator()(const event::CutShort& e) const { to.PassCutShort(e.part); }
  void operator()(const event::BinVerdict& e) const { to.BinSaid(e.part, e.verified); }
  void operator()(const event::AlarmRaised& e) const { to.Raised(e.alarm); }
  void operator()(const event::Acknowledged& e) const { to.Acknowledged(e.name.view()); }
  void operator()(const event::InferenceFault& e) const { to.InferenceFault(e.part); }
  template <typename Input>
  void operator()(const Input&) const {}
};

TEST(RecordedGate, SaysThatItsBeltHasRunBack) {
  GateSettings settings = Watched();
  settings.bin_within = {};
  settings.belt = {BeltMode::kByCount,           1000, 20, 30, 200, 20, std::chrono::seconds(1),
                   std::chrono::milliseconds(10)};
  Recorder out;
  RecordedGate gate(settings, out, nullptr);
  gate.On(event::Command{Command::kInitialize, At(0), At(0)});
  gate.On(event::Command{Command::kPrepare, At(0), At(0)});
  gate.On(event::Command{Command::kStartContinuous, At(0), At(0)});
  gate.On(event::Encoder{500, At(20), At(20)});
  EXPECT_FALSE(gate.belt_reversed());
  gate.On(event::Encoder{479, At(21), At(21)});
  EXPECT_TRUE(gate.belt_reversed());
}

TEST(RecordedGate, DoesWhatAGateDoesAndWritesAllOfItDown) {
  Recorder plain_out, out, replayed;
  Gate plain(Watched(), plain_out);
  BusyLine(plain, plain_out).Run();
  EventLog log(Watched());
  RecordedGate gate(Watched(), out, &log);
  BusyLine(gate, out).Run();
  EXPECT_FALSE(out.cut_short.empty() || out.bin.empty() || out.alarms.empty());
  EXPECT_FALSE(out.names.empty() || out.terminated.empty() || out.late.empty());
  EXPECT_FALSE(out.faults.empty());
  ExpectSame(out, plain_out);
  const auto handed = gate.HandOverLog();
  ASSERT_TRUE(handed);
  const auto events = ReadEvents(handed->stretches[0].events);
  ASSERT_TRUE(events);
  for (const event::Any& event : *events) std::visit(Teller{replayed}, event);
  replayed.running = out.running;
  ExpectSame(replayed, out);
}

TEST(RecordedGate, ShowsItsGate) {
  Recorder out;
  RecordedGate gate(Watched(), out, nullptr);
  EXPECT_TRUE(gate.idle());
  EXPECT_FALSE(gate.inference_busy());
  EXPECT_EQ(gate.state(), State::kPreoperational);
  testing::GoOnline(gate);
  EXPECT_EQ(gate.state(), State::kContinuousExecution);
  gate.On(event::Trigger{0, At(0), At(0)});
  EXPECT_FALSE(gate.idle());
  EXPECT_EQ(gate.counts().parts, 1U);
  EXPECT_EQ(gate.NextTimer(), At(8));
  gate.On(event::Frame{{0, At(2), At(2), false, 0}, At(2)});
  EXPECT_TRUE(gate.inference_busy());
  EXPECT_TRUE(gate.On(event::StartChallenge{2, At(3), At(3)}));
  EXPECT_FALSE(gate.On(event::StartChallenge{0, At(3), At(3)})) << "as the gate says";
  EXPECT_EQ(gate.challenge().asked, 2U);
  gate.On(event::Time{At(100)});
  EXPECT_EQ(gate.severity(), Severity::kStop) << "the inference thread is away";
}

// The output's answer to a level goes back into the gate, and is written down.
TEST(RecordedGate, APassThatWasTooLateIsLateHereToo) {
  Recorder out;
  out.too_slow = true;
  EventLog log(Watched());
  RecordedGate gate(Watched(), out, &log);
  BusyLine(gate, out).Run();
  EXPECT_EQ(out.ReasonOf(1), judge::Reason::kLate);
  bool refused = false;
  const auto handed = gate.HandOverLog();
  const auto events = ReadEvents(handed->stretches[0].events);
  ASSERT_TRUE(events);
  for (const event::Any& event : *events) {
    const auto* set = std::get_if<event::LineSet>(&event);
    if (set != nullptr && set->line == gate::Line::kPass && set->energised) refused = !set->taken;
  }
  EXPECT_TRUE(refused);
}

TEST(RecordedGate, WithoutALogItIsAGate) {
  Recorder plain_out, out;
  Gate plain(Watched(), plain_out);
  BusyLine(plain, plain_out).Run();
  RecordedGate gate(Watched(), out, nullptr);
  BusyLine(gate, out).Run();
  ExpectSame(out, plain_out);
  EXPECT_FALSE(gate.HandOverLog());
}

// What an incident file holds of each event, in bytes with its kind: docs/formats.md.
TEST(Events, HaveTheirSizeInAnIncidentFile) {
  const std::vector<std::pair<event::Any, std::size_t>> sizes = {{event::Command{}, 18},
                                                                 {event::ChangeRelease{}, 29},
                                                                 {event::StartChallenge{}, 21},
                                                                 {event::Acknowledge{}, 18},
                                                                 {event::Trigger{}, 21},
                                                                 {event::Encoder{}, 21},
                                                                 {event::Frame{}, 38},
                                                                 {event::GateSensor{}, 17},
                                                                 {event::BinSensor{}, 17},
                                                                 {event::PlcPart{}, 21},
                                                                 {event::Time{}, 9},
                                                                 {event::PlcBeat{}, 18},
                                                                 {event::Resumed{}, 17},
                                                                 {event::LineSet{}, 20},
                                                                 {event::InferenceStarted{}, 17},
                                                                 {event::FrameReleased{}, 5},
                                                                 {event::CutShort{}, 13},
                                                                 {event::InferenceTerminated{}, 13},
                                                                 {event::BinVerdict{}, 14},
                                                                 {event::AlarmRaised{}, 15},
                                                                 {event::Acknowledged{}, 2},
                                                                 {event::InferenceFault{}, 13}};
  for (const auto& [event, size] : sizes) {
    const std::vector<std::uint8_t> bytes = BytesOf(event);
    EXPECT_EQ(bytes.size(), size) << "alternative " << event.index();
    EXPECT_EQ(std::count(bytes.begin() + 1, bytes.end(), 0), static_cast<long>(size) - 1)
        << "alternative " << event.index() << " says something by default";
  }
  EXPECT_EQ(BytesOf(event::Answered{}).size(), 89U);
  EXPECT_EQ(BytesOf(event::AnsweredLate{}).size(), 81U);
  EXPECT_EQ(BytesOf(event::PartDecided{}).size(), 171U);
}

}  // namespace
}  // namespace taktgate::gate
