// A run takes what memory there is: every allocation of this program is counted while armed, and
// what the thread lost to pages that were not there yet.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

#include "base/test_form.h"
#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/test_mobilenet.h"

namespace {

thread_local bool armed = false;
thread_local std::uint64_t allocations = 0;

}  // namespace

// The sanitizers bring their own malloc; the plain builds count.
#ifndef TAKTGATE_SANITIZED
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* malloc(std::size_t size) {
  if (armed) ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  if (armed) ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  if (armed) ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  if (armed) ++allocations;
  return __libc_memalign(alignment, size);
}
}
#endif

namespace taktgate::int8 {
namespace {

std::uint64_t PageFaults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt);
}

#ifndef TAKTGATE_SANITIZED
TEST(Steadiness, AllocationsAreCounted) {
  allocations = 0;
  armed = true;
  void* volatile some = std::malloc(32);
  armed = false;
  EXPECT_EQ(allocations, 1U);
  std::free(some);
  armed = true;
  int* volatile number = new int(7);  // kept, so that the compiler cannot leave it out
  armed = false;
  EXPECT_EQ(allocations, 2U);
  delete number;
}
#endif

TEST(Steadiness, RunsNeitherAllocateNorFault) {
  constexpr int kWindows = 2;
  const auto network = ReadNetwork(testing::MobileNetV3Small(64, 2, 4, 7));
  const auto engine = *Engine::Create(*network, {kWindows});
  const std::vector<std::uint8_t> pixels(network->input().size(), 99);
  const Plane planes[] = {{pixels.data(), 128, 2}, {pixels.data() + 1, 128, 2}};
  const std::uint64_t runs = taktgate::testing::Form("runs of the engine", 300, 1'000'000);
  for (int windows : {1, kWindows}) {
    for (int window = 0; window < windows; ++window) engine->SetInput(window, planes);
    engine->Run(windows);
  }
  allocations = 0;
  armed = true;
  const std::uint64_t before = PageFaults();
  for (std::uint64_t k = 0; k < runs; ++k) {
    const int windows = 1 + static_cast<int>(k % kWindows);
    for (int window = 0; window < windows; ++window) engine->SetInput(window, planes);
    engine->Run(windows);
  }
  const std::uint64_t faults = PageFaults() - before;
  armed = false;
  EXPECT_EQ(allocations, 0U);
  // An emulator of another CPU, and the sanitizers, take memory for themselves.
#if defined(__x86_64__) && !defined(TAKTGATE_SANITIZED)
  EXPECT_EQ(faults, 0U);
#else
  static_cast<void>(faults);
#endif
}

// Code that only a thread uses which waits for another one may not be in memory yet.
TEST(Steadiness, RunsOfSeveralThreadsDoNotAllocate) {
  constexpr int kWindows = 2;
  const auto network = ReadNetwork(testing::MobileNetV3Small(64, 2, 4, 7));
  const auto engine = *Engine::Create(*network, {kWindows});
  ASSERT_TRUE(engine->UseThreads(2));
  const std::vector<std::uint8_t> pixels(network->input().size(), 99);
  const Plane planes[] = {{pixels.data(), 128, 2}, {pixels.data() + 1, 128, 2}};
  for (int window = 0; window < kWindows; ++window) engine->SetInput(window, planes);
  allocations = 0;
  armed = true;
  for (int run = 0; run < 30; ++run) engine->Run(1 + run % kWindows);
  armed = false;
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace taktgate::int8
