// What runs for every part allocates nothing; what reads files allocates nothing large before it
// has seen the header. The operators below count for the whole test program.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>
#include <vector>

#include "image/align.h"
#include "image/contract.h"
#include "image/decode.h"
#include "image/test_board.h"
#include "image/test_files.h"

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> largest{0};

void* Count(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (size > largest.load(std::memory_order_relaxed)) largest = size;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Not inline: gcc would see free() meet an operator new that it did not look into, and warn.
[[gnu::noinline]] void Free(void* memory) { std::free(memory); }

}  // namespace

void* operator new(std::size_t size) { return Count(size); }
void* operator new[](std::size_t size) { return Count(size); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, std::size_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Free(memory); }

namespace taktgate::image {
namespace {

TEST(HotPath, FillAllocatesNothing) {
  const Image frame = testing::RandomImage(200, 150, PixelFormat::kRgb8, 1);
  const Image golden = testing::RandomImage(200, 150, PixelFormat::kGrey8, 2);
  for (const Resize resize : {Resize::kArea, Resize::kBilinear, Resize::kAntialias}) {
    InputContract contract;
    contract.width = 48;
    contract.height = 40;
    contract.channels = PixelFormat::kGrey8;
    contract.golden = true;
    contract.resize = resize;
    contract.scale = {1.0 / 255, 1.0 / 255};
    contract.offset = {0, 0};
    TensorMaker maker(contract, 200);
    ASSERT_TRUE(maker.Prepare(100, 90));
    ASSERT_TRUE(maker.Prepare(48, 40));
    std::vector<float> tensor(contract.tensor_size());
    std::vector<Plane> planes(2);
    const ImageView frame_view = frame.View();
    const ImageView golden_view = golden.View();
    const std::size_t before = allocations;
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(maker.Fill(frame_view, {i, 20, 100, 90}, 3, -2, &golden_view, tensor));
      ASSERT_TRUE(maker.Fill(frame_view, {i, 20, 48, 40}, 3, -2, &golden_view, tensor));
      ASSERT_TRUE(maker.FindPlanes(frame_view, {i, 20, 100, 90}, 3, -2, &golden_view, 0, planes));
      ASSERT_TRUE(maker.FindPlanes(frame_view, {i, 20, 48, 40}, 3, -2, &golden_view, 0, planes));
    }
    EXPECT_EQ(allocations, before);
  }
}

TEST(HotPath, FindAllocatesNothing) {
  std::mt19937 random(1);
  const Image board = testing::MakeBoard(7, 300, 300);
  auto aligner = Aligner::Create(testing::LookAt(board, 192, {}, random).View(), {});
  ASSERT_TRUE(aligner);
  const Image part = testing::LookAt(board, 192, {5, -7, 1, 4, 0}, random);
  const Image noise = testing::RandomImage(192, 192, PixelFormat::kRgb8, 3);
  const std::size_t before = allocations;
  EXPECT_TRUE(aligner->Find(part.View()));
  EXPECT_FALSE(aligner->Find(noise.View()));
  EXPECT_EQ(allocations, before);
}

TEST(HotPath, AcquireAndReleaseAllocateNothing) {
  auto pool = FramePool::Create(2, 64, 64, PixelFormat::kGrey8);
  ASSERT_TRUE(pool);
  const std::size_t before = allocations;
  Frame frame;
  for (int i = 0; i < 100; ++i) {
    ASSERT_NE((*pool)->Acquire(frame), nullptr);
    (*pool)->Release(frame);
  }
  EXPECT_EQ(allocations, before);
}

TEST(Decode, AllocatesNoPixelsForAHeaderThatIsTooLarge) {
  const auto png = testing::PngWithHeader(20000, 20000, 8, 0);
  const auto jpeg = testing::JpegWithSize(20000, 20000);
  largest = 0;
  EXPECT_FALSE(Decode(png));
  EXPECT_FALSE(Decode(jpeg));
  EXPECT_LT(largest, 100'000U);
}

}  // namespace
}  // namespace taktgate::image
