#include "int8/network/network_file.h"

#include <gtest/gtest.h>

#include <string>

#include "int8/network/test_small_network.h"

namespace taktgate::int8 {
namespace {

using testing::NetworkMaker;
using testing::SmallNetwork;

Error Refused(const NetworkMaker& maker) {
  const auto network = ReadNetwork(maker.File());
  EXPECT_FALSE(network);
  return network ? Error{} : network.error();
}

TEST(ReadNetwork, GivesWhatTheFileSays) {
  const auto network = ReadNetwork(SmallNetwork().File());
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->operations.size(), 15U);
  EXPECT_EQ(network->input().channels, 3);
  EXPECT_EQ(network->extra_outputs.size(), 2U);
  const Operation& deep = network->operations[3];
  EXPECT_EQ(deep.kind, Kind::kDepthwise);
  EXPECT_EQ(deep.weights.size(), 24U * 25);
  EXPECT_EQ(deep.table.size(), kCodes);
  EXPECT_EQ(network->operations[0].table.size(), 3 * kCodes);
}

TEST(ReadNetwork, MovesWithItsParts) {
  auto read = ReadNetwork(SmallNetwork().File());
  const auto* weights = read->operations[1].weights.data();
  const Network moved = std::move(*read);
  EXPECT_EQ(moved.operations[1].weights.data(), weights);
  EXPECT_EQ(moved.weights.data(), weights);
}

TEST(ReadNetwork, RefusesEveryTruncationAndWhatIsAdded) {
  const auto file = SmallNetwork().File();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(ReadNetwork(std::span(file).first(size))) << size;
  }
  auto longer = file;
  longer.push_back(0);
  EXPECT_EQ(ReadNetwork(longer).error().code, ErrorCode::kCorrupt);
}

TEST(ReadNetwork, RefusesEveryFlippedBit) {
  auto file = SmallNetwork().File();
  for (std::size_t at = 0; at < file.size(); ++at) {
    const auto bit = static_cast<std::uint8_t>(1U << (at % 8));
    file[at] ^= bit;
    EXPECT_FALSE(ReadNetwork(file)) << at;
    file[at] ^= bit;
  }
}

// With a right checksum: whatever a byte says, the file is refused or what it gives is sound.
TEST(ReadNetwork, IsSafeWithEveryChangedByte) {
  const auto right = SmallNetwork().File();
  std::size_t taken = 0;
  for (std::size_t at = 16; at < right.size(); ++at) {
    for (const int value : {0, 1, 127, 128, 255}) {
      auto file = right;
      file[at] = static_cast<std::uint8_t>(value);
      NetworkMaker::Sign(file);
      if (const auto network = ReadNetwork(file)) {
        ++taken;
        EXPECT_EQ(network->operations.size(), 15U);
      }
    }
  }
  EXPECT_GT(taken, 1000U) << "another weight is a sound network";
}

TEST(ReadNetwork, SaysWhatItGotInstead) {
  auto file = SmallNetwork().File();
  file[8] = 2;
  EXPECT_EQ(ReadNetwork(file).error().code, ErrorCode::kUnsupported);
  EXPECT_NE(ReadNetwork(file).error().message.find("got version 2"), std::string::npos);
  file = SmallNetwork().File();
  file[0] = 'T';
  EXPECT_EQ(ReadNetwork(file).error().message,
            "expected a compiled network, got another kind of file");
  file = SmallNetwork().File();
  file.back() ^= 1U;
  EXPECT_EQ(ReadNetwork(file).error().code, ErrorCode::kCorrupt);
  const std::string damaged = ReadNetwork(file).error().message;
  EXPECT_TRUE(damaged.starts_with("expected the checksum ")) << damaged;
  EXPECT_NE(damaged.find(" as its header says, got "), std::string::npos) << damaged;
  file.pop_back();
  EXPECT_EQ(ReadNetwork(file).error().message, "expected " + std::to_string(file.size() + 1) +
                                                   " bytes as its header says, got " +
                                                   std::to_string(file.size()));
}

// What to do depends on where the file lies: whoever reads it says so, once.
TEST(ReadNetwork, GivesNoRemedy) {
  const auto right = SmallNetwork().File();
  for (std::size_t at = 0; at < right.size(); at += 3) {
    auto file = right;
    file[at] ^= 255U;
    if (at >= 16) NetworkMaker::Sign(file);
    const auto network = ReadNetwork(file);
    if (network) continue;
    EXPECT_EQ(network.error().message.find("; "), std::string::npos) << network.error().message;
    EXPECT_NE(network.error().message.find(", got "), std::string::npos) << network.error().message;
  }
}

TEST(ReadNetwork, SaysWhatCameWhereSizesDoNotFollow) {
  NetworkMaker maker(2);
  const int input = maker.Input(4, 4, 1);
  const int sum = maker.Add(input, input);
  maker.At(sum).channels = 2;
  maker.Logits(maker.Mean(input), 2);
  EXPECT_EQ(Refused(maker).message,
            "operation 1: expected a result whose size follows from the inputs, got 4 x 4 x 1 and "
            "4 x 4 x 1 to 4 x 4 x 2");
}

TEST(ReadNetwork, RefusesSumsThatCouldOverflow) {
  NetworkMaker maker = SmallNetwork();
  maker.biases()[3] = 2'147'483'647;
  EXPECT_EQ(Refused(maker).message,
            "operation 1: channel 3: expected sums that fit into 32 bits, got up to 2.15e+09");
}

TEST(ReadNetwork, RefusesResultsThatTheRoundingCannotHold) {
  NetworkMaker maker = SmallNetwork();
  maker.multipliers()[2] = 1e9F;
  EXPECT_TRUE(Refused(maker).message.starts_with(
      "operation 1: channel 2: expected a multiplier that keeps results below 2^30, got 1e+09 for "
      "sums up to "))
      << Refused(maker).message;
  maker.multipliers()[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(Refused(maker).message, "operation 1: expected finite multipliers, got nan");
}

// A judge of logits that are not finite knows nothing.
TEST(ReadNetwork, RefusesLogitsThatAreNotFinite) {
  NetworkMaker layer(1);
  layer.Logits(layer.Mean(layer.Input(4, 4, 1)), 2);
  NetworkMaker codes(2);
  codes.Scores(codes.Mean(codes.Input(4, 4, 3)));
  for (const auto& [maker, words] :
       {std::pair{&layer,
                  "operation 2: channel 1: expected a multiplier that keeps logits below 2^127, "
                  "got 3e+38"},
        {&codes, "operation 2: expected a multiplier that keeps logits below 2^127, got 3e+38"}}) {
    maker->multipliers().back() = 3e38F;
    EXPECT_TRUE(Refused(*maker).message.starts_with(words)) << Refused(*maker).message;
    maker->multipliers().back() = -3e38F;
    EXPECT_TRUE(Refused(*maker).message.starts_with(words)) << Refused(*maker).message;
    maker->multipliers().back() = 1e30F;
    EXPECT_TRUE(ReadNetwork(maker->File()));
  }
}

TEST(ReadNetwork, RefusesWeightsOfMoreBitsThanItSays) {
  NetworkMaker maker(3, 7);
  maker.Logits(maker.Mean(maker.Input(4, 4, 1)), 2);
  EXPECT_TRUE(ReadNetwork(maker.File()));
  maker.weights()[0] = -65;
  EXPECT_EQ(Refused(maker).message,
            "operation 2: channel 0: expected weights of 7 bits, from -64 to 64, got -65");
  maker.weights()[0] = -128;
  EXPECT_FALSE(ReadNetwork(maker.File()));
}

TEST(ReadNetwork, RefusesSizesThatDoNotFollow) {
  NetworkMaker maker = SmallNetwork();
  maker.At(1).height = 7;
  EXPECT_EQ(Refused(maker).message,
            "operation 1: expected a result of the size that kernel, strides and pads give, got "
            "8 x 6 x 3 to 7 x 3 x 16 by a kernel of 3 x 3 and strides of 2 and 2");
}

// 1024 x 1024 places of 64 channels are 2^26 codes.
TEST(ReadNetwork, RefusesTensorsThatAreTooLarge) {
  const auto of = [](int channels) {
    NetworkMaker maker(2);
    maker.Logits(maker.Mean(maker.Conv(maker.Input(1024, 1024, 1), channels)), 2);
    return maker;
  };
  EXPECT_TRUE(ReadNetwork(of(64).File()));
  NetworkMaker larger = of(65);
  EXPECT_EQ(Refused(larger).message,
            "tensor 1: expected at most 67108864 codes, got 1024 x 1024 x 65");
}

TEST(ReadNetwork, RefusesADepthwiseKernelThatIsNoSquare) {
  NetworkMaker maker(2);
  const int input = maker.Input(8, 8, 4);
  const int deep = maker.Depthwise(input, {3, 1});
  maker.Last().kernel_width = 1;
  maker.Last().pad_left = 0;
  maker.Logits(maker.Mean(deep), 2);
  EXPECT_EQ(Refused(maker).message,
            "operation 1: expected a square kernel and one stride of a depthwise operation, got a "
            "kernel of 3 x 1 and strides of 1 and 1");
}

TEST(ReadNetwork, RefusesToReadWhatIsNotMade) {
  NetworkMaker maker(2);
  const int input = maker.Input(4, 4, 1);
  const int later = maker.Tensor(4, 4, 1, 0);
  maker.Add(input, later);
  maker.Logits(maker.Mean(input), 2);
  EXPECT_EQ(
      Refused(maker).message,
      "operation 1: expected an input that an operation before it makes as codes, got tensor 1");
}

TEST(ReadNetwork, WantsTheZeroPointThatAnOperationRoundsWith) {
  NetworkMaker maker(1);
  maker.Logits(maker.Mean(maker.Input(2, 2, 1)), 2);
  const auto with_other = [&](std::size_t operation) {
    std::vector<std::uint8_t> file = maker.File();
    ++file[128 + operation * 64 + 7];  // three tensors lie before the operations
    NetworkMaker::Sign(file);
    return ReadNetwork(file).error().message;
  };
  EXPECT_EQ(with_other(0), "operation 0: expected no zero point, got 1");
  EXPECT_EQ(with_other(1),
            "operation 1: expected the zero point of its result, 249, as it has no table, got 250");
  EXPECT_EQ(with_other(2), "operation 2: expected no zero point, got 1");
}

TEST(ReadNetwork, WantsTheLogitsOnce) {
  NetworkMaker none(2);
  none.Mean(none.Input(4, 4, 1));
  EXPECT_EQ(Refused(none).message, "expected an operation that gives the logits, got none");
  NetworkMaker twice(2);
  const int pooled = twice.Mean(twice.Input(4, 4, 1));
  twice.Logits(pooled, 2);
  twice.Scores(pooled);
  EXPECT_EQ(Refused(twice).message,
            "operation 3: expected one operation that gives the logits, got two");
}

}  // namespace
}  // namespace taktgate::int8
