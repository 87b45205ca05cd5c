#include "selftest/closed_loop.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "inspect/test_release.h"

namespace taktgate::selftest {
namespace {

using std::chrono::milliseconds;

// Five parts on the wall clock: what is decided is tested, not how fast.
class ClosedLoopTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ClosedLoop>> Make(const image::Image& frame) {
    station::StationSettings settings;
    settings.lock_memory = false;
    settings.realtime_threads = false;
    return ClosedLoop::Create(*inspector, frame, milliseconds(59), settings, clock,
                              [](std::string_view) {});
  }
  // After a whole run.
  record::LineCounts CountsOf(const image::Image& frame) {
    auto loop = Make(frame);
    if (!loop) return ADD_FAILURE() << loop.error().message, record::LineCounts();
    EXPECT_EQ((*loop)->parts(), 5U) << "one each 10 ms";
    const Status ended = (*loop)->Run();
    EXPECT_TRUE(ended) << ended.error().message;
    EXPECT_GT((*loop)->hiccups().count(), 1U) << "of the machine, beside it";
    return (*loop)->counts();
  }

  const std::unique_ptr<inspect::Inspector> inspector = inspect::testing::SmallInspector();
  MonotonicClock clock;
};

TEST_F(ClosedLoopTest, EveryPartIsDecidedAndOnlyWhatWasAnsweredPasses) {
  const record::LineCounts counts = CountsOf(inspect::testing::SmallFrame(10, 10));
  EXPECT_EQ(counts.parts, 5U);
  EXPECT_LE(counts.released, counts.answered);
  EXPECT_EQ(counts.reasons[static_cast<std::size_t>(judge::Reason::kDefect)], 0U);
}

TEST_F(ClosedLoopTest, TheModelSeesTheFrameThatWasGiven) {
  const record::LineCounts counts = CountsOf(inspect::testing::SmallFrame(200, 10));
  EXPECT_EQ(counts.parts, 5U);
  EXPECT_EQ(counts.released, 0U);
  EXPECT_EQ(counts.reasons[static_cast<std::size_t>(judge::Reason::kDefect)], counts.answered);
}

TEST_F(ClosedLoopTest, AFrameThatTheReleaseDoesNotTakeIsRefused) {
  image::Image other = inspect::testing::SmallFrame(10, 10);
  std::swap(other.width, other.height);
  const auto loop = Make(other);
  ASSERT_FALSE(loop);
  EXPECT_EQ(loop.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace taktgate::selftest
