#include "int8/shares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "int8/aligned_bytes.h"
#include "int8/assemble.h"
#include "int8/network/network_file.h"
#include "int8/network/reference.h"
#include "int8/network/test_networks.h"
#include "int8/team.h"

namespace taktgate::int8 {
namespace {

using testing::NetworkMaker;

constexpr int kMostTestWindows = 4;

// Maps of every form: tall and flat, of few places and of one, deep and of one block, with borders
// and without; every kind of step.
std::vector<std::uint8_t> ManyForms(std::uint64_t seed) {
  Random random(seed);
  NetworkMaker maker(seed, seed % 2 == 0 ? 7 : 8, seed % 4 < 2);
  constexpr int kSides[] = {1, 2, 7, 19, 64};
  const auto side = [&] { return kSides[random.Whole(0, 4)]; };
  int x = maker.Conv(maker.Input(side(), side(), random.Whole(1, 5)), random.Whole(1, 150),
                     {3, random.Whole(1, 2)}, true);
  for (int block = 0; block < 2; ++block) {
    const int wide = maker.Conv(x, random.Whole(1, 200), {}, true);
    int deep = maker.Depthwise(wide, {random.Whole(0, 3) * 2 + 1, random.Whole(1, 2)});
    const int squeezed = maker.Conv(maker.Mean(deep), random.Whole(1, 30), {}, true);
    deep = maker.Gate(deep, maker.Conv(squeezed, maker.At(deep).channels, {}, true));
    const int narrow = maker.Conv(deep, random.Whole(1, 100));
    x = maker.Add(narrow, maker.Conv(deep, maker.At(narrow).channels), true);
  }
  const int labels = random.Whole(2, 140);
  const int maps = maker.Conv(maker.Table(x), labels);
  const int pooled = maker.Mean(x);
  maker.Logits(maker.Conv(pooled, 170, {}, true), labels);
  maker.ExtraOutput(pooled, OutputRole::kEmbedding);
  maker.ExtraOutput(maker.Select(maps), OutputRole::kClassMap);
  return maker.File();
}

// A network, pictures, and the right answers.
struct Question {
  explicit Question(std::uint64_t seed) : network(*ReadNetwork(ManyForms(seed))) {
    const Tensor& input = network.input();
    Random random(seed);
    Reference reference(network);
    for (int k = 0; k < kMostTestWindows; ++k) {
      pixels[k].resize(input.size());
      for (auto& pixel : pixels[k]) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
      for (int c = 0; c < input.channels; ++c) {
        planes.push_back(
            {pixels[k].data() + c, std::ptrdiff_t{input.width} * input.channels, input.channels});
      }
      reference.Run(pixels[k]);
      logits[k].assign(reference.logits().begin(), reference.logits().end());
      for (const ExtraOutput& output : network.extra_outputs) {
        const auto right = reference.codes(output.tensor);
        codes[k].emplace_back(right.begin(), right.end());
      }
    }
  }

  const Network network;
  std::vector<std::uint8_t> pixels[kMostTestWindows];
  std::vector<Plane> planes;
  std::vector<float> logits[kMostTestWindows];
  std::vector<std::vector<std::uint8_t>> codes[kMostTestWindows];
};

// The steps of a network with their memory.
class Assembled {
 public:
  Assembled(const Question& question, const Kernels& kernels)
      : question_(question),
        plan_(PlanMemory(question.network, kMostTestWindows)),
        arena_(plan_.arena_bytes),
        labels_((question.logits[0].size() + 15) / 16 * 16),
        logits_(labels_ * kMostTestWindows) {
    std::vector<std::uint8_t*> codes;
    outputs_.reserve(question.codes[0].size());
    for (const auto& right : question.codes[0]) {
      outputs_.emplace_back(right.size() * kMostTestWindows);
      codes.push_back(outputs_.back().data());
    }
    steps = Assemble(question.network, kernels,
                     {plan_, arena_.data(), question.planes, logits_, codes, constants_});
  }

  void Prepare(int windows) {
    for (Step& step : steps) SetWindows(step, windows);
    std::ranges::fill(logits_, -1.0F);
    for (auto& output : outputs_) std::ranges::fill(output, std::uint8_t{0});
    std::fill_n(arena_.data(), plan_.arena_bytes, std::uint8_t{77});
  }
  // What of `windows` is wrong; empty: nothing.
  std::string Wrong(int windows) const {
    for (int k = 0; k < windows; ++k) {
      const auto window = static_cast<std::size_t>(k);
      const auto& logits = question_.logits[k];
      if (!std::ranges::equal(logits,
                              std::span(logits_).subspan(window * labels_, logits.size()))) {
        return "logits of window " + std::to_string(k);
      }
      for (std::size_t output = 0; output < outputs_.size(); ++output) {
        const auto& right = question_.codes[k][output];
        if (!std::ranges::equal(
                right, std::span(outputs_[output]).subspan(window * right.size(), right.size()))) {
          return "output " + std::to_string(output) + " of window " + std::to_string(k);
        }
      }
    }
    return "";
  }

  std::vector<Step> steps;

 private:
  const Question& question_;
  const MemoryPlan plan_;
  const AlignedBytes arena_;
  const std::size_t labels_;
  Constants constants_;
  std::vector<float> logits_;
  std::vector<std::vector<std::uint8_t>> outputs_;
};

std::vector<const Kernels*> SetsOfThisCpu(int bits) {
  std::vector<const Kernels*> sets;
  for (const Isa isa : IsasOfThisCpu()) sets.push_back(KernelsFor(isa, bits));
  return sets;
}

TEST(Shares, AreTheWholeInAnyOrder) {
  int shared = 0;
#ifdef TAKTGATE_SANITIZED
  constexpr std::uint64_t kNetworks = 3;  // each takes seconds
#else
  constexpr std::uint64_t kNetworks = 8;
#endif
  for (std::uint64_t seed = 1; seed <= kNetworks; ++seed) {
    const Question question(seed);
    for (const Kernels* kernels : SetsOfThisCpu(seed % 2 == 0 ? 7 : 8)) {
      Assembled sut(question, *kernels);
      for (int shares = 2; shares <= kMostThreads; ++shares) {
        const int windows = 1 + static_cast<int>(seed + static_cast<std::uint64_t>(shares)) % 4;
        sut.Prepare(windows);
        for (const Step& step : sut.steps) {
          if (!ShareOf(step, *kernels, 0, shares)) {
            Do(step, *kernels);
            continue;
          }
          ++shared;
          for (int of = shares; of-- > 0;) Do(*ShareOf(step, *kernels, of, shares), *kernels);
        }
        ASSERT_EQ(sut.Wrong(windows), "")
            << seed << ", " << NameOf(kernels->isa) << ", " << shares << " shares";
      }
    }
  }
  EXPECT_GT(shared, 100);
}

// Steps of every size are shared here, and workers come when they come.
TEST(Team, GivesTheSameBytesAsOneThread) {
  const Kernels& kernels = *SetsOfThisCpu(8).front();
  for (const std::uint64_t seed : {1U, 3U, 5U}) {
    const Question question(seed);
    Assembled sut(question, kernels);
    for (int threads = 2; threads <= kMostThreads; ++threads) {
      Team team(kernels, threads, 0);
      EXPECT_EQ(team.threads(), threads);
      const std::atomic<bool> stopped{false};
      for (int run = 0; run < 12; ++run) {
        const int windows = 1 + run / 3;
        sut.Prepare(windows);
        team.Plan(sut.steps);
        ASSERT_TRUE(team.Run(sut.steps, stopped));
        ASSERT_EQ(sut.Wrong(windows), "") << seed << ", " << threads << " threads, run " << run;
      }
    }
  }
}

// A set whose dense layers say who does them.
const Kernels* scalar_set = KernelsFor(Isa::kScalar, 8);
thread_local bool leads = false;
std::atomic<int> by_workers{0};

Kernels Telling() {
  Kernels kernels = *scalar_set;
  kernels.dense = [](const Dense& dense) {
    if (!leads) ++by_workers;
    scalar_set->dense(dense);
  };
  return kernels;
}

// Stops at any step, whether the workers are there or not; the next run is whole.
TEST(Team, SharesTheWorkAndStopsBetweenTwoSteps) {
  leads = true;
  const Kernels kernels = Telling();
  const Question question(3);
  Assembled sut(question, kernels);
  sut.Prepare(1);
  Team team(kernels, 3, 0);
  team.Plan(sut.steps);
  std::atomic<bool> stopped{true}, over{false};
  EXPECT_FALSE(team.Run(sut.steps, stopped));
  std::thread other([&] {
    while (!over.load()) stopped.store(!stopped.load());
  });
  // As many runs as it takes until workers have come in time.
  for (int run = 0; run < 200 || by_workers == 0; ++run) team.Run(sut.steps, stopped);
  over.store(true);
  other.join();
  stopped.store(false);
  ASSERT_TRUE(team.Run(sut.steps, stopped));
  EXPECT_EQ(sut.Wrong(1), "");
}

// Two at a time share nothing.
TEST(Team, TwoTeamsRunInParallel) {
  const Kernels& kernels = *SetsOfThisCpu(8).front();
  const auto runs = [&kernels](std::uint64_t seed, std::string& wrong) {
    const Question question(seed);
    Assembled sut(question, kernels);
    Team team(kernels, 2, 0);
    const std::atomic<bool> stopped{false};
    for (int run = 0; run < 6 && wrong.empty(); ++run) {
      sut.Prepare(2);
      team.Plan(sut.steps);
      team.Run(sut.steps, stopped);
      wrong = sut.Wrong(2);
    }
  };
  std::string mine, others;
  std::thread other([&] { runs(1, others); });
  runs(5, mine);
  other.join();
  EXPECT_EQ(mine, "");
  EXPECT_EQ(others, "");
}

// Runs whose steps are all too small wake nobody.
TEST(Team, DoesSmallWorkAlone) {
  leads = true;
  by_workers = 0;
  const Kernels kernels = Telling();
  const Question question(3);
  Assembled sut(question, kernels);
  sut.Prepare(1);
  Team team(kernels, 2, 1'000'000'000);
  team.Plan(sut.steps);
  const std::atomic<bool> stopped{false};
  for (int run = 0; run < 20; ++run) ASSERT_TRUE(team.Run(sut.steps, stopped));
  EXPECT_EQ(sut.Wrong(1), "");
  EXPECT_EQ(by_workers, 0);
}

}  // namespace
}  // namespace taktgate::int8
