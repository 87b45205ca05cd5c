#include "base/latest_value.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace taktgate {
namespace {

// Every member follows from the first; a mixture of two values does not fit together.
struct Numbers {
  std::uint64_t first = 0;
  std::array<std::uint32_t, 9> rest{};
  bool odd = false;

  static Numbers Of(std::uint64_t first) {
    Numbers numbers;
    numbers.first = first;
    for (std::size_t k = 0; k < numbers.rest.size(); ++k) {
      numbers.rest[k] = static_cast<std::uint32_t>(first * (k + 3));
    }
    numbers.odd = first % 2 != 0;
    return numbers;
  }
  friend bool operator==(const Numbers&, const Numbers&) = default;
};

TEST(LatestValue, BeforeTheFirstChangeItIsEmpty) {
  const LatestValue<Numbers> value;
  EXPECT_EQ(value.Read(), Numbers{});
  EXPECT_EQ(value.changes(), 0U);
}

TEST(LatestValue, GivesWhatWasSetLast) {
  LatestValue<Numbers> value;
  for (std::uint64_t k = 1; k <= 3; ++k) {
    value.Set(Numbers::Of(k));
    EXPECT_EQ(value.Read(), Numbers::Of(k));
    EXPECT_EQ(value.changes(), k);
  }
}

TEST(LatestValue, TheSizeNeedNotBeWholeWords) {
  struct Three {
    char bytes[3] = {1, 2, 3};
  };
  LatestValue<Three> value;
  EXPECT_EQ(value.Read().bytes[2], 3);
  value.Set({{7, 8, 9}});
  EXPECT_EQ(value.Read().bytes[2], 9);
}

// However the threads meet: every reader sees whole values, and never an older one again.
TEST(LatestValue, ManyReadersNeverSeeHalfAChange) {
  constexpr std::uint64_t kChanges = 20'000;
  LatestValue<Numbers> value;
  std::atomic<int> reading{0};
  std::atomic<int> torn{0}, back{0};
  std::vector<std::thread> readers;
  for (int k = 0; k < 3; ++k) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      ++reading;
      while (last < kChanges) {
        const std::uint64_t before = value.changes();
        const Numbers seen = value.Read();
        if (!(seen == Numbers::Of(seen.first)) && seen.first != 0) ++torn;
        if (seen.first < last || seen.first < before) ++back;
        last = seen.first;
      }
    });
  }
  while (reading < 3) std::this_thread::yield();
  for (std::uint64_t k = 1; k <= kChanges; ++k) value.Set(Numbers::Of(k));
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(back, 0);
}

}  // namespace
}  // namespace taktgate
