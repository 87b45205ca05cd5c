#include "selftest/point.h"

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/test_tree.h"
#include "inspect/test_release.h"
#include "inspect/test_whole_bundle.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "selftest/realtime_threads.h"
#include "selftest/station_points.h"
#include "selftest/timer.h"

namespace taktgate::selftest {
namespace {

using std::chrono::milliseconds;
using taktgate::testing::Tree;

// A line of /proc/PID/task/TID/stat with what matters set.
std::string Stat(int thread, const std::string& name, int ticks, int priority, int policy) {
  std::string text = std::to_string(thread) + " (" + name + ") R 1 1 1 0 -1 0 0 0 0 0 " +
                     std::to_string(ticks) + " 5 0 0 20 0 1 0 77";
  for (int field = 23; field < 40; ++field) text += " 0";
  return text + " " + std::to_string(priority) + " " + std::to_string(policy) + " 0 0";
}

TEST(RealtimeThreads, ASpinningThreadIsNamed) {
  Tree tree;
  tree.Write("proc/4711/comm", "dryer");
  tree.Write("proc/4711/task/4711/stat", Stat(4711, "dryer", 10, 0, 0));
  tree.Write("proc/4711/task/4713/stat", Stat(4713, "heat) loop", 100, 42, 1));
  tree.Write("proc/12/comm", "migration/0");
  tree.Write("proc/12/task/12/stat", Stat(12, "migration/0", 0, 99, 1));
  tree.Write("proc/tty/drivers", "no process");
  const auto before = RealtimeThreads(tree.root());
  ASSERT_EQ(before.size(), 2U);
  tree.Write("proc/4711/task/4713/stat", Stat(4713, "heat) loop", 190, 42, 1));
  const auto after = RealtimeThreads(tree.root());
  const Point point = RealtimeShare(before, after, std::chrono::seconds(1), 100);
  EXPECT_EQ(point.standing, Standing::kFail);
  for (const char* word : {"heat) loop", "4713", "dryer", "4711", "FIFO 42", "90 %"}) {
    EXPECT_NE(point.found.find(word), std::string::npos) << word << " in " << point.found;
  }
  EXPECT_EQ(RealtimeShare(before, after, std::chrono::seconds(10), 100).standing, Standing::kOk);
  EXPECT_EQ(RealtimeShare(before, after, milliseconds(1500), 100).standing, Standing::kWarn);
}

TEST(RealtimeThreads, OneThatStartedMeanwhileIsSeenAndOneThatEndedIsNot) {
  Tree tree;
  tree.Write("proc/7/task/7/stat", Stat(7, "late", 80, 1, 2));
  tree.Write("proc/8/task/8/stat", "8 (cut");
  const auto after = RealtimeThreads(tree.root());
  const auto gone = std::vector<RealtimeThread>{{9, 9, "gone", "gone", "FIFO", 1, 500}};
  const Point point = RealtimeShare(gone, after, std::chrono::seconds(1), 100);
  EXPECT_EQ(point.standing, Standing::kFail);
  EXPECT_NE(point.found.find("late"), std::string::npos);
  EXPECT_EQ(RealtimeShare({}, {}, std::chrono::seconds(1), 100).standing, Standing::kOk);
}

TEST(TimerLatency, EveryDueTimeCountsAlsoThoseThatWereSleptThrough) {
  const TimerLatency latency = MeasureTimer(milliseconds(50));
  EXPECT_EQ(latency.realtime.count(), 50U);
  EXPECT_GT(latency.ordinary.count(), 0U);
}

TEST(TimerLatency, IsJudgedByTheShareOfTheWindowThatItEats) {
  TimerLatency latency;
  latency.refused = "no real-time priority: not allowed";
  latency.realtime.Record(std::chrono::microseconds(60));
  auto points = JudgeTimer(latency, milliseconds(8));
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].standing, Standing::kFail);
  EXPECT_EQ(points[1].standing, Standing::kOk);
  latency.realtime.Record(milliseconds(1));
  EXPECT_EQ(JudgeTimer(latency, milliseconds(8))[1].standing, Standing::kWarn);
  latency.realtime.Record(milliseconds(4));
  latency.refused.clear();
  points = JudgeTimer(latency, milliseconds(8));
  EXPECT_EQ(points[0].standing, Standing::kOk);
  EXPECT_EQ(points[1].standing, Standing::kFail);
  EXPECT_NE(points[1].found.find("N 3"), std::string::npos);
  const std::string picture = TimerPicture(latency.realtime);
  EXPECT_NE(picture.find("0.10 ms |#############################"), std::string::npos) << picture;
  EXPECT_NE(picture.find("4.00 ms"), std::string::npos) << picture;
  EXPECT_EQ(picture.find("8.00 ms"), std::string::npos) << "ends after the last one";
}

TEST(CheckRelease, SaysWhatIsWrongWithABundle) {
  session::StationFile file;
  file.bundle = "/none.tgb";
  const ReleaseTried tried = CheckRelease(file);
  const Point& point = tried.point;
  EXPECT_EQ(point.standing, Standing::kFail);
  EXPECT_FALSE(tried.refused.empty());
  EXPECT_NE(point.found.find("none.tgb"), std::string::npos);
}

TEST(CheckRelease, SaysWhatTheRefusalItselfSaysToDo) {
  const Point point = RefusedRelease(
      Invalid("a.tgb: expected a release with x, got one without it; pack the release again"));
  EXPECT_EQ(point.standing, Standing::kFail);
  EXPECT_EQ(point.found, "a.tgb: expected a release with x, got one without it");
  EXPECT_EQ(point.remedy, "pack the release again");
  EXPECT_EQ(RefusedRelease(Invalid("read bundle: no file")).remedy,
            "name a whole bundle in [release] bundle; see taktgate bundle verify");
}

class Releases : public ::testing::Test {
 protected:
  ReleaseTried Check(const std::string& bundle, const std::string& engine, int threads = 1) {
    session::StationFile file;
    file.bundle = tree.root() / "a.tgb";
    EXPECT_TRUE(WriteFile(file.bundle, bundle));
    file.inference.choice = *infer::ParseEngineChoice(engine, "[inference] engine");
    file.inference.threads = threads;
    return CheckRelease(file);
  }
  Tree tree;
};

TEST_F(Releases, AnEngineThatDoesNotTakeItIsToBeAskedForOtherwise) {
  const ReleaseTried tried = Check(inspect::testing::WholeBundle().Bytes(), "taktgate");
  EXPECT_EQ(tried.point.remedy, "[inference] engine: ask for auto, or pack the release again");
}

TEST_F(Releases, ADamagedNetworkIsToBePackedAgain) {
  const ReleaseTried tried = Check(inspect::testing::NetworkBundle("cut").Bytes(), "auto");
  EXPECT_EQ(tried.point.remedy, "make the bundle again with `taktgate-prep pack`");
}

TEST_F(Releases, ThreadsThatTheEngineDoesNotUseAreSaid) {
  const ReleaseTried tried = Check(inspect::testing::NetworkBundle().Bytes(), "auto", 64);
  EXPECT_EQ(tried.refused, "");
  EXPECT_NE(tried.point.found.find("[inference] threads = 64 is more than a run uses"),
            std::string::npos)
      << tried.point.found;
  EXPECT_LT(tried.threads, 64);
}

TEST(CheckRelease, ComparesAnInspectionWithWhatAPartLeaves) {
  EXPECT_EQ(JudgeInspection("x", milliseconds(2), milliseconds(5)).standing, Standing::kOk);
  EXPECT_EQ(JudgeInspection("x", milliseconds(4), milliseconds(5)).standing, Standing::kWarn);
  EXPECT_EQ(JudgeInspection("x", milliseconds(5), milliseconds(5)).standing, Standing::kFail);
}

class Cameras : public ::testing::Test {
 protected:
  Point Check(std::uint64_t parts) {
    line::Schedule schedule;
    schedule.parts = parts;
    auto source = line::MemorySource::Create({inspect::testing::SmallFrame(1, 2)});
    const auto camera = *line::ReplayCamera::Open(schedule, clock, std::move(*source));
    return CheckCamera(*camera, clock, std::chrono::seconds(1));
  }
  VirtualClock clock{TimePoint(std::chrono::seconds(1))};
};

TEST_F(Cameras, OneThatDeliversIsFine) {
  const Point point = Check(10);
  EXPECT_EQ(point.standing, Standing::kOk);
  EXPECT_NE(point.found.find("64 x 48"), std::string::npos);
}

TEST_F(Cameras, OneThatDeliversTooFewIsWarnedAbout) {
  const Point point = Check(2);
  EXPECT_EQ(point.standing, Standing::kWarn);
  EXPECT_NE(point.found.find("2 of 3"), std::string::npos);
}

TEST(CheckOutput, TakesSafeLevelsOnlyAndSaysWhatFails) {
  VirtualClock clock;
  line::MemoryOutput output;
  EXPECT_EQ(CheckOutput(output, clock).standing, Standing::kOk);
  EXPECT_TRUE(output.transitions().empty()) << "nothing was ever energised";
  output.Fail(true);
  EXPECT_EQ(CheckOutput(output, clock).standing, Standing::kFail);
}

TEST(CheckFolders, WritableOnesAreLeftAsTheyWere) {
  Tree tree;
  EXPECT_EQ(CheckFolder("state folder", tree.root() / "new").standing, Standing::kOk);
  EXPECT_TRUE(std::filesystem::is_empty(tree.root() / "new"));
  tree.Write("file", "text");
  EXPECT_EQ(CheckFolder("state folder", tree.root() / "file").standing, Standing::kFail);
  EXPECT_EQ(CheckAppend("records", tree.root() / "r.jsonl").standing, Standing::kOk);
  EXPECT_FALSE(std::filesystem::exists(tree.root() / "r.jsonl"));
  EXPECT_EQ(CheckAppend("records", tree.root() / "none/r.jsonl").standing, Standing::kFail);
  EXPECT_EQ(CheckDiskSpace(tree.root() / "none").standing, Standing::kNotApplicable);
}

TEST(Conclusion, NamesWhatFails) {
  const std::vector<Point> points = {{"kernel", Standing::kWarn, "", ""},
                                     {"timer latency", Standing::kFail, "", ""},
                                     {"swap", Standing::kNotApplicable, "", ""}};
  const std::string said = Conclusion(points, milliseconds(8));
  EXPECT_NE(said.find("8 ms cannot be trusted here: timer latency."), std::string::npos) << said;
}

}  // namespace
}  // namespace taktgate::selftest
