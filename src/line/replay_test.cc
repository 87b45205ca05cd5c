#include "line/replay.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "line/memory_output.h"

namespace taktgate::line {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TimePoint At(Duration since) { return TimePoint(since); }

std::unique_ptr<ImageSource> GreySource(int images = 3) {
  std::vector<image::Image> all;
  for (int i = 0; i < images; ++i) {
    image::Image image;
    image.width = 8;
    image.height = 4;
    image.pixels.assign(32, static_cast<std::uint8_t>(i * 10));
    all.push_back(std::move(image));
  }
  return std::move(MemorySource::Create(std::move(all))).value();
}

// Trigger and camera in virtual time, one after the other: no thread, no waiting.
class ReplayTest : public ::testing::Test {
 protected:
  std::unique_ptr<ReplayCamera> Camera(std::vector<CameraFault> faults = {}, int buffers = 4) {
    return *ReplayCamera::Open(schedule, clock, GreySource(), std::move(faults), buffers);
  }
  static constexpr auto kForever = std::chrono::hours(1);

  Schedule schedule{.period = milliseconds(10),
                    .acquisition_delay = microseconds(2500),
                    .acquisition_jitter = microseconds(200),
                    .seed = 3,
                    .parts = 6};
  VirtualClock clock;
};

TEST_F(ReplayTest, EdgesComeAtTheRateWhoeverIsLate) {
  ReplayTrigger trigger(schedule, clock);
  ASSERT_TRUE(trigger.Start(At(milliseconds(1))));
  Edge edge;
  ASSERT_EQ(trigger.Next(At(kForever), edge), Wait::kReady);
  clock.Advance(milliseconds(35));  // nobody took edges for a while
  for (std::uint64_t k = 1; k < 6; ++k) {
    ASSERT_EQ(trigger.Next(At(kForever), edge), Wait::kReady);
    EXPECT_EQ(edge.count, k);
    EXPECT_EQ(edge.at, At(milliseconds(1 + 10 * static_cast<int>(k))));
  }
  EXPECT_EQ(trigger.Next(At(kForever), edge), Wait::kEnd);
}

TEST_F(ReplayTest, AWaitEndsAtItsTime) {
  ReplayTrigger trigger(schedule, clock);
  ASSERT_TRUE(trigger.Start(At(milliseconds(100))));
  Edge edge;
  EXPECT_EQ(trigger.Next(At(milliseconds(30)), edge), Wait::kTimeout);
  EXPECT_EQ(clock.Now(), At(milliseconds(30)));
}

TEST_F(ReplayTest, JitterStaysInItsBoundsAndDependsOnSeedAndPartAlone) {
  std::set<Duration::rep> seen;
  for (std::uint64_t k = 0; k < 1000; ++k) {
    const Duration behind = schedule.FrameAt(At({}), k) - schedule.EdgeAt(At({}), k);
    EXPECT_GE(behind, microseconds(2500));
    EXPECT_LE(behind, microseconds(2700));
    EXPECT_EQ(schedule.FrameAt(At({}), k), schedule.FrameAt(At({}), k));
    seen.insert(behind.count());
  }
  EXPECT_GT(seen.size(), 900U);
  Schedule other = schedule;
  other.seed = 4;
  EXPECT_NE(other.FrameAt(At({}), 7), schedule.FrameAt(At({}), 7));
}

TEST_F(ReplayTest, TheFormatIsKnownBeforeTheFirstFrame) {
  EXPECT_EQ(Camera()->format(), (image::FrameFormat{8, 4, image::PixelFormat::kGrey8}));
}

TEST_F(ReplayTest, FramesCarryTheirPartsPixelsInOrder) {
  const auto camera = Camera();
  ASSERT_TRUE(camera->Start(At({})));
  for (std::uint64_t k = 0; k < 6; ++k) {
    image::Frame frame;
    ASSERT_EQ(camera->Next(At(kForever), frame), Wait::kReady);
    EXPECT_EQ(frame.info.sequence, k);
    EXPECT_EQ(frame.info.arrived_at, schedule.FrameAt(At({}), k));
    EXPECT_GT(frame.info.captured_at, schedule.EdgeAt(At({}), k));
    EXPECT_EQ(frame.view.data[0], k % 3 * 10);
    camera->Release(frame);
  }
  image::Frame frame;
  EXPECT_EQ(camera->Next(At(kForever), frame), Wait::kEnd);
}

TEST_F(ReplayTest, EachFaultDoesWhatItSays) {
  using Kind = CameraFault::Kind;
  const auto camera = Camera({{0, Kind::kLostFrame, {}},
                              {2, Kind::kIgnoredTrigger, {}},
                              {3, Kind::kPartialFrame, {}},
                              {4, Kind::kLateFrame, milliseconds(4)},
                              {5, Kind::kGone, {}}});
  ASSERT_TRUE(camera->Start(At({})));
  const auto next = [&] {
    image::Frame frame;
    EXPECT_EQ(camera->Next(At(kForever), frame), Wait::kReady);
    camera->Release(frame);
    return frame.info;
  };
  EXPECT_EQ(next().sequence, 1U) << "part 1: the lost frame left a gap";
  const image::FrameInfo partial = next();
  EXPECT_EQ(partial.sequence, 2U) << "part 3: the ignored trigger left none";
  EXPECT_EQ(partial.status, image::FrameStatus::kPartial);
  EXPECT_EQ(next().arrived_at, schedule.FrameAt(At({}), 4) + milliseconds(4));
  image::Frame frame;
  EXPECT_EQ(camera->Next(At(kForever), frame), Wait::kFault);
  EXPECT_NE(camera->fault().find("part 5"), std::string::npos);
}

TEST_F(ReplayTest, WithoutAFreeBufferTheFrameIsLostAndNobodyWaits) {
  const auto camera = Camera({}, 2);
  ASSERT_TRUE(camera->Start(At({})));
  image::Frame held[2];
  ASSERT_EQ(camera->Next(At(kForever), held[0]), Wait::kReady);
  ASSERT_EQ(camera->Next(At(kForever), held[1]), Wait::kReady);
  image::Frame frame;
  EXPECT_EQ(camera->Next(At(milliseconds(35)), frame), Wait::kTimeout) << "parts 2 and 3 are lost";
  camera->Release(held[0]);
  ASSERT_EQ(camera->Next(At(kForever), frame), Wait::kReady);
  EXPECT_EQ(frame.info.sequence, 4U);
}

TEST(ReplayCamera, WithoutASourceThereIsNoCamera) {
  VirtualClock clock;
  const auto camera = ReplayCamera::Open({}, clock, nullptr);
  ASSERT_FALSE(camera);
  EXPECT_EQ(camera.error().code, ErrorCode::kNotFound);
  EXPECT_NE(camera.error().message.find("no camera"), std::string::npos);
}

TEST(MemorySource, WantsImagesOfOneSize) {
  EXPECT_FALSE(MemorySource::Create({}));
  image::Image small, large;
  small.width = small.height = 2;
  small.pixels.resize(4);
  large.width = large.height = 4;
  large.pixels.resize(16);
  const auto mixed = MemorySource::Create({small, large});
  ASSERT_FALSE(mixed);
  EXPECT_NE(mixed.error().message.find("image 2 has 4 x 4"), std::string::npos);
}

TEST(MemoryOutput, RemembersChangesAndFailsOnRequest) {
  MemoryOutput output;
  const auto set = [&output](bool energised, int at_ms) {
    return output.Set(OutputLine::kPass, energised, At(milliseconds(at_ms)), At(milliseconds(9)));
  };
  EXPECT_TRUE(set(false, 1));
  EXPECT_TRUE(set(true, 2));
  EXPECT_TRUE(set(true, 3));
  ASSERT_EQ(output.transitions().size(), 1U);
  EXPECT_EQ(output.transitions()[0].at, At(milliseconds(2)));
  EXPECT_EQ(output.transitions()[0].until, At(milliseconds(9)));
  EXPECT_FALSE(output.energised(OutputLine::kReady)) << "another line";
  output.Fail(true);
  EXPECT_FALSE(set(false, 4));
  EXPECT_FALSE(output.AllSafe(At(milliseconds(5))));
  EXPECT_TRUE(output.energised(OutputLine::kPass)) << "the wire keeps what it has";
  output.Fail(false);
  EXPECT_TRUE(output.AllSafe(At(milliseconds(6))));
  EXPECT_FALSE(output.energised(OutputLine::kPass));
}

TEST(MemoryOutput, KeepsABoundedNumberOfChanges) {
  MemoryOutput output;
  for (int i = 0; i < 3001; ++i) {
    output.Set(OutputLine::kValid, i % 2 == 0, At(milliseconds(i)), TimePoint::max());
  }
  EXPECT_EQ(output.transitions().size(), MemoryOutput::kKept);
  EXPECT_TRUE(output.energised(OutputLine::kValid)) << "the last of them stands";
}

}  // namespace
}  // namespace taktgate::line
