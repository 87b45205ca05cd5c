// What is written is what is read; what is no state is refused.
#include "gate/state_bytes.h"

#include <gtest/gtest.h>

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "gate/admission.h"
#include "gate/escalation.h"
#include "gate/gate.h"
#include "gate/part_ring.h"

namespace taktgate::gate {
namespace {

template <typename Value>
std::vector<std::uint8_t> BytesOf(const Value& value) {
  std::vector<std::uint8_t> bytes(1 << 16);
  StateWriter writer(bytes);
  writer(value);
  EXPECT_FALSE(writer.overflowed());
  bytes.resize(writer.size());
  return bytes;
}

template <typename Value>
bool Sound(const std::vector<std::uint8_t>& bytes, Value value) {
  StateReader reader(bytes);
  reader(value);
  return reader.sound();
}

TEST(StateBytes, ABoolIsNoughtOrOne) {
  EXPECT_TRUE(Sound({0}, false));
  EXPECT_TRUE(Sound({1}, false));
  EXPECT_FALSE(Sound({2}, false));
}

// The gate adds them: two of the longest still fit 64 bits.
TEST(StateBytes, ATimeOrLengthIsOneThatCanBe) {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  for (const std::int64_t there : {kMost, -kMost, std::int64_t{0}}) {
    EXPECT_TRUE(Sound(BytesOf(there), std::int64_t{}));
    EXPECT_TRUE(Sound(BytesOf(Duration(there)), Duration()));
    EXPECT_TRUE(Sound(BytesOf(TimePoint(Duration(there))), TimePoint()));
  }
  for (const std::int64_t beyond : {kMost + 1, -kMost - 1}) {
    EXPECT_FALSE(Sound(BytesOf(beyond), std::int64_t{}));
    EXPECT_FALSE(Sound(BytesOf(Duration(beyond)), Duration()));
    EXPECT_FALSE(Sound(BytesOf(TimePoint(Duration(beyond))), TimePoint()));
  }
  EXPECT_TRUE(Sound(BytesOf(TimePoint::max()), TimePoint())) << "never";
  EXPECT_TRUE(Sound(BytesOf(TimePoint::min()), TimePoint())) << "always";
  EXPECT_FALSE(Sound(BytesOf(Duration::max()), Duration()));
  for (const std::int64_t end : {INT64_MIN, INT64_MAX}) {
    EXPECT_FALSE(Sound(BytesOf(end), std::int64_t{}));
  }
}

TEST(StateBytes, WhatWasNotThereIsNotThereAfterwards) {
  std::optional<std::uint32_t> value = 7;
  const std::vector<std::uint8_t> bytes = BytesOf(std::optional<std::uint32_t>());
  StateReader reader(bytes);
  reader(value);
  EXPECT_TRUE(reader.sound());
  EXPECT_FALSE(value);
}

TEST(StateBytes, EveryBitIsReadWhereItWas) {
  for (std::size_t bit = 0; bit < 256; ++bit) {
    const std::bitset<256> written = std::bitset<256>(1) << bit;
    const std::vector<std::uint8_t> bytes = BytesOf(written);
    std::bitset<256> read;
    read.set();
    StateReader reader(bytes);
    reader(read);
    EXPECT_EQ(read, written);
    EXPECT_EQ(reader.left(), 0U);
  }
}

// What is missing changes nothing.
template <typename Value>
void ExpectKept(Value value) {
  const Value before = value;
  StateReader reader(std::span<const std::uint8_t>{});
  reader(value);
  EXPECT_FALSE(reader.sound());
  EXPECT_EQ(value, before);
}

TEST(StateBytes, WhatIsMissingChangesNothing) {
  ExpectKept(true);
  ExpectKept(std::uint32_t{7});
  ExpectKept(std::int64_t{-7});
  ExpectKept(1.5F);
  ExpectKept(1.5);
  ExpectKept(Duration(7));
  ExpectKept(TimePoint(Duration(7)));
  ExpectKept(Verified::kDisagreed);
}

TEST(StateBytes, SettingsComeBack) {
  GateSettings settings;
  settings.boot = 9;
  settings.window = Duration(5);
  settings.belt.distance = 77;
  settings.escalation.bin_stop = 3;
  settings.plc_beat_within = Duration(6);
  GateSettings read;
  const std::vector<std::uint8_t> bytes = BytesOf(settings);
  StateReader reader(bytes);
  reader(read);
  EXPECT_TRUE(reader.sound());
  EXPECT_EQ(reader.left(), 0U);
  EXPECT_EQ(read.boot, 9U);
  EXPECT_EQ(read.window, Duration(5));
  EXPECT_EQ(read.belt.distance, 77);
  EXPECT_EQ(read.escalation.bin_stop, 3U);
  EXPECT_EQ(read.plc_beat_within, Duration(6));
}

TEST(StateBytes, AnEnumeratorIsOneThatThereIs) {
  EXPECT_TRUE(Sound({static_cast<std::uint8_t>(Verified::kDisagreed)}, Verified::kAgreed));
  EXPECT_FALSE(Sound({static_cast<std::uint8_t>(Verified::kDisagreed) + 1}, Verified::kAgreed));
}

TEST(StateBytes, WhatDoesNotFitIsSaid) {
  std::vector<std::uint8_t> bytes(4);
  StateWriter writer(bytes);
  writer(std::uint32_t{7});
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(writer.size(), 4U);
  writer(std::uint8_t{1});
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.size(), 4U);
}

TEST(StateBytes, CountsBeginAtNought) {
  const std::vector<std::uint8_t> bytes = BytesOf(Counts());
  EXPECT_EQ(bytes, std::vector<std::uint8_t>(11 * 8));
}

TEST(StateBytes, OfRunTimesTheBlockInUseIsOneOfThem) {
  constexpr std::size_t kCurrentAt = 10 * 16;
  std::vector<std::uint8_t> bytes = BytesOf(RunTimes());
  for (const int current : {0, 9, 10, 255}) {
    bytes[kCurrentAt] = static_cast<std::uint8_t>(current);
    EXPECT_EQ(Sound(bytes, RunTimes()), current < 10) << current;
  }
}

TEST(StateBytes, OfAWindowTheNextPlaceIsInIt) {
  std::vector<std::uint8_t> bytes = BytesOf(Window(100));
  bytes[256 / 8] = 99;
  EXPECT_TRUE(Sound(bytes, Window(100)));
  bytes[256 / 8] = 100;
  EXPECT_FALSE(Sound(bytes, Window(100)));
}

TEST(StateBytes, OfARingThePartsInFlightFitIntoIt) {
  struct Case {
    std::uint8_t live_from, next;
    bool sound;
  };
  for (const Case& made : {Case{1, 1, true}, Case{1, 3, true}, Case{7, 9, true}, Case{0, 1, false},
                           Case{2, 1, false}, Case{1, 4, false}, Case{0, 3, false}}) {
    std::vector<std::uint8_t> bytes = BytesOf(PartRing(2));
    bytes[bytes.size() - 16] = made.live_from;
    bytes[bytes.size() - 8] = made.next;
    EXPECT_EQ(Sound(bytes, PartRing(2)), made.sound)
        << int{made.live_from} << " " << int{made.next};
  }
}

}  // namespace
}  // namespace taktgate::gate
