#include "int8/engine.h"

#include <gtest/gtest.h>

#include <array>

#include "int8/kernels/kernels.h"
#include "int8/network/network_file.h"
#include "int8/network/reference.h"
#include "int8/network/test_small_network.h"

namespace taktgate::int8 {
namespace {

using testing::NetworkMaker;

// A small network of the kind: stem, blocks with and without squeeze and excite, residuals, class
// map; sizes and channels that are no multiples of anything.
std::vector<std::uint8_t> SomeNetwork(std::uint64_t seed, int weight_bits) {
  Random random(seed);
  NetworkMaker maker(seed, weight_bits, seed % 4 < 2);
  int x = maker.Conv(maker.Input(random.Whole(9, 40), random.Whole(9, 40), random.Whole(1, 5)),
                     random.Whole(1, 40), {3, random.Whole(1, 2)}, true);
  for (int block = 0; block < 4; ++block) {
    const int channels = maker.At(x).channels;
    const int wide = maker.Conv(x, random.Whole(1, 150), {}, random.Whole(0, 1) == 1);
    int deep = maker.Depthwise(wide, {random.Whole(0, 3) * 2 + 1, random.Whole(1, 2)},
                               random.Whole(0, 1) == 1);
    if (random.Whole(0, 1) == 1) {
      const int squeezed = maker.Conv(maker.Mean(deep), random.Whole(1, 30), {}, true);
      deep = maker.Gate(deep, maker.Conv(squeezed, maker.At(deep).channels, {}, true));
    }
    const int narrow = maker.Conv(deep, channels);
    const bool same = maker.At(narrow).height == maker.At(x).height &&
                      maker.At(narrow).width == maker.At(x).width;
    x = same ? maker.Add(x, narrow, random.Whole(0, 1) == 1) : narrow;
  }
  const int labels = random.Whole(2, 40);
  const int maps = maker.Conv(maker.Table(x), labels, {}, false);
  const int pooled = maker.Mean(x);
  maker.Logits(maker.Conv(pooled, 70, {}, true), labels);
  maker.ExtraOutput(pooled, OutputRole::kEmbedding);
  maker.ExtraOutput(maker.Select(maps), OutputRole::kClassMap);
  return maker.File();
}

std::vector<std::uint8_t> RandomPixels(Random& random, std::size_t size) {
  std::vector<std::uint8_t> pixels(size);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
  return pixels;
}

// Interleaved channels, as a camera gives them.
void Show(Engine& engine, int window, const std::vector<std::uint8_t>& pixels) {
  const Tensor& input = engine.input();
  std::vector<Plane> planes;
  for (int c = 0; c < input.channels; ++c) {
    planes.push_back(
        {pixels.data() + c, std::ptrdiff_t{input.width} * input.channels, input.channels});
  }
  engine.SetInput(window, planes);
}

class EngineOnEveryIsa : public ::testing::TestWithParam<Isa> {};

TEST_P(EngineOnEveryIsa, GivesTheBytesOfTheReference) {
  if (!CpuHas(GetParam())) GTEST_SKIP() << "this CPU has no " << NameOf(GetParam());
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    const auto network = ReadNetwork(SomeNetwork(seed, seed % 2 == 0 ? 7 : 8));
    ASSERT_TRUE(network) << seed << ": " << network.error().message;
    auto engine = Engine::Create(*network, {3, GetParam()});
    ASSERT_TRUE(engine) << engine.error().message;
    Random random(seed);
    std::vector<std::vector<std::uint8_t>> pixels;
    for (int windows : {3, 1, 2}) {
      pixels.clear();
      for (int k = 0; k < windows; ++k) {
        pixels.push_back(RandomPixels(random, network->input().size()));
        Show(**engine, k, pixels.back());
      }
      ASSERT_TRUE((*engine)->Run(windows));
      for (int k = 0; k < windows; ++k) {
        Reference reference(*network);
        reference.Run(pixels[static_cast<std::size_t>(k)]);
        const auto logits = (*engine)->logits(k);
        ASSERT_TRUE(std::ranges::equal(logits, reference.logits())) << seed;
        for (std::size_t output = 0; output < network->extra_outputs.size(); ++output) {
          ASSERT_TRUE(std::ranges::equal((*engine)->extra_output(k, output),
                                         reference.codes(network->extra_outputs[output].tensor)))
              << seed << ", output " << output;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EngineOnEveryIsa,
                         ::testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni,
                                           Isa::kAvx512Vnni, Isa::kNeon, Isa::kNeonDot,
                                           Isa::kNeonI8mm),
                         [](const auto& isa) {
                           std::string name(NameOf(isa.param));
                           std::erase(name, '-');
                           return name;
                         });

// The one sum of four products of 7-bit weights that 16 bits have no room for: 4 x -128 x -64.
// Codes of the border are 0, and so 128 less is -128.
TEST_P(EngineOnEveryIsa, HasRoomForTheLargestProducts) {
  if (!CpuHas(GetParam())) GTEST_SKIP() << "this CPU has no " << NameOf(GetParam());
  NetworkMaker maker(7, 7);
  constexpr int kChannels = 16;
  const int input = maker.Input(2, 2, kChannels);
  maker.At(input).zero_point = 0;
  const int map = maker.Conv(input, 20, {3, 1}, true);
  for (std::size_t k = 0; k < maker.weights().size(); ++k) {
    const bool first_tap = k % (std::size_t{9} * kChannels) < kChannels;
    maker.weights()[k] = first_tap ? -64 : 0;
  }
  maker.Logits(maker.Mean(map), 9);
  const auto network = ReadNetwork(maker.File());
  ASSERT_TRUE(network) << network.error().message;
  auto engine = Engine::Create(*network, {1, GetParam()});
  ASSERT_TRUE(engine) << engine.error().message;
  Random random(7);
  const auto pixels = RandomPixels(random, network->input().size());
  Show(**engine, 0, pixels);
  ASSERT_TRUE((*engine)->Run(1));
  Reference reference(*network);
  reference.Run(pixels);
  EXPECT_TRUE(std::ranges::equal((*engine)->logits(0), reference.logits()));
}

// Maps of one place, as the last ones of a picture of 32 px: a depthwise layer needs a border
// around what a layer of vectors gives.
TEST_P(EngineOnEveryIsa, PutsABorderAroundMapsOfOnePlace) {
  if (!CpuHas(GetParam())) GTEST_SKIP() << "this CPU has no " << NameOf(GetParam());
  NetworkMaker maker(8, 7);
  const int wide = maker.Conv(maker.Input(1, 1, 20), 70);
  const int other = maker.Conv(maker.Conv(wide, 20), 70);
  maker.Logits(maker.Mean(maker.Add(maker.Depthwise(wide, {5, 1}), other)), 9);
  const auto network = ReadNetwork(maker.File());
  ASSERT_TRUE(network) << network.error().message;
  auto engine = *Engine::Create(*network, {3, GetParam()});
  EXPECT_TRUE(engine->left_out().empty());
  Random random(8);
  std::vector<std::vector<std::uint8_t>> pixels;
  for (int k = 0; k < 3; ++k) {
    pixels.push_back(RandomPixels(random, network->input().size()));
    Show(*engine, k, pixels.back());
  }
  ASSERT_TRUE(engine->Run(3));
  for (int k = 0; k < 3; ++k) {
    Reference reference(*network);
    reference.Run(pixels[static_cast<std::size_t>(k)]);
    EXPECT_TRUE(std::ranges::equal(engine->logits(k), reference.logits())) << k;
  }
}

TEST_P(EngineOnEveryIsa, OfEqualLogitsSelectsTheFirst) {
  if (!CpuHas(GetParam())) GTEST_SKIP() << "this CPU has no " << NameOf(GetParam());
  const auto network = ReadNetwork(testing::EqualLogits().File());
  ASSERT_TRUE(network) << network.error().message;
  auto engine = *Engine::Create(*network, {1, GetParam()});
  const std::vector<std::uint8_t> pixels(network->input().size(), 7);
  Show(*engine, 0, pixels);
  ASSERT_TRUE(engine->Run(1));
  EXPECT_EQ(engine->logits(0)[testing::kFirstOfEqual], engine->logits(0)[testing::kLastOfEqual]);
  EXPECT_TRUE(std::ranges::equal(engine->extra_output(0, 0),
                                 std::vector<std::uint8_t>(6, testing::kCodeOfFirst)));
}

// As a picture and its golden image: each channel for itself, and rows that do not follow at once.
TEST(Engine, TakesChannelsThatLieApart) {
  NetworkMaker maker(5);
  const int input = maker.Input(21, 19, 2);
  maker.Logits(maker.Mean(maker.Conv(input, 20, {3, 2}, true)), 3);
  const auto network = ReadNetwork(maker.File());
  Random random(5);
  const auto pixels = RandomPixels(random, network->input().size());
  std::vector<std::uint8_t> apart[2];
  for (std::size_t c = 0; c < 2; ++c) {
    apart[c].resize(21 * 30);
    for (std::size_t k = 0; k < 21 * 19; ++k) apart[c][k / 19 * 30 + k % 19] = pixels[k * 2 + c];
  }
  Reference reference(*network);
  reference.Run(pixels);
  for (const Isa isa : IsasOfThisCpu()) {
    auto engine = *Engine::Create(*network, {1, isa});
    engine->SetInput(0, std::array{Plane{apart[0].data(), 30, 1}, Plane{apart[1].data(), 30, 1}});
    EXPECT_TRUE(engine->Run(1));
    EXPECT_TRUE(std::ranges::equal(engine->logits(0), reference.logits())) << NameOf(isa);
  }
}

// As cameras give them: planes, pixels of three bytes, of four with one to spare, the other way
// round. Rows are long enough for what reads many pixels at once; nothing lies behind the last one.
TEST(Engine, TakesPixelsInEveryOrder) {
  constexpr std::size_t kHeight = 5, kWidth = 70;
  NetworkMaker maker(6);
  maker.Logits(maker.Mean(maker.Conv(maker.Input(kHeight, kWidth, 3), 20, {3, 2}, true)), 3);
  const auto network = ReadNetwork(maker.File());
  Random random(6);
  const auto pixels = RandomPixels(random, network->input().size());
  Reference reference(*network);
  reference.Run(pixels);
  struct Order {
    std::size_t step, row, channel[3];
  };
  constexpr Order kOrders[] = {{1, kWidth, {0, kWidth * kHeight, kWidth * kHeight * 2}},
                               {3, kWidth * 3, {0, 1, 2}},
                               {3, kWidth * 3, {2, 1, 0}},
                               {4, kWidth * 4, {0, 1, 2}},
                               {4, kWidth * 4, {1, 2, 3}},
                               {5, kWidth * 6, {4, 0, 2}}};
  for (const Order& order : kOrders) {
    std::vector<std::uint8_t> picture;
    for (std::size_t k = 0; k < pixels.size(); ++k) {
      const std::size_t place = k / 3;
      const std::size_t at =
          place / kWidth * order.row + place % kWidth * order.step + order.channel[k % 3];
      if (picture.size() <= at) picture.resize(at + 1);
      picture[at] = pixels[k];
    }
    picture.shrink_to_fit();
    std::vector<Plane> planes;
    for (const std::size_t channel : order.channel) {
      planes.push_back({picture.data() + channel, static_cast<std::ptrdiff_t>(order.row),
                        static_cast<std::ptrdiff_t>(order.step)});
    }
    for (const Isa isa : IsasOfThisCpu()) {
      auto engine = *Engine::Create(*network, {1, isa});
      engine->SetInput(0, planes);
      EXPECT_TRUE(engine->Run(1));
      EXPECT_TRUE(std::ranges::equal(engine->logits(0), reference.logits()))
          << NameOf(isa) << ", order " << &order - kOrders;
    }
  }
}

// A CPU whose kernels give another byte once in a while, each kind in its turn.
template <typename Work>
using Kernel = void (*)(const Work&);

const Kernels* scalar = KernelsFor(Isa::kScalar, 8);

template <typename Work, Kernel<Work> Kernels::*kMember>
void Wrong(const Work& work) {
  (scalar->*kMember)(work);
  if constexpr (requires { work.floats; }) {
    if (work.floats != nullptr) return;
  }
  work.y[0] ^= 1U;
}

template <typename Work>
void Nothing(const Work&) {}

template <typename Work, Kernel<Work> Kernels::*kMember>
std::array<Kernels, 2> With(Kernels kernels) {
  kernels.isa = Isa::kAvx2;
  kernels.*kMember = Wrong<Work, kMember>;
  Kernels idle = kernels;
  idle.*kMember = Nothing<Work>;
  return {kernels, idle};
}

TEST(Engine, LeavesKernelsOutThatGiveOtherBytes) {
  const auto network = ReadNetwork(testing::SmallNetwork().File());
  const std::array<Kernels, 2> broken[] = {
      With<Dense, &Kernels::dense>(*scalar),    With<Depthwise, &Kernels::depthwise>(*scalar),
      With<Gate, &Kernels::gate>(*scalar),      With<Add, &Kernels::add>(*scalar),
      With<Mean, &Kernels::mean>(*scalar),      With<Lookup, &Kernels::lookup>(*scalar),
      With<ReadIn, &Kernels::read_in>(*scalar), With<FillBorder, &Kernels::fill_border>(*scalar)};
  for (const auto& kinds : broken) {
    for (const Kernels& one : kinds) {
      const Kernels* const sets[] = {&one, scalar};
      const auto engine = *Engine::CreateBy(sets, *network, 2);
      EXPECT_EQ(engine->isa(), Isa::kScalar) << &kinds - broken << ", " << &one - kinds.data();
      EXPECT_EQ(engine->left_out(), std::vector{Isa::kAvx2});
      EXPECT_EQ(Engine::CreateBy(std::array{&one}, *network, 2).error().code, ErrorCode::kInternal);
    }
  }
}

// The scalar kernels, which count their calls; the second dense one tells its engine to stop.
struct Stopping {
  static inline Engine* engine = nullptr;
  static inline int dense_calls = 0, calls = 0;

  template <typename Work, Kernel<Work> Kernels::*kMember>
  static void Counted(const Work& work) {
    ++calls;
    (scalar->*kMember)(work);
  }
  static void Dense(const int8::Dense& work) {
    Counted<int8::Dense, &Kernels::dense>(work);
    if (++dense_calls == 2 && engine != nullptr) engine->Stop();
  }
  static Kernels Set() {
    Kernels kernels = *scalar;  // of the scalar name: it is not probed
    kernels.read_in = Counted<ReadIn, &Kernels::read_in>;
    kernels.dense = Dense;
    kernels.depthwise = Counted<Depthwise, &Kernels::depthwise>;
    kernels.gate = Counted<Gate, &Kernels::gate>;
    kernels.add = Counted<Add, &Kernels::add>;
    kernels.mean = Counted<Mean, &Kernels::mean>;
    kernels.lookup = Counted<Lookup, &Kernels::lookup>;
    kernels.fill_border = Counted<FillBorder, &Kernels::fill_border>;
    return kernels;
  }
};

TEST(Engine, StopsBetweenTwoLayers) {
  const auto network = ReadNetwork(testing::SmallNetwork().File());
  const Kernels kernels = Stopping::Set();
  auto engine = *Engine::CreateBy(std::array{&kernels}, *network, 1);
  Random random(1);
  const auto pixels = RandomPixels(random, network->input().size());
  Show(*engine, 0, pixels);
  Stopping::engine = engine.get();
  EXPECT_FALSE(engine->Run(1)) << "it was told to within the second dense layer";
  EXPECT_EQ(Stopping::dense_calls, 2);
  const int until_the_stop = Stopping::calls;
  EXPECT_FALSE(engine->Run(1)) << "until it is resumed";
  EXPECT_EQ(Stopping::calls, until_the_stop) << "nothing was computed";
  engine->Resume();
  EXPECT_TRUE(engine->Run(1));
  EXPECT_EQ(Stopping::dense_calls, 9) << "all seven of the network";
  EXPECT_GT(Stopping::calls - until_the_stop, until_the_stop);
}

TEST(Engine, GivesTheSameBytesWithEveryNumberOfThreads) {
  const auto network = *ReadNetwork(SomeNetwork(2, 7));
  auto engine = *Engine::Create(network);
  Random random(2);
  const auto pixels = RandomPixels(random, network.input().size());
  Show(*engine, 0, pixels);
  Reference reference(network);
  reference.Run(pixels);
  EXPECT_EQ(engine->threads(), 1);
  for (const int threads : {4, 2, 3, 1}) {
    ASSERT_TRUE(engine->UseThreads(threads));
    EXPECT_EQ(engine->threads(), threads);
    for (int run = 0; run < 5; ++run) {
      ASSERT_TRUE(engine->Run(1));
      EXPECT_TRUE(std::ranges::equal(engine->logits(0), reference.logits())) << threads;
    }
  }
  EXPECT_EQ(engine->UseThreads(0).error().message, "expected 1 to 4 threads, got 0");
  EXPECT_EQ(engine->UseThreads(5).error().code, ErrorCode::kInvalid);
}

TEST(Engine, RefusesANumberOfWindowsThatItHasNoMemoryFor) {
  const auto network = ReadNetwork(SomeNetwork(1, 8));
  EXPECT_FALSE(Engine::Create(*network, {0}));
  EXPECT_FALSE(Engine::Create(*network, {65}));
}

}  // namespace
}  // namespace taktgate::int8
