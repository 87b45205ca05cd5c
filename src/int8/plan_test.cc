#include "int8/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "int8/network/network_file.h"
#include "int8/network/test_mobilenet.h"

namespace taktgate::int8 {
namespace {

// The operations from the one that makes a tensor to the last one that reads it.
struct InUse {
  std::size_t first = 0, last = 0;
  bool Meets(const InUse& other) const { return first <= other.last && other.first <= last; }
};

std::vector<InUse> UsesOf(const Network& network) {
  std::vector<InUse> uses(network.tensors.size());
  for (std::size_t k = 0; k < network.operations.size(); ++k) {
    const Operation& operation = network.operations[k];
    uses[static_cast<std::size_t>(operation.result)] = {k, k};
    for (const int read : {operation.first, operation.second}) {
      if (read >= 0) uses[static_cast<std::size_t>(read)].last = k;
    }
  }
  for (const ExtraOutput& output : network.extra_outputs) {
    uses[static_cast<std::size_t>(output.tensor)].last = network.operations.size();
  }
  return uses;
}

struct MobileCase {
  testing::MobileShape shape;
  int side, channels, windows;
};

// Large at 320 px is the largest that a contract allows; 64 windows are the most of one run.
constexpr MobileCase kMobileCases[] = {{testing::kMobileNetV3Small, 64, 2, 4},
                                       {testing::kMobileNetV3Small, 33, 1, 1},
                                       {testing::kMobileNetV3Large, 320, 3, 1},
                                       {testing::kMobileNetV3Large, 320, 4, 64}};

TEST(PlanMemory, KeepsApartWhatIsNeededAtTheSameTime) {
  for (const MobileCase& one : kMobileCases) {
    const auto network =
        ReadNetwork(testing::MobileNetV3(one.shape, one.side, one.channels, 1000, 8));
    ASSERT_TRUE(network) << network.error().message;
    const MemoryPlan plan = PlanMemory(*network, one.windows);
    const auto uses = UsesOf(*network);
    const auto end = [&](std::size_t k) {
      const std::size_t bytes = plan.maps[k].bytes * static_cast<std::size_t>(one.windows);
      return plan.maps[k].offset + bytes + kOverRead;  // which no other thread may be writing
    };
    for (std::size_t a = 0; a < uses.size(); ++a) {
      const Tensor& tensor = network->tensors[a];
      EXPECT_GE(plan.maps[a].bytes, tensor.size());
      EXPECT_EQ(plan.maps[a].offset % 64, 0U);
      EXPECT_LE(end(a), plan.arena_bytes);
      for (std::size_t b = 0; b < a; ++b) {
        EXPECT_TRUE(!uses[a].Meets(uses[b]) || end(a) <= plan.maps[b].offset ||
                    end(b) <= plan.maps[a].offset)
            << one.side << " px: tensors " << a << " and " << b;
      }
    }
  }
}

// What some operation needs at once is the least; twice that would be waste.
TEST(PlanMemory, TakesLittleMoreThanTheLargestOperation) {
  for (const MobileCase& one : kMobileCases) {
    const auto network =
        *ReadNetwork(testing::MobileNetV3(one.shape, one.side, one.channels, 1000, 8));
    const MemoryPlan plan = PlanMemory(network, one.windows);
    const auto uses = UsesOf(network);
    std::size_t most = 0;
    for (std::size_t k = 0; k < network.operations.size(); ++k) {
      std::size_t now = 0;
      for (std::size_t tensor = 0; tensor < uses.size(); ++tensor) {
        if (uses[tensor].Meets({k, k})) now += plan.maps[tensor].bytes;
      }
      most = std::max(most, now * static_cast<std::size_t>(one.windows));
    }
    EXPECT_GE(plan.arena_bytes, most);
    EXPECT_LE(plan.arena_bytes, most + most / 4 + kOverRead) << one.side << " px";
    std::printf("%d px, %d channels, %d windows: %zu bytes\n", one.side, one.channels, one.windows,
                plan.arena_bytes);
  }
}

}  // namespace
}  // namespace taktgate::int8
