#include "rig/station_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "rig/test_emulated.h"
#include "rig/test_prepared_line.h"

namespace taktgate::rig {
namespace {

// The station is this program, that of the tests, which runs none of them and ends.
class StationProcessTest : public testing::LineFolderTest {
 protected:
  StationProcessTest() {
    setenv("GTEST_FILTER", "None.None", 1);
    auto made = PreparedLine::Create(options);
    EXPECT_TRUE(made) << made.error().message;
    prepared = std::move(*made);
    line.emplace(RealLineSettings{}, prepared->host(), prepared->images());
  }
  ~StationProcessTest() override { unsetenv("GTEST_FILTER"); }
  void SetUp() override {
    if (testing::Emulated()) GTEST_SKIP() << "an emulated program cannot start itself again";
  }

  std::unique_ptr<PreparedLine> prepared;
  std::optional<RealLine> line;
};

TEST_F(StationProcessTest, OneThatEndsBeforeItsLineBeginsDidNotStart) {
  StationProcess station(*prepared, *line);
  std::ofstream(prepared->station_log()) << "taktgate: error: the first\nand then\n"
                                         << "taktgate: error: no camera\nmore words\n";
  ASSERT_TRUE(station.Start());
  const Status ready = station.AwaitReady();
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code, ErrorCode::kIo);
  EXPECT_EQ(ready.error().message, "the station did not start: taktgate: error: no camera")
      << "its last words";
  EXPECT_EQ(station.tally().starts, 1U);
  EXPECT_TRUE(station.ends().empty()) << "it was never a run of the line";
}

TEST_F(StationProcessTest, OneThatEndsWellWithItsLineIsNoFailure) {
  StationProcess station(*prepared, *line);
  ASSERT_TRUE(station.Start());
  EXPECT_TRUE(station.AwaitEnd());
  EXPECT_EQ(station.tally().failures, 0U);
}

TEST_F(StationProcessTest, OneThatEndsBadlyIsAFailureWithItsWords) {
  StationProcess station(*prepared, *line);
  setenv("GTEST_SHARD_INDEX", "0", 1);  // of how many is not said: it ends with 1
  std::ofstream(prepared->station_log()) << "taktgate: error: no camera\n";
  ASSERT_TRUE(station.Start());
  unsetenv("GTEST_SHARD_INDEX");
  EXPECT_TRUE(station.AwaitEnd());
  EXPECT_EQ(station.tally().failures, 1U);
  EXPECT_EQ(station.tally().failure, "taktgate: error: no camera");
}

TEST_F(StationProcessTest, CannotStartWithoutALog) {
  std::filesystem::remove_all(prepared->folder());
  StationProcess station(*prepared, *line);
  const Status started = station.Start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("station.log"), std::string::npos);
}

TEST(Nap, EndsWithItsTimeOrASignal) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  HoldSignalsBack();
  EXPECT_TRUE(Nap(std::chrono::microseconds(1)));
  for (const int signal : {SIGTERM, SIGINT}) {
    pthread_kill(pthread_self(), signal);
    const Status napped = Nap(std::chrono::hours(1));
    ASSERT_FALSE(napped) << signal;
    EXPECT_EQ(napped.error().code, ErrorCode::kWrongState);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace taktgate::rig
