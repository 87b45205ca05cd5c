#ifndef TAKTGATE_GATE_DECISION_H_
#define TAKTGATE_GATE_DECISION_H_

#include <cstdint>

#include "base/clock.h"
#include "judge/verdict.h"

namespace taktgate::gate {

// Never reused: the boot counter is raised and synced before a station is ready, the sequence
// counts trigger edges since then.
struct PartId {
  std::uint32_t boot = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const PartId&, const PartId&) = default;
};

// What the inference thread found out about one part, and when.
struct Answer {
  judge::Verdict verdict = judge::Verdict::kUnknown;
  judge::Reason reason = judge::Reason::kModelError;
  std::int32_t class_index = -1;
  std::int32_t worst_window = -1;
  double defect_score = 1.0;
  std::int32_t shift_x = 0;  // px, of the alignment
  std::int32_t shift_y = 0;
  bool aligned = false;
  TimePoint started_at{};
  TimePoint finished_at{};
  Duration image_time{};  // alignment and tensor, all windows
  Duration infer_time{};  // the model, all windows
  Duration judge_time{};
};

// What the camera thread saw, without the pixels.
struct FrameSeen {
  std::uint64_t sequence = 0;
  TimePoint captured_at{};
  TimePoint arrived_at{};
  bool partial = false;
  std::uint32_t slot = 0;  // the buffer's number in its pool
};

// The one final word on a part. `released` is true for a PASS and for nothing else.
struct Decision {
  PartId part;
  bool released = false;
  judge::Verdict verdict = judge::Verdict::kUnknown;
  judge::Reason reason = judge::Reason::kNoFrame;
  TimePoint trigger_at{};
  TimePoint deadline{};
  TimePoint decided_at{};
  TimePoint issued_at{};  // when the output had its level; the station's to fill
  bool has_frame = false;
  FrameSeen frame;
  bool has_answer = false;  // came in time; a late one is recorded apart
  Answer answer;

  Duration slack() const { return deadline - decided_at; }
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_DECISION_H_
