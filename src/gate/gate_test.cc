#include "gate/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "gate/ledger.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using std::chrono::microseconds;
using std::chrono::milliseconds;

TimePoint At(double ms) { return TimePoint(Duration(static_cast<Duration::rep>(ms * 1e6))); }

// Remembers what the gate wanted and checks the rules that hold whatever happens.
class Recorder : public GateOutputs {
 public:
  bool SetOutput(bool pass, TimePoint) override {
    level = pass;
    transitions.push_back(pass);
    return !pass || !too_slow;
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
    EXPECT_EQ(decision.released, decision.reason == Reason::kNone);
    if (decision.released) {
      EXPECT_TRUE(level) << "PASS decided before the wire had it";
      EXPECT_LT(decision.decided_at, decision.deadline);
      EXPECT_EQ(decision.answer.verdict, Verdict::kPass);
      EXPECT_TRUE(decision.has_frame && decision.has_answer);
    }
    decisions[decision.part.sequence] = decision;
  }
  void LateAnswer(PartId part, const Answer&) override { late.push_back(part.sequence); }
  void PassCutShort(PartId part) override { cut_short.push_back(part.sequence); }
  void InferenceFault(PartId part) override { faults.push_back(part.sequence); }

  Reason ReasonOf(std::uint64_t part) const { return decisions.at(part).reason; }

  bool level = false;
  bool too_slow = false;
  std::vector<bool> transitions;
  std::map<std::uint64_t, Decision> decisions;
  std::optional<PartId> running;
  std::uint32_t running_slot = 0;
  int started = 0;
  std::vector<std::uint64_t> terminated, late, cut_short, faults;
  std::vector<std::uint32_t> released_slots;
};

class GateTest : public testing::Test {
 protected:
  // A frame of the part whose edge was at `edge_ms`, captured 2 ms behind it.
  void Frame(std::uint64_t sequence, double captured_ms, double now_ms, bool partial = false) {
    gate.OnFrame(
        {sequence, At(captured_ms), At(now_ms), partial, static_cast<std::uint32_t>(sequence % 8)},
        At(now_ms));
  }
  void AnswerRunning(Verdict verdict, double now_ms) {
    ASSERT_TRUE(out.running);
    const PartId part = *out.running;
    out.running.reset();
    gate.OnAnswer(part, MakeAnswer(verdict), At(now_ms));
  }
  static Answer MakeAnswer(Verdict verdict) {
    Answer answer;
    answer.verdict = verdict;
    answer.reason = verdict == Verdict::kPass   ? Reason::kNone
                    : verdict == Verdict::kFail ? Reason::kDefect
                                                : Reason::kLowConfidence;
    return answer;
  }
  void GoodPart(std::uint64_t number, double edge_ms) {
    gate.OnTrigger(At(edge_ms), At(edge_ms));
    Frame(number - 1, edge_ms + 2, edge_ms + 2.5);
    AnswerRunning(Verdict::kPass, edge_ms + 4);
  }

  Recorder out;
  GateSettings settings{.boot = 7};
  Gate gate{settings, out};
};

TEST_F(GateTest, ReleasesAPartOnATimelyPassAndDropsTheLineBehindTheHold) {
  GoodPart(1, 0);
  ASSERT_EQ(out.decisions.size(), 1U);
  EXPECT_TRUE(out.decisions[1].released);
  EXPECT_EQ(out.decisions[1].part, (PartId{7, 1}));
  EXPECT_TRUE(out.level);
  EXPECT_EQ(gate.NextTimer(), At(9));
  gate.OnTime(At(8.999));
  EXPECT_TRUE(out.level);
  gate.OnTime(At(9));
  EXPECT_FALSE(out.level);
  EXPECT_EQ(out.released_slots.size(), 1U);
}

TEST_F(GateTest, RejectsAFailAndAnUnknownWithTheirReasons) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  AnswerRunning(Verdict::kFail, 4);
  gate.OnTrigger(At(10), At(10));
  Frame(1, 12, 12.5);
  AnswerRunning(Verdict::kUnknown, 14);
  EXPECT_EQ(out.ReasonOf(1), Reason::kDefect);
  EXPECT_EQ(out.ReasonOf(2), Reason::kLowConfidence);
  EXPECT_TRUE(out.transitions.empty()) << "the line never left REJECT";
}

TEST_F(GateTest, AnAnswerAtTheDeadlineIsLate) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  AnswerRunning(Verdict::kPass, 8);
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
  EXPECT_EQ(out.late, std::vector<std::uint64_t>{1});
  EXPECT_FALSE(out.level);
}

TEST_F(GateTest, AnAnswerOneNanosecondBeforeTheDeadlineCounts) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  const PartId part = *out.running;
  gate.OnAnswer(part, MakeAnswer(Verdict::kPass), At(8) - Duration(1));
  EXPECT_TRUE(out.decisions[1].released);
}

TEST_F(GateTest, APartWithoutAFrameIsRejectedAtItsDeadline) {
  gate.OnTrigger(At(0), At(0));
  EXPECT_EQ(gate.NextTimer(), At(8));
  gate.OnTime(At(7.9));
  EXPECT_TRUE(out.decisions.empty());
  gate.OnTime(At(8));
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

TEST_F(GateTest, TellsALateRunToStopAndTurnsFollowingPartsAwayUntilItIsBack) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  const PartId stuck = *out.running;
  gate.OnTime(At(8));
  EXPECT_EQ(out.terminated, std::vector<std::uint64_t>{1});
  gate.OnTrigger(At(10), At(10));
  Frame(1, 12, 12.5);
  EXPECT_EQ(out.ReasonOf(2), Reason::kNoSlack);
  gate.OnAnswer(stuck, MakeAnswer(Verdict::kPass), At(15));
  out.running.reset();
  EXPECT_EQ(out.late, std::vector<std::uint64_t>{1});
  EXPECT_FALSE(out.level) << "a late answer is recorded, never acted on";
  gate.OnTrigger(At(20), At(20));
  Frame(2, 22, 22.5);
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, DoesNotStartTheModelWithoutSlack) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 6);  // 2 ms left, the reserve is 2 ms
  EXPECT_EQ(out.started, 0);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoSlack);
}

TEST_F(GateTest, ReportsAnInferenceThreadThatStaysAway) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  gate.OnTime(At(1002.4));
  EXPECT_TRUE(out.faults.empty());
  gate.OnTime(At(1002.5));
  gate.OnTime(At(1003));
  EXPECT_EQ(out.faults, std::vector<std::uint64_t>{1}) << "reported once";
}

TEST_F(GateTest, APartialFrameRejectsItsPart) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5, true);
  EXPECT_EQ(out.ReasonOf(1), Reason::kPartialFrame);
  GoodPart(2, 10);
  EXPECT_TRUE(out.decisions[2].released);
}

TEST_F(GateTest, ALostFrameWithAGapInTheSequenceCostsOnePart) {
  gate.OnTrigger(At(0), At(0));  // frame 0 is lost on the way
  gate.OnTrigger(At(10), At(10));
  Frame(1, 12, 12.5);
  AnswerRunning(Verdict::kPass, 14);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
  EXPECT_TRUE(out.decisions[2].released);
}

TEST_F(GateTest, ATriggerThatTheCameraIgnoredNeverShiftsAVerdictOntoANeighbour) {
  gate.OnTrigger(At(0), At(0));  // ignored: the camera counts on without a gap
  gate.OnTrigger(At(10), At(10));
  Frame(0, 12, 12.5);  // by count part 1, by time part 2
  EXPECT_EQ(out.started, 0);
  EXPECT_EQ(out.ReasonOf(2), Reason::kFrameMismatch);
  gate.OnTrigger(At(20), At(20));
  Frame(1, 22, 22.5);  // the count was found again
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, AFrameOlderThanItsPartIsStale) {
  gate.OnTrigger(At(10), At(10));
  Frame(0, 9, 10.5);
  EXPECT_EQ(out.ReasonOf(1), Reason::kStaleFrame);
}

TEST_F(GateTest, TwoFramesForOnePartRejectIt) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  Frame(1, 2.1, 2.6);
  EXPECT_EQ(out.ReasonOf(1), Reason::kFrameMismatch);
  AnswerRunning(Verdict::kPass, 4);
  EXPECT_FALSE(out.level);
}

TEST_F(GateTest, TwoEdgesTooCloseRejectBothParts) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  gate.OnTrigger(At(3), At(3));
  EXPECT_EQ(out.ReasonOf(1), Reason::kDoubleEdge);
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
}

TEST_F(GateTest, AnEarlyEdgeTakesAPassOffTheWire) {
  GoodPart(1, 0);
  gate.OnTrigger(At(8.5), At(8.5));
  EXPECT_FALSE(out.level);
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  EXPECT_EQ(out.ReasonOf(2), Reason::kDoubleEdge);
}

TEST_F(GateTest, APassThatWasNotOnTheWireInTimeIsTakenBackAndLate) {
  out.too_slow = true;
  GoodPart(1, 0);
  EXPECT_EQ(out.ReasonOf(1), Reason::kLate);
  EXPECT_FALSE(out.level);
  EXPECT_TRUE(out.cut_short.empty());
}

TEST_F(GateTest, AFrameThatOvertakesItsEdgeCostsOnlyItsOwnPart) {
  GoodPart(1, 0);
  Frame(1, 12, 12.5);  // the edge at 10 was not reported yet
  gate.OnTrigger(At(10), At(12.6));
  gate.OnTrigger(At(20), At(20));
  EXPECT_EQ(out.ReasonOf(2), Reason::kNoFrame);
  Frame(2, 22, 22.5);
  AnswerRunning(Verdict::kPass, 24);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(GateTest, AShutdownThatTakesAPassOffTheWireSaysSo) {
  GoodPart(1, 0);
  gate.OnShutdown(At(6));
  EXPECT_FALSE(out.level);
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
}

TEST_F(GateTest, AnAnswerNobodyAskedForIsOnlyRecorded) {
  gate.OnTrigger(At(0), At(0));
  gate.OnAnswer({7, 1}, MakeAnswer(Verdict::kPass), At(1));
  EXPECT_TRUE(out.decisions.empty());
  EXPECT_EQ(out.late.size(), 1U);
  EXPECT_FALSE(out.level);
}

TEST_F(GateTest, ShutdownRejectsOpenPartsAndNothingPassesAfterwards) {
  gate.OnTrigger(At(0), At(0));
  Frame(0, 2, 2.5);
  gate.OnShutdown(At(3));
  EXPECT_EQ(out.ReasonOf(1), Reason::kShutdown);
  AnswerRunning(Verdict::kPass, 4);
  gate.OnTrigger(At(10), At(10));
  EXPECT_EQ(out.ReasonOf(2), Reason::kShutdown);
  EXPECT_FALSE(out.level);
}

TEST_F(GateTest, AGateThreadThatSleptThroughADeadlineStillRejects) {
  gate.OnTrigger(At(0), At(40));  // the edge was 40 ms ago
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

// Random lines with every fault: whatever the order of events, each part is decided once, every
// frame's buffer comes back, and no PASS stands without its reasons (checked in Recorder).
TEST(GateProperty, EveryPartIsDecidedOnceUnderRandomFaults) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    Recorder out;
    Gate gate(GateSettings{}, out);
    std::uint64_t frame_sequence = 0;
    std::size_t frames = 0;
    double now = 0;
    constexpr std::uint64_t kParts = 200;
    for (std::uint64_t k = 0; k < kParts; ++k) {
      const double edge = now + (chance(5) ? 1.0 : 10.0);
      gate.OnTrigger(At(edge), At(edge));
      now = edge;
      if (chance(4)) frame_sequence += 1;  // lost
      const bool ignored = chance(4);
      if (!ignored) {
        now = edge + 2.5 + (chance(5) ? 6.0 : 0.0);
        gate.OnFrame({frame_sequence++, At(edge + 2), At(now), chance(3),
                      static_cast<std::uint32_t>(frames % 8)},
                     At(now));
        ++frames;
      }
      if (out.running && !chance(5)) {
        now = std::max(now, edge + (chance(10) ? 8.0 : 4.0));
        const PartId part = *out.running;
        out.running.reset();
        Answer answer;
        answer.verdict = static_cast<Verdict>(random() % 3);
        answer.reason = answer.verdict == Verdict::kPass ? Reason::kNone : Reason::kDefect;
        gate.OnAnswer(part, answer, At(now));
      }
    }
    gate.OnTime(At(now + 100));
    EXPECT_EQ(out.decisions.size(), kParts) << "seed " << seed;
    EXPECT_FALSE(out.level);
    EXPECT_EQ(out.released_slots.size() + (out.running ? 1U : 0U), frames) << "seed " << seed;
  }
}

TEST(Ledger, KeepsTheLastDecisionsAndForgetsOlderOnes) {
  Ledger ledger(4);
  for (std::uint64_t k = 1; k <= 6; ++k) {
    Decision decision;
    decision.part = {1, k};
    decision.released = k % 2 == 0;
    ledger.Add(decision);
  }
  EXPECT_EQ(ledger.Find({1, 2}), nullptr);
  ASSERT_NE(ledger.Find({1, 6}), nullptr);
  EXPECT_TRUE(ledger.Find({1, 6})->released);
  EXPECT_EQ(ledger.Find({2, 6}), nullptr);
  EXPECT_EQ(ledger.Find({1, 7}), nullptr);
  EXPECT_EQ(ledger.count(), 6U);
  EXPECT_EQ(ledger.released(), 3U);
}

}  // namespace
}  // namespace taktgate::gate
