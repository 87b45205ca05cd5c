#include "int8/network/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "int8/network/network_file.h"
#include "int8/network/test_small_network.h"

namespace taktgate::int8 {
namespace {

using testing::NetworkMaker;

TEST(Requantise, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(Requantise(1, 0.5F, 10), 10);
  EXPECT_EQ(Requantise(3, 0.5F, 10), 12);
  EXPECT_EQ(Requantise(-1, 0.5F, 10), 10);
  EXPECT_EQ(Requantise(-3, 0.5F, 10), 8);
  EXPECT_EQ(Requantise(5, 0.3F, 0), 2);
}

TEST(Requantise, Saturates) {
  EXPECT_EQ(Requantise(1000, 1.0F, 0), 255);
  EXPECT_EQ(Requantise(-1, 1.0F, 0), 0);
  EXPECT_EQ(Requantise(-300, 1.0F, 255), 0);
  EXPECT_EQ(Requantise(std::numeric_limits<std::int32_t>::max(), 0.25F, 3), 255);
  EXPECT_EQ(Requantise(std::numeric_limits<std::int32_t>::min(), 0.25F, 3), 0);
}

// 2^24 + 1 has no float of its own; the sum is rounded before it is multiplied.
TEST(Requantise, RoundsLargeSumsFirst) {
  EXPECT_EQ(Requantise(16'777'217, 1.0F / 16'777'216, 0), 1);
  EXPECT_EQ(Requantise((1 << 24) + 3, 0x1.8p-24F, 0), 2);
}

// A map of one channel, whose codes are the pixels.
class Small : public ::testing::Test {
 protected:
  static void Keep(std::vector<std::uint8_t>& tables) {
    for (std::size_t k = 0; k < tables.size(); ++k) tables[k] = static_cast<std::uint8_t>(k);
  }
  // Runs a network whose input table leaves the pixels as they are.
  std::vector<std::uint8_t> Codes(NetworkMaker& maker, int tensor,
                                  std::vector<std::uint8_t> pixels) {
    auto network = *ReadNetwork(maker.File());
    for (std::size_t k = 0; k < kCodes; ++k) network.tables[k] = static_cast<std::uint8_t>(k);
    Reference reference(network);
    reference.Run(pixels);
    logits.assign(reference.logits().begin(), reference.logits().end());
    const auto codes = reference.codes(tensor);
    return {codes.begin(), codes.end()};
  }
  std::vector<float> logits;
};

TEST_F(Small, PlacesOutsideAddNothing) {
  NetworkMaker maker(1);
  const int input = maker.Input(3, 3, 1);
  maker.At(input).zero_point = 10;
  const int sum = maker.Conv(input, 1, {3, 1});
  maker.At(sum).zero_point = 0;
  for (auto& weight : maker.weights()) weight = 1;
  maker.biases()[0] = 0;
  maker.multipliers()[0] = 1;
  maker.Logits(maker.Mean(sum), 2);
  EXPECT_EQ(Codes(maker, sum, {11, 12, 13, 14, 15, 16, 17, 18, 19}),
            (std::vector<std::uint8_t>{12, 21, 16, 27, 45, 33, 24, 39, 28}));
}

TEST_F(Small, AnOddMapIsHalvedFromItsFirstPlace) {
  NetworkMaker maker(1);
  const int input = maker.Input(3, 3, 1);
  maker.At(input).zero_point = 0;
  const int some = maker.Depthwise(input, {3, 2});
  maker.At(some).zero_point = 0;
  for (auto& weight : maker.weights()) weight = 0;
  maker.weights()[4] = 1;  // the one in the middle
  maker.biases()[0] = 0;
  maker.multipliers()[0] = 1;
  maker.Logits(maker.Mean(some), 2);
  EXPECT_EQ(Codes(maker, some, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
            (std::vector<std::uint8_t>{1, 3, 7, 9}));
}

// Its result's is that of what the table gives.
TEST_F(Small, BeforeATableAnOperationRoundsWithItsOwnZeroPoint) {
  NetworkMaker maker(1);
  const int input = maker.Input(1, 1, 1);
  maker.At(input).zero_point = 4;
  const int mean = maker.Mean(input, true);
  maker.At(mean).zero_point = 200;  // the maker gives the operation 255 - 200
  maker.Last().table = 0;           // changes nothing
  maker.multipliers()[0] = 0.5F;
  maker.Logits(mean, 2);
  EXPECT_EQ(Codes(maker, mean, {14}), std::vector<std::uint8_t>{55 + 5});
}

TEST_F(Small, OfEqualLogitsTheFirstIsSelected) {
  NetworkMaker maker = testing::EqualLogits();
  const auto network = *ReadNetwork(maker.File());
  const auto codes = Codes(maker, network.extra_outputs[0].tensor, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(logits[testing::kFirstOfEqual], logits[testing::kLastOfEqual]);
  EXPECT_EQ(std::ranges::max_element(logits) - logits.begin(), testing::kFirstOfEqual);
  EXPECT_EQ(codes, std::vector<std::uint8_t>(6, testing::kCodeOfFirst));
}

}  // namespace
}  // namespace taktgate::int8
