#ifndef TAKTGATE_GATE_FIELDS_H_
#define TAKTGATE_GATE_FIELDS_H_

#include "gate/challenge.h"
#include "gate/decision.h"
#include "gate/outputs.h"
#include "gate/part_ring.h"
#include "gate/settings.h"
#include "gate/states.h"

// Which fields the gate's plain structs have, in the order in which they are written and read
// (state_bytes.h). A field that is missing here is missing in every incident file.
namespace taktgate::gate {

// The last value of each enumeration: a greater number is not a value of it.
template <typename Enumeration>
struct LastOf;
template <>
struct LastOf<judge::Verdict> {
  static constexpr auto kValue = judge::Verdict::kUnknown;
};
template <>
struct LastOf<judge::Reason> {
  static constexpr auto kValue = judge::kLastReason;
};
template <>
struct LastOf<Verified> {
  static constexpr auto kValue = Verified::kDisagreed;
};
template <>
struct LastOf<Severity> {
  static constexpr auto kValue = Severity::kStop;
};
template <>
struct LastOf<AlarmKind> {
  static constexpr auto kValue = static_cast<AlarmKind>(kAlarmKinds - 1);
};
template <>
struct LastOf<Line> {
  static constexpr auto kValue = static_cast<Line>(kOutputLines - 1);
};
template <>
struct LastOf<State> {
  static constexpr auto kValue = State::kContinuousExecution;
};
template <>
struct LastOf<Command> {
  static constexpr auto kValue = Command::kHalt;
};
template <>
struct LastOf<BeltMode> {
  static constexpr auto kValue = BeltMode::kByCount;
};
template <>
struct LastOf<Part::Stage> {
  static constexpr auto kValue = Part::Stage::kDecided;
};

template <typename Visitor>
void Fields(Visitor& visit, PartId& id) {
  visit(id.boot, id.sequence);
}

template <typename Visitor>
void Fields(Visitor& visit, FrameSeen& frame) {
  visit(frame.sequence, frame.captured_at, frame.arrived_at, frame.partial, frame.slot);
}

// Only the windows that there are.
template <typename Visitor>
void Fields(Visitor& visit, Answer& answer) {
  visit(answer.verdict, answer.reason, answer.class_index, answer.worst_window, answer.defect_score,
        answer.shift_x, answer.shift_y, answer.aligned, answer.windows);
  visit.Check(answer.windows <= kMaxWindows);
  for (std::size_t i = 0; i < answer.windows && i < kMaxWindows; ++i) {
    visit(answer.window_scores[i]);
  }
  visit(answer.started_at, answer.finished_at, answer.image_time, answer.infer_time,
        answer.judge_time);
}

template <typename Visitor>
void Fields(Visitor& visit, Decision& decision) {
  visit(decision.part, decision.release, decision.encoder, decision.plc_part, decision.has_plc_part,
        decision.released, decision.verdict, decision.reason, decision.trigger_at,
        decision.answer_due, decision.level_due, decision.decided_at, decision.issued_at,
        decision.has_frame, decision.frame, decision.has_answer, decision.answer,
        decision.has_late_verdict, decision.late_verdict, decision.verified);
}

template <typename Visitor>
void Fields(Visitor& visit, Alarm& alarm) {
  visit(alarm.kind, alarm.severity, alarm.part);
}

template <typename Visitor>
void Fields(Visitor& visit, Place& place) {
  visit(place.open, place.due, place.close);
}

template <typename Visitor>
void Fields(Visitor& visit, Part& part) {
  visit(part.decision, part.place, part.stage, part.presented, part.seen, part.closed, part.in_bin,
        part.checked, part.challenge, part.cut_short, part.closed_at);
}

template <typename Visitor>
void Fields(Visitor& visit, ChallengeResult& result) {
  visit(result.asked, result.rejected, result.missed, result.unproven, result.ended_at);
}

template <typename Visitor>
void Fields(Visitor& visit, BeltSettings& belt) {
  visit(belt.mode, belt.distance, belt.lead, belt.hold, belt.spacing, belt.reverse_tolerance,
        belt.longest_pass, belt.position_age);
}

template <typename Visitor>
void Fields(Visitor& visit, EscalationSettings& limits) {
  visit(limits.rejects_amber, limits.rejects_stop, limits.faults_amber, limits.faults_stop,
        limits.rate_window, limits.rate_amber, limits.rate_stop, limits.miss_quiet,
        limits.misses_amber, limits.miss_row_amber, limits.miss_row_stop, limits.bin_amber,
        limits.bin_stop);
}

template <typename Visitor>
void Fields(Visitor& visit, GateSettings& settings) {
  visit(settings.boot, settings.window, settings.pass_hold, settings.capture_from,
        settings.capture_until, settings.inference_reserve, settings.measure_runs,
        settings.fault_after, settings.parts_in_flight, settings.belt, settings.escalation,
        settings.heartbeat, settings.strobe, settings.gate_sensor, settings.bin_within,
        settings.plc_names_parts, settings.challenge_first, settings.plc_beat_within);
}

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_FIELDS_H_
