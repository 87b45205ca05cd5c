// Each thread's loop and each output of the gate, in virtual time.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/test_tree.h"
#include "base/test_wait.h"
#include "incident/incident_recorder.h"
#include "record/test_releases.h"
#include "station/last_catch.h"
#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using judge::Reason;
using judge::Verdict;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using taktgate::testing::Comes;
using RecordKind = record::Record::Kind;
using SignalKind = line::Signal::Kind;

class LoopTest : public testing::ScriptedLine {
 protected:
  LoopTest() {
    std::filesystem::create_directories(tree.root() / "memory");
    place = {tree.root(), tree.root() / "memory"};
  }
  void StartWithJournal() {
    journal = std::move(record::FlightJournal::Begin(place, 7, "ab").value());
    Start({.journal = journal.get()});
  }
  // What a run after this one would find.
  std::vector<record::FlightJournal::Entry> Journal() { return journal->Look().entries; }
  void StartWithIncidents() {
    incidents = std::make_unique<incident::IncidentRecorder>(
        incident::IncidentSettings{tree.root() / "incidents", 4, 20}, settings.gate,
        incident::IncidentHeader{}, 64 * 48, [](std::string_view) {},
        record::testing::SmallReleases());
    Start({.incidents = incidents.get()});
  }
  // Those of the slot that gave it back once.
  void ExpectEachReleasedOnce(std::uint32_t slots) {
    std::vector<std::uint32_t> released = camera.released;
    std::sort(released.begin(), released.end());
    ASSERT_EQ(released.size(), slots);
    for (std::uint32_t slot = 0; slot < slots; ++slot) EXPECT_EQ(released[slot], slot);
  }

  taktgate::testing::Tree tree;
  record::FlightJournal::Place place;
  std::unique_ptr<record::FlightJournal> journal;
  std::unique_ptr<incident::IncidentRecorder> incidents;
};

// --- The sources' threads.

TEST_F(LoopTest, ADeviceThatDoesNotStartIsNotAskedAndItsWordsAreTheStations) {
  trigger.RefuseToStart();
  Make();
  ASSERT_TRUE(stepped->Start(Duration(0)));
  stepped->All();
  EXPECT_EQ(Words(), "trigger failed: not plugged in");
  EXPECT_EQ(trigger.asked(), 0);
  EXPECT_GT(camera.asked(), 0);
}

TEST_F(LoopTest, NorIsACamera) {
  camera.RefuseToStart();
  Start();
  stepped->All();
  EXPECT_EQ(Words(), "camera failed: not plugged in");
  EXPECT_EQ(camera.asked(), 0);
}

TEST_F(LoopTest, NorAreTheSignals) {
  signals.RefuseToStart();
  Start();
  stepped->All();
  EXPECT_EQ(Words(), "encoder, sensors or PLC failed: not plugged in");
  EXPECT_EQ(signals.asked(), 0);
}

TEST_F(LoopTest, ADeviceThatIsGoneEndsTheLineWithItsWords) {
  trigger.End(line::Wait::kFault);
  Start();
  stepped->All();
  EXPECT_EQ(Words(), "trigger failed: the cable is cut");
}

TEST_F(LoopTest, NoDeviceHasFailedWhereTheLineIsOver) {
  EndLine();
  Start();
  stepped->Trigger();
  EXPECT_TRUE(stepped->gate_was_woken()) << "it may have waited for this";
  stepped->All();
  EXPECT_EQ(Words(), "");
}

// As the threads run them: each loop reports all there is, waits a while for more, and ends with
// its source.
TEST_F(LoopTest, EachLoopEndsWithItsSource) {
  Start();
  const TimePoint later = clock.Now() + milliseconds(50);
  for (int k = 0; k < 3; ++k) Edge();
  for (int k = 0; k < 3; ++k) Frame();
  for (int k = 0; k < 3; ++k) Signal(SignalKind::kBinSensor);
  EndLine();
  stepped->TriggerLoop();
  EXPECT_EQ(stepped->sources_running(), 2);
  EXPECT_EQ(trigger.asked_until, later);
  EXPECT_TRUE(stepped->gate_was_woken());
  stepped->CameraLoop();
  EXPECT_EQ(stepped->sources_running(), 1);
  EXPECT_EQ(camera.asked_until, later);
  EXPECT_TRUE(stepped->gate_was_woken());
  stepped->SignalsLoop();
  EXPECT_EQ(stepped->sources_running(), 0);
  EXPECT_EQ(signals.asked_until, later);
  EXPECT_TRUE(stepped->gate_was_woken());
  EXPECT_EQ(stepped->signals_waiting(), 3U);
  stepped->Gate();
  EXPECT_EQ(stepped->signals_waiting(), 0U);
  EXPECT_EQ(stepped->counts().parts, 3U);
  EXPECT_EQ(stepped->counts().frames, 3U);
}

TEST_F(LoopTest, EachLoopEndsWhenTheStationDoes) {
  Start();
  for (auto* on_next : {&trigger.on_next, &camera.on_next, &signals.on_next}) {
    *on_next = [this] { stepped->StopThreads(); };
  }
  stepped->TriggerLoop();
  EXPECT_EQ(trigger.asked(), 1);
  EXPECT_EQ(camera.asked(), 0);
  stepped->CameraLoop();
  stepped->SignalsLoop();
  EXPECT_EQ(camera.asked(), 0) << "it has ended already";
  EXPECT_EQ(signals.asked(), 0);
  EXPECT_EQ(stepped->sources_running(), 0);
}

TEST_F(LoopTest, ALoopWhoseDeviceDidNotStartAsksNothing) {
  trigger.RefuseToStart();
  camera.RefuseToStart();
  signals.RefuseToStart();
  Start();
  stepped->TriggerLoop();
  stepped->CameraLoop();
  stepped->SignalsLoop();
  EXPECT_EQ(trigger.asked() + camera.asked() + signals.asked(), 0);
}

TEST_F(LoopTest, EachThingThatIsToldWakesTheGateThread) {
  Start();
  stepped->All();
  stepped->gate_was_woken();
  stepped->Trigger();
  stepped->Camera();
  stepped->Signals();
  EXPECT_FALSE(stepped->gate_was_woken()) << "nothing was told";
  Edge();
  stepped->Trigger();
  EXPECT_TRUE(stepped->gate_was_woken());
  After(2);
  Frame();
  stepped->Camera();
  EXPECT_TRUE(stepped->gate_was_woken());
  Signal(SignalKind::kBinSensor);
  stepped->Signals();
  EXPECT_TRUE(stepped->gate_was_woken());
  stepped->Gate();
  EXPECT_TRUE(stepped->inference_was_woken());
  EXPECT_TRUE(stepped->Inference());
  EXPECT_FALSE(stepped->Inference()) << "that was all";
  EXPECT_TRUE(stepped->gate_was_woken());
}

TEST_F(LoopTest, AMissingEdgeIsAFault) {
  Start();
  Edge();
  Edge();
  stepped->All();
  EXPECT_TRUE(stepped->runs());
  ++edges;
  Edge();
  stepped->All();
  EXPECT_EQ(Words(), "trigger failed: edges were lost");
}

// Counts give way to sensors and PLC if the gate thread lags far.
TEST_F(LoopTest, CountsFillHalfOfTheQueue) {
  constexpr std::size_t kHalf = 4096;
  Start();
  for (std::size_t k = 0; k < kHalf + 10; ++k) Signal(SignalKind::kEncoder);
  for (std::size_t k = 0; k < kHalf + 10; ++k) stepped->Signals();
  EXPECT_EQ(stepped->signals_waiting(), kHalf);
  for (const SignalKind kind : {SignalKind::kGateSensor, SignalKind::kPlcBeat}) {
    Signal(kind);
    stepped->Signals();
  }
  EXPECT_EQ(stepped->signals_waiting(), kHalf + 2);
  stepped->Gate();
  EXPECT_EQ(stepped->signals_waiting(), 0U);
  EXPECT_TRUE(stepped->runs());
}

TEST_F(LoopTest, AQueueThatIsFullOfSensorsIsAFault) {
  Start();
  for (int k = 0; k < 8193; ++k) Signal(SignalKind::kPlcBeat);
  for (int k = 0; k < 8192; ++k) stepped->Signals();
  EXPECT_TRUE(stepped->OneStepOfGate());  // takes one out
  stepped->Signals();
  EXPECT_TRUE(stepped->OneStepOfGate());
  for (int k = 0; k < 3; ++k) Signal(SignalKind::kPlcBeat);
  for (int k = 0; k < 3; ++k) stepped->Signals();
  stepped->Gate();
  EXPECT_EQ(Words(), "encoder, sensors or PLC failed: signals were lost");
}

// The buffers of frames.

TEST_F(LoopTest, EachBufferGoesBackToTheCameraOnce) {
  Start();
  for (std::uint32_t slot = 0; slot < 70; ++slot) FrameIn(slot);
  for (int k = 0; k < 70; ++k) stepped->Camera();
  EXPECT_EQ(camera.released.size(), 6U) << "64 can wait";
  stepped->Gate();
  ExpectEachReleasedOnce(70);
}

TEST_F(LoopTest, AndOnceWhereItsCopyIsKept) {
  StartWithIncidents();
  for (std::uint32_t slot = 0; slot < 70; ++slot) FrameIn(slot);
  for (int k = 0; k < 70; ++k) stepped->Camera();
  EXPECT_EQ(camera.released.size(), 6U);
  stepped->Gate();
  ExpectEachReleasedOnce(70);
  incidents->frames().Pause();
  const auto kept = incidents->frames().Look();
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept.back()->slot, 69U);
  EXPECT_EQ(kept.back()->pixels, kGood.pixels);
}

// The copy is made while the gate has the frame already: it must not wait for it.
TEST_F(LoopTest, TheGateHasAFrameBeforeItsCopyIsMade) {
  StartWithIncidents();
  Edge();
  stepped->All();
  After(2);
  Frame();
  stepped->Camera();
  EXPECT_TRUE(camera.released.empty());
  stepped->Gate();
  stepped->Inference();
  stepped->Gate();
  EXPECT_EQ(camera.released.size(), 1U);
}

TEST_F(LoopTest, ABufferThatNobodyKnowsIsAFaultOfTheCamera) {
  Start();
  FrameIn(255);
  stepped->All();
  EXPECT_TRUE(stepped->runs());
  FrameIn(256);
  stepped->All();
  EXPECT_EQ(Words(), "camera failed: ");
  EXPECT_EQ(camera.released, (std::vector<std::uint32_t>{255, 256}));
}

TEST_F(LoopTest, APartialFrameRejectsItsPart) {
  Start();
  Edge();
  stepped->All();
  After(2);
  Frame(true, image::FrameStatus::kPartial);
  stepped->All();
  EXPECT_EQ(Decided(1)->reason, Reason::kPartialFrame);
}

// --- The gate thread.

TEST_F(LoopTest, GateLoopEndsOfflineWithAllLinesSafe) {
  Start();
  Edge();
  stepped->Trigger();
  station->RequestStop();
  stepped->GateLoop();
  EXPECT_FALSE(station->running());
  EXPECT_TRUE(stepped->WhyEnded());
  EXPECT_EQ(Decided(1)->reason, Reason::kShutdown);
  for (std::size_t line = 0; line < kOutputLines; ++line) {
    EXPECT_FALSE(output.energised(static_cast<OutputLine>(line))) << line;
  }
}

// Of a time that never comes here, so that only a notification ends a wait.
class LoopThatWaits : public testing::ScriptedLine {
 protected:
  LoopThatWaits() : ScriptedLine(TimePoint(seconds(4'000'000'000))) {}
};

// One that spins never does.
bool Sleeps(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] == 'S';
}

TEST_F(LoopThatWaits, TakesAllThatIsThereAndThenWaits) {
  settings.gate.escalation.rejects_amber = 2;
  std::atomic<bool> amber{false};
  output.on_set = [&amber](OutputLine line, bool energised) {
    if (line == OutputLine::kAmber && energised) amber = true;
    return true;
  };
  Start();
  Edge();
  Edge();
  for (int k = 0; k < 2; ++k) stepped->Trigger();
  ASSERT_TRUE(stepped->gate_was_woken());
  std::atomic<pid_t> id{0};
  std::thread gate([this, &id] {
    id = gettid();
    stepped->GateLoop();
  });
  EXPECT_TRUE(Comes("both parts, too close to each other", [&] { return amber.load(); }));
  EXPECT_TRUE(Comes("its sleep", [&] { return Sleeps(id); }));
  station->RequestStop();
  gate.join();
}

TEST_F(LoopThatWaits, TheInferenceThreadSleepsToo) {
  Start();
  std::atomic<pid_t> id{0};
  std::thread inference([this, &id] {
    id = gettid();
    stepped->InferenceLoop();
  });
  EXPECT_TRUE(Comes("its sleep", [&] { return id != 0 && Sleeps(id); }));
  stepped->StopThreads();
  stepped->WakeInference();
  inference.join();
}

// Page faults of this thread from before do not count.
TEST_F(LoopTest, GateLoopCountsItsOwnPageFaults) {
  std::vector<char> much(40 << 20);
  for (std::size_t at = 0; at < much.size(); at += 4096) much[at] = 1;
  rusage before{};
  getrusage(RUSAGE_THREAD, &before);
  Start();
  output.on_set = [&much](OutputLine, bool) {
    std::vector<char> more(40 << 20);
    for (std::size_t at = 0; at < more.size(); at += 4096) more[at] = much[at];
    return true;
  };
  station->RequestStop();
  stepped->GateLoop();
  rusage now{};
  getrusage(RUSAGE_THREAD, &now);
  const auto in_all = static_cast<std::uint64_t>(now.ru_minflt - before.ru_minflt);
  EXPECT_GT(station->gate_thread_cost().minor_faults, 0U);
  EXPECT_LE(station->gate_thread_cost().minor_faults, in_all);
}

TEST_F(LoopTest, AStopEndsTheLine) {
  Start();
  stepped->All();
  station->RequestStop();
  stepped->Gate();
  EXPECT_EQ(Words(), "");
}

TEST_F(LoopTest, ALineThatIsOverWaitsForItsParts) {
  Start();
  Edge();
  EndLine();
  for (int k = 0; k < 2; ++k) stepped->Trigger(), stepped->Camera(), stepped->Signals();
  stepped->Gate();
  EXPECT_TRUE(stepped->runs()) << "a part is in flight";
  After(9);
  stepped->Gate();
  EXPECT_EQ(Decided(1)->reason, Reason::kNoFrame);
  EXPECT_FALSE(stepped->runs());
}

// Both wait when the sources have ended. The first taken is not the end.
TEST_F(LoopTest, ALineThatIsOverTakesAllThatWaits) {
  Start();
  Signal(SignalKind::kPlcBeat);
  After(1);
  Edge();
  EndLine();
  for (int k = 0; k < 2; ++k) stepped->Trigger(), stepped->Camera(), stepped->Signals();
  EXPECT_TRUE(stepped->OneStepOfGate());
  stepped->Gate();
  EXPECT_EQ(stepped->counts().parts, 1U);
  EXPECT_TRUE(stepped->runs());
}

// A source tells its last and ends between the gate thread's look at its queue and its look whether
// the line is over.
TEST_F(LoopTest, WhatASourceToldLastIsTakenBeforeTheEnd) {
  const std::function<void()> last[] = {[this] { Edge(); }, [this] { Frame(); },
                                        [this] { Signal(SignalKind::kBinSensor); }};
  for (const auto& tell : last) {
    edges = frames = 0;
    trigger = {};
    camera = {};
    signals = {};
    Start();
    stepped->Gate();
    After(500);  // the heart beats
    bool told = false;
    output.on_set = [&](OutputLine, bool) {
      if (told) return true;
      told = true;
      tell();
      EndLine();
      for (int k = 0; k < 2; ++k) stepped->Trigger(), stepped->Camera(), stepped->Signals();
      return true;
    };
    EXPECT_TRUE(stepped->OneStepOfGate());
    EXPECT_TRUE(told);
    output.on_set = [](OutputLine, bool) { return true; };
  }
}

TEST_F(LoopTest, AnInferenceThreadThatStaysAwayEndsTheLine) {
  settings.gate.fault_after = milliseconds(100);
  Start();
  PartAtTheModel();
  After(99);
  stepped->Gate();
  EXPECT_TRUE(stepped->runs());
  After(1);
  stepped->Gate();
  EXPECT_FALSE(stepped->runs());
}

TEST_F(LoopTest, AnOutputThatDoesNotTakeItsLevelAtTheVeryEndIsSaid) {
  Start();
  stepped->All();
  output.on_set = [](OutputLine line, bool energised) {
    return energised || line != OutputLine::kPass;  // it is safe already, and says it is not
  };
  station->RequestStop();
  stepped->Gate();
  EXPECT_EQ(Words(), "the output did not take its level; check its wiring and driver");
}

// --- A unit that sleeps.

TEST_F(LoopTest, ASuspensionBeforeTheStartIsOfNoInterest) {
  clock.Suspend(hours(5));
  Start();
  Part();
  EXPECT_TRUE(Decided(1)->released);
  EXPECT_EQ(stepped->counts().tracking_lost, 0U);
}

TEST_F(LoopTest, ASuspensionIsOneLossOfTracking) {
  Start();
  Part();
  ASSERT_TRUE(pass());
  clock.Suspend(milliseconds(1));
  stepped->All();
  EXPECT_TRUE(pass()) << "so much the two clocks may differ by chance";
  clock.Suspend(nanoseconds(1));
  for (int k = 0; k < 5; ++k) stepped->All();
  EXPECT_FALSE(pass());
  EXPECT_EQ(stepped->counts().tracking_lost, 1U);
  clock.Suspend(seconds(1));
  for (int k = 0; k < 5; ++k) stepped->All();
  EXPECT_EQ(stepped->counts().tracking_lost, 2U);
}

// --- What comes in.

TEST_F(LoopTest, APlcWhoseHeartBeatsIsThere) {
  settings.gate.plc_beat_within = milliseconds(200);
  Start();
  for (std::uint32_t beat = 0; beat < 10; ++beat) {
    Signal(SignalKind::kPlcBeat, beat % 2);
    stepped->All();
    After(100);
    stepped->All();
  }
  EXPECT_FALSE(output.energised(OutputLine::kAmber));
  EXPECT_TRUE(output.energised(OutputLine::kReady));
  for (int k = 0; k < 10; ++k) {
    Signal(SignalKind::kPlcBeat, 1);
    After(100);
    stepped->All();
  }
  EXPECT_TRUE(output.energised(OutputLine::kAmber)) << "it stands at 1";
}

TEST_F(LoopTest, TheLevelOfThePlcsHeartIsWrittenDown) {
  StartWithIncidents();
  Signal(SignalKind::kPlcBeat, 1);
  Signal(SignalKind::kPlcBeat, 0);
  stepped->All();
  station->RequestIncident();
  stepped->All();
  incidents->Start();
  ASSERT_TRUE(incidents->Stop());
  const auto incident =
      incident::ReadIncidentFile(tree.root() / "incidents/incident-000001-request.tgi");
  ASSERT_TRUE(incident);
  const auto events = gate::ReadEvents(incident->stretches[0].events);
  ASSERT_TRUE(events);
  std::vector<bool> levels;
  for (const gate::event::Any& event : *events) {
    if (const auto* beat = std::get_if<gate::event::PlcBeat>(&event)) levels.push_back(beat->level);
  }
  EXPECT_EQ(levels, (std::vector<bool>{true, false}));
}

TEST_F(LoopTest, APartIsInTheJournalFromItsEdgeOn) {
  StartWithJournal();
  using Stage = record::FlightJournal::Stage;
  Edge();
  stepped->All();
  ASSERT_EQ(Journal().size(), 1U);
  EXPECT_EQ(Journal()[0].part, (gate::PartId{7, 1}));
  EXPECT_EQ(Journal()[0].stage, Stage::kInFlight);
  EXPECT_EQ(Journal()[0].trigger_at, clock.Now());
  After(2);
  Frame();
  Stage before_pass{};
  output.on_set = [&](OutputLine line, bool energised) {
    if (line == OutputLine::kPass && energised) before_pass = Journal()[0].stage;
    return true;
  };
  stepped->All();
  EXPECT_EQ(before_pass, Stage::kPassing);
  EXPECT_EQ(Journal()[0].stage, Stage::kDecided);
  EXPECT_TRUE(Journal()[0].released);
  After(10);
  Part(false);
  ASSERT_EQ(Journal().size(), 2U);
  EXPECT_EQ(Journal()[1].part, (gate::PartId{7, 2}));
  EXPECT_EQ(Journal()[1].reason, Reason::kDefect);
}

// --- The inference thread.

TEST_F(LoopTest, ARunIsMeasuredFromItsStartToItsEnd) {
  behaviour = [this](auto input, auto logits, const auto& terminate) {
    clock.Advance(milliseconds(1));
    return inspect::testing::SayBadWhenBright(input, logits, terminate);
  };
  Start();
  Edge();
  stepped->All();
  After(2);
  Frame(false);
  const TimePoint started = clock.Now();
  stepped->All();
  const gate::Answer& answer = Decided(1)->answer;
  EXPECT_EQ(answer.started_at, started);
  EXPECT_EQ(answer.finished_at, clock.Now());
  EXPECT_GT(answer.finished_at, answer.started_at);
  EXPECT_EQ(answer.verdict, Verdict::kFail);
  EXPECT_EQ(answer.windows, 2);
}

// A run that was told to stop before it began stops; the next part's does not.
TEST_F(LoopTest, TheRunOfALatePartIsToldToStopAndNoOther) {
  int runs = 0;
  behaviour = [&runs](auto input, auto logits, const auto& terminate) {
    ++runs;
    return inspect::testing::SayBadWhenBright(input, logits, terminate);
  };
  Start();
  PartAtTheModel();
  After(7);
  stepped->Gate();  // late
  stepped->Inference();
  EXPECT_EQ(runs, 0);
  stepped->Gate();
  After(10);
  Part();
  EXPECT_EQ(runs, 2) << "two windows";
  EXPECT_TRUE(Decided(2)->released);
}

TEST_F(LoopTest, ARunAtTheEndOfTheStationIsToldToStop) {
  int runs = 0;
  behaviour = [&runs](auto input, auto logits, const auto& terminate) {
    ++runs;
    return inspect::testing::SayBadWhenBright(input, logits, terminate);
  };
  Start();
  PartAtTheModel();
  stepped->StopThreads();
  stepped->Inference();
  EXPECT_EQ(runs, 0);
}

TEST_F(LoopTest, TheModelIsKeptWarmOnlyWhereNoPartIsInFlightAndSomeTimeAfterTheLast) {
  settings.keep_warm = milliseconds(20);
  settings.warm_frame = kGood;
  Start();
  stepped->All();
  After(20);
  stepped->KeepWarm();
  EXPECT_EQ(station->warm_runs(), 1U);
  Edge();
  stepped->Trigger();
  stepped->Gate();
  After(2);
  Frame();
  stepped->Camera();
  stepped->Gate();
  After(5);
  stepped->Inference();
  After(14);  // 21 ms after the edge, 14 after the run
  stepped->Gate();
  stepped->KeepWarm();
  EXPECT_EQ(station->warm_runs(), 1U);
  After(6);
  stepped->Gate();
  stepped->KeepWarm();
  EXPECT_EQ(station->warm_runs(), 2U);
  Edge();
  stepped->Trigger();
  stepped->Gate();
  After(20);  // the gate thread stands still
  stepped->KeepWarm();
  EXPECT_EQ(station->warm_runs(), 2U) << "a part is in flight";
}

// Its edge waits in the pump while an older signal is taken.
TEST_F(LoopTest, TheModelIsNotKeptWarmWhileAnEdgeWaits) {
  settings.keep_warm = milliseconds(20);
  settings.warm_frame = kGood;
  Start();
  stepped->All();
  Signal(SignalKind::kBinSensor);
  After(1);
  Edge();
  stepped->Signals();
  stepped->Trigger();
  EXPECT_TRUE(stepped->OneStepOfGate());
  ASSERT_EQ(stepped->counts().parts, 0U);
  After(20);  // the gate thread stands still
  stepped->KeepWarm();
  EXPECT_EQ(station->warm_runs(), 0U);
}

// --- The wires.

TEST_F(LoopTest, PassIsSetOnlyBeforeItsTime) {
  Start();
  EXPECT_FALSE(stepped->SetLine(gate::Line::kPass, true, clock.Now()));
  EXPECT_FALSE(pass());
  EXPECT_TRUE(stepped->SetLine(gate::Line::kPass, true, clock.Now() + nanoseconds(1)));
  EXPECT_TRUE(pass());
  EXPECT_TRUE(stepped->SetLine(gate::Line::kPass, false, clock.Now())) << "off at any time";
  EXPECT_FALSE(pass());
  stepped->SetLine(gate::Line::kReady, false, {});
  EXPECT_TRUE(stepped->SetLine(gate::Line::kReady, true, {})) << "the others, too";
}

// A thread that stalls between PASS and VALID: the PLC would take that PASS for the next part.
TEST_F(LoopTest, ValidLooksAtTheClockOnBothSidesOfTheWireToo) {
  Start();
  EXPECT_FALSE(stepped->SetLine(gate::Line::kValid, true, clock.Now()));
  EXPECT_FALSE(output.energised(OutputLine::kValid));
  EXPECT_TRUE(stepped->SetLine(gate::Line::kValid, true, clock.Now() + nanoseconds(1)));
  EXPECT_TRUE(stepped->SetLine(gate::Line::kValid, false, clock.Now()));
  const TimePoint latest = clock.Now() + milliseconds(3);
  output.on_set = [&](OutputLine, bool) {
    After(3);
    return true;
  };
  EXPECT_FALSE(stepped->SetLine(gate::Line::kValid, true, latest));
  output.on_set = [&](OutputLine, bool) {
    clock.Suspend(seconds(1));
    return true;
  };
  EXPECT_FALSE(stepped->SetLine(gate::Line::kValid, true, clock.Now() + seconds(1)));
}

TEST_F(LoopTest, PassThatWasSetTooLateIsSaid) {
  Start();
  const TimePoint latest = clock.Now() + milliseconds(3);
  output.on_set = [&](OutputLine, bool) {
    After(3);
    return true;
  };
  EXPECT_FALSE(stepped->SetLine(gate::Line::kPass, true, latest));
  EXPECT_TRUE(stepped->SetLine(gate::Line::kPass, true, clock.Now() + milliseconds(4)));
  EXPECT_TRUE(stepped->SetLine(gate::Line::kGreen, true, clock.Now()));
}

TEST_F(LoopTest, PassIsNotSetInAUnitThatSleptMeanwhile) {
  Start();
  const TimePoint latest = clock.Now() + milliseconds(3);
  output.on_set = [&](OutputLine, bool) {
    clock.Suspend(seconds(1));
    return true;
  };
  EXPECT_FALSE(stepped->SetLine(gate::Line::kPass, true, latest)) << "while it was set";
  int sets = 0;
  output.on_set = [&](OutputLine, bool) { return ++sets > 0; };
  EXPECT_FALSE(stepped->SetLine(gate::Line::kPass, true, latest)) << "before";
  EXPECT_EQ(sets, 0);
  EXPECT_TRUE(stepped->SetLine(gate::Line::kGreen, false, latest));
  EXPECT_EQ(sets, 1);
}

TEST_F(LoopTest, AnOutputThatDoesNotTakeALevelEndsTheLine) {
  Start();
  output.on_set = [](OutputLine line, bool energised) {
    return line != OutputLine::kGreen || energised;
  };
  EXPECT_TRUE(stepped->SetLine(gate::Line::kGreen, false, {})) << "nothing can be taken back";
  stepped->Gate();
  EXPECT_EQ(Words(), "the output did not take its level; check its wiring and driver");
}

TEST_F(LoopTest, APassThatTheOutputDoesNotTakeIsNone) {
  Start();
  output.on_set = [](OutputLine line, bool energised) {
    return line != OutputLine::kPass || !energised;
  };
  EXPECT_FALSE(stepped->SetLine(gate::Line::kPass, true, clock.Now() + milliseconds(1)));
  stepped->Gate();
  EXPECT_FALSE(stepped->runs());
}

// In the handler of a fatal signal: what the gate thread would do now.
class DyingOutput final : public line::Output {
 public:
  bool Set(OutputLine, bool, TimePoint, TimePoint) override { return true; }
  void MakeSafeInSignal() noexcept override {
    const bool dropped = stepped->SetLine(gate::Line::kPass, false, {});
    const bool energised = stepped->SetLine(gate::Line::kReady, true, {});
    _exit(dropped && !energised ? 7 : 8);
  }
  testing::SteppedStation* stepped = nullptr;
};

TEST_F(LoopTest, AProcessThatDiesEnergisesNothingAndDropsPass) {
  const auto die = [this] {
    DyingOutput dying;
    inspector = inspect::testing::SmallInspector();
    Station alone(settings, clock, {trigger, camera, dying}, *inspector, records,
                  [](std::string_view) {});
    testing::SteppedStation steps(alone, clock);
    dying.stepped = &steps;
    const LastCatch last_catch(dying);
    raise(SIGABRT);
  };
  EXPECT_EXIT(die(), ::testing::ExitedWithCode(7), "");
}

// --- What is recorded.

TEST_F(LoopTest, ADecisionIsRecordedWithTheTimeItWasIssued) {
  Start();
  output.on_set = [this](OutputLine line, bool energised) {
    if (line == OutputLine::kPass && energised) After(0.25);
    return true;
  };
  Part();
  const TimePoint issued = clock.Now();
  After(1);
  EXPECT_EQ(Decided(1)->issued_at, issued);
  const auto decisions = RecordsOf(RecordKind::kDecision);
  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_TRUE(decisions[0].decision.released);
  EXPECT_EQ(decisions[0].decision.issued_at, issued);
}

TEST_F(LoopTest, AnAnswerThatCameTooLateStandsBesideItsDecision) {
  Start();
  PartAtTheModel();
  After(5);
  stepped->Inference();
  After(2);
  stepped->Gate();  // was not asked for so long
  EXPECT_TRUE(Decided(1)->has_late_verdict);
  EXPECT_EQ(Decided(1)->late_verdict, Verdict::kPass);
  const auto late = RecordsOf(RecordKind::kLateAnswer);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].decision.part, (gate::PartId{7, 1}));
  EXPECT_EQ(late[0].decision.reason, Reason::kLate);
  EXPECT_EQ(late[0].decision.answer.verdict, Verdict::kPass);
}

TEST_F(LoopTest, AlsoWhereItsDecisionIsForgotten) {
  settings.ledger_parts = 1;
  Start();
  PartAtTheModel();
  After(10);
  Edge();
  stepped->Trigger();
  stepped->Gate();
  After(9);
  stepped->Gate();
  stepped->Inference();
  stepped->Gate();
  const auto late = RecordsOf(RecordKind::kLateAnswer);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].decision.part, (gate::PartId{7, 1}));
}

TEST_F(LoopTest, APassThatWasCutShortIsRecorded) {
  Start();
  Part();
  ASSERT_TRUE(pass());
  station->RequestStop();
  stepped->Gate();
  const auto cut = RecordsOf(RecordKind::kPassCutShort);
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_EQ(cut[0].decision.part, (gate::PartId{7, 1}));
}

TEST_F(LoopTest, WhatTheBinSaysIsRecordedAndInTheLedger) {
  settings.gate.bin_within = milliseconds(100);
  Start();
  Part(false);
  After(10);
  Signal(SignalKind::kBinSensor);
  stepped->All();
  EXPECT_EQ(Decided(1)->verified, gate::Verified::kAgreed);
  const auto said = RecordsOf(RecordKind::kVerified);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].decision.part, (gate::PartId{7, 1}));
  EXPECT_EQ(said[0].decision.verified, gate::Verified::kAgreed);
}

TEST_F(LoopTest, AnAlarmIsRecordedWithItsPartAndTime) {
  settings.gate.escalation.rejects_amber = 1;
  Start();
  Part(false);
  const TimePoint raised = clock.Now();
  After(1);
  const auto alarms = RecordsOf(RecordKind::kAlarm);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].alarm.kind, gate::AlarmKind::kRejectsInARow);
  EXPECT_EQ(alarms[0].alarm.severity, gate::Severity::kAmber);
  EXPECT_EQ(alarms[0].decision.part, (gate::PartId{7, 1}));
  EXPECT_EQ(alarms[0].at, raised);
}

// --- Incidents.

TEST_F(LoopTest, AnAlarmIsAnIncidentAndHandedOverAtOnce) {
  settings.gate.escalation.rejects_stop = 1;
  StartWithIncidents();
  Part(false);
  incidents->Start();
  ASSERT_TRUE(incidents->Stop());
  EXPECT_EQ(incidents->written(), 1U);
  EXPECT_TRUE(std::filesystem::exists(tree.root() / "incidents/incident-000001-line_stop.tgi"));
}

TEST_F(LoopTest, ADeviceThatFailedIsAnIncidentAndACleanEndIsNone) {
  for (const bool fails : {true, false}) {
    trigger = {};
    edges = frames = 0;
    StartWithIncidents();
    Part();
    trigger.End(fails ? line::Wait::kFault : line::Wait::kEnd);
    camera.End();
    signals.End();
    stepped->Run(seconds(1), milliseconds(1));
    EXPECT_FALSE(stepped->runs());
    incidents->Start();
    ASSERT_TRUE(incidents->Stop());
    EXPECT_EQ(incidents->written(), fails ? 1U : 0U);
    camera = {};
    signals = {};
  }
  EXPECT_TRUE(std::filesystem::exists(tree.root() / "incidents/incident-000001-device_failed.tgi"));
}

}  // namespace
}  // namespace taktgate::station
