#include "record/part_tap.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/test_wait.h"
#include "record/test_example_consumer.h"

namespace taktgate::record {
namespace {

using taktgate::testing::Comes;

gate::Decision DecisionOf(std::uint64_t part, bool has_answer) {
  gate::Decision decision;
  decision.part = {1, part};
  decision.has_answer = has_answer;
  return decision;
}

// Notes what it sees; stands at a part until it is let on.
class Looker final : public PartConsumer {
 public:
  void OnInspected(const InspectedPart& part) override {
    while (held_at_ == part.part.sequence) std::this_thread::yield();
    Note("inspected " + std::to_string(part.part.sequence) + " by " + std::to_string(part.release) +
         ", " + std::to_string(part.logits.size()) + " logits, " +
         std::to_string(part.extra_outputs.size()) + " bytes, first " +
         std::to_string(part.extra_outputs.empty() ? 0 : part.extra_outputs[0]));
  }
  void OnDecided(const gate::Decision& decision) override {
    Note("decided " + std::to_string(decision.part.sequence));
  }
  std::vector<std::string> seen() const {
    const MutexLock lock(mutex_);
    return seen_;
  }
  std::atomic<std::uint64_t> held_at_{0};

 private:
  void Note(std::string what) {
    const MutexLock lock(mutex_);
    seen_.push_back(std::move(what));
  }
  mutable Mutex mutex_;
  std::vector<std::string> seen_ TAKTGATE_GUARDED_BY(mutex_);
};

class Taps : public ::testing::Test {
 protected:
  void Inspect(std::uint64_t part, std::uint8_t first) {
    std::vector<float> logits(4, 1.0F);
    std::vector<std::uint8_t> extra(5, first);
    if (!tap.WantsNext()) return tap.PassBy({1, part});
    ++frames_out;
    tap.Inspected({{1, part}, 7, {}, logits, extra});
  }
  Looker looker;
  std::atomic<int> frames_out{0};
  PartTap tap{{.logits = 4, .extra_bytes = 5, .frames = 2, .decisions = 16},
              looker,
              [this](const image::Frame&) { --frames_out; }};
};

TEST_F(Taps, APartIsInspectedBeforeItIsDecided) {
  tap.Decided(DecisionOf(1, false));
  tap.Decided(DecisionOf(2, true));  // the inference thread is a moment later
  tap.Start();
  EXPECT_TRUE(Comes("the part without an answer", [&] { return looker.seen().size() == 1; }));
  Inspect(2, 22);
  EXPECT_TRUE(Comes("all", [&] { return looker.seen().size() == 3; }));
  EXPECT_TRUE(tap.Stop());
  EXPECT_EQ(looker.seen(),
            (std::vector<std::string>{"decided 1", "inspected 2 by 7, 4 logits, 5 bytes, first 22",
                                      "decided 2"}));
  EXPECT_EQ(frames_out, 0);
  EXPECT_EQ(tap.dropped(), 0U);
}

TEST_F(Taps, AnInspectionThatEndsAfterItsDecisionComesAfterIt) {
  tap.Start();
  tap.Decided(DecisionOf(1, false));  // at the deadline
  EXPECT_TRUE(Comes("its decision", [&] { return looker.seen().size() == 1; }));
  Inspect(1, 1);
  EXPECT_TRUE(Comes("its inspection", [&] { return looker.seen().size() == 2; }));
  EXPECT_TRUE(tap.Stop());
  EXPECT_EQ(frames_out, 0);
}

TEST_F(Taps, OutputsThatDoNotFitAreLeftOutWhole) {
  const std::vector<float> logits(4), too_many(5);
  const std::vector<std::uint8_t> extra(5, 9), too_much(6, 9);
  tap.Inspected({{1, 1}, 7, {}, too_many, extra});
  tap.Inspected({{1, 2}, 7, {}, logits, too_much});
  tap.Start();
  EXPECT_TRUE(Comes("both", [&] { return looker.seen().size() == 2; }));
  tap.Inspected({{1, 3}, 7, {}, logits, extra});
  EXPECT_TRUE(tap.Stop());
  EXPECT_EQ(looker.seen(),
            (std::vector<std::string>{"inspected 1 by 7, 0 logits, 0 bytes, first 0",
                                      "inspected 2 by 7, 0 logits, 0 bytes, first 0",
                                      "inspected 3 by 7, 4 logits, 5 bytes, first 9"}));
  EXPECT_EQ(tap.without_outputs(), 2U);
}

TEST(ExtraOutputOf, FindsAnOutputByItsRole) {
  using enum bundle::OutputRole;
  KnownRelease release;
  release.extra_outputs = {{.name = "e", .role = kEmbedding, .width = 3},
                           {.name = "m", .role = kClassMap, .width = 2, .height = 2}};
  const std::vector<std::uint8_t> two_windows{1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17};
  const InspectedPart part{{1, 1}, 1, {}, {}, two_windows};
  const auto found = [&](std::size_t window, bundle::OutputRole role) {
    const auto codes = ExtraOutputOf(part, release, window, role);
    return std::vector<int>(codes.begin(), codes.end());
  };
  EXPECT_EQ(found(0, kEmbedding), (std::vector{1, 2, 3}));
  EXPECT_EQ(found(1, kEmbedding), (std::vector{11, 12, 13}));
  EXPECT_EQ(found(1, kClassMap), (std::vector{14, 15, 16, 17}));
  EXPECT_TRUE(found(2, kEmbedding).empty()) << "a window that was not judged";
  EXPECT_TRUE(found(0, kChannelMeans).empty()) << "an output that the model does not have";
}

TEST_F(Taps, AConsumerThatIsSlowHoldsTwoFramesAndNoMore) {
  looker.held_at_ = 1;
  tap.Start();
  for (std::uint64_t part = 1; part <= 10; ++part) {
    Inspect(part, 1);
    tap.Decided(DecisionOf(part, true));
  }
  EXPECT_EQ(frames_out, 2);
  EXPECT_EQ(tap.dropped(), 8U);
  looker.held_at_ = 0;
  EXPECT_TRUE(Comes("the decisions of all", [&] { return looker.seen().size() == 12; }));
  EXPECT_EQ(frames_out, 0);
  EXPECT_TRUE(tap.WantsNext());
  EXPECT_TRUE(tap.Stop());
}

TEST(ExampleConsumer, SeesPixelsAndCountsRejects) {
  testing::BrightnessWatch watch;
  testing::RejectCounter counter;
  RecordQueue records(16, {&counter});
  const std::vector<std::uint8_t> pixels(6, 40);
  PartTap tap({.logits = 4, .extra_bytes = 4}, watch, [](const image::Frame&) {});
  records.Start();
  tap.Start();
  image::Frame frame;
  frame.view = {pixels.data(), 3, 2, 3, image::PixelFormat::kGrey8};
  tap.Inspected({{1, 1}, 1, frame, {}, {}});
  tap.Decided(DecisionOf(1, true));
  records.Offer({Record::Kind::kDecision, DecisionOf(1, true), {}});
  EXPECT_TRUE(tap.Stop());
  EXPECT_TRUE(records.Stop());
  EXPECT_EQ(watch.brightest(), 40);
  EXPECT_EQ(counter.rejects(), 1U);
}

TEST_F(Taps, DecisionsThatDoNotFitAreCounted) {
  for (std::uint64_t part = 1; part <= 20; ++part) tap.Decided(DecisionOf(part, false));
  EXPECT_EQ(tap.dropped(), 4U);
}

TEST_F(Taps, WhatIsLeftIsHandedOnAtTheEnd) {
  Inspect(1, 1);
  tap.Decided(DecisionOf(1, true));
  tap.Decided(DecisionOf(2, true));  // its inference never told
  tap.Start();
  EXPECT_TRUE(tap.Stop());
  EXPECT_EQ(looker.seen().size(), 3U);
  EXPECT_EQ(frames_out, 0);
}

}  // namespace
}  // namespace taktgate::record
