#include "image/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/spsc_ring.h"
#include "base/test_form.h"

namespace taktgate::image {
namespace {

static_assert(std::is_trivially_copyable_v<Frame>);

std::unique_ptr<FramePool> Pool(int buffers) {
  return std::move(*FramePool::Create(buffers, 7, 5, PixelFormat::kRgb8));
}

TEST(FramePool, RefusesEmptyPoolsAndWrongSizes) {
  for (const auto& [buffers, width, height] :
       std::vector<std::array<int, 3>>{{0, 7, 5},
                                       {-1, 7, 5},
                                       {2, 0, 5},
                                       {2, 7, -5},
                                       {2, 8193, 5},
                                       {2, 7, 8193},
                                       {2'000'000'000, 8192, 8192}}) {
    const auto pool = FramePool::Create(buffers, width, height, PixelFormat::kGrey8);
    ASSERT_FALSE(pool);
    EXPECT_EQ(pool.error().code, ErrorCode::kInvalid);
  }
}

TEST(FramePool, DescribesItsBuffers) {
  const auto pool = Pool(2);
  Frame frame;
  frame.info.sequence = 9;
  std::uint8_t* pixels = pool->Acquire(frame);
  ASSERT_NE(pixels, nullptr);
  EXPECT_EQ(frame.view.data, pixels);
  EXPECT_EQ(frame.view.width, 7);
  EXPECT_EQ(frame.view.height, 5);
  EXPECT_EQ(frame.view.stride_bytes, 21U);
  EXPECT_EQ(frame.view.format, PixelFormat::kRgb8);
  EXPECT_EQ(frame.info.sequence, 0U);
  EXPECT_EQ(pool->buffer_bytes(), 105U);
}

TEST(FramePool, GivesEachBufferOnceAndNothingWhenNoneIsLeft) {
  const auto pool = Pool(3);
  std::vector<Frame> frames(3);
  std::set<const std::uint8_t*> buffers;
  for (Frame& frame : frames) {
    std::memset(pool->Acquire(frame), 0xff, pool->buffer_bytes());
    buffers.insert(frame.view.data);
  }
  EXPECT_EQ(buffers.size(), 3U);
  Frame none;
  EXPECT_EQ(pool->Acquire(none), nullptr);
  EXPECT_EQ(pool->Acquire(none), nullptr);
  pool->Release(frames[1]);
  EXPECT_EQ(pool->Acquire(none), frames[1].view.data);
  EXPECT_EQ(pool->Acquire(none), nullptr);
}

TEST(FramePool, TakesBackFromAnotherThreadAndSharesNoBufferMeanwhile) {
  // On a busy core each full pool costs a turn of everything else that runs.
  constexpr int kBuffers = 16;
  const auto pool = Pool(kBuffers);
  DroppingSpscRing<Frame> ring(kBuffers);
  const std::uint64_t frames = taktgate::testing::Form("frames through the pool", 4'000, 20'000);
  std::atomic<std::uint64_t> torn{0};
  std::thread consumer([&] {
    for (std::uint64_t done = 0; done < frames;) {
      const auto frame = ring.Pop();
      if (!frame) {
        std::this_thread::yield();
        continue;
      }
      const std::uint8_t first = frame->view.data[0];
      if (first != static_cast<std::uint8_t>(frame->info.sequence) ||
          frame->view.data[pool->buffer_bytes() - 1] != first) {
        ++torn;
      }
      pool->Release(*frame);
      ++done;
    }
  });
  for (std::uint64_t sequence = 0; sequence < frames;) {
    Frame frame;
    std::uint8_t* pixels = pool->Acquire(frame);
    if (pixels == nullptr) {
      std::this_thread::yield();
      continue;
    }
    frame.info.sequence = sequence++;
    std::memset(pixels, static_cast<std::uint8_t>(frame.info.sequence), pool->buffer_bytes());
    ASSERT_TRUE(ring.Push(frame));
  }
  consumer.join();
  EXPECT_EQ(torn, 0U);
  Frame again;
  for (int buffer = 0; buffer < kBuffers; ++buffer) {
    EXPECT_NE(pool->Acquire(again), nullptr) << "all are back";
  }
}

TEST(FramePoolDeathTest, StopsAtAFrameGivenBackTwice) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto pool = Pool(2);
  const auto other = Pool(2);
  Frame frame;
  pool->Acquire(frame);
  EXPECT_DEATH(other->Release(frame), "");
  pool->Release(frame);
  EXPECT_DEATH(pool->Release(frame), "");
}

}  // namespace
}  // namespace taktgate::image
