// A run takes what memory there is: every allocation of this program is counted while armed, and
// what the thread lost to pages that were not there yet.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

#include "base/test_allocations.h"
#include "base/test_form.h"
#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/test_mobilenet.h"

namespace taktgate::int8 {
namespace {

using taktgate::testing::allocations;
using taktgate::testing::CountedThread;

std::uint64_t PageFaults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt);
}

#ifndef TAKTGATE_SANITIZED
TEST(Steadiness, AllocationsAreCounted) {
  const CountedThread counted;
  void* volatile some = std::malloc(32);
  EXPECT_EQ(allocations, 1U);
  int* volatile number = new int(7);  // kept, so that the compiler cannot leave it out
  EXPECT_EQ(allocations, 2U);
  std::free(some);
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
  const CountedThread counted;
  const std::uint64_t before = PageFaults();
  for (std::uint64_t k = 0; k < runs; ++k) {
    const int windows = 1 + static_cast<int>(k % kWindows);
    for (int window = 0; window < windows; ++window) engine->SetInput(window, planes);
    engine->Run(windows);
  }
  const std::uint64_t faults = PageFaults() - before;
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
  const CountedThread counted;
  for (int run = 0; run < 30; ++run) engine->Run(1 + run % kWindows);
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace taktgate::int8
