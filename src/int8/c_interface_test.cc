#include <gtest/gtest.h>
#include <taktgate/int8.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>

#include "int8/c_handle.h"
#include "int8/network/network_file.h"
#include "int8/network/reference.h"
#include "int8/network/test_small_network.h"

namespace taktgate::int8 {
namespace {

class CInterface : public ::testing::Test {
 protected:
  ~CInterface() override { taktgate_int8_free(network); }

  taktgate_int8_status Load(const std::vector<std::uint8_t>& bytes, int windows = 2,
                            const char* instruction_set = nullptr) {
    taktgate_int8_free(network);
    return taktgate_int8_load(bytes.data(), bytes.size(), windows, instruction_set, &network,
                              message.data(), message.size());
  }
  std::vector<taktgate_int8_plane> Planes(int windows) const {
    std::vector<taktgate_int8_plane> planes;
    for (int k = 0; k < windows * 3; ++k) planes.push_back({pixels.data() + k, 6 * 3, 3});
    return planes;
  }
  taktgate_int8_status Run(int windows, const std::vector<taktgate_int8_plane>& planes) {
    return taktgate_int8_run(network, planes.data(), windows, logits.data(), message.data(),
                             message.size());
  }

  const std::vector<std::uint8_t> file = testing::SmallNetwork().File();
  std::vector<std::uint8_t> pixels = [] {
    std::vector<std::uint8_t> some(8 * 6 * 3 + 16);
    for (std::size_t k = 0; k < some.size(); ++k) some[k] = static_cast<std::uint8_t>(k * 29);
    return some;
  }();
  taktgate_int8* network = nullptr;
  std::array<float, 10> logits{};
  std::array<char, 300> message{};
};

TEST_F(CInterface, GivesLogitsAndCodesOfEachWindow) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK) << message.data();
  taktgate_int8_info info;
  taktgate_int8_describe(network, &info);
  EXPECT_EQ((std::array{info.height, info.width, info.channels, info.labels, info.windows}),
            (std::array{8, 6, 3, 5, 2}));
  EXPECT_EQ(Run(2, Planes(2)), TAKTGATE_INT8_OK) << message.data();
  const auto plain = *ReadNetwork(file);
  Reference reference(plain);
  for (int window = 0; window < 2; ++window) {
    // The second window is the first one, three bytes on.
    reference.Run(std::span(pixels).subspan(static_cast<std::size_t>(window) * 3, 8 * 6 * 3));
    for (std::size_t k = 0; k < 5; ++k) {
      EXPECT_EQ(logits[static_cast<std::size_t>(window) * 5 + k], reference.logits()[k]);
    }
    for (int index = 0; index < info.extra_outputs; ++index) {
      taktgate_int8_output output;
      ASSERT_EQ(taktgate_int8_describe_output(network, index, &output), TAKTGATE_INT8_OK);
      EXPECT_EQ(output.role, index == 0 ? 0 : 2);
      const auto codes =
          reference.codes(plain.extra_outputs[static_cast<std::size_t>(index)].tensor);
      ASSERT_EQ(codes.size(),
                static_cast<std::size_t>(output.height * output.width * output.channels));
      EXPECT_TRUE(
          std::equal(codes.begin(), codes.end(), taktgate_int8_codes(network, window, index)));
    }
  }
}

TEST_F(CInterface, RefusesWhatIsNoNetworkInWords) {
  EXPECT_EQ(Load({1, 2, 3}), TAKTGATE_INT8_CORRUPT);
  EXPECT_EQ(network, nullptr);
  EXPECT_NE(std::string(message.data()).find("got 3 bytes"), std::string::npos);
  EXPECT_EQ(Load(file, 0), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(Load(file, 1, "sse"), TAKTGATE_INT8_INVALID);
  EXPECT_NE(std::string(message.data()).find("got 'sse'"), std::string::npos);
  EXPECT_EQ(taktgate_int8_load(nullptr, 5, 1, nullptr, &network, nullptr, 0),
            TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_load(file.data(), file.size(), 1, nullptr, nullptr, nullptr, 0),
            TAKTGATE_INT8_INVALID);
}

TEST_F(CInterface, NullIsRefused) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  taktgate_int8_info info;
  taktgate_int8_output output;
  std::size_t bytes = 0;
  EXPECT_EQ(taktgate_int8_describe(nullptr, &info), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_describe(network, nullptr), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_describe_output(nullptr, 0, &output), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_describe_output(network, 0, nullptr), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_describe_output(network, 2, &output), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_arena_size(nullptr, 5, 1, &bytes, nullptr, 0), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_arena_size(file.data(), file.size(), 1, nullptr, nullptr, 0),
            TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_codes(nullptr, 0, 0), nullptr);
  EXPECT_EQ(taktgate_int8_left_out(nullptr), nullptr);
  taktgate_int8_stop(nullptr);
  taktgate_int8_resume(nullptr);
  taktgate_int8_free(nullptr);
}

TEST_F(CInterface, FurtherThreadsGiveTheSameBytes) {
  EXPECT_EQ(taktgate_int8_use_threads(nullptr, 2, nullptr, 0), TAKTGATE_INT8_INVALID);
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  ASSERT_EQ(Run(2, Planes(2)), TAKTGATE_INT8_OK);
  const auto alone = logits;
  for (const int threads : {2, 4, 1}) {
    ASSERT_EQ(taktgate_int8_use_threads(network, threads, message.data(), message.size()),
              TAKTGATE_INT8_OK);
    logits = {};
    ASSERT_EQ(Run(2, Planes(2)), TAKTGATE_INT8_OK);
    EXPECT_EQ(logits, alone) << threads;
  }
  for (const int threads : {0, 5}) {
    EXPECT_EQ(taktgate_int8_use_threads(network, threads, message.data(), message.size()),
              TAKTGATE_INT8_INVALID);
    EXPECT_EQ(std::string(message.data()),
              "expected 1 to 4 threads, got " + std::to_string(threads));
  }
}

TEST_F(CInterface, EachStatusHasWords) {
  for (int k = 0; k <= TAKTGATE_INT8_INTERNAL + 1; ++k) {
    EXPECT_GT(std::string(taktgate_int8_words(k)).size(), 3U);
  }
  EXPECT_EQ(taktgate_int8_abi(), TAKTGATE_INT8_ABI);
}

TEST_F(CInterface, MessagesAreCutToTheirPlace) {
  char small[8] = "1234567";
  EXPECT_EQ(taktgate_int8_load("x", 1, 1, nullptr, &network, small, sizeof small),
            TAKTGATE_INT8_CORRUPT);
  EXPECT_EQ(std::string(small), "expecte");
}

TEST_F(CInterface, RefusesPlanesThatCannotBe) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  auto planes = Planes(1);
  planes[2].first = nullptr;
  EXPECT_EQ(Run(1, planes), TAKTGATE_INT8_INVALID);
  planes = Planes(1);
  planes[1].row_step = 15;
  EXPECT_EQ(Run(1, planes), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(
      std::string(message.data()),
      "plane of window 0, channel 1: expected steps of at least 1 within a row and 16 between "
      "rows, and none that leaves the memory, got 3 and 15");
  for (const taktgate_int8_plane wrong : {taktgate_int8_plane{pixels.data(), 18, 0},
                                          {pixels.data(), 18, -3},
                                          {pixels.data(), -18, 3},
                                          {pixels.data(), PTRDIFF_MAX, 3},
                                          {pixels.data(), PTRDIFF_MAX, PTRDIFF_MAX / 2}}) {
    planes[1] = wrong;
    EXPECT_EQ(Run(1, planes), TAKTGATE_INT8_INVALID);
  }
  EXPECT_EQ(Run(3, Planes(3)), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(Run(0, {}), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_run(network, nullptr, 1, logits.data(), nullptr, 0),
            TAKTGATE_INT8_INVALID);
  EXPECT_EQ(taktgate_int8_run(nullptr, nullptr, 1, nullptr, nullptr, 0), TAKTGATE_INT8_INVALID);
}

TEST_F(CInterface, TakesAFileAndPixelsAtAnyAddress) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  ASSERT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK);
  const std::array<float, 10> right = logits;
  std::vector<std::uint8_t> moved_file(file.size() + 1), moved_pixels(pixels.size() + 1);
  std::copy(file.begin(), file.end(), moved_file.begin() + 1);
  std::copy(pixels.begin(), pixels.end(), moved_pixels.begin() + 1);
  taktgate_int8_free(network);
  ASSERT_EQ(taktgate_int8_load(moved_file.data() + 1, file.size(), 1, nullptr, &network,
                               message.data(), message.size()),
            TAKTGATE_INT8_OK)
      << message.data();
  auto planes = Planes(1);
  for (std::size_t c = 0; c < 3; ++c) planes[c].first = moved_pixels.data() + 1 + c;
  EXPECT_EQ(Run(1, planes), TAKTGATE_INT8_OK);
  EXPECT_EQ(logits, right);
}

TEST_F(CInterface, RefusesLogitsBetweenTwoFloats) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  auto* between = reinterpret_cast<float*>(reinterpret_cast<char*>(logits.data()) + 1);
  EXPECT_EQ(
      taktgate_int8_run(network, Planes(1).data(), 1, between, message.data(), message.size()),
      TAKTGATE_INT8_INVALID);
  EXPECT_NE(std::string(message.data()).find("a multiple of 4"), std::string::npos);
}

TEST_F(CInterface, RunsInAnArenaOfTheCaller) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  ASSERT_EQ(Run(2, Planes(2)), TAKTGATE_INT8_OK);
  const std::array<float, 10> right = logits;
  std::size_t needed = 0;
  ASSERT_EQ(taktgate_int8_arena_size(file.data(), file.size(), 2, &needed, nullptr, 0),
            TAKTGATE_INT8_OK);
  std::vector<std::uint8_t> memory(needed + 64);
  void* begin = memory.data();
  std::size_t room = memory.size();
  ASSERT_NE(std::align(64, needed, begin, room), nullptr);
  const auto load = [&](std::ptrdiff_t beyond, std::size_t size) {
    taktgate_int8_free(network);
    return taktgate_int8_load_into(static_cast<std::uint8_t*>(begin) + beyond, size, file.data(),
                                   file.size(), 2, nullptr, &network, message.data(),
                                   message.size());
  };
  ASSERT_EQ(load(0, needed), TAKTGATE_INT8_OK) << message.data();
  EXPECT_EQ(Run(2, Planes(2)), TAKTGATE_INT8_OK);
  EXPECT_EQ(logits, right);
  EXPECT_EQ(load(0, needed - 1), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(std::string(message.data()), "expected an arena of " + std::to_string(needed) +
                                             " bytes that begins at a multiple of 64, got " +
                                             std::to_string(needed - 1) +
                                             " bytes that begin 0 beyond one");
  EXPECT_EQ(load(4, needed), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(load(0, 0), TAKTGATE_INT8_INVALID);
  EXPECT_EQ(network, nullptr);
}

TEST_F(CInterface, HasNoCodesBeforeARunAndOfARunThatWasStopped) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  EXPECT_EQ(taktgate_int8_codes(network, 0, 0), nullptr);
  EXPECT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK);
  EXPECT_NE(taktgate_int8_codes(network, 0, 0), nullptr);
  EXPECT_EQ(taktgate_int8_codes(network, 1, 0), nullptr);
  EXPECT_EQ(taktgate_int8_codes(network, 0, 2), nullptr);
  taktgate_int8_stop(network);
  EXPECT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_STOPPED);
  EXPECT_EQ(taktgate_int8_codes(network, 0, 0), nullptr);
  taktgate_int8_resume(network);
  EXPECT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK);
}

// Kernels in which a run waits until the test lets it go on.
struct Waiting {
  static inline std::binary_semaphore entered{0}, go_on{0};
  static inline std::atomic<bool> waits{false};

  static Kernels Set() {
    Kernels kernels = *KernelsFor(Isa::kScalar, 8);
    kernels.dense = [](const Dense& dense) {
      if (waits.exchange(false)) {
        entered.release();
        go_on.acquire();
      }
      KernelsFor(Isa::kScalar, 8)->dense(dense);
    };
    return kernels;
  }
};

// A second one does not wait either, and does not change the answer of the first.
TEST_F(CInterface, RefusesASecondRunMeanwhile) {
  const auto read = *ReadNetwork(file);
  const Kernels kernels = Waiting::Set();
  network = HandleOf(*Engine::CreateBy(std::array{&kernels}, read, 2), read).release();
  ASSERT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK);
  const std::array<float, 10> right = logits;
  Waiting::waits = true;
  std::array<float, 10> of_other{};
  std::thread other([&] {
    EXPECT_EQ(taktgate_int8_run(network, Planes(1).data(), 1, of_other.data(), nullptr, 0),
              TAKTGATE_INT8_OK);
  });
  Waiting::entered.acquire();
  for (auto& pixel : pixels) pixel ^= 255U;
  logits.fill(7);
  EXPECT_EQ(Run(2, Planes(2)), TAKTGATE_INT8_BUSY);
  EXPECT_STREQ(message.data(), "another thread is in a run of this network");
  EXPECT_EQ(logits[0], 7) << "nothing is written";
  Waiting::go_on.release();
  other.join();
  EXPECT_TRUE(std::equal(right.begin(), right.begin() + 5, of_other.begin()));
  EXPECT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK) << "now it is free";
}

TEST_F(CInterface, StopsARunInProgress) {
  const auto read = *ReadNetwork(file);
  const Kernels kernels = Waiting::Set();
  network = HandleOf(*Engine::CreateBy(std::array{&kernels}, read, 2), read).release();
  Waiting::waits = true;
  std::array<float, 10> of_other{};
  taktgate_int8_status status = TAKTGATE_INT8_OK;
  std::thread other([&] {
    status = taktgate_int8_run(network, Planes(1).data(), 1, of_other.data(), nullptr, 0);
  });
  Waiting::entered.acquire();
  taktgate_int8_stop(network);
  Waiting::go_on.release();
  other.join();
  EXPECT_EQ(status, TAKTGATE_INT8_STOPPED);
  EXPECT_EQ(of_other[0], 0) << "nothing is written";
  EXPECT_EQ(taktgate_int8_codes(network, 0, 0), nullptr);
}

// Whatever the threads do at the same time, no answer is wrong.
TEST_F(CInterface, GivesNoWrongAnswerToTwoThreads) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  ASSERT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK);
  const std::array<float, 10> right = logits;
  std::atomic<int> done{0}, wrong{0};
  const auto runs = [&] {
    std::array<float, 10> mine{};
    for (int k = 0; k < 2000; ++k) {
      const auto status = taktgate_int8_run(network, Planes(1).data(), 1, mine.data(), nullptr, 0);
      if (status == TAKTGATE_INT8_BUSY) continue;
      ++done;
      wrong += std::equal(mine.begin(), mine.begin() + 5, right.begin()) ? 0 : 1;
    }
  };
  std::thread other(runs);
  runs();
  other.join();
  EXPECT_GT(done, 0);
  EXPECT_EQ(wrong, 0);
}

TEST_F(CInterface, NamesTheKernelsThatWereLeftOut) {
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  EXPECT_STREQ(taktgate_int8_left_out(network), "") << "all give the right bytes here";
  taktgate_int8_free(network);
  Kernels wrong = *KernelsFor(Isa::kScalar, 8), too = wrong;
  wrong.isa = Isa::kNeonDot;
  too.isa = Isa::kAvx2;
  wrong.add = too.add = [](const Add& add) { add.y[0] ^= 1U; };
  const auto read = *ReadNetwork(file);
  const Kernels* const sets[] = {&wrong, &too, KernelsFor(Isa::kScalar, 8)};
  network = HandleOf(*Engine::CreateBy(sets, read, 1), read).release();
  EXPECT_STREQ(taktgate_int8_left_out(network), "neon-dot, avx2");
  taktgate_int8_info info;
  ASSERT_EQ(taktgate_int8_describe(network, &info), TAKTGATE_INT8_OK);
  EXPECT_STREQ(info.instruction_set, "scalar");
}

TEST_F(CInterface, TwoNetworksRunBesideEachOther) {
  std::atomic<int> wrong{0};
  ASSERT_EQ(Load(file), TAKTGATE_INT8_OK);
  ASSERT_EQ(Run(1, Planes(1)), TAKTGATE_INT8_OK);
  const auto runs = [&] {
    taktgate_int8* own = nullptr;
    std::array<float, 10> mine{};
    if (taktgate_int8_load(file.data(), file.size(), 1, nullptr, &own, nullptr, 0) != 0) ++wrong;
    for (int k = 0; k < 200; ++k) {
      if (taktgate_int8_run(own, Planes(1).data(), 1, mine.data(), nullptr, 0) != 0) ++wrong;
      if (!std::equal(mine.begin(), mine.begin() + 5, logits.begin())) ++wrong;
    }
    taktgate_int8_free(own);
  };
  std::thread first(runs), second(runs);
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace taktgate::int8
