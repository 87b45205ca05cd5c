#ifndef TAKTGATE_RECORD_PART_TAP_H_
#define TAKTGATE_RECORD_PART_TAP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/spsc_ring.h"
#include "base/timed_join_thread.h"
#include "gate/decision.h"
#include "image/frame.h"
#include "record/releases.h"

namespace taktgate::record {

// What the model saw and said of one part.
struct InspectedPart {
  gate::PartId part;
  std::uint32_t release = 0;  // that inspected it
  image::Frame frame;
  // Of the windows that were judged, from the first on; of all of them unless the model failed, was
  // stopped, or a window lay outside the frame.
  std::span<const float> logits;                // judged windows x labels
  std::span<const std::uint8_t> extra_outputs;  // judged windows x bytes of a window, or empty
};

// Of one window of a part the codes of the output with this role, by the layout of the part's own
// release. Empty: the release has no such output, or the window was not judged.
std::span<const std::uint8_t> ExtraOutputOf(const InspectedPart& part, const KnownRelease& release,
                                            std::size_t window, bundle::OutputRole role);

// Who looks at parts after their decisions: drift, pages, a store of pictures. Called on the tap's
// thread, which has no priority. Where a decision has an answer, OnInspected comes before it. An
// inspection that ended too late for its decision comes after it. Parts that never reached the
// model, and those that the consumer was too slow for, have a decision only.
class PartConsumer {
 public:
  virtual ~PartConsumer() = default;
  // The pixels and outputs are gone when it returns.
  virtual void OnInspected(const InspectedPart& part) = 0;
  virtual void OnDecided(const gate::Decision& decision) = 0;
};

// Hands parts to a consumer that may be slow. It never waits for it: while the consumer is behind,
// or holds as many frames as it may, parts are dropped and counted. All memory is made at
// construction.
//
// Threads: WantsNext, Inspected and PassBy from the inference thread; Decided from the gate thread;
// Start and Stop from the owner.
class PartTap {
 public:
  struct Size {
    std::size_t logits = 0;  // most values of one part
    std::size_t extra_bytes = 0;
    std::size_t frames = 2;  // of the camera's pool that the consumer may hold
    std::size_t decisions = 256;
  };
  // `release_frame` gives a frame back, on the tap's thread. The consumer outlives the tap.
  PartTap(const Size& size, PartConsumer& consumer,
          std::function<void(const image::Frame&)> release_frame);
  ~PartTap();

  void Start();
  // Hands on what is there, then ends the thread. False: the consumer has not come back within
  // `limit`; its thread still uses this object, so the process must end without destroying it.
  bool Stop(Duration limit = std::chrono::seconds(5));

  // Whether the next part goes to the consumer. To be asked before the answer is handed on: then
  // the frame needs a holder more, who lets go by `release_frame`.
  bool WantsNext() const { return free_.size() > 0; }
  // After the answer was handed on, one of the two: copies the outputs, or counts the part as
  // dropped. Outputs that do not fit are left out whole, and counted.
  void Inspected(const InspectedPart& part);
  void PassBy(gate::PartId part);
  // Wakes nobody: the tap's thread sees it with the next inspected part, or within 50 ms.
  void Decided(const gate::Decision& decision) { decided_.Push(decision); }

  // Parts and decisions that the consumer was too slow for.
  std::uint64_t dropped() const { return passed_by_ + decided_.dropped(); }
  // Parts whose outputs are larger than the size.
  std::uint64_t without_outputs() const { return without_outputs_; }

 private:
  struct Slot {
    std::vector<float> logits;
    std::vector<std::uint8_t> extra_outputs;
  };
  struct Entry {
    gate::PartId part;
    std::uint32_t release;
    image::Frame frame;
    std::uint32_t slot;
    std::size_t logits;
    std::size_t extra_bytes;
  };

  void Run();
  void HandOn();
  void HandOnInspected();
  void HandOnDecided();

  PartConsumer& consumer_;
  const std::function<void(const image::Frame&)> release_frame_;
  std::vector<Slot> slots_;
  DroppingSpscRing<std::uint32_t> free_;  // slots, from the tap's thread to the inference thread
  DroppingSpscRing<Entry> inspected_;
  DroppingSpscRing<gate::Decision> decided_;
  std::optional<gate::Decision> waiting_;  // for its OnInspected; of the tap's thread
  std::atomic<std::uint64_t> inspected_up_to_{0};
  std::atomic<std::uint64_t> passed_by_{0};
  std::atomic<std::uint64_t> without_outputs_{0};
  EventSignal signal_;
  std::atomic<bool> stopping_{false};
  TimedJoinThread thread_;
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_PART_TAP_H_
