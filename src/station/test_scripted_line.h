#ifndef TAKTGATE_STATION_TEST_SCRIPTED_LINE_H_
#define TAKTGATE_STATION_TEST_SCRIPTED_LINE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "station/station.h"
#include "station/test_stepped_station.h"

// A line that follows the test's script, and a station on it that the test steps in virtual time.
// For the unit tests of this room.
namespace taktgate::station::testing {

// What one device reports, until the test ends it. A device that is asked again after its end
// throws.
template <typename Event>
class Scripted {
 public:
  void Tell(const Event& event) { script_.push_back(event); }
  void End(line::Wait how = line::Wait::kEnd) { end_ = how; }
  void RefuseToStart() { refuses_ = true; }
  int asked() const { return asked_; }
  // Before each answer.
  std::function<void()> on_next = [] {};

 protected:
  Status StartTelling() const {
    if (refuses_) return Error{ErrorCode::kIo, "not plugged in"};
    return {};
  }
  line::Wait NextScripted(Event& event) {
    ++asked_;
    if (ended_) throw std::logic_error("a device was asked after its end");
    on_next();
    if (script_.empty()) {
      ended_ = end_ != line::Wait::kTimeout;
      return end_;
    }
    event = script_.front();
    script_.pop_front();
    return line::Wait::kReady;
  }
  std::string FaultWords() const { return end_ == line::Wait::kFault ? "the cable is cut" : ""; }

 private:
  std::deque<Event> script_;
  line::Wait end_ = line::Wait::kTimeout;
  bool refuses_ = false, ended_ = false;
  int asked_ = 0;
};

class ScriptedTrigger : public line::Trigger, public Scripted<line::Edge> {
 public:
  Status Start(TimePoint) override { return StartTelling(); }
  line::Wait Next(TimePoint until, line::Edge& edge) override {
    asked_until = until;
    return NextScripted(edge);
  }
  std::string fault() const override { return FaultWords(); }
  TimePoint asked_until{};
};

class ScriptedSignals : public line::Signals, public Scripted<line::Signal> {
 public:
  Status Start(TimePoint) override { return StartTelling(); }
  line::Wait Next(TimePoint until, line::Signal& signal) override {
    asked_until = until;
    return NextScripted(signal);
  }
  std::string fault() const override { return FaultWords(); }
  TimePoint asked_until{};
};

class ScriptedCamera : public line::Camera, public Scripted<image::Frame> {
 public:
  image::FrameFormat format() const override { return {64, 48, image::PixelFormat::kGrey8}; }
  Status Start(TimePoint) override { return StartTelling(); }
  line::Wait Next(TimePoint until, image::Frame& frame) override {
    asked_until = until;
    return NextScripted(frame);
  }
  void Release(const image::Frame& frame) override { released.push_back(frame.slot); }
  std::string fault() const override { return FaultWords(); }
  TimePoint asked_until{};
  std::vector<std::uint32_t> released;
};

// A wire that can be broken, and whose changes a test can watch or use.
class ScriptedOutput : public line::Output {
 public:
  bool Set(OutputLine line, bool energised, TimePoint now, TimePoint until) override {
    return on_set(line, energised) && memory.Set(line, energised, now, until);
  }
  // False: the level is not taken.
  std::function<bool(OutputLine, bool)> on_set = [](OutputLine, bool) { return true; };
  bool energised(OutputLine line) const { return memory.energised(line); }
  line::MemoryOutput memory;
};

// Counts how often it was read.
class WatchedClock : public VirtualClock {
 public:
  using VirtualClock::VirtualClock;
  TimePoint Now() const override {
    ++looks;
    return VirtualClock::Now();
  }
  mutable std::atomic<int> looks{0};
};

class RecordsKept : public record::RecordSink {
 public:
  void Write(const record::Record& record) override { records.push_back(record); }
  std::vector<record::Record> records;
};

// The gate is at the camera: 8 ms from edge to answer, PASS stands until 9 ms.
class ScriptedLine : public ::testing::Test {
 protected:
  explicit ScriptedLine(TimePoint start = TimePoint(std::chrono::seconds(100))) : clock(start) {
    settings.gate.boot = 7;
    settings.lock_memory = false;
    settings.realtime_threads = false;
  }

  void Make(Keeping keeping = {}) {
    inspector = inspect::testing::SmallInspector(behaviour);
    station = std::make_unique<Station>(
        settings, clock, Devices{trigger, camera, output, signal_devices}, *inspector, records,
        [](std::string_view) {}, keeping);
    stepped = std::make_unique<SteppedStation>(*station, clock);
  }
  void Start(Keeping keeping = {}) {
    Make(keeping);
    ASSERT_TRUE(stepped->Start(Duration(0)));
  }
  void After(double ms) { clock.Advance(Duration(static_cast<Duration::rep>(ms * 1e6))); }
  void Edge() { trigger.Tell({edges++, clock.Now(), 0}); }
  void Signal(line::Signal::Kind kind, std::uint32_t value = 0) {
    signals.Tell({kind, value, clock.Now()});
  }
  // Taken now, of a good part or a bad one.
  void Frame(bool good = true, image::FrameStatus status = image::FrameStatus::kComplete) {
    FrameIn(static_cast<std::uint32_t>(frames % 8), good, status);
  }
  void FrameIn(std::uint32_t slot, bool good = true,
               image::FrameStatus status = image::FrameStatus::kComplete) {
    camera.Tell({{frames++, clock.Now(), clock.Now(), status}, (good ? kGood : kBad).View(), slot});
  }
  // An edge and 2 ms later its frame, which is judged at once.
  void Part(bool good = true) {
    Edge();
    stepped->All();
    After(2);
    Frame(good);
    stepped->All();
  }
  // The same, but the model has not begun.
  void PartAtTheModel() {
    Edge();
    stepped->All();
    After(2);
    Frame();
    stepped->Camera();
    stepped->Gate();
  }
  void EndLine() {
    trigger.End();
    camera.End();
    signals.End();
  }
  // A second release, number 2, to which every part is good.
  const LoadedRelease& Next(Duration reserve = std::chrono::milliseconds(1)) {
    if (!next_inspector) {
      next_inspector = inspect::testing::SmallInspector([](auto, auto logits, const auto&) {
        logits[0] = 4.0F;
        logits[1] = -4.0F;
        return infer::RunOutcome::kDone;
      });
    }
    next = {2, next_inspector.get(), reserve};
    return next;
  }
  // What was recorded; once, at the end.
  const std::vector<record::Record>& Records() {
    records.Start();
    records.Stop();
    return sink.records;
  }
  std::vector<record::Record> RecordsOf(record::Record::Kind kind) {
    std::vector<record::Record> found;
    for (const record::Record& record : Records()) {
      if (record.kind == kind) found.push_back(record);
    }
    return found;
  }
  bool pass() const { return output.energised(OutputLine::kPass); }
  const gate::Decision* Decided(std::uint64_t sequence) const {
    return station->ledger().Find({7, sequence});
  }
  // Why the station has ended; it has.
  std::string Words() {
    EXPECT_FALSE(stepped->runs());
    const Status ended = stepped->WhyEnded();
    return ended ? "" : ended.error().message;
  }

  static inline const image::Image kGood = inspect::testing::SmallFrame(10, 20),
                                   kBad = inspect::testing::SmallFrame(10, 220);
  WatchedClock clock;
  StationSettings settings;
  infer::FakeClassifier::Behaviour behaviour = inspect::testing::SayBadWhenBright;
  std::unique_ptr<inspect::Inspector> inspector, next_inspector;
  LoadedRelease next;
  ScriptedTrigger trigger;
  ScriptedCamera camera;
  ScriptedSignals signals;
  std::vector<NamedSignals> signal_devices{{&signals, ""}};
  ScriptedOutput output;
  RecordsKept sink;
  record::RecordQueue records{256, {&sink}};
  std::unique_ptr<Station> station;
  std::unique_ptr<SteppedStation> stepped;
  std::uint64_t edges = 0, frames = 0;
};

}  // namespace taktgate::station::testing

#endif  // TAKTGATE_STATION_TEST_SCRIPTED_LINE_H_
