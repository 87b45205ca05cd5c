#include "session/end_report.h"

#include <nlohmann/json.hpp>

#include "base/format_text.h"
#include "base/json_text.h"
#include "record/line_report.h"

namespace taktgate::session {
namespace {

std::string IncidentsInWords(const incident::IncidentRecorder& incidents) {
  if (incidents.written() + incidents.not_written() == 0) return {};
  return Format("incidents: %llu written, %llu not (too soon after another one, or no room)\n",
                static_cast<unsigned long long>(incidents.written()),
                static_cast<unsigned long long>(incidents.not_written()));
}

}  // namespace

std::string EndText(const LineSession& session) {
  const record::LineCounts counts = session.statistics().Look();
  std::string text =
      Format("parts %llu, pass %llu, reject %llu, misses %llu\nreasons of rejects:\n",
             static_cast<unsigned long long>(counts.parts),
             static_cast<unsigned long long>(counts.released),
             static_cast<unsigned long long>(counts.parts - counts.released),
             static_cast<unsigned long long>(counts.misses()));
  text += record::ReasonTable(counts) + record::StageTable(counts.stages, counts.latency);
  text +=
      Format("late answers %llu, passes cut short %llu, stray frames %llu, events dropped %llu\n",
             static_cast<unsigned long long>(counts.late_answers),
             static_cast<unsigned long long>(counts.passes_cut_short),
             static_cast<unsigned long long>(session.station().stray_frames()),
             static_cast<unsigned long long>(session.station().dropped_events()));
  if (session.records_dropped() + session.records_lost() > 0) {
    text += Format("records: %llu dropped from the queue, %llu not in the file\n",
                   static_cast<unsigned long long>(session.records_dropped()),
                   static_cast<unsigned long long>(session.records_lost()));
  }
  if (session.station().release_changes() > 0) {
    text += Format("changes of the release %llu, parts cut off by them %llu\n",
                   static_cast<unsigned long long>(session.station().release_changes()),
                   static_cast<unsigned long long>(session.station().parts_cut_off()));
  }
  if (session.incidents() != nullptr) text += IncidentsInWords(*session.incidents());
  if (session.stopped_by_signal()) text += "stopped by a signal; the output is at REJECT\n";
  return text;
}

std::string EndJson(const LineSession& session) {
  const record::LineCounts counts = session.statistics().Look();
  const infer::Classifier& classifier = session.classifier();
  nlohmann::ordered_json json = {{"schema", 1},
                                 {"engine", classifier.name()},
                                 {"engine_warning", classifier.warning()},
                                 {"parts", counts.parts},
                                 {"pass", counts.released},
                                 {"reject", counts.parts - counts.released},
                                 {"misses", counts.misses()}};
  json["reasons"] = nlohmann::ordered_json::object();
  for (std::size_t k = 1; k < counts.reasons.size(); ++k) {
    if (counts.reasons[k] == 0) continue;
    json["reasons"][std::string(judge::ToString(static_cast<judge::Reason>(k)))] =
        counts.reasons[k];
  }
  json["latency_us"] = {{"p50", Microseconds(counts.latency.Quantile(0.5))},
                        {"p99", Microseconds(counts.latency.Quantile(0.99))},
                        {"p999", Microseconds(counts.latency.Quantile(0.999))},
                        {"max", Microseconds(counts.latency.max())}};
  json["late_answers"] = counts.late_answers;
  json["passes_cut_short"] = counts.passes_cut_short;
  json["stray_frames"] = session.station().stray_frames();
  json["events_dropped"] = session.station().dropped_events();
  json["release_changes"] = session.station().release_changes();
  json["parts_cut_off"] = session.station().parts_cut_off();
  json["records_dropped"] = session.records_dropped();
  json["records_lost"] = session.records_lost();
  json["stopped_by_signal"] = session.stopped_by_signal();
  return JsonText(json) + "\n";
}

}  // namespace taktgate::session
