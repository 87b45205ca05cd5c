#include "line/shared/shared_line.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "line/shared/shared_devices.h"
#include "line/shared/shared_host.h"

namespace taktgate::line {
namespace {

constexpr SharedLine::Size kSize{8, 4, image::PixelFormat::kGrey8};
constexpr auto kMs = std::chrono::milliseconds(1);

class SharedLineTest : public ::testing::Test {
 protected:
  SharedLineTest()
      : path_(std::filesystem::temp_directory_path() /
              ("taktgate-shared-" + std::to_string(getpid()))) {}
  ~SharedLineTest() override { std::filesystem::remove(path_); }

  std::unique_ptr<SharedHost> Host() {
    auto host = SharedHost::Create(path_, kSize);
    EXPECT_TRUE(host) << host.error().message;
    return std::move(*host);
  }
  std::unique_ptr<SharedStation> Station() {
    auto station = SharedStation::Attach(path_, clock_);
    EXPECT_TRUE(station) << station.error().message;
    return std::move(*station);
  }
  // In another process, because roles belong to processes.
  static bool InChild(const std::function<bool()>& check) {
    const pid_t child = fork();
    if (child == 0) _exit(check() ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  std::string Refusal() {
    auto station = SharedStation::Attach(path_, clock_);
    return station ? "" : station.error().message;
  }
  // Overwrites bytes of the file's head.
  void Damage(std::streamoff at, char byte) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put(byte);
  }
  void TellFrame(SharedHost& host, TimePoint trigger, std::uint8_t pixel) {
    std::uint8_t* pixels = host.PixelsOfNext();
    ASSERT_NE(pixels, nullptr);
    std::fill_n(pixels, 32, pixel);
    host.TellFrame({trigger, trigger + kMs, trigger + 2 * kMs}, image::FrameStatus::kComplete);
  }
  TimePoint Soon() const { return clock_.Now() + kMs; }

  const std::filesystem::path path_;
  MonotonicClock clock_;
};

TEST_F(SharedLineTest, FilesThatAreNoneAreRefusedWithWords) {
  EXPECT_NE(Refusal().find("no such file"), std::string::npos);
  std::ofstream(path_) << "hello";
  EXPECT_NE(Refusal().find("shorter than the head"), std::string::npos);
  std::filesystem::remove(path_);
  const auto host = Host();
  Damage(0, 'x');
  EXPECT_NE(Refusal().find("no shared line"), std::string::npos);
  Damage(0, 't');
  Damage(12, 9);  // the width, under the checksum
  EXPECT_NE(Refusal().find("torn"), std::string::npos);
}

TEST_F(SharedLineTest, AFileWithoutItsLineIsRefused) {
  const auto host = Host();
  const std::filesystem::path copy = path_.string() + ".copy";
  std::filesystem::copy_file(path_, copy);
  const auto station = SharedStation::Attach(copy, clock_);
  std::filesystem::remove(copy);
  ASSERT_FALSE(station);
  EXPECT_NE(station.error().message.find("no process serves it"), std::string::npos);
}

TEST_F(SharedLineTest, ARoleIsTakenOnceAndFreeWhenItsProcessIsGone) {
  const auto host = Host();
  EXPECT_FALSE(SharedHost::Create(path_, kSize));
  EXPECT_TRUE(InChild([this] { return SharedStation::Attach(path_, clock_).has_value(); }));
  const auto station = Station();
  EXPECT_EQ(station->run(), 2U) << "the child was run 1";
  EXPECT_NE(Refusal().find("has this role already"), std::string::npos);
  EXPECT_TRUE(SharedLine::Open(path_, SharedLine::Role::kRelay));
}

TEST_F(SharedLineTest, EdgesReachTheStationInOrderFromItsStartOn) {
  const auto host = Host();
  const auto station = Station();
  SharedTrigger trigger(*station);
  const TimePoint start = clock_.Now();
  host->Edge(start - kMs);
  ASSERT_TRUE(trigger.Start(start));
  host->Edge(start);
  host->Edge(start + kMs);
  line::Edge edge;
  ASSERT_EQ(trigger.Next(Soon(), edge), Wait::kReady);
  EXPECT_EQ(edge.count, 0U);
  EXPECT_EQ(edge.at, start);
  ASSERT_EQ(trigger.Next(Soon(), edge), Wait::kReady);
  EXPECT_EQ(edge.count, 1U);
  EXPECT_EQ(trigger.Next(Soon(), edge), Wait::kTimeout);
  host->End();
  EXPECT_EQ(trigger.Next(Soon(), edge), Wait::kEnd);
  const auto run = host->RunAt(1);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->first_edge, 1U);
  EXPECT_EQ(run->taken_edges, 3U);
}

TEST_F(SharedLineTest, AWaitingStationIsWoken) {
  const auto host = Host();
  const auto station = Station();
  SharedTrigger trigger(*station);
  ASSERT_TRUE(trigger.Start(TimePoint{}));
  std::thread teller([&] { host->Edge(clock_.Now()); });
  line::Edge edge;
  EXPECT_EQ(trigger.Next(clock_.Now() + std::chrono::minutes(1), edge), Wait::kReady);
  teller.join();
}

TEST_F(SharedLineTest, EdgesThatWereOverwrittenAreAFault) {
  const auto host = Host();
  const auto station = Station();
  SharedTrigger trigger(*station);
  ASSERT_TRUE(trigger.Start(TimePoint{}));
  for (std::size_t k = 0; k <= kSharedEdges; ++k) host->Edge(TimePoint(kMs * k));
  line::Edge edge;
  EXPECT_EQ(trigger.Next(Soon(), edge), Wait::kFault);
  EXPECT_NE(trigger.fault().find("overwritten"), std::string::npos);
}

TEST_F(SharedLineTest, ALineThatIsGoneIsAFault) {
  auto host = Host();
  const auto station = Station();
  SharedTrigger trigger(*station);
  SharedCamera camera(*station);
  ASSERT_TRUE(trigger.Start(TimePoint{}));
  ASSERT_TRUE(camera.Start(TimePoint{}));
  host.reset();
  line::Edge edge;
  image::Frame frame;
  EXPECT_EQ(trigger.Next(Soon(), edge), Wait::kFault);
  EXPECT_EQ(camera.Next(Soon(), frame), Wait::kFault);
  EXPECT_NE(camera.fault().find("gone"), std::string::npos);
}

TEST_F(SharedLineTest, FramesAreLentAndGivenBack) {
  const auto host = Host();
  const auto station = Station();
  SharedCamera camera(*station);
  const TimePoint start = clock_.Now();
  ASSERT_TRUE(camera.Start(start));
  TellFrame(*host, start - kMs, 1);  // of a part before the start
  TellFrame(*host, start, 2);
  host->LoseFrame();
  TellFrame(*host, start, 4);
  image::Frame first;
  image::Frame second;
  ASSERT_EQ(camera.Next(Soon(), first), Wait::kReady);
  ASSERT_EQ(camera.Next(Soon(), second), Wait::kReady);
  EXPECT_EQ(first.info.sequence, 0U);
  EXPECT_EQ(second.info.sequence, 2U);
  EXPECT_EQ(first.info.captured_at, start + kMs);
  EXPECT_EQ(first.view.Row(3)[7], 2);
  EXPECT_EQ(second.view.Row(0)[0], 4);
  EXPECT_NE(first.slot, second.slot);
  camera.Release(first);
  EXPECT_DEATH(camera.Release(first), "");
  camera.Release(second);
}

TEST_F(SharedLineTest, ALineOutOfBuffersLosesFramesAndANewRunHasThemAll) {
  const auto host = Host();
  image::Frame frame;
  for (int run = 0; run < 2; ++run) {
    const auto station = Station();
    SharedCamera camera(*station);
    ASSERT_TRUE(camera.Start(TimePoint{}));
    for (std::size_t k = 0; k < kSharedSlots; ++k) TellFrame(*host, TimePoint{}, 7);
    EXPECT_EQ(host->PixelsOfNext(), nullptr);
    host->TellFrame({}, image::FrameStatus::kComplete);  // lost
    for (std::size_t k = 0; k < kSharedSlots; ++k) {
      ASSERT_EQ(camera.Next(Soon(), frame), Wait::kReady);
      EXPECT_EQ(frame.info.sequence, k);
    }
  }  // dies with all buffers in hand
}

TEST_F(SharedLineTest, ABrokenLineCannotMakeTheStationReadElsewhere) {
  const auto host = Host();
  const auto station = Station();
  SharedCamera camera(*station);
  ASSERT_TRUE(camera.Start(TimePoint{}));
  TellFrame(*host, clock_.Now(), 1);
  station->words().frames[0].slot = 1'000'000;
  image::Frame frame;
  EXPECT_EQ(camera.Next(Soon(), frame), Wait::kFault);
  EXPECT_NE(camera.fault().find("1000000"), std::string::npos);
}

TEST(WireLevel, FitsOneWord) {
  const TimePoint until = TimePoint(std::chrono::hours(24 * 365) + Duration(12'345));
  const WireLevel level = Unpack(Pack({true, until, 0x7ABC}));
  EXPECT_TRUE(level.energised);
  EXPECT_EQ(level.run, 0x7ABC);
  EXPECT_LE(level.until, until);
  EXPECT_GT(level.until, until - Duration(1024));
  EXPECT_EQ(Unpack(Pack({false, TimePoint::max(), 1})).until, TimePoint::max());
  EXPECT_TRUE(level.EnergisedAt(level.until - Duration(1)));
  EXPECT_FALSE(level.EnergisedAt(level.until)) << "the one-shot has dropped it";
}

TEST_F(SharedLineTest, TheLineSeesLevelsAndTheirChanges) {
  const auto host = Host();
  const auto station = Station();
  SharedOutput output(*station);
  const TimePoint now = clock_.Now();
  EXPECT_TRUE(output.Set(OutputLine::kPass, true, now, now + kMs));
  EXPECT_TRUE(output.Set(OutputLine::kPass, true, now, now + kMs)) << "no change";
  EXPECT_TRUE(host->Wire(OutputLine::kPass).EnergisedAt(now));
  EXPECT_FALSE(host->Wire(OutputLine::kPass).EnergisedAt(now + kMs));
  EXPECT_FALSE(host->Wire(OutputLine::kReady).energised);
  Change change;
  ASSERT_TRUE(host->NextChange(change));
  EXPECT_EQ(change.line, static_cast<std::uint32_t>(OutputLine::kPass));
  EXPECT_TRUE(change.energised);
  EXPECT_EQ(change.before, now);
  EXPECT_GE(change.after, now);
  EXPECT_EQ(change.until, now + kMs);
  EXPECT_FALSE(host->NextChange(change));
}

TEST_F(SharedLineTest, ANewStationEndsWhatADeadOneLeftOnTheWires) {
  const auto host = Host();
  EXPECT_TRUE(InChild([this] {
    auto station = SharedStation::Attach(path_, clock_);
    SharedOutput output(**station);
    const bool set = output.Set(OutputLine::kPass, true, clock_.Now(), TimePoint::max());
    _exit(set ? 0 : 1);  // like kill -9: no destructor
    return set;
  }));
  EXPECT_TRUE(host->Wire(OutputLine::kPass).energised);
  const auto station = Station();
  SharedOutput output(*station);
  EXPECT_FALSE(host->Wire(OutputLine::kPass).energised);
  EXPECT_EQ(host->Wire(OutputLine::kPass).run, 2U);
  Change change;
  ASSERT_TRUE(host->NextChange(change));
  EXPECT_TRUE(change.energised);
  ASSERT_TRUE(host->NextChange(change));
  EXPECT_FALSE(change.energised);
}

// A station that dies between the announcement of a change and its end.
class TornChange : public SharedLineTest, public ::testing::WithParamInterface<bool> {};

TEST_P(TornChange, IsBoundedByTheNextStation) {
  const bool made = GetParam();
  const auto host = Host();
  const TimePoint before = clock_.Now();
  {
    const auto station = Station();
    SharedOutput output(*station);
    ChangeWriter changes(station->words().changes, before);
    changes.Begin(0, true, before + kMs, before);
    if (made) station->words().wires[0] = Pack({true, before + kMs, 1});
  }
  Change change;
  EXPECT_FALSE(host->NextChange(change)) << "nobody knows yet";
  const auto station = Station();
  SharedOutput output(*station);
  ASSERT_TRUE(host->NextChange(change));
  EXPECT_TRUE(change.energised);
  EXPECT_EQ(change.before, before);
  EXPECT_GE(change.after, before);
  ASSERT_TRUE(host->NextChange(change)) << "taken back, or never made: low from now on";
  EXPECT_FALSE(change.energised);
  EXPECT_FALSE(host->NextChange(change));
  EXPECT_FALSE(host->Wire(OutputLine::kPass).energised);
}

INSTANTIATE_TEST_SUITE_P(MadeOrNot, TornChange, ::testing::Bool());

TEST_F(SharedLineTest, WhatASignalHandlerDroppedIsLoggedByTheNextStation) {
  const auto host = Host();
  const TimePoint before = clock_.Now();
  {
    const auto station = Station();
    SharedOutput output(*station);
    output.Set(OutputLine::kReady, true, before, TimePoint::max());
    output.MakeSafeInSignal();
    output.MakeSafeInSignal();  // a handler asks twice
    EXPECT_FALSE(host->Wire(OutputLine::kReady).energised);
  }
  Change change;
  ASSERT_TRUE(host->NextChange(change));
  EXPECT_FALSE(host->NextChange(change)) << "the log may have been half written";
  for (int start = 0; start < 2; ++start) {
    const auto station = Station();
    const SharedOutput output(*station);
    ASSERT_EQ(host->NextChange(change), start == 0) << "once";
  }
  EXPECT_EQ(change.line, static_cast<std::uint32_t>(OutputLine::kReady));
  EXPECT_FALSE(change.energised);
  EXPECT_LE(change.before, change.after);
  EXPECT_LT(before - change.before, kMs) << "a wire keeps its time to the microsecond below";
}

TEST_P(TornChange, IsLoggedOnceAlsoWhereASignalDroppedTheWire) {
  const bool rising = GetParam();
  const auto host = Host();
  const TimePoint now = clock_.Now();
  {
    const auto station = Station();
    SharedOutput output(*station);
    if (!rising) output.Set(OutputLine::kPass, true, now, now + kMs);
    ChangeWriter changes(station->words().changes, now);
    changes.Begin(0, rising, now + kMs, now);
    if (rising) station->words().wires[0] = Pack({true, now + kMs, 1});
    output.MakeSafeInSignal();
  }
  const auto station = Station();
  const SharedOutput output(*station);
  std::vector<bool> levels;
  for (Change change; host->NextChange(change);) levels.push_back(change.energised);
  EXPECT_EQ(levels, (std::vector<bool>{true, false}));
}

TEST_F(SharedLineTest, ChangesThatWereOverwrittenAreCounted) {
  const auto host = Host();
  const auto station = Station();
  SharedOutput output(*station);
  for (std::size_t k = 0; k < kSharedChanges + 5; ++k) {
    output.Set(OutputLine::kGreen, k % 2 == 0, clock_.Now(), TimePoint::max());
  }
  Change change;
  std::size_t read = 0;
  while (host->NextChange(change)) ++read;
  EXPECT_EQ(read, kSharedChanges);
  EXPECT_EQ(host->overtaken(), 5U);
}

}  // namespace
}  // namespace taktgate::line
