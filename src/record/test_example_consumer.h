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
    rejects_ += record.kind == Record::Kind::kDecision && !record.decision.released ? 1U : 0U;
  }
  void Flush() override {}  // a file writes what it still holds
  std::uint64_t rejects() const { return rejects_; }

 private:
  std::uint64_t rejects_ = 0;
};

// A consumer gets pixels, logits and extra outputs of parts, on the tap's thread. While it is busy
// parts are dropped and counted; no part waits for it.
class BrightnessWatch final : public PartConsumer {
 public:
  void OnInspected(const InspectedPart& part) override {
    const image::ImageView& view = part.frame.view;  // the pixels are gone when this returns
    const std::uint8_t* row = view.Row(view.height / 2);
    brightest_ = std::max(brightest_, *std::max_element(row, row + view.width));
  }
  void OnDecided(const gate::Decision&) override {}
  int brightest() const { return brightest_; }

 private:
  std::uint8_t brightest_ = 0;
};
// [example]

}  // namespace taktgate::record::testing

#endif  // TAKTGATE_RECORD_TEST_EXAMPLE_CONSUMER_H_
