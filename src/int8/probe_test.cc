#include "int8/probe.h"

#include <gtest/gtest.h>

#include <array>

#include "int8/assemble.h"
#include "int8/kernels/kernel_sets.h"
#include "int8/network/network_file.h"
#include "int8/network/test_networks.h"

namespace taktgate::int8 {
namespace {

constexpr int kManyBlocks = 11, kTables = 2'000;

// Layers of one shape, at least two of each kind, as a set has them that looks at all by which a
// set may choose its code. The second of each kind can be made another one; the scalar kernels
// compute both alike.
class TwoAlike : public ::testing::Test {
 protected:
  TwoAlike() {
    ones.fill(4);
    others.fill(4);
    int convolutions = 0;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (auto* dense = std::get_if<Dense>(&steps[k].work)) {
        if (dense->floats != nullptr) continue;
        dense->chains = ones.data();
        if (++convolutions == 2) second_dense = dense;  // the third writes a map with a border
      } else if (auto* depthwise = std::get_if<Depthwise>(&steps[k].work)) {
        depthwise->chains = ones.data();
        second_depthwise = depthwise;
      }
    }
  }
  static Network Alike() {
    testing::NetworkMaker maker(3, 7);
    int x = maker.Input(5, 6, kManyBlocks * 16 - 3);
    for (int layer = 0; layer < 3; ++layer) x = maker.Conv(x, kManyBlocks * 16 - 3);
    x = maker.Depthwise(maker.Depthwise(x, {3, 1}), {3, 1});
    maker.Logits(maker.Mean(x), 5);
    return *ReadNetwork(maker.File());
  }
  std::vector<Step> StepsIn(const AlignedBytes& arena) {
    return Assemble(network, kScalarKernels, {plan, arena.data(), {}, logits, {}, constants});
  }
  bool IsRight(const Kernels& kernels) const {
    return GivesTheRightBytes(steps, kernels, plain, arena, plain_arena);
  }

  const Network network = Alike();
  const MemoryPlan plan = PlanMemory(network, 1);
  const AlignedBytes arena{plan.arena_bytes}, plain_arena{plan.arena_bytes};
  Constants constants;
  std::vector<float> logits = std::vector<float>(16);
  std::vector<Step> steps = StepsIn(arena);
  std::vector<Step> plain = StepsIn(plain_arena);
  Dense* second_dense = nullptr;
  Depthwise* second_depthwise = nullptr;
  std::array<std::uint8_t, kTables> ones{}, others{};
};

// The scalar set, but wrong where `kIsMet` says so.
template <auto kIsMet>
Kernels WrongDense() {
  Kernels kernels = kScalarKernels;
  kernels.dense = [](const Dense& dense) {
    kScalarKernels.dense(dense);
    if (dense.floats == nullptr && kIsMet(dense)) dense.y[0] ^= 1U;
  };
  return kernels;
}
template <auto kIsMet>
Kernels WrongDepthwise() {
  Kernels kernels = kScalarKernels;
  kernels.depthwise = [](const Depthwise& depthwise) {
    kScalarKernels.depthwise(depthwise);
    if (kIsMet(depthwise)) depthwise.y[0] ^= 1U;
  };
  return kernels;
}

constexpr auto kNeverOfDense = [](const Dense&) { return false; };
constexpr auto kGrowsLarge = [](const auto& work) { return !work.result.stays_small; };

TEST_F(TwoAlike, AreRightAsTheyAre) {
  EXPECT_TRUE(IsRight(WrongDense<kNeverOfDense>()));
  EXPECT_TRUE(IsRight(WrongDense<kGrowsLarge>()));
  EXPECT_TRUE(IsRight(WrongDepthwise<kGrowsLarge>()));
}

TEST_F(TwoAlike, OneWhoseNumbersGrowLargeIsLookedAt) {
  second_dense->result.stays_small = false;
  EXPECT_FALSE(IsRight(WrongDense<kGrowsLarge>()));
  EXPECT_TRUE(IsRight(WrongDepthwise<kGrowsLarge>()));
  second_depthwise->result.stays_small = false;
  EXPECT_FALSE(IsRight(WrongDepthwise<kGrowsLarge>()));
}

// One of hundreds of chains, in the last block.
TEST_F(TwoAlike, OneWithAnotherChainIsLookedAt) {
  constexpr auto kHasOne = [](const Dense& dense) {
    const auto* end = dense.chains + dense.blocks * (dense.steps / 4);
    return std::find(dense.chains, end, 1) != end;
  };
  EXPECT_TRUE(IsRight(WrongDense<kHasOne>()));
  others[static_cast<std::size_t>(kManyBlocks * (second_dense->steps / 4)) - 1] = 1;
  second_dense->chains = others.data();
  EXPECT_FALSE(IsRight(WrongDense<kHasOne>()));
}

TEST_F(TwoAlike, ADepthwiseBlockWithAnotherChainIsLookedAt) {
  constexpr auto kHasOne = [](const Depthwise& depthwise) { return *depthwise.chains == 1; };
  EXPECT_TRUE(IsRight(WrongDepthwise<kHasOne>()));
  others[5] = 1;
  second_depthwise->chains = others.data();
  EXPECT_FALSE(IsRight(WrongDepthwise<kHasOne>()));
}

TEST_F(TwoAlike, OneWhoseCodesAreGatheredIsLookedAt) {
  constexpr auto kGathers = [](const Dense& dense) { return dense.gather.from != nullptr; };
  second_dense->gather.from = others.data();
  EXPECT_FALSE(IsRight(WrongDense<kGathers>()));
}

TEST_F(TwoAlike, OneWhoseLastStepIsHalfEmptyIsLookedAt) {
  second_dense->half_at_end = true;
  EXPECT_FALSE(IsRight(WrongDense<[](const Dense& dense) { return dense.half_at_end; }>()));
}

TEST_F(TwoAlike, OneWithFewerRowsIsLookedAt) {
  Depthwise* plain_depthwise = nullptr;
  second_depthwise->rows = 1;
  for (Step& step : plain) {
    if (auto* depthwise = std::get_if<Depthwise>(&step.work)) plain_depthwise = depthwise;
  }
  plain_depthwise->rows = 1;
  EXPECT_TRUE(IsRight(kScalarKernels));
  EXPECT_FALSE(IsRight(WrongDepthwise<[](const Depthwise& d) { return d.rows == 1; }>()));
}

// What fills up the last block is left out by some sets.
TEST_F(TwoAlike, TheLastBlockIsLookedAt) {
  EXPECT_FALSE(IsRight(
      WrongDense<[](const Dense& dense) { return dense.results == dense.blocks * 16 - 3; }>()));
}

}  // namespace
}  // namespace taktgate::int8
