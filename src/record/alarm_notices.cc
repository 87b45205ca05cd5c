#include "record/alarm_notices.h"

namespace taktgate::record {
namespace {

// What has happened, and where to look first.
std::string_view MeaningOf(gate::AlarmKind kind) {
  switch (kind) {
    case gate::AlarmKind::kRejectsInARow:
      return "many parts in a row were rejected; look at parts, light and camera";
    case gate::AlarmKind::kRejectRate:
      return "many of the last parts were rejected; look at parts, light and camera";
    case gate::AlarmKind::kFaultsInARow:
      return "several parts in a row were not inspected; look at the reasons in the record";
    case gate::AlarmKind::kDeadlineMisses:
      return "answers come too late; look at `taktgate selftest`, load and heat";
    case gate::AlarmKind::kBinDisagrees:
      return "the reject bin saw something other than was decided; look at ejector and sensor";
    case gate::AlarmKind::kTrackingLost:
      return "a part was not where the belt says; look at encoder and gate sensor";
    case gate::AlarmKind::kBeltReversed:
      return "the belt ran back further than reverse_tolerance; look at belt and encoder";
    case gate::AlarmKind::kChallengeMissed:
      return "a part that is known to be bad would have passed; do not go on with this release";
    case gate::AlarmKind::kInferenceAway:
      return "the model run does not come back; the station ends, restart it";
    case gate::AlarmKind::kPlcSilent:
      return "the PLC's heartbeat has stopped; look at the PLC and its cable";
  }
  return "";
}

}  // namespace

std::string InWords(const gate::Alarm& alarm) {
  std::string text =
      alarm.severity == gate::Severity::kStop ? "line stop" : std::string(ToString(alarm.severity));
  text += ": " + std::string(ToString(alarm.kind)) + ", part " + NameOf(alarm.part) + ": " +
          std::string(MeaningOf(alarm.kind));
  if (alarm.severity >= gate::Severity::kAmber) {
    text += "; then `taktgate ack STATION.toml --name NAME`";
  }
  return text;
}

void AlarmNotices::Write(const Record& record) {
  if (record.kind == Record::Kind::kAlarm) notice_(InWords(record.alarm));
  if (record.kind == Record::Kind::kOrder) {
    notice_(std::string(ToString(record.order.kind)) + " by " +
            std::string(record.order.name.view()));
  }
}

}  // namespace taktgate::record
