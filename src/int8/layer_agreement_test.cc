#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "base/test_form.h"
#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/reference.h"
#include "int8/network/test_mobilenet.h"
#include "int8/network/test_networks.h"

// Every layer shape of the MobileNets, by itself, on random tensors and on extreme ones: every set
// of kernels that this CPU has gives the bytes of the plain reference.
namespace taktgate::int8 {
namespace {

using testing::NetworkMaker;

struct LayerShape {
  Kind kind = Kind::kConv;
  int channels = 1, results = 1, kernel = 1, stride = 1;

  friend auto operator<=>(const LayerShape&, const LayerShape&) = default;
  std::int64_t products() const {
    const int depth = kind == Kind::kConv ? results : 1;
    return std::int64_t{channels} * depth * kernel * kernel;
  }
};

using ShapeSet = std::set<LayerShape>;

void PutBlocks(const testing::MobileShape& net, int channels, ShapeSet& shapes) {
  for (const testing::MobileBlock& block : net.blocks) {
    if (block.wide != channels) shapes.insert({Kind::kConv, channels, block.wide});
    shapes.insert({Kind::kDepthwise, block.wide, block.wide, block.kernel, block.stride});
    if (block.squeeze) {
      const int inner = (block.wide / 4 + 7) / 8 * 8;
      shapes.insert({Kind::kMean, block.wide, block.wide});
      shapes.insert({Kind::kConv, block.wide, inner});
      shapes.insert({Kind::kConv, inner, block.wide});
      shapes.insert({Kind::kGate, block.wide, block.wide});
    }
    shapes.insert({Kind::kConv, block.wide, block.narrow});
    if (block.stride == 1 && block.narrow == channels) {
      shapes.insert({Kind::kAdd, channels, channels});
    }
    channels = block.narrow;
  }
  shapes.insert({Kind::kConv, channels, net.before});
  shapes.insert({Kind::kMean, net.before, net.before});
  if (net.behind > 0) shapes.insert({Kind::kConv, net.before, net.behind});
}

// MobileNetV3, and MobileNetV2 (Sandler and others, 2018, table 2), with stems for one to four
// channels.
ShapeSet ShapesOfMobileNets() {
  constexpr testing::MobileBlock kSecondBlocks[] = {
      {3, 32, 16, false, false, 1},   {3, 96, 24, false, false, 2},
      {3, 144, 24, false, false, 1},  {3, 144, 32, false, false, 2},
      {3, 192, 32, false, false, 1},  {3, 192, 64, false, false, 2},
      {3, 384, 64, false, false, 1},  {3, 384, 96, false, false, 1},
      {3, 576, 96, false, false, 1},  {3, 576, 160, false, false, 2},
      {3, 960, 160, false, false, 1}, {3, 960, 320, false, false, 1}};
  ShapeSet shapes;
  for (int channels = 1; channels <= 4; ++channels) {
    for (const int results : {8, 16, 32}) {
      shapes.insert({Kind::kConv, channels, results, 3, 2});
    }
  }
  PutBlocks(testing::kMobileNetV3Small, 16, shapes);
  PutBlocks(testing::kMobileNetV3Large, 16, shapes);
  PutBlocks({kSecondBlocks, 1280, 0}, 32, shapes);
  return shapes;
}

// One layer on pixels that are its codes; what it gives is an extra output, and goes into logits.
class LayerNetwork {
 public:
  LayerNetwork(const LayerShape& shape, std::uint64_t seed)
      : random_(seed), maker_(seed, seed % 3 == 0 ? 8 : 7, seed % 4 == 1) {
    const auto most = std::max<std::int64_t>(4, 200'000 / shape.products());
    const int rows = random_.Whole(1, 4);
    const int columns =
        random_.Whole(1, static_cast<int>(std::clamp<std::int64_t>(most / rows, 1, 17)));
    const bool vector = shape.kernel == 1 && random_.Whole(0, 3) == 0;
    const int input = vector ? maker_.Input(1, 1, shape.channels)
                             : maker_.Input(rows * shape.stride + random_.Whole(0, 1),
                                            columns * shape.stride, shape.channels);
    for (std::size_t k = 0; k < maker_.tables().size(); ++k) {
      maker_.tables()[k] = static_cast<std::uint8_t>(k);  // the pixels are the codes
    }
    const int codes[] = {0, 255, 128, random_.Whole(0, 255)};
    maker_.At(input).zero_point = static_cast<std::uint8_t>(codes[random_.Whole(0, 3)]);
    const int result = Layer(shape, input);
    maker_.ExtraOutput(result, OutputRole::kEmbedding);
    // What a depthwise layer reads has a border, and so lies otherwise.
    const bool border = random_.Whole(0, 2) == 0;
    maker_.Logits(maker_.Mean(border ? maker_.Depthwise(result, {5, 1}) : result), 2);
  }

  std::vector<std::uint8_t> File() const { return maker_.File(); }

 private:
  int Layer(const LayerShape& shape, int input) {
    const bool table = random_.Whole(0, 1) == 1;
    switch (shape.kind) {
      case Kind::kDepthwise: {
        const int result = maker_.Depthwise(input, {shape.kernel, shape.stride}, table);
        MakeExtreme(shape.kernel * shape.kernel);
        return result;
      }
      case Kind::kAdd: {
        const int other = maker_.Table(input);
        return maker_.Add(input, other, table);
      }
      case Kind::kMean:
        return maker_.Mean(input, table);
      case Kind::kGate:
        return maker_.Gate(input, maker_.Mean(input, true), table);
      default: {
        const int result = maker_.Conv(input, shape.results, {shape.kernel, shape.stride}, table);
        MakeExtreme(shape.kernel * shape.kernel * shape.channels);
        return result;
      }
    }
  }

  // Of each channel by itself: largest weights of one sign or of any, few that are not zero;
  // the largest bias that the sums leave room for; multipliers under which halves are frequent.
  void MakeExtreme(int of_one) {
    auto& weights = maker_.weights();
    int most = 0;
    for (const std::int8_t weight : weights) most = std::max(most, std::abs(int{weight}));
    for (std::size_t c = 0; c < maker_.biases().size(); ++c) {
      const auto own = std::span(weights).subspan(c * static_cast<std::size_t>(of_one),
                                                  static_cast<std::size_t>(of_one));
      const int how = random_.Whole(0, 9);
      std::int64_t sizes = 0;
      for (std::int8_t& weight : own) {
        if (how == 0) weight = static_cast<std::int8_t>(most);
        if (how == 1) weight = static_cast<std::int8_t>(-most);
        if (how == 2) weight = static_cast<std::int8_t>(random_.Whole(0, 1) == 0 ? most : -most);
        if (how == 3 && random_.Whole(0, 9) > 0) weight = 0;
        sizes += std::abs(int{weight});
      }
      float& multiplier = maker_.multipliers()[c];
      const int which = random_.Whole(0, 9);
      if (which == 0) multiplier = std::ldexp(1.0F, std::ilogb(multiplier));
      if (which == 1) multiplier = -multiplier;
      if (which == 2) multiplier = 1.0F;
      if (which == 3) {
        const auto bias = static_cast<std::int32_t>(2'147'483'000 - 255 * sizes);
        maker_.biases()[c] = random_.Whole(0, 1) == 0 ? bias : -bias;
        multiplier = 1e-7F;
      }
    }
  }

  Random random_;
  NetworkMaker maker_;
};

// Any codes; all alike; the smallest and the largest mixed; few that differ from the zero point.
void FillCodes(Random& random, int zero_point, std::span<std::uint8_t> codes) {
  const int how = random.Whole(0, 5);
  for (std::uint8_t& code : codes) {
    switch (how) {
      case 0:
        code = 0;
        break;
      case 1:
        code = 255;
        break;
      case 2:
        code = random.Whole(0, 1) == 0 ? 0 : 255;
        break;
      case 3:
        code =
            static_cast<std::uint8_t>(random.Whole(0, 9) == 0 ? random.Whole(0, 255) : zero_point);
        break;
      default:
        code = static_cast<std::uint8_t>(random.Whole(0, 255));
    }
  }
}

constexpr int kTogether = 4;

// Whether all sets of kernels agree on `count` tensors.
::testing::AssertionResult Agree(const Network& network, Random& random, std::uint64_t count) {
  std::vector<std::unique_ptr<Engine>> engines;
  for (const Isa isa : IsasOfThisCpu()) {
    auto engine = Engine::Create(network, {kTogether, isa});
    if (!engine) return ::testing::AssertionFailure() << engine.error().message;
    if (!(*engine)->left_out().empty()) return ::testing::AssertionFailure() << NameOf(isa);
    engines.push_back(std::move(*engine));
  }
  const std::size_t size = network.input().size();
  const int row = network.input().width * network.input().channels;
  std::vector<std::uint8_t> codes(size * kTogether);
  for (std::uint64_t done = 0; done < count; done += kTogether) {
    for (int k = 0; k < kTogether; ++k) {
      FillCodes(random, network.input().zero_point,
                std::span(codes).subspan(static_cast<std::size_t>(k) * size, size));
    }
    for (const auto& engine : engines) {
      for (int k = 0; k < kTogether; ++k) {
        std::vector<Plane> planes;
        for (int c = 0; c < network.input().channels; ++c) {
          planes.push_back({codes.data() + static_cast<std::size_t>(k) * size + c, row,
                            network.input().channels});
        }
        engine->SetInput(k, planes);
      }
      engine->Run(kTogether);
    }
    for (int k = 0; k < kTogether; ++k) {
      Reference reference(network);
      reference.Run(std::span(codes).subspan(static_cast<std::size_t>(k) * size, size));
      for (const auto& engine : engines) {
        if (!std::ranges::equal(engine->extra_output(k, 0),
                                reference.codes(network.extra_outputs[0].tensor)) ||
            !std::ranges::equal(engine->logits(k), reference.logits())) {
          return ::testing::AssertionFailure() << NameOf(engine->isa());
        }
      }
    }
  }
  return ::testing::AssertionSuccess();
}

TEST(LayerAgreement, OfEveryShapeOnRandomAndExtremeTensors) {
  constexpr std::uint64_t kOfOneNetwork = 100;
  const std::uint64_t tensors = taktgate::testing::Form("tensors of each layer shape", 8, 10'000);
  const std::uint64_t networks = std::max<std::uint64_t>(2, tensors / kOfOneNetwork);
  const ShapeSet shapes = ShapesOfMobileNets();
  std::uint64_t seed = 0;
  for (const LayerShape& shape : shapes) {
    for (std::uint64_t k = 0; k < networks; ++k) {
      const auto network = ReadNetwork(LayerNetwork(shape, ++seed).File());
      ASSERT_TRUE(network) << network.error().message;
      Random random(seed);
      ASSERT_TRUE(Agree(*network, random, tensors / networks))
          << "kind " << static_cast<int>(shape.kind) << ", " << shape.channels << " to "
          << shape.results << ", kernel " << shape.kernel << ", stride " << shape.stride
          << ", seed " << seed;
    }
  }
  std::printf("layer shapes: %zu\n", shapes.size());
  EXPECT_GT(shapes.size(), 120U);
}

}  // namespace
}  // namespace taktgate::int8
