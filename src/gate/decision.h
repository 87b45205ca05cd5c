#ifndef TAKTGATE_GATE_DECISION_H_
#define TAKTGATE_GATE_DECISION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

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

// "7-101": boot and sequence, as records and messages name a part.
inline std::string NameOf(PartId part) {
  return std::to_string(part.boot) + "-" + std::to_string(part.sequence);
}

inline constexpr std::size_t kMaxWindows = 64;

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
  std::uint8_t windows = 0;                        // how many of window_scores are set
  std::array<float, kMaxWindows> window_scores{};  // defect score of each window
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

// What the reject bin says about a decision.
enum class Verified : std::uint8_t { kNotChecked, kAgreed, kDisagreed };

// The one final word on a part, of fixed size. `released` is true for a PASS and for nothing else.
struct Decision {
  PartId part;
  std::uint32_t release = 0;  // number of the release in force at the edge
  std::uint32_t encoder = 0;  // count at the edge; 0 where no encoder is wired
  std::uint32_t plc_part = 0;
  bool has_plc_part = false;
  bool released = false;
  judge::Verdict verdict = judge::Verdict::kUnknown;
  judge::Reason reason = judge::Reason::kNoFrame;
  TimePoint trigger_at{};
  TimePoint answer_due{};  // an answer at this moment or later is late
  TimePoint level_due{};   // the deadline: PASS must be on the wire before; max() by count
  TimePoint decided_at{};  // of a PASS: when the timely answer was taken
  TimePoint issued_at{};   // when the output had its level; the station's to fill
  bool has_frame = false;
  FrameSeen frame;
  bool has_answer = false;  // came in time
  Answer answer;
  // Added to the decision afterwards; neither changes it.
  bool has_late_verdict = false;
  judge::Verdict late_verdict = judge::Verdict::kUnknown;
  Verified verified = Verified::kNotChecked;

  Duration slack() const { return answer_due - decided_at; }
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_DECISION_H_
