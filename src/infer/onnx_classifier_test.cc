#include <gtest/gtest.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

#include "infer/load.h"
#include "infer/test_model.h"

namespace taktgate::infer {
namespace {

using testing::BroadModel;
using testing::EndlessModel;
using testing::kLabels;
using testing::kPixels;
using testing::LinearModel;
using testing::LogModel;
using testing::MapModel;
using testing::ReleaseOf;
using testing::TestModel;

std::unique_ptr<Classifier> Load(const TestModel& model, double offset = 0.0) {
  bundle::Release release = ReleaseOf(model);
  release.contract.input.offset = {offset};
  auto classifier = infer::Load(release, {1, 2});
  EXPECT_TRUE(classifier) << classifier.error().message;
  return classifier ? std::move(*classifier) : nullptr;
}

void FillInput(Classifier& classifier, std::uint32_t seed) {
  for (float& value : classifier.floats(0)) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<float>(seed >> 24) / 255.0F;
  }
}

bool AllNan(std::span<const float> values) {
  for (const float value : values) {
    if (!std::isnan(value)) return false;
  }
  return true;
}

TEST(OnnxClassifierTest, AnswerIsThatOfTheModel) {
  const auto sut = Load(LinearModel());
  ASSERT_NE(sut, nullptr);
  FillInput(*sut, 7);
  ASSERT_EQ(sut->Run(1), RunOutcome::kDone);
  const double bias[kLabels] = {0.5, 0.25, 0.125};
  for (std::size_t label = 0; label < kLabels; ++label) {
    double expected = bias[label];
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
      expected += static_cast<double>(sut->floats(0)[pixel]) *
                  static_cast<double>(testing::WeightAt(pixel, label));
    }
    EXPECT_NEAR(sut->logits(0)[label], expected, 1e-4);
  }
}

TEST(OnnxClassifierTest, ExtraOutputsComeBesideTheLogits) {
  bundle::Release release = ReleaseOf(MapModel());
  release.contract.extra_outputs = {
      {"map", bundle::OutputRole::kClassMap, testing::kSide, testing::kSide, 1.0, 0}};
  auto loaded = infer::Load(release, {1, 2});
  ASSERT_TRUE(loaded) << loaded.error().message;
  Classifier& sut = **loaded;
  const auto plain = Load(LinearModel());
  for (std::size_t i = 0; i < kPixels; ++i) {
    sut.floats(0)[i] = plain->floats(0)[i] = static_cast<float>(i % 251);
  }
  ASSERT_EQ(sut.Run(1), RunOutcome::kDone);
  ASSERT_EQ(plain->Run(1), RunOutcome::kDone);
  for (std::size_t label = 0; label < kLabels; ++label) {
    EXPECT_EQ(sut.logits(0)[label], plain->logits(0)[label]);
  }
  ASSERT_EQ(sut.extra_output(0, 0).size(), kPixels);
  for (std::size_t i = 0; i < kPixels; ++i) ASSERT_EQ(sut.extra_output(0, 0)[i], i % 251);
  EXPECT_TRUE(sut.extra_output(0, 1).empty());
  EXPECT_TRUE(plain->extra_output(0, 0).empty());
}

TEST(OnnxClassifierTest, SameInputGivesTheSameBytes) {
  const auto sut = Load(LinearModel());
  ASSERT_NE(sut, nullptr);
  std::vector<float> first[2];
  for (int run = 0; run < 100; ++run) {
    const auto which = static_cast<std::size_t>(run % 2);  // another image between
    FillInput(*sut, static_cast<std::uint32_t>(which + 1));
    ASSERT_EQ(sut->Run(1), RunOutcome::kDone);
    const std::vector<float> logits(sut->logits(0).begin(), sut->logits(0).end());
    if (run < 2) first[which] = logits;
    ASSERT_EQ(logits, first[which]) << run;
  }
  EXPECT_NE(first[0], first[1]);
}

// A NaN of the model is an answer: the judge makes `unknown` of it.
TEST(OnnxClassifierTest, NanOfTheModelIsReported) {
  const auto sut = Load(LogModel(), 0.5);
  ASSERT_NE(sut, nullptr);
  for (float& value : sut->floats(0)) value = 1.0F;
  sut->floats(0)[5] = -1.0F;
  EXPECT_EQ(sut->Run(1), RunOutcome::kDone);
  EXPECT_TRUE(AllNan(sut->logits(0)));
  sut->floats(0)[5] = 1.0F;
  EXPECT_EQ(sut->Run(1), RunOutcome::kDone);
  EXPECT_FLOAT_EQ(sut->logits(0)[0], 0.5F);
}

TEST(OnnxClassifierTest, TerminatedBeforeTheRun) {
  const auto sut = Load(LinearModel());
  ASSERT_NE(sut, nullptr);
  FillInput(*sut, 1);
  ASSERT_EQ(sut->Run(1), RunOutcome::kDone);
  const std::vector<float> right(sut->logits(0).begin(), sut->logits(0).end());

  sut->Terminate();
  EXPECT_EQ(sut->Run(1), RunOutcome::kTerminated);
  EXPECT_TRUE(AllNan(sut->logits(0)));              // never the old answer
  EXPECT_EQ(sut->Run(1), RunOutcome::kTerminated);  // until it is taken back

  sut->ResetTerminate();
  EXPECT_EQ(sut->Run(1), RunOutcome::kDone);
  EXPECT_EQ(std::vector<float>(sut->logits(0).begin(), sut->logits(0).end()), right);
}

// What a thread has computed so far.
std::chrono::nanoseconds CpuTime(pthread_t thread) {
  clockid_t clock{};
  timespec time{};
  EXPECT_EQ(pthread_getcpuclockid(thread, &clock), 0);
  EXPECT_EQ(clock_gettime(clock, &time), 0);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The run would take hours; only the flag can end it.
TEST(OnnxClassifierTest, TerminatedDuringTheRun) {
  const auto sut = Load(EndlessModel());
  ASSERT_NE(sut, nullptr);
  FillInput(*sut, 1);
  ASSERT_EQ(sut->Run(1), RunOutcome::kDone);
  const std::vector<float> right(sut->logits(0).begin(), sut->logits(0).end());

  for (int round = 0; round < 3; ++round) {
    const float old = sut->floats(0)[0];
    sut->floats(0)[0] = 2.0F;
    RunOutcome outcome = RunOutcome::kDone;
    std::atomic<bool> may_end{false};
    std::thread runner([&] {
      outcome = sut->Run(1);
      // Stays, so that its clock can be read whatever Run did.
      while (!may_end) std::this_thread::yield();
    });
    const auto begun = CpuTime(runner.native_handle());
    while (CpuTime(runner.native_handle()) - begun < std::chrono::milliseconds(5)) {
      std::this_thread::yield();
    }
    sut->Terminate();
    may_end = true;
    runner.join();
    EXPECT_EQ(outcome, RunOutcome::kTerminated);
    EXPECT_TRUE(AllNan(sut->logits(0)));

    sut->ResetTerminate();
    sut->floats(0)[0] = old;
    ASSERT_EQ(sut->Run(1), RunOutcome::kDone);
    EXPECT_EQ(std::vector<float>(sut->logits(0).begin(), sut->logits(0).end()), right);
  }
}

std::chrono::nanoseconds CpuTimeOfAllThreads() {
  timespec time{};
  EXPECT_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// A thread that spins at real-time priority is stopped by the kernel for 50 ms of every second.
// Counts what this process computes while nothing is inspected, so other programs can not make it
// fail; a runtime that spins uses tens of milliseconds after each run.
TEST(OnnxClassifierTest, NothingSpinsBetweenRuns) {
  auto loaded = infer::Load(ReleaseOf(BroadModel()), {2, 2});
  ASSERT_TRUE(loaded) << loaded.error().message;
  Classifier& sut = **loaded;
  FillInput(sut, 1);
  std::chrono::nanoseconds used{};
  constexpr auto kPause = std::chrono::milliseconds(30);
  constexpr int kPauses = 10;
  for (int pause = 0; pause < kPauses; ++pause) {
    ASSERT_EQ(sut.Run(1), RunOutcome::kDone);
    const auto before = CpuTimeOfAllThreads();
    std::this_thread::sleep_for(kPause);
    used += CpuTimeOfAllThreads() - before;
  }
  EXPECT_LT(used, kPauses * kPause / 20) << used.count() << " ns of processor time in 300 ms";
}

TEST(OnnxClassifierTest, TwoClassifiersDoNotShareTheirFlags) {
  const auto a = Load(LinearModel());
  auto b = Load(LogModel(), 0.5);
  ASSERT_TRUE(a != nullptr && b != nullptr);
  b->Terminate();
  FillInput(*a, 3);
  EXPECT_EQ(a->Run(1), RunOutcome::kDone);
  EXPECT_EQ(b->Run(1), RunOutcome::kTerminated);
  b.reset();  // the runtime's shared parts stay for the other one
  EXPECT_EQ(a->Run(1), RunOutcome::kDone);
}

}  // namespace
}  // namespace taktgate::infer
