#include "rig/relay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/test_wait.h"
#include "line/shared/shared_devices.h"
#include "line/shared/shared_host.h"

namespace taktgate::rig {
namespace {

TimePoint At(int ms) { return TimePoint(std::chrono::hours(1)) + std::chrono::milliseconds(ms); }

TEST(WatchdogRelay, ClosesAtABeatWhileReadyAndOpensInSilence) {
  WatchdogRelay relay(std::chrono::seconds(2));
  EXPECT_FALSE(relay.Step(At(0), {1, false, false}));
  EXPECT_FALSE(relay.Step(At(500), {1, true, false})) << "a beat, but not READY";
  EXPECT_FALSE(relay.Step(At(600), {1, true, true})) << "READY, but no beat yet";
  EXPECT_TRUE(relay.Step(At(1000), {1, false, true}));
  EXPECT_TRUE(relay.Step(At(2999), {1, false, true}));
  EXPECT_FALSE(relay.Step(At(3000), {1, false, true}));
  EXPECT_FALSE(relay.Step(At(9000), {1, false, true}));
  EXPECT_TRUE(relay.Step(At(9001), {1, true, true})) << "armed again by a beat";
}

TEST(WatchdogRelay, AStuckHeartbeatIsSilenceWhateverItsLevel) {
  WatchdogRelay relay(std::chrono::seconds(2));
  relay.Step(At(0), {1, false, true});
  EXPECT_TRUE(relay.Step(At(1), {1, true, true}));
  EXPECT_FALSE(relay.Step(At(2001), {1, true, true}));
}

TEST(WatchdogRelay, AnotherStationMustArmItAnew) {
  WatchdogRelay relay(std::chrono::seconds(2));
  relay.Step(At(0), {1, false, true});
  EXPECT_TRUE(relay.Step(At(1), {1, true, true}));
  EXPECT_FALSE(relay.Step(At(2), {2, false, true})) << "its first level is no beat";
  EXPECT_FALSE(relay.Step(At(3), {2, false, true}));
  EXPECT_TRUE(relay.Step(At(4), {2, true, true}));
}

TEST(RunRelay, OpensAndClosesTheContactOfASharedLine) {
  const auto path =
      std::filesystem::temp_directory_path() / ("taktgate-relay-" + std::to_string(getpid()));
  auto host = line::SharedHost::Create(path, {8, 8, image::PixelFormat::kGrey8});
  ASSERT_TRUE(host) << host.error().message;
  MonotonicClock clock;
  auto station = line::SharedStation::Attach(path, clock);
  ASSERT_TRUE(station);
  line::SharedOutput output(**station);
  std::atomic<bool> stop{false};
  Status ran;
  std::thread relay([&] { ran = RunRelay(path, std::chrono::milliseconds(200), stop); });
  // Beats until the relay has seen one.
  bool level = false;
  output.Set(OutputLine::kReady, true, clock.Now(), TimePoint::max());
  EXPECT_TRUE(testing::Comes("the relay closes", [&] {
    level = !level;
    output.Set(OutputLine::kHeartbeat, level, clock.Now(), TimePoint::max());
    return (*host)->relay_closed();
  }));
  EXPECT_TRUE(testing::Comes("silence opens it", [&] { return !(*host)->relay_closed(); }));
  stop = true;
  relay.join();
  EXPECT_TRUE(ran);
  line::Change change;
  ASSERT_TRUE((*host)->NextRelayChange(change));
  EXPECT_TRUE(change.energised);
  ASSERT_TRUE((*host)->NextRelayChange(change));
  EXPECT_FALSE(change.energised);
}

}  // namespace
}  // namespace taktgate::rig
