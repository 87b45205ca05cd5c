#include "sim/line_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/format_text.h"
#include "base/json_text.h"
#include "sim/report_text.h"

namespace taktgate::sim {
namespace {

using Count = unsigned long long;

std::string NameOfReason(std::size_t reason) {
  return std::string(judge::ToString(static_cast<judge::Reason>(reason)));
}

std::string ViolationRows(const Findings& findings) {
  std::string text = "violations\n";
  for (std::size_t k = 0; k < kInvariants; ++k) {
    text += ViolationRow(findings, static_cast<Invariant>(k));
  }
  return text;
}

std::string Reasons(const Tallies& tallies) {
  std::string text =
      Format("decisions  %llu: %llu released\n", Count{tallies.decisions}, Count{tallies.released});
  for (std::size_t k = 1; k < judge::kReasons; ++k) {
    if (tallies.reasons[k] == 0) continue;
    text += Format("  %-18s %10llu\n", NameOfReason(k).c_str(), Count{tallies.reasons[k]});
  }
  if (tallies.lost_with_station != 0) {
    text += Format("  %-18s %10llu  in flight when the station was killed; none passed\n",
                   "(no decision)", Count{tallies.lost_with_station});
  }
  return text;
}

constexpr double kQuantiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999, 1};

std::string Times(const LatencyHistogram& times) {
  std::string text = Format("edge to answer, simulated, N = %llu, ms\n ", Count{times.count()});
  for (const double quantile : kQuantiles) {
    text += Format("  p%g %.3f", quantile * 100, Milliseconds(times.Quantile(quantile)));
  }
  return text + "\n" + Bars(times);
}

}  // namespace

std::string LineTable(const SoftLine& line, double cpu_seconds) {
  const Tallies& station = line.referee().tallies();
  const LineTallies& truth = line.tallies();
  const Findings& findings = line.referee().findings();
  const double hours = static_cast<double>(line.length().count()) / 3.6e12;
  std::string text = Format("parts      %llu in %.2f h of line: %llu passed, %llu ejected",
                            Count{truth.parts}, hours, Count{truth.passed}, Count{truth.ejected});
  if (truth.removed != 0) text += Format(", %llu taken off", Count{truth.removed});
  text += Format("\n           %llu defective, of them %llu passed; %llu good ones ejected\n",
                 Count{truth.defective}, Count{truth.passed_defective}, Count{truth.ejected_good});
  text +=
      Format("edges      %llu = %llu reported + %llu missed + %llu while no station was there\n",
             Count{truth.crossings}, Count{station.edges}, Count{truth.edges_missed},
             Count{truth.edges_unheard});
  text +=
      Format("frames     %llu taken, %llu lost, %llu triggers ignored; %llu reported, %llu used\n",
             Count{truth.frames}, Count{truth.frames_lost}, Count{truth.triggers_ignored},
             Count{station.frames}, Count{station.frames_used});
  text += Format(
      "station    %llu start%s, %llu alarms, %llu line stops, %llu late answers, "
      "%llu passes cut short\n",
      Count{truth.stations}, truth.stations == 1 ? "" : "s", Count{station.alarms},
      Count{station.line_stops}, Count{station.late_answers}, Count{station.cut_short});
  text += Reasons(station) + Times(station.answer_times) + ViolationRows(findings);
  text += Format("digest     %016llx\n", Count{station.digest});
  text += Format("cpu        %.2f s, %.0f parts/s\n", cpu_seconds,
                 static_cast<double>(truth.parts) / cpu_seconds);
  if (findings.total() == 0) return text + "all invariants hold\n";
  return text + Format("%llu VIOLATIONS, the first:\n", Count{findings.total()}) +
         findings.words() + "\n";
}

std::string LineJson(const SoftLine& line, double cpu_seconds) {
  const Tallies& station = line.referee().tallies();
  const LineTallies& truth = line.tallies();
  const Findings& findings = line.referee().findings();
  nlohmann::ordered_json json;
  json["parts"] = truth.parts;
  json["line_s"] = static_cast<double>(line.length().count()) / 1e9;
  json["passed"] = truth.passed;
  json["ejected"] = truth.ejected;
  json["removed"] = truth.removed;
  json["defective"] = truth.defective;
  json["passed_defective"] = truth.passed_defective;
  json["ejected_good"] = truth.ejected_good;
  json["edges"] = {{"crossings", truth.crossings},
                   {"reported", station.edges},
                   {"missed", truth.edges_missed},
                   {"no_station", truth.edges_unheard}};
  json["frames"] = {{"taken", truth.frames},
                    {"lost", truth.frames_lost},
                    {"triggers_ignored", truth.triggers_ignored},
                    {"reported", station.frames},
                    {"used", station.frames_used}};
  json["stations"] = truth.stations;
  json["decisions"] = station.decisions;
  json["released"] = station.released;
  json["lost_with_station"] = station.lost_with_station;
  auto& reasons = json["reasons"] = nlohmann::ordered_json::object();
  for (std::size_t k = 1; k < judge::kReasons; ++k) reasons[NameOfReason(k)] = station.reasons[k];
  json["alarms"] = station.alarms;
  json["line_stops"] = station.line_stops;
  json["late_answers"] = station.late_answers;
  json["passes_cut_short"] = station.cut_short;
  json["last_late_part"] = station.last_late_part;
  auto& times = json["edge_to_answer_ms"] = {{"n", station.answer_times.count()}};
  for (const double quantile : kQuantiles) {
    times[Format("p%g", quantile * 100)] = Milliseconds(station.answer_times.Quantile(quantile));
  }
  auto& violations = json["violations"] = nlohmann::ordered_json::object();
  for (std::size_t k = 0; k < kInvariants; ++k) {
    const auto invariant = static_cast<Invariant>(k);
    violations[std::string(NameOf(invariant))] = findings.Of(invariant);
  }
  json["first_violation"] = findings.words();
  json["digest"] = Format("%016llx", Count{station.digest});
  json["cpu"] = {{"seconds", cpu_seconds},
                 {"parts_per_second", static_cast<double>(truth.parts) / cpu_seconds}};
  return JsonText(json, 2) + "\n";
}

}  // namespace taktgate::sim
