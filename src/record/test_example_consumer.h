#ifndef TAKTGATE_RECORD_TEST_EXAMPLE_CONSUMER_H_
#define TAKTGATE_RECORD_TEST_EXAMPLE_CONSUMER_H_

#include <algorithm>
#include <cstdint>

#include "record/part_tap.h"
#include "record/records.h"

// The sink and the consumer of CONTRIBUTING.md, which shows what stands between the two marks.
namespace taktgate::record::testing {

// [example]
// A sink gets every record, on the record thread. One that a disk may hold up gets a queue of its
// own: RecordQueue(capacity, {&sink}), which is a sink itself.
class RejectCounter final : public RecordSink {
 public:
  void Write(const Record& record) override {
    const bool decided = record.kind == Record::Kind::kDecision;
    rejects_ += decided && !record.decision.released ? 1U : 0U;
  }
  void Flush() override { shown_ = rejects_; }
  std::uint64_t shown() const { return shown_; }

 private:
  std::uint64_t rejects_ = 0;
  std::uint64_t shown_ = 0;
};

// A consumer gets pixels, logits and extra outputs of parts, on the tap's thread. While it is busy
// parts are dropped and counted; no part waits for it.
class BrightnessWatch final : public PartConsumer {
 public:
  void OnInspected(const InspectedPart& part) override {
    std::uint64_t sum = 0;  // the pixels are gone when this returns
    for (int y = 0; y < part.frame.view.height; ++y) {
      for (int x = 0; x < part.frame.view.width; ++x) sum += part.frame.view.Row(y)[x];
    }
    brightest_ = std::max(brightest_, sum);
  }
  void OnDecided(const gate::Decision&) override { ++decided_; }
  std::uint64_t brightest() const { return brightest_; }
  std::uint64_t decided() const { return decided_; }

 private:
  std::uint64_t brightest_ = 0;
  std::uint64_t decided_ = 0;
};
// [example]

}  // namespace taktgate::record::testing

#endif  // TAKTGATE_RECORD_TEST_EXAMPLE_CONSUMER_H_
