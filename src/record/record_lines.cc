#include "record/record_lines.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace taktgate::record {
namespace {

using Json = nlohmann::ordered_json;

std::string NameAt(const std::vector<std::string>& names, std::int32_t index) {
  if (index < 0 || static_cast<std::size_t>(index) >= names.size()) return {};
  return names[static_cast<std::size_t>(index)];
}

Json NameOrNull(const std::vector<std::string>& names, std::int32_t index) {
  const std::string name = NameAt(names, index);
  return name.empty() ? Json() : Json(name);
}

}  // namespace

std::string RecordLines::LineOf(const Record& record) const {
  const gate::Decision& decision = record.decision;
  const gate::Answer& answer = decision.answer;
  static const KnownRelease kUnknown;
  const KnownRelease* known = releases_.Find(decision.release);
  const KnownRelease& release = known != nullptr ? *known : kUnknown;
  Json line;
  switch (record.kind) {
    case Record::Kind::kDecision:
      line["kind"] = "decision";
      break;
    case Record::Kind::kLateAnswer:
      line["kind"] = "late_verdict";
      break;
    case Record::Kind::kPassCutShort:
      line["kind"] = "pass_cut_short";
      break;
    case Record::Kind::kVerified:
      line["kind"] = "verified";
      break;
    case Record::Kind::kAlarm:
      line["kind"] = "alarm";
      line["alarm"] = gate::ToString(record.alarm.kind);
      line["severity"] = gate::ToString(record.alarm.severity);
      break;
    case Record::Kind::kOrder:
      line["kind"] = "order";
      line["order"] = ToString(record.order.kind);
      line["name"] = record.order.name.view();
      if (record.order.parts != 0) line["parts"] = record.order.parts;
      break;
  }
  line["part"] = NameOf(decision.part);
  line["release"] = release.short_id();
  if (record.kind == Record::Kind::kAlarm || record.kind == Record::Kind::kOrder) {
    line["at_ns"] = record.at.time_since_epoch().count();
    return JsonText(line);
  }
  if (record.kind == Record::Kind::kPassCutShort) return JsonText(line);
  if (record.kind == Record::Kind::kVerified) {
    line["agreed"] = decision.verified == gate::Verified::kAgreed;
    return JsonText(line);
  }
  if (record.kind == Record::Kind::kDecision) {
    line["released"] = decision.released;
    line["reason"] = judge::ToString(decision.reason);
    line["encoder"] = decision.encoder;
    if (decision.has_plc_part) line["plc_part"] = decision.plc_part;
    line["trigger_ns"] = decision.trigger_at.time_since_epoch().count();
    line["decided_us"] = Microseconds(decision.decided_at - decision.trigger_at);
    line["issued_us"] = Microseconds(decision.issued_at - decision.trigger_at);
    line["slack_us"] = Microseconds(decision.slack());
    if (decision.has_frame) {
      line["frame"] = decision.frame.sequence;
      line["captured_us"] = Microseconds(decision.frame.captured_at - decision.trigger_at);
      line["arrived_us"] = Microseconds(decision.frame.arrived_at - decision.trigger_at);
    }
  }
  if (record.kind == Record::Kind::kLateAnswer || decision.has_answer) {
    line["engine"] = release.engine;
    line["verdict"] = judge::ToString(answer.verdict);
    line["class"] = NameOrNull(release.labels, answer.class_index);
    line["score"] = answer.defect_score;
    line["window_scores"] = std::vector<float>(answer.window_scores.begin(),
                                               answer.window_scores.begin() + answer.windows);
    line["window"] = NameOrNull(release.windows, answer.worst_window);
    line["shift"] = answer.aligned ? Json{answer.shift_x, answer.shift_y} : Json();
    line["image_us"] = Microseconds(answer.image_time);
    line["infer_us"] = Microseconds(answer.infer_time);
    line["judge_us"] = Microseconds(answer.judge_time);
  }
  return JsonText(line);
}

}  // namespace taktgate::record
