// The line that plays barrier, camera and gate, on the wall clock, with a station that looks on.
#include "rig/real_line.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "line/shared/shared_devices.h"

namespace taktgate::rig {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Four parts 2 ms apart. Only what is told is tested, and not when.
class RealLineTest : public ::testing::Test {
 protected:
  RealLineTest() {
    for (int shade = 0; shade < 5; ++shade) {
      image::Image image{{}, 8, 6, image::PixelFormat::kGrey8};
      image.pixels.assign(8 * 6, static_cast<std::uint8_t>(10 * shade));
      images.push_back(image);
    }
    host = std::move(*line::SharedHost::Create(path, {8, 6, image::PixelFormat::kGrey8}));
    settings.schedule.period = milliseconds(2);
    settings.schedule.parts = 4;
    settings.schedule.seed = 3;
  }
  void RunToTheEnd(RealLine& line) {
    line.Start(clock.Now() + milliseconds(5));
    line.Wait();
  }

  const std::string path = "/dev/shm/taktgate_real_line_test_" + std::to_string(getpid());
  MonotonicClock clock;
  std::vector<image::Image> images;
  std::unique_ptr<line::SharedHost> host;
  RealLineSettings settings;
};

TEST_F(RealLineTest, EveryPartOfTheScheduleComesAndIsLookedForAtTheGate) {
  RealLine line(settings, *host, images);
  RunToTheEnd(line);
  EXPECT_FALSE(line.feeding());
  EXPECT_EQ(line.parts(), 4U);
  ASSERT_EQ(line.readings().size(), 4U);
  for (const WireReading& reading : line.readings()) {
    EXPECT_FALSE(reading.held_back) << "no station has energised PASS";
    EXPECT_LE(reading.before, reading.after);
  }
}

TEST_F(RealLineTest, AStationGetsTheEdgesAtTheirPlannedTimes) {
  auto attached = line::SharedStation::Attach(path, clock);
  ASSERT_TRUE(attached) << attached.error().message;
  line::SharedTrigger trigger(**attached);
  RealLine line(settings, *host, images);
  ASSERT_TRUE(trigger.Start(clock.Now()));
  RunToTheEnd(line);
  for (std::uint64_t part = 0; part < 4; ++part) {
    line::Edge edge;
    ASSERT_EQ(trigger.Next(clock.Now() + seconds(60), edge), line::Wait::kReady) << part;
    EXPECT_EQ(edge.at, line.EdgeOf(part));
  }
  line::Edge none;
  EXPECT_EQ(trigger.Next(clock.Now() + seconds(60), none), line::Wait::kEnd);
}

TEST_F(RealLineTest, EachFrameShowsTheImageOfItsPart) {
  auto attached = line::SharedStation::Attach(path, clock);
  ASSERT_TRUE(attached) << attached.error().message;
  line::SharedCamera camera(**attached);
  RealLine line(settings, *host, images);
  ASSERT_TRUE(camera.Start(clock.Now()));
  RunToTheEnd(line);
  EXPECT_EQ(line.frames_lost(), 0U) << "there is a buffer for each";
  for (std::uint64_t part = 0; part < 4; ++part) {
    image::Frame frame;
    ASSERT_EQ(camera.Next(clock.Now() + seconds(60), frame), line::Wait::kReady) << part;
    EXPECT_EQ(frame.view.data[0], images[line.ImageOf(part)].pixels[0]);
    EXPECT_GT(frame.info.captured_at, line.EdgeOf(part));
    camera.Release(frame);
  }
}

TEST_F(RealLineTest, WhichImageAPartShowsFollowsFromTheSeed) {
  const RealLine one(settings, *host, images);
  const RealLine same(settings, *host, images);
  settings.schedule.seed = 4;
  const RealLine other(settings, *host, images);
  std::set<std::size_t> shown;
  int different = 0;
  for (std::uint64_t part = 0; part < 100; ++part) {
    EXPECT_EQ(one.ImageOf(part), same.ImageOf(part));
    different += one.ImageOf(part) != other.ImageOf(part) ? 1 : 0;
    shown.insert(one.ImageOf(part));
  }
  EXPECT_EQ(shown.size(), images.size()) << "every one of them";
  EXPECT_GT(different, 50);
}

TEST_F(RealLineTest, AnEndlessLineEndsWhenItIsToldTo) {
  settings.schedule.parts = 0;
  RealLine line(settings, *host, images);
  line.Start(clock.Now());
  while (line.parts() < 3) clock.SleepUntil(clock.Now() + milliseconds(1));
  line.Stop();
  line.Wait();
  EXPECT_GE(line.parts(), 3U);
  EXPECT_EQ(line.readings().size(), line.parts()) << "the last one is seen at the gate, too";
}

TEST_F(RealLineTest, AnEncoderIsToldFromBeforeTheFirstPartUntilAfterTheLast) {
  settings.belt.mode = gate::BeltMode::kByCount;
  settings.belt.counts_per_second = 1000;
  settings.belt.due = milliseconds(4);
  settings.belt.close = milliseconds(6);
  RealLine line(settings, *host, images);
  RunToTheEnd(line);
  const TimePoint first = line.EdgeOf(0), last = line.EdgeOf(3) + milliseconds(6);
  EXPECT_LT(line.belt_history().KnownAt(first - milliseconds(40)),
            line.belt_history().KnownAt(first));
  EXPECT_GE(line.belt_history().PlannedAt(clock.Now()), last);
}

}  // namespace
}  // namespace taktgate::rig
