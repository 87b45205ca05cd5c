// Who looks at parts after their decision, on a station whose threads the test steps.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "base/mutex.h"
#include "base/test_wait.h"
#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using taktgate::testing::Comes;

class Looker final : public record::PartConsumer {
 public:
  void OnInspected(const record::InspectedPart& part) override {
    while (held) std::this_thread::yield();
    const MutexLock lock(mutex_);
    EXPECT_FALSE(decided_.contains(part.part.sequence)) << "decided before it was seen";
    EXPECT_EQ(part.logits.size(), 4U);
    first_pixel_[part.part.sequence] = part.frame.view.data[0];
  }
  void OnDecided(const gate::Decision& decision) override {
    const MutexLock lock(mutex_);
    EXPECT_TRUE(decided_.insert(decision.part.sequence).second);
    EXPECT_TRUE(decision.has_answer || !first_pixel_.contains(decision.part.sequence));
  }
  std::size_t decided() const {
    const MutexLock lock(mutex_);
    return decided_.size();
  }
  std::map<std::uint64_t, std::uint8_t> first_pixel() const {
    const MutexLock lock(mutex_);
    return first_pixel_;
  }
  std::atomic<bool> held{false};

 private:
  mutable Mutex mutex_;
  std::map<std::uint64_t, std::uint8_t> first_pixel_ TAKTGATE_GUARDED_BY(mutex_);
  std::set<std::uint64_t> decided_ TAKTGATE_GUARDED_BY(mutex_);
};

class TappedLine : public testing::ScriptedLine {
 protected:
  // The tap's thread may still be telling the looker of parts.
  void TearDown() override { station.reset(); }

  Looker looker;
  // Parts follow each other; the tap's thread is a real one.
  void Parts(int count) {
    for (int k = 0; k < count; ++k) {
      Part(k % 2 == 0);
      After(10);
      stepped->All();
    }
  }
};

TEST_F(TappedLine, PartsAreSeenWithPixelsAndThenDecided) {
  Start({.looks_at_parts = &looker});
  Parts(1);
  EXPECT_TRUE(Comes("the first", [&] { return looker.decided() == 1; }));
  Edge();  // without a frame
  stepped->All();
  After(10);
  stepped->All();
  EXPECT_TRUE(Comes("the second", [&] { return looker.decided() == 2; }));
  EndLine();
  stepped->All();
  EXPECT_EQ(looker.first_pixel(), (std::map<std::uint64_t, std::uint8_t>{{1, 10}}));
  EXPECT_EQ(station->parts_not_seen(), 0U);
  EXPECT_EQ(camera.released.size(), 1U);
}

TEST_F(TappedLine, OneWhoIsSlowCostsNoPartAndTwoFramesAtMost) {
  looker.held = true;
  Start({.looks_at_parts = &looker});
  Parts(12);
  EXPECT_EQ(station->ledger().count(), 12U);
  EXPECT_EQ(station->ledger().released(), 6U);
  EXPECT_EQ(camera.released.size(), 10U) << "two are held";
  EXPECT_EQ(station->parts_not_seen(), 10U);
  looker.held = false;
  EXPECT_TRUE(Comes("the frames", [&] { return looker.first_pixel().size() == 2; }));
  EndLine();
  stepped->All();
}

}  // namespace
}  // namespace taktgate::station
