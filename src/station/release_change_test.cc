// Another release in force: on the gate thread, stepped in virtual time.
#include "station/release_change.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/test_tree.h"
#include "gate/replay_log.h"
#include "record/flight_journal.h"
#include "record/record_lines.h"
#include "record/test_releases.h"
#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using gate::State;
using judge::Reason;
using judge::Verdict;
using std::chrono::milliseconds;
using RecordKind = record::Record::Kind;

class ReleaseChangeTest : public testing::ScriptedLine {
 protected:
  // Asked for and looked at by the gate thread; nothing: it waits.
  std::optional<ReleaseAnswer> Change(const LoadedRelease& release) {
    stepped->WishFor(release, order);
    return Answer();
  }
  std::optional<ReleaseAnswer> Answer() {
    stepped->Gate();
    return stepped->ReleaseAnswered();
  }
  // Asked for, done, and taken over by the inference thread.
  void MustChange(const LoadedRelease& release) {
    const auto answer = Change(release);
    ASSERT_TRUE(answer);
    ASSERT_FALSE(answer->why_not) << InWords(*answer->why_not, answer->station.state);
    EXPECT_EQ(answer->station.release, release.number);
    while (stepped->Inference()) {
    }
  }
  void MustRefuse(NotChanged why) {
    const auto answer = Change(Next());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->why_not, why);
    EXPECT_FALSE(answer->station.taken);
    EXPECT_EQ(answer->station.release, 1U);
    EXPECT_EQ(answer->station.cut_off, 0U);
    EXPECT_EQ(station->release_changes(), 0U);
  }
  void StartOnABeltThatRunsBack() {
    settings.gate.belt = {.mode = gate::BeltMode::kByCount,
                          .distance = 200,
                          .lead = 20,
                          .hold = 20,
                          .spacing = 60,
                          .reverse_tolerance = 5,
                          .longest_pass = milliseconds(20),
                          .position_age = milliseconds(10)};
    Start();
    Signal(line::Signal::Kind::kEncoder, 1000);
    Signal(line::Signal::Kind::kEncoder, 990);
    stepped->All();
  }
  std::vector<std::uint32_t> ReleasesOf(RecordKind kind) {
    std::vector<std::uint32_t> releases;
    for (const auto& record : RecordsOf(kind)) releases.push_back(record.decision.release);
    return releases;
  }
  const LoadedRelease First() { return {1, inspector.get(), milliseconds(2)}; }

  control::Order order;
};

TEST_F(ReleaseChangeTest, BetweenTwoPartsNothingIsLost) {
  Start();
  Part();
  After(10);
  stepped->All();
  order.name = gate::event::ShortName("Anna");
  (void)stepped->inference_was_woken();
  const auto answer = Change(Next());
  ASSERT_TRUE(answer) << "no part is in flight: at once";
  EXPECT_TRUE(answer->station.taken);
  EXPECT_EQ(answer->station.state, State::kContinuousExecution);
  EXPECT_EQ(answer->station.cut_off, 0U);
  EXPECT_TRUE(output.energised(OutputLine::kReady));
  EXPECT_TRUE(stepped->inference_was_woken());
  Part(false);
  EXPECT_TRUE(Decided(1)->released);
  EXPECT_TRUE(Decided(2)->released) << "the other release calls it good";
  EXPECT_EQ(Decided(1)->release, 1U);
  EXPECT_EQ(Decided(2)->release, 2U);
  EXPECT_EQ(station->release_changes(), 1U);
  EXPECT_EQ(station->parts_cut_off(), 0U);
  const auto orders = RecordsOf(RecordKind::kOrder);
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].order.kind, control::Order::Kind::kRelease);
  EXPECT_EQ(orders[0].order.name.view(), "Anna");
  EXPECT_EQ(orders[0].decision.release, 2U) << "in force from here on";
}

TEST_F(ReleaseChangeTest, WithAPartInFlightItWaitsForTheGapBehindIt) {
  Start();
  PartAtTheModel();
  EXPECT_FALSE(Change(Next()));
  After(1);
  stepped->All();
  EXPECT_FALSE(Answer()) << "PASS is on the wire";
  ASSERT_TRUE(pass());
  After(7);
  const auto answer = Answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->station.cut_off, 0U);
  EXPECT_TRUE(Decided(1)->released);
  EXPECT_EQ(station->parts_cut_off(), 0U);
}

TEST_F(ReleaseChangeTest, WhatWasRejectedBeforeItIsNotCounted) {
  Start();
  Part(false);
  ASSERT_FALSE(Decided(1)->released);
  After(10);
  stepped->All();
  const auto answer = Change(Next());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->station.cut_off, 0U);
}

TEST_F(ReleaseChangeTest, AnEdgeThatWaitsGoesFirst) {
  Start();
  Signal(line::Signal::Kind::kBinSensor);
  After(1);
  Edge();
  stepped->Signals();
  stepped->Trigger();
  stepped->WishFor(Next());
  EXPECT_TRUE(stepped->OneStepOfGate());
  ASSERT_EQ(stepped->counts().parts, 0U);
  EXPECT_FALSE(stepped->ReleaseAnswered()) << "the edge is in the pump";
  EXPECT_FALSE(Answer());
  ASSERT_EQ(stepped->counts().parts, 1U);
  After(20);
  EXPECT_TRUE(Answer());
  EXPECT_EQ(Decided(1)->release, 1U);
}

// A line that is never without a part.
TEST_F(ReleaseChangeTest, AfterASecondItIsDoneAllTheSameAndThePartsInFlightAreRejects) {
  settings.gate.belt = {.mode = gate::BeltMode::kByTime,
                        .distance = Duration(milliseconds(60)).count(),
                        .lead = Duration(milliseconds(2)).count(),
                        .hold = Duration(milliseconds(2)).count(),
                        .spacing = Duration(milliseconds(8)).count()};
  Start();
  Part();
  After(8);
  ASSERT_FALSE(Change(Next()));
  EXPECT_LE(stepped->NextLook(), clock.Now() + milliseconds(1000));
  for (int part = 0; part < 99; ++part) {
    Part();
    After(8);
    ASSERT_FALSE(Answer()) << part;
  }
  After(5);
  Part();
  const std::uint64_t before = station->parts();
  After(3);
  EXPECT_LE(stepped->NextLook(), clock.Now()) << "it must look now, though nothing happens";
  const auto answer = Answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->station.taken);
  EXPECT_GE(answer->station.cut_off, 4U) << "on the belt between camera and gate";
  EXPECT_EQ(answer->station.cut_off, station->parts_cut_off());
  EXPECT_EQ(answer->station.state, State::kContinuousExecution);
  EXPECT_EQ(Decided(before)->reason, Reason::kOffline);
  EXPECT_EQ(Decided(before)->release, 1U);
  After(8);
  Part(false);
  stepped->Run(milliseconds(60), milliseconds(1));
  EXPECT_EQ(Decided(before + 1)->reason, Reason::kNone);
  EXPECT_EQ(Decided(before + 1)->release, 2U);
}

TEST_F(ReleaseChangeTest, APassThatIsTakenOffForItIsCounted) {
  settings.gate.pass_hold = milliseconds(1500);
  Start();
  Part();
  ASSERT_TRUE(pass());
  EXPECT_FALSE(Change(Next()));
  After(999);
  EXPECT_FALSE(Answer());
  After(1);
  const auto answer = Answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->station.cut_off, 1U);
  EXPECT_FALSE(pass());
  EXPECT_EQ(ReleasesOf(RecordKind::kPassCutShort), std::vector<std::uint32_t>{1});
}

TEST_F(ReleaseChangeTest, AStoppedStationStaysStopped) {
  Start();
  control::Order stop;
  stop.kind = control::Order::Kind::kStop;
  ASSERT_TRUE(stepped->Give(stop)->taken);
  const auto answer = Change(Next());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->station.taken);
  EXPECT_EQ(answer->station.state, State::kReady);
  EXPECT_FALSE(output.energised(OutputLine::kReady));
  Part(false);
  EXPECT_EQ(Decided(1)->reason, Reason::kOffline);
  EXPECT_EQ(Decided(1)->release, 2U);
  control::Order start;
  start.kind = control::Order::Kind::kStart;
  ASSERT_TRUE(stepped->Give(start)->taken);
  After(10);
  Part(false);
  EXPECT_TRUE(Decided(2)->released);
}

TEST_F(ReleaseChangeTest, InAnErrorItIsRefused) {
  Start();
  PartAtTheModel();
  After(1000);
  stepped->OneStepOfGate();  // the inference thread is away
  stepped->WishFor(Next());
  stepped->Gate();
  EXPECT_FALSE(stepped->runs());
  EXPECT_FALSE(stepped->ReleaseAnswered()) << "the station has ended";
  EXPECT_NE(InWords(NotChanged::kState, State::kError).find("the station is in Error"),
            std::string::npos);
}

TEST_F(ReleaseChangeTest, OnABeltThatRanBackItIsRefusedForThatStartIsAPersons) {
  StartOnABeltThatRunsBack();
  MustRefuse(NotChanged::kBelt);
  Edge();
  stepped->All();
  EXPECT_EQ(Decided(1)->reason, Reason::kTrackingLost) << "still";
}

TEST_F(ReleaseChangeTest, DuringAChallengeItIsRefused) {
  Start();
  control::Order challenge;
  challenge.kind = control::Order::Kind::kChallenge;
  challenge.parts = 1;
  ASSERT_TRUE(stepped->Give(challenge)->taken);
  MustRefuse(NotChanged::kChallenge);
  EXPECT_NE(InWords(NotChanged::kChallenge, {}).find("a challenge is under way"),
            std::string::npos);
  Part(false);
  After(10);
  MustChange(Next());
}

TEST_F(ReleaseChangeTest, AChallengeThatWasMissedHoldsNoReleaseOff) {
  Start();
  control::Order challenge;
  challenge.kind = control::Order::Kind::kChallenge;
  challenge.parts = 3;
  ASSERT_TRUE(stepped->Give(challenge)->taken);
  Part();
  After(10);
  MustChange(Next());
  Part(false);
  EXPECT_EQ(Decided(2)->reason, Reason::kLineStopped) << "nor does it end the line stop";
}

TEST_F(ReleaseChangeTest, OneThatWasTakenBackIsNotObeyed) {
  Start();
  stepped->WishFor(Next());
  stepped->TakeWishBack();
  stepped->Gate();
  EXPECT_FALSE(stepped->ReleaseAnswered());
  EXPECT_EQ(station->release_changes(), 0U);
}

TEST_F(ReleaseChangeTest, WhereTheLastOneWasNotTakenOverItIsRefusedAfterTwoSeconds) {
  Start();
  ASSERT_TRUE(Change(Next()));
  const LoadedRelease first = First();
  EXPECT_FALSE(Change(first)) << "the inference thread has not looked yet";
  After(1000);
  EXPECT_FALSE(Answer());
  EXPECT_EQ(stepped->NextLook(), std::min(stepped->NextTimer(), clock.Now() + milliseconds(1000)));
  After(500);
  EXPECT_FALSE(Answer());
  EXPECT_EQ(stepped->NextLook(), std::min(stepped->NextTimer(), clock.Now() + milliseconds(500)));
  After(500);
  const auto answer = Answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->why_not, NotChanged::kBusy);
  EXPECT_EQ(answer->station.release, 2U);
  EXPECT_EQ(answer->station.cut_off, 0U);
  stepped->Inference();
  MustChange(first);
  Part();
  EXPECT_TRUE(Decided(1)->released);
  EXPECT_EQ(Decided(1)->release, 1U);
}

// The gate waits for nothing else then.
TEST_F(ReleaseChangeTest, TheGateThreadIsToldThatOneWasTakenOver) {
  Start();
  ASSERT_TRUE(Change(Next()));
  (void)stepped->gate_was_woken();
  EXPECT_TRUE(stepped->Inference());
  EXPECT_TRUE(stepped->gate_was_woken());
  EXPECT_FALSE(stepped->Inference());
}

TEST_F(ReleaseChangeTest, ALateAnswerIsThatOfItsPartsRelease) {
  settings.gate.fault_after = std::chrono::seconds(10);
  Start();
  PartAtTheModel();  // a good part
  After(8);
  stepped->Gate();
  ASSERT_EQ(Decided(1)->reason, Reason::kLate);
  EXPECT_FALSE(Change(Next())) << "its run is not back";
  After(1000);
  ASSERT_TRUE(Answer());
  EXPECT_TRUE(stepped->Inference()) << "the old part's run, by the old release";
  stepped->Gate();
  After(20);
  Part(false);
  EXPECT_TRUE(Decided(2)->released);
  const auto late = RecordsOf(RecordKind::kLateAnswer);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].decision.release, 1U);
  EXPECT_EQ(late[0].decision.part, (gate::PartId{7, 1}));
  const record::RecordLines lines(record::testing::SmallReleases());
  EXPECT_NE(lines.LineOf(late[0]).find("\"release\":\"aaaaaaaaaaaa\""), std::string::npos);
  EXPECT_NE(lines.LineOf(Records().back()).find("\"release\":\"bbbbbbbbbbbb\""), std::string::npos);
}

// The inference thread was not idle meanwhile.
TEST_F(ReleaseChangeTest, TheFirstPartAfterItIsJudgedByTheNewOne) {
  Start();
  ASSERT_TRUE(Change(Next()));
  Edge();
  stepped->Trigger();
  stepped->Gate();
  After(2);
  Frame(false);  // bad to the first release, good to the next
  stepped->Camera();
  stepped->Gate();
  EXPECT_TRUE(stepped->Inference());
  stepped->Gate();
  EXPECT_TRUE(pass());
  After(20);
  stepped->Gate();
  ASSERT_NE(Decided(1), nullptr);
  EXPECT_TRUE(Decided(1)->released);
  EXPECT_EQ(Decided(1)->release, 2U);
}

// Neither can happen by the protocol.
TEST_F(ReleaseChangeTest, WhatAnotherReleaseSaysAboutAPartIsNoAnswer) {
  Start();
  PartAtTheModel();
  stepped->MisnumberTheNextAnswer();
  stepped->Gate();
  ASSERT_NE(Decided(1), nullptr);
  EXPECT_FALSE(Decided(1)->released);
  EXPECT_EQ(Decided(1)->reason, Reason::kModelError);
  EXPECT_EQ(Decided(1)->answer.verdict, Verdict::kUnknown);
  EXPECT_EQ(Decided(1)->answer.windows, 0U);
  EXPECT_EQ(Decided(1)->answer.finished_at, clock.Now());
}

TEST_F(ReleaseChangeTest, APartWhoseReleaseIsNotLoadedHasNoAnswer) {
  Start();
  MustChange(Next());
  next.number = 3;  // what the inference thread has is no longer number 2
  Part(false);
  ASSERT_NE(Decided(1), nullptr);
  EXPECT_EQ(Decided(1)->release, 2U);
  EXPECT_EQ(Decided(1)->reason, Reason::kModelError);
}

TEST_F(ReleaseChangeTest, TheReserveIsThatOfTheReleaseInForce) {
  Start();
  MustChange(Next(milliseconds(7)));
  Part(false);  // its frame is there 2 ms after the edge: 6 ms are left
  EXPECT_EQ(Decided(1)->reason, Reason::kNoSlack);
  After(10);
  const LoadedRelease first = First();
  MustChange(first);
  Part();
  EXPECT_TRUE(Decided(2)->released);
}

TEST_F(ReleaseChangeTest, AlarmsNameTheReleaseInForceAndTheBinThatOfItsPart) {
  settings.gate.escalation.rejects_amber = 1;
  settings.gate.bin_within = milliseconds(200);
  Start();
  Part();
  After(10);
  stepped->All();
  Part(false);
  After(10);
  stepped->All();
  EXPECT_FALSE(Change(Next())) << "the bin has not spoken";
  After(150);
  Signal(line::Signal::Kind::kBinSensor);
  stepped->All();
  After(200);
  ASSERT_TRUE(Answer());
  stepped->All();
  Part();
  const auto verified = RecordsOf(RecordKind::kVerified);
  ASSERT_GE(verified.size(), 2U);
  for (const auto& record : verified) EXPECT_EQ(record.decision.release, 1U);
  const auto alarms = ReleasesOf(RecordKind::kAlarm);
  ASSERT_FALSE(alarms.empty());
  EXPECT_EQ(alarms.front(), 1U);
}

TEST_F(ReleaseChangeTest, TheJournalHasTheReleaseOfEachPart) {
  taktgate::testing::Tree tree;
  std::filesystem::create_directories(tree.root() / "memory");
  auto journal = std::move(
      record::FlightJournal::Begin({tree.root(), tree.root() / "memory"}, 7, "first").value());
  journal->NameRelease(2, "second");
  Start({.journal = journal.get()});
  Part();
  After(10);
  stepped->All();
  MustChange(Next());
  PartAtTheModel();
  const auto entries = journal->Look().entries;
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].release, "first");
  EXPECT_EQ(entries[1].release, "second");
}

TEST_F(ReleaseChangeTest, AnIncidentOfTwoReleasesIsReplayed) {
  taktgate::testing::Tree tree;
  incident::IncidentRecorder incidents(
      {tree.root() / "incidents", 4, 20}, settings.gate, {}, 64 * 48, [](std::string_view) {},
      record::testing::SmallReleases());
  Start({.incidents = &incidents});
  incidents.Start();
  Part();
  After(10);
  stepped->All();
  MustChange(Next());
  Part(false);
  station->RequestIncident();
  stepped->Gate();
  ASSERT_TRUE(incidents.Stop());
  const auto incident =
      incident::ReadIncidentFile(tree.root() / "incidents" / "incident-000001-request.tgi");
  ASSERT_TRUE(incident) << incident.error().message;
  const auto replay = gate::ReplayLog(incident->settings, incident->stretches);
  ASSERT_TRUE(replay) << replay.error().message;
  EXPECT_FALSE(replay->difference);
  EXPECT_EQ(replay->decisions, 2U);
}

TEST_F(ReleaseChangeTest, BothReleasesAreKeptWarmAndTheOneInForceLast) {
  settings.keep_warm = milliseconds(20);
  settings.warm_frame = kGood;
  std::vector<int> runs;
  behaviour = [&](auto, auto, const auto&) {
    runs.push_back(1);
    return infer::RunOutcome::kDone;
  };
  Start();
  auto other = inspect::testing::SmallInspector([&](auto, auto, const auto&) {
    runs.push_back(2);
    return infer::RunOutcome::kDone;
  });
  const LoadedRelease second{2, other.get(), {}};
  MustChange(second);
  stepped->All();
  After(20);
  stepped->KeepWarm();
  EXPECT_EQ(runs, (std::vector<int>{1, 1, 2, 2})) << "two windows each";
  EXPECT_EQ(station->warm_runs(), 2U);
}

TEST_F(ReleaseChangeTest, WhatIsHeldIsSaid) {
  Start();
  const LoadedRelease second = Next();
  const LoadedRelease third{3, next_inspector.get(), {}};
  const LoadedRelease fourth{4, next_inspector.get(), {}};
  EXPECT_FALSE(station->Uses(second));
  ASSERT_TRUE(Change(second));
  EXPECT_TRUE(station->Uses(second)) << "not taken over yet";
  stepped->Inference();
  EXPECT_TRUE(station->Uses(second));
  MustChange(third);
  EXPECT_TRUE(station->Uses(second)) << "kept loaded";
  EXPECT_TRUE(station->Uses(third));
  MustChange(fourth);
  EXPECT_FALSE(station->Uses(second));
}

TEST_F(ReleaseChangeTest, AfterTheEndItIsRefused) {
  Start();
  stepped->GateThreadEnds();
  const auto refused = station->ChangeRelease(Next(), order);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kWrongState);
  EXPECT_EQ(refused.error().message, "the station has ended");
}

TEST_F(ReleaseChangeTest, WhoAskedIsToldWhy) {
  StartOnABeltThatRunsBack();
  (void)stepped->gate_was_woken();
  std::thread giver([&] {
    const auto refused = station->ChangeRelease(Next(), order);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kWrongState);
    EXPECT_NE(refused.error().message.find("belt has run back"), std::string::npos);
  });
  while (!stepped->gate_was_woken()) std::this_thread::yield();
  stepped->Gate();
  giver.join();
}

// The gate thread has taken it, so it answers, however long that takes.
TEST_F(ReleaseChangeTest, WhatTheGateThreadHasTakenIsWaitedFor) {
  settings.gate.pass_hold = std::chrono::seconds(5);
  Start();
  Part();
  (void)stepped->gate_was_woken();
  std::thread giver([&] {
    const auto changed = station->ChangeRelease(Next(), order);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->station.release, 2U);
  });
  while (!stepped->gate_was_woken()) std::this_thread::yield();
  stepped->Gate();
  After(2000);
  const int looks = clock.looks;
  while (clock.looks < looks + 3) std::this_thread::yield();
  stepped->Gate();
  giver.join();
}

// Another thread asks while this one makes the gate thread's steps.
TEST_F(ReleaseChangeTest, ItIsForcedASecondAfterItWasAskedFor) {
  settings.gate.pass_hold = std::chrono::seconds(5);
  Start();
  Part();
  (void)stepped->gate_was_woken();
  std::thread giver([&] { EXPECT_TRUE(station->ChangeRelease(Next(), order)); });
  while (!stepped->gate_was_woken()) std::this_thread::yield();
  After(999);
  stepped->Gate();
  EXPECT_TRUE(pass());
  After(1);
  stepped->Gate();
  EXPECT_FALSE(pass());
  stepped->GateThreadEnds();  // so that the giver comes back in every case
  giver.join();
  EXPECT_EQ(station->release_changes(), 1U);
}

TEST_F(ReleaseChangeTest, ItIsGivenUpTwoSecondsAfterItWasAskedFor) {
  Start();
  ASSERT_TRUE(Change(Next()));  // and the inference thread does not take it over
  const LoadedRelease first = First();
  (void)stepped->gate_was_woken();
  std::thread giver([&] {
    const auto refused = station->ChangeRelease(first, order);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("too busy"), std::string::npos);
  });
  while (!stepped->gate_was_woken()) std::this_thread::yield();
  stepped->Gate();
  After(2000);
  stepped->Gate();
  stepped->GateThreadEnds();  // so that the giver comes back in every case
  giver.join();
}

// Without a station, whose gate has timers of its own, and whose gate thread ends where the gate is
// neither online nor Ready.
class ReleaseChangeAlone : public ::testing::Test {
 protected:
  void Wish() {
    wishes.Tell({&second, {}, clock.Now() + milliseconds(10), clock.Now() + milliseconds(20)});
  }

  VirtualClock clock;
  gate::GateOutputs outputs;
  gate::RecordedGate gate{{}, outputs, nullptr};
  gate::LineViewKeeper view;
  record::RecordQueue queue{8, {}};
  GateRecords records{gate, 7, 8, queue, clock};
  EventSignal signal;
  const std::atomic<bool> running{true};
  Orders orders{clock, signal, running};
  ReleaseWishes wishes{clock, signal, running};
  OrderDesk desk{gate, view, records, clock, orders};
  std::unique_ptr<inspect::Inspector> inspector = inspect::testing::SmallInspector();
  const LoadedRelease first{1, inspector.get(), {}}, second{2, inspector.get(), {}};
  ReleaseSlot slot{first};
  ReleaseChange change{gate, desk, records, slot, signal, clock, wishes};
};

TEST_F(ReleaseChangeAlone, IsRefusedWhereTheGateIsNeitherOnlineNorReady) {
  Wish();
  change.MakeIfWanted(false);
  const auto answer = wishes.Answered();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->why_not, NotChanged::kState);
  EXPECT_FALSE(answer->station.taken);
  EXPECT_EQ(gate.release(), 0U);
  EXPECT_FALSE(slot.Holds(second));
  EXPECT_EQ(change.changes(), 0U);
}

TEST_F(ReleaseChangeAlone, LooksAgainWhenItIsForcedAndWhenItIsGivenUp) {
  gate.On(gate::event::Command{gate::Command::kInitialize, {}, {}});
  gate.On(gate::event::ChangeRelease{1, {}, {}, {}});
  gate.On(gate::event::Command{gate::Command::kPrepare, {}, {}});
  slot.Put(second);  // and nobody takes it over
  EXPECT_EQ(change.NextLook(), gate.NextTimer()) << "nothing is wanted";
  Wish();
  change.MakeIfWanted(false);
  EXPECT_EQ(change.NextLook(), TimePoint(milliseconds(10)));
  clock.Advance(milliseconds(10));
  change.MakeIfWanted(false);
  EXPECT_EQ(change.NextLook(), TimePoint(milliseconds(20)));
  clock.Advance(milliseconds(10));
  change.MakeIfWanted(false);
  EXPECT_EQ(change.NextLook(), gate.NextTimer());
  const auto answer = wishes.Answered();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->why_not, NotChanged::kBusy);
}

TEST_F(ReleaseChangeTest, WhereTheGateThreadDoesNotLookItsGiverIsToldAfterTwoSeconds) {
  Start();
  std::thread giver([&] {
    const auto refused = station->ChangeRelease(Next(), order);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
    EXPECT_NE(refused.error().message.find("too busy"), std::string::npos);
  });
  while (!stepped->gate_was_woken()) std::this_thread::yield();
  After(2000);
  giver.join();
  stepped->Gate();
  EXPECT_EQ(station->release_changes(), 0U) << "nor is it done later";
}

}  // namespace
}  // namespace taktgate::station
