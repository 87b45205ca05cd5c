// The exhaustive small world: up to 3 parts with up to 2 frames each, and every order of trigger,
// frame, answer, timer, encoder, passing time and restart up to a length. After every step the
// rules of the gate must hold. Events in the same tick are ties, in both orders.
//
// A tick is 1 ms. In its long form every family is a step longer.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "base/test_form.h"
#include "gate/gate.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;

constexpr int kMostParts = 3;
constexpr int kMostFrames = 2;
constexpr int kWindow = 3;
constexpr int kSpacing = 4;
constexpr int kHold = 2;
constexpr int kFlush = 100;  // ticks, after which everything is decided

struct Bounds {
  const char* name;
  BeltMode mode;
  int steps;
  int parts;
  bool frames_twice;
  bool fails;     // answers may be fail
  bool restarts;  // one
  bool stray;     // frames may be lost, or partial
  bool late =
      false;  // by count: the belt runs a count a tick at most, and counts are reported late
};

TimePoint AtTick(int tick) { return TimePoint(std::chrono::milliseconds(1 + tick)); }

GateSettings SettingsOf(const Bounds& bounds, std::uint32_t boot) {
  const BeltMode mode = bounds.mode;
  GateSettings settings;
  settings.boot = boot;
  settings.window = std::chrono::milliseconds(kWindow);
  settings.pass_hold = std::chrono::milliseconds(1);
  settings.capture_from = {};
  settings.capture_until = std::chrono::milliseconds(1);
  settings.inference_reserve = std::chrono::microseconds(1);
  settings.fault_after = std::chrono::hours(1);
  settings.heartbeat = std::chrono::hours(1);
  settings.strobe = std::chrono::hours(1);
  settings.parts_in_flight = 6;
  settings.escalation = EscalationSettings::Off();
  constexpr std::int64_t kTick = 1'000'000;
  if (mode == BeltMode::kByTime) {
    settings.belt = {mode, 5 * kTick, kTick, 2 * kTick, kSpacing * kTick, 0, {}};
  } else if (mode == BeltMode::kByCount) {
    settings.belt = {mode, 5, 1, 2, kSpacing, 1, std::chrono::hours(1), std::chrono::hours(1)};
    if (bounds.late) {
      settings.belt.position_age = std::chrono::milliseconds(kHold);  // hold / top speed
      settings.belt.longest_pass = std::chrono::milliseconds(kSpacing);
    }
  }
  return settings;
}

// What is true of one part, whatever the gate believes.
struct Truth {
  int edge = 0;
  std::int64_t place = 0;  // position of the edge
  std::uint32_t boot = 0;
  std::uint64_t sequence = 0;
  int frames = 0;
  int decisions = 0;
  bool released = false;
  bool proven = false;  // a complete frame of it was answered with pass in time
};

// Everything but the gate itself; copied at each step.
struct World {
  int tick = 0;
  std::int64_t belt = 0;
  std::array<std::int64_t, 64>
      belt_at{};  // at the end of each tick, where counts are reported late
  std::uint32_t boot = 1;
  std::uint64_t sequence = 1;  // of the gate's next part
  int parts = 0;
  std::array<Truth, kMostParts> truth{};
  std::uint64_t frame_sequence = 0;
  int frames = 0;
  std::array<int, kMostParts * kMostFrames> shows{};  // part of the frame in each slot
  bool running = false;
  PartId asked{};
  int running_shows = 0;
  bool running_complete = false;
  bool frame_complete = true;  // of the frame in delivery
  bool pass = false, ready = false;
  int owner = -1;           // of the PASS on the wire
  bool old_answer = false;  // of a run from before the restart
  PartId old_asked{};
  std::uint64_t frames_here = 0;  // since the restart
  std::uint64_t slots_back = 0;
};

class SmallWorld : public GateOutputs {
 public:
  explicit SmallWorld(const Bounds& bounds) : bounds_(bounds) {}

  std::uint64_t Explore() {
    Gate gate = NewGate();
    Walk(gate, 0);
    return paths_;
  }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t released() const { return released_; }
  bool broken() const { return broken_; }

  bool SetLine(Line line, bool energised, TimePoint, TimePoint) override {
    if (line == Line::kReady) w_.ready = energised;
    if (line == Line::kPass) w_.pass = energised;
    if (line == Line::kPass && !energised) w_.owner = -1;
    return true;
  }
  // Whatever the gate knows, the part must not be past.
  void WillPass(PartId part) override {
    const Truth& truth = w_.truth[static_cast<std::size_t>(IndexOf(part))];
    Hold(Position() < truth.place + CloseAfterEdge(), "PASS rises for a part that is past");
    Hold(Position() >= truth.place + OpenAfterEdge(), "PASS rises before the place");
  }
  void StartInference(PartId part, std::uint32_t slot) override {
    Hold(!w_.running, "backlog above one");
    w_.running = true;
    w_.asked = part;
    w_.running_shows = w_.shows[slot];
    w_.running_complete = w_.frame_complete;
  }
  void TerminateInference(PartId part) override {
    Hold(w_.running && w_.asked == part, "terminated a run that is not there");
  }
  void ReleaseFrame(std::uint32_t) override { ++w_.slots_back; }
  void Decided(const Decision& decision) override {
    const int index = IndexOf(decision.part);
    Truth& truth = w_.truth[static_cast<std::size_t>(index)];
    Hold(++truth.decisions == 1, "I1: decided twice");
    Hold(decision.released == (decision.reason == Reason::kNone), "I4: reason and level");
    Hold(ReasonFits(decision, truth), "I4: the reason is not what happened");
    if (!decision.released) return;
    ++released_;
    truth.released = true;
    w_.owner = index;
    Hold(truth.proven, "I3: released without a timely pass about this very part");
    Hold(truth.frames == 1, "I3: released in doubt about its frame");
    Hold(decision.decided_at < AtTick(truth.edge + kWindow),
         "I2: released after the answer was due");
    if (!bounds_.late) Hold(Position() < truth.place + DueAfterEdge(), "I2: PASS after its place");
  }

 private:
  void Hold(bool rule, const char* words) {
    if (rule) return;
    broken_ = true;
    if (reported_++ < 3) ADD_FAILURE() << bounds_.name << ": " << words << "; " << trail_;
  }

  static bool ReasonFits(const Decision& decision, const Truth& truth) {
    switch (decision.reason) {
      case Reason::kNone:
        return decision.has_answer && decision.answer.verdict == Verdict::kPass;
      case Reason::kDefect:
        return decision.has_answer && decision.answer.verdict == Verdict::kFail;
      case Reason::kNoFrame:
        return !decision.has_frame && !decision.has_answer;
      case Reason::kLate:
      case Reason::kPartialFrame:
      case Reason::kNoSlack:
        return decision.has_frame && !decision.has_answer;
      case Reason::kGateMissed:
        return decision.has_answer && truth.proven;
      default:
        return true;
    }
  }

  int IndexOf(PartId id) const {
    for (int k = 0; k < w_.parts; ++k) {
      const Truth& truth = w_.truth[static_cast<std::size_t>(k)];
      if (truth.boot == id.boot && truth.sequence == id.sequence) return k;
    }
    ADD_FAILURE() << "a part that never was";
    return 0;
  }
  std::int64_t Position() const { return bounds_.mode == BeltMode::kByCount ? w_.belt : w_.tick; }
  std::int64_t OpenAfterEdge() const { return bounds_.mode == BeltMode::kAtCamera ? 0 : 4; }
  std::int64_t DueAfterEdge() const { return bounds_.mode == BeltMode::kAtCamera ? kWindow : 5; }
  std::int64_t CloseAfterEdge() const { return bounds_.mode == BeltMode::kAtCamera ? 4 : 7; }

  Gate NewGate() {
    Gate gate(SettingsOf(bounds_, w_.boot), *this);
    gate.On(event::Command{Command::kInitialize, AtTick(w_.tick), AtTick(w_.tick)});
    gate.On(event::Command{Command::kPrepare, AtTick(w_.tick), AtTick(w_.tick)});
    gate.On(event::Command{Command::kStartContinuous, AtTick(w_.tick), AtTick(w_.tick)});
    gate.On(event::Encoder{Count(), AtTick(w_.tick), AtTick(w_.tick)});
    return gate;
  }
  // Starts just before the wrap, so that every path crosses it.
  std::uint32_t Count() const { return static_cast<std::uint32_t>(w_.belt - 3); }

  // The level on the wire after any step: only for the part that is in its place by the truth.
  void CheckWire() {
    Hold(!w_.pass || w_.ready, "I7: PASS without READY");
    if (!w_.pass) return;
    Hold(w_.owner >= 0, "PASS for nobody");
    if (w_.owner < 0) return;
    const Truth& truth = w_.truth[static_cast<std::size_t>(w_.owner)];
    Hold(truth.boot == w_.boot, "PASS from before the restart");
    Hold(truth.frames == 1, "PASS in doubt about the frame");
    if (bounds_.late) {  // the belt moves on unseen, but not to the next part
      Hold(Position() < truth.place + DueAfterEdge() + kSpacing, "PASS for the next part");
      return;
    }
    Hold(Position() >= truth.place + OpenAfterEdge() && Position() < truth.place + CloseAfterEdge(),
         "PASS away from its own place");
  }

  // Does one step on a copy of gate and world, and everything that can follow it.
  template <typename Step>
  void Try(const Gate& gate, int depth, char letter, Step step) {
    if (broken_) return;
    const World before = w_;
    Gate copy(gate);
    trail_[static_cast<std::size_t>(depth)] = letter;
    trail_[static_cast<std::size_t>(depth) + 1] = 0;
    ++steps_;
    step(copy);
    CheckWire();
    Walk(copy, depth + 1);
    w_ = before;
  }

  void Walk(const Gate& gate, int depth) {
    if (depth == bounds_.steps) {
      ++paths_;
      Flush(gate);
      return;
    }
    if (w_.parts < bounds_.parts) {
      Try(gate, depth, 'T', [this](Gate& g) { Trigger(g); });
    }
    for (int part = 0; part < w_.parts; ++part) {
      const Truth& truth = w_.truth[static_cast<std::size_t>(part)];
      if (truth.frames == (bounds_.frames_twice ? 2 : 1)) continue;
      Try(gate, depth, static_cast<char>('1' + part), [&](Gate& g) { Frame(g, part, 0, false); });
      if (!bounds_.stray) continue;
      Try(gate, depth, 'g', [&](Gate& g) { Frame(g, part, 1, false); });
      Try(gate, depth, 'p', [&](Gate& g) { Frame(g, part, 0, true); });
    }
    if (w_.running) {
      Try(gate, depth, 'V', [this](Gate& g) { Answered(g, Verdict::kPass); });
      if (bounds_.fails) Try(gate, depth, 'X', [this](Gate& g) { Answered(g, Verdict::kFail); });
    }
    if (gate.NextTimer() <= AtTick(w_.tick)) {
      Try(gate, depth, 'D', [this](Gate& g) { g.On(event::Time{AtTick(w_.tick)}); });
    }
    Wait(gate, depth, '.', 1);
    Wait(gate, depth, '_', kWindow);
    if (bounds_.late) {
      Move(gate, depth, 'm', 1);
      Move(gate, depth, 'M', kHold + 1);
      Try(gate, depth, 'e', [this](Gate& g) { Encoder(g, 0); });
      for (int ago = 1; ago <= 3 && ago <= w_.tick; ++ago) {
        Try(gate, depth, static_cast<char>('w' + ago), [&](Gate& g) { LateEncoder(g, ago); });
      }
    } else if (bounds_.mode == BeltMode::kByCount) {
      Try(gate, depth, 'e', [this](Gate& g) { Encoder(g, 1); });
      Try(gate, depth, 'E', [this](Gate& g) { Encoder(g, 4); });
      Try(gate, depth, 'b', [this](Gate& g) { Encoder(g, -1); });
    }
    if (bounds_.restarts && w_.boot == 1) {
      Restart(depth);
    }
    if (w_.old_answer) Try(gate, depth, 'O', [this](Gate& g) { OldAnswer(g); });
  }

  // Nobody calls the gate meanwhile; its thread may sleep beyond its timers.
  void Wait(const Gate& gate, int depth, char letter, int ticks) {
    if (broken_) return;
    trail_[static_cast<std::size_t>(depth)] = letter;
    trail_[static_cast<std::size_t>(depth) + 1] = 0;
    ++steps_;
    const World before = w_;
    for (int k = 0; k < ticks; ++k) PassTick(0);
    Walk(gate, depth + 1);
    w_ = before;
  }
  // The same with a belt that runs, and of which nothing is reported.
  void Move(const Gate& gate, int depth, char letter, int ticks) {
    if (broken_) return;
    trail_[static_cast<std::size_t>(depth)] = letter;
    trail_[static_cast<std::size_t>(depth) + 1] = 0;
    ++steps_;
    const World before = w_;
    for (int k = 0; k < ticks; ++k) PassTick(1);
    Walk(gate, depth + 1);
    w_ = before;
  }
  void PassTick(int counts) {
    ++w_.tick;
    w_.belt += counts;
    if (bounds_.late) w_.belt_at[static_cast<std::size_t>(w_.tick) % w_.belt_at.size()] = w_.belt;
  }

  void Trigger(Gate& gate) {
    Truth& truth = w_.truth[static_cast<std::size_t>(w_.parts++)];
    truth.edge = w_.tick;
    truth.place = Position();
    truth.boot = w_.boot;
    truth.sequence = w_.sequence++;
    gate.On(event::Trigger{Count(), AtTick(w_.tick), AtTick(w_.tick)});
  }

  void Frame(Gate& gate, int part, int lost_before, bool partial) {
    Truth& truth = w_.truth[static_cast<std::size_t>(part)];
    w_.frame_sequence += static_cast<std::uint64_t>(lost_before);
    const auto slot = static_cast<std::uint32_t>(w_.frames++);
    w_.shows[slot] = part;
    w_.frame_complete = !partial;
    ++w_.frames_here;
    const TimePoint captured = AtTick(truth.edge);
    gate.On(event::Frame{{w_.frame_sequence++, captured, AtTick(w_.tick), partial, slot},
                         AtTick(w_.tick)});
    ++truth.frames;  // known to the gate only now; a PASS that it set before must be gone
  }

  void Answered(Gate& gate, Verdict verdict) {
    Truth& truth = w_.truth[static_cast<std::size_t>(w_.running_shows)];
    if (verdict == Verdict::kPass && w_.running_complete && w_.tick < truth.edge + kWindow) {
      truth.proven = true;
    }
    Answer answer;
    answer.verdict = verdict;
    answer.reason = verdict == Verdict::kPass ? Reason::kNone : Reason::kDefect;
    gate.On(event::Answered{w_.asked, answer, AtTick(w_.tick)});
    w_.running = false;  // until then a stop may still be asked for
  }

  void Encoder(Gate& gate, int by) {
    w_.belt += by;
    gate.On(event::Encoder{Count(), AtTick(w_.tick), AtTick(w_.tick)});
  }

  // The count of some ticks ago, reported only now.
  void LateEncoder(Gate& gate, int ago) {
    const auto then = static_cast<std::size_t>(w_.tick - ago) % w_.belt_at.size();
    const auto count = static_cast<std::uint32_t>(w_.belt_at[then] - 3);
    gate.On(event::Encoder{count, AtTick(w_.tick - ago), AtTick(w_.tick)});
  }

  // Another process: a new boot number, the camera counts from 0, and what was in flight is only
  // known to the records. Frames and answers of the old one may still turn up.
  void Restart(int depth) {
    const World before = w_;
    w_.tick += 2;
    w_.boot = 2;
    w_.sequence = 1;
    w_.frame_sequence = 0;
    w_.old_answer = w_.running;
    w_.old_asked = w_.asked;
    w_.running = w_.pass = w_.ready = false;
    w_.owner = -1;
    w_.frames_here = w_.slots_back = 0;
    Gate gate = NewGate();
    Try(gate, depth, 'R', [](Gate&) {});
    w_ = before;
  }

  void OldAnswer(Gate& gate) {
    w_.old_answer = false;
    Answer answer;
    answer.verdict = Verdict::kPass;
    gate.On(event::Answered{w_.old_asked, answer, AtTick(w_.tick)});
  }

  // Long afterwards everything must be over.
  void Flush(const Gate& gate) {
    const World before = w_;
    Gate copy(gate);
    w_.tick += kFlush;
    copy.On(event::Time{AtTick(w_.tick)});
    if (w_.running) Answered(copy, Verdict::kPass);
    for (int k = 0; k < 8; ++k) Encoder(copy, 4);
    Hold(!w_.pass && copy.idle(), "PASS or a part is left over");
    for (int part = 0; part < w_.parts; ++part) {
      const Truth& truth = w_.truth[static_cast<std::size_t>(part)];
      Hold(truth.decisions == 1 || truth.boot != w_.boot, "I1: a part without a decision");
    }
    const Counts& counts = copy.counts();
    Hold(counts.parts == w_.sequence - 1, "I5: parts and edges");
    Hold(counts.parts == counts.released + counts.rejected, "I5: parts = PASS + REJECT");
    Hold(counts.frames == w_.frames_here, "I5: frames");
    Hold(w_.slots_back == w_.frames_here, "a frame's buffer did not come back");
    w_ = before;
  }

  const Bounds bounds_;
  World w_;
  std::uint64_t paths_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t released_ = 0;
  bool broken_ = false;
  int reported_ = 0;
  char trail_[64] = {};
};

int LongerBy() {
#ifdef TAKTGATE_SANITIZED
  return -1;  // a sanitizer looks at memory, not at orders
#else
  return static_cast<int>(testing::Form("steps longer in each family of the small world", 0, 1));
#endif
}

TEST(SmallWorld, TheRulesHoldInEveryOrderOfEvents) {
  using enum BeltMode;
  const Bounds families[] = {
      // name, mode, steps, parts, frames twice, fails, restarts, stray
      {"camera, 1 part, all faults", kAtCamera, 8, 1, true, true, true, true},
      {"camera, 2 parts, 2 frames", kAtCamera, 9, 2, true, true, false, false},
      {"camera, 2 parts, all faults", kAtCamera, 7, 2, true, true, true, true},
      {"camera, 3 parts, 2 frames", kAtCamera, 8, 3, true, false, true, false},
      {"camera, 3 parts, long", kAtCamera, 10, 3, false, false, false, false},
      {"by time, 2 parts, 2 frames", kByTime, 10, 2, true, false, false, false},
      {"by time, 3 parts, restart", kByTime, 9, 3, true, false, true, false},
      {"by count, 1 part, all faults", kByCount, 7, 1, true, true, true, true},
      {"by count, 2 parts, 2 frames", kByCount, 8, 2, true, false, false, false},
      {"by count, 3 parts", kByCount, 7, 3, false, false, false, false},
      {"by count, 1 part, late counts", kByCount, 7, 1, false, false, false, false, true},
      {"by count, 2 parts, late counts", kByCount, 7, 2, false, false, false, false, true},
  };
  const int longer = LongerBy();
  std::uint64_t all = 0;
  for (Bounds bounds : families) {
    bounds.steps += longer;
    SmallWorld world(bounds);
    const auto started = std::chrono::steady_clock::now();
    const std::uint64_t paths = world.Explore();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::printf("%-30s %2d steps %10llu interleavings %10llu events %8llu PASS %6.1f s\n",
                bounds.name, bounds.steps, static_cast<unsigned long long>(paths),
                static_cast<unsigned long long>(world.steps()),
                static_cast<unsigned long long>(world.released()), took.count());
    EXPECT_FALSE(world.broken());
    EXPECT_GT(world.released(), 0U) << "a family in which nothing passes shows nothing";
    all += paths;
  }
  std::printf("%llu distinct interleavings\n", static_cast<unsigned long long>(all));
  EXPECT_GE(all, 1'000'000U);
}

}  // namespace
}  // namespace taktgate::gate
