#include "rig/real_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/format_text.h"
#include "base/json_text.h"
#include "sim/report_text.h"

namespace taktgate::rig {
namespace {

using Count = unsigned long long;

constexpr double kRealQuantiles[] = {0.5, 0.9, 0.99, 0.999, 1};

std::string Quantiles(const char* what, const LatencyHistogram& times, double unit,
                      const char* name) {
  std::string text = Format("%s, N = %llu, %s\n ", what, Count{times.count()}, name);
  for (const double quantile : kRealQuantiles) {
    text += Format("  p%g %.3f", quantile * 100,
                   static_cast<double>(times.Quantile(quantile).count()) / unit);
  }
  return text + "\n";
}

std::string Parts(const RealTallies& tallies, const RealConditions& conditions) {
  const std::uint64_t parts = tallies.decisions + tallies.unheard + tallies.lost_at_kill;
  std::string text =
      Format("parts      %llu in %.1f s of line at %g a second: %llu passed, %llu ejected",
             Count{parts}, static_cast<double>(conditions.length.count()) / 1e9,
             conditions.parts_per_second, Count{tallies.passed}, Count{tallies.ejected});
  if (tallies.maybe_passed != 0) {
    text += Format(", %llu where PASS changed in that moment", Count{tallies.maybe_passed});
  }
  text += Format("\n           %llu defective, of them %llu passed; %llu good ones ejected\n",
                 Count{tallies.defective}, Count{tallies.passed_defective},
                 Count{tallies.ejected_good});
  text += Format(
      "edges      %llu = %llu decided + %llu while no station was there + %llu lost "
      "at a kill\n",
      Count{parts}, Count{tallies.decisions}, Count{tallies.unheard}, Count{tallies.lost_at_kill});
  text += Format(
      "station    %llu start%s, %llu kills, %llu freezes, %llu stalls, %llu failures, %llu late "
      "answers, %llu passes cut short, %llu frames lost\n",
      Count{conditions.starts}, conditions.starts == 1 ? "" : "s", Count{conditions.kills},
      Count{conditions.freezes}, Count{conditions.stalls}, Count{conditions.failures},
      Count{tallies.late_answers}, Count{tallies.cut_short}, Count{conditions.frames_lost});
  if (!conditions.failure.empty()) text += "           failed: " + conditions.failure + "\n";
  text += Format(
      "wires      relay opened %llu times, %llu released parts met it open; one-shot "
      "ended PASS %llu times; %llu of %llu readings at the gate were in time\n",
      Count{conditions.relay_openings}, Count{tallies.behind_open_relay}, Count{tallies.one_shots},
      Count{tallies.readings_in_place}, Count{parts});
  return text;
}

std::string Decisions(const RealTallies& tallies) {
  std::string text =
      Format("decisions  %llu: %llu released\n", Count{tallies.decisions}, Count{tallies.released});
  for (const auto& [reason, count] : tallies.reasons) {
    if (reason != "none") text += Format("  %-18s %10llu\n", reason.c_str(), Count{count});
  }
  if (tallies.recovered != 0) {
    text += Format(
        "  recorded by the next run: %llu, of them %llu in flight at a kill, %llu where "
        "PASS was about to be set\n",
        Count{tallies.recovered}, Count{tallies.restarts}, Count{tallies.may_have_passed});
  }
  text += Format(
      "misses     %llu without a timely answer; of boards the model lets pass %llu in "
      "the records, %llu on the wire\n",
      Count{tallies.misses_recorded}, Count{tallies.good_misses_recorded},
      Count{tallies.good_misses_on_wire});
  text += Format("           PASS after the deadline %llu; set in time, but seen too late: %llu\n",
                 Count{tallies.passes_after_deadline}, Count{tallies.late_on_wire});
  return text;
}

std::string Swaps(const RealTallies& tallies, const RealConditions& conditions) {
  if (conditions.swaps == 0) return {};
  std::string text = Format(
      "swaps      %llu of the release, %llu orders refused; parts cut off %llu, of them %llu in "
      "the records as offline\n",
      Count{tallies.swaps}, Count{tallies.refused_swaps}, Count{tallies.cut_off},
      Count{tallies.cut_off_records});
  if (!conditions.refusal.empty()) text += "           refused: " + conditions.refusal + "\n";
  return text + Format("releases   %llu wrong of %llu; %llu parts could be of one release only\n",
                       Count{tallies.wrong_releases}, Count{tallies.decisions},
                       Count{tallies.sure_releases});
}

std::string RealViolationRows(const sim::Findings& findings) {
  std::string text = "violations\n";
  for (std::size_t k = 0; k < sim::kInvariants; ++k) {
    const auto invariant = static_cast<sim::Invariant>(k);
    if (invariant == sim::Invariant::kExactAlarms) continue;
    text += sim::ViolationRow(findings, invariant);
  }
  return text;
}

nlohmann::ordered_json JsonOf(const LatencyHistogram& times, double unit) {
  nlohmann::ordered_json json{{"n", times.count()}};
  for (const double quantile : kRealQuantiles) {
    json[Format("p%g", quantile * 100)] =
        static_cast<double>(times.Quantile(quantile).count()) / unit;
  }
  return json;
}

}  // namespace

std::string RealTable(const RealReferee& referee, const RealConditions& conditions) {
  const RealTallies& tallies = referee.tallies();
  std::string text = Parts(tallies, conditions) + Swaps(tallies, conditions) + Decisions(tallies);
  text += Quantiles("edge to PASS on the wire", tallies.edge_to_wire, 1e6, "ms");
  text += sim::Bars(tallies.edge_to_wire);
  text += Quantiles("decision, or its place opens, to PASS on the wire", tallies.decided_to_wire,
                    1e3, "us");
  text += Quantiles("the same to the end of the output call", tallies.decided_to_issued, 1e3, "us");
  if (conditions.restart.count() != 0) {
    text += Quantiles("kill to READY of the next run", conditions.restart, 1e6, "ms");
  }
  text += Quantiles(
      Format("what the machine did to a sleep of 1 ms, with %d hogs", conditions.hogs).c_str(),
      conditions.hiccups, 1e6, "ms");
  text += RealViolationRows(referee.findings());
  if (referee.findings().total() == 0) return text + "all invariants hold\n";
  return text + Format("%llu VIOLATIONS, the first:\n", Count{referee.findings().total()}) +
         referee.findings().words() + "\n";
}

std::string RealJson(const RealReferee& referee, const RealConditions& conditions) {
  const RealTallies& tallies = referee.tallies();
  nlohmann::ordered_json json;
  json["parts"] = tallies.decisions + tallies.unheard + tallies.lost_at_kill;
  json["line_s"] = static_cast<double>(conditions.length.count()) / 1e9;
  json["hogs"] = conditions.hogs;
  json["passed"] = tallies.passed;
  json["maybe_passed"] = tallies.maybe_passed;
  json["ejected"] = tallies.ejected;
  json["defective"] = tallies.defective;
  json["passed_defective"] = tallies.passed_defective;
  json["ejected_good"] = tallies.ejected_good;
  json["no_station"] = tallies.unheard;
  json["lost_at_kill"] = tallies.lost_at_kill;
  json["starts"] = conditions.starts;
  json["kills"] = conditions.kills;
  json["freezes"] = conditions.freezes;
  json["stalls"] = conditions.stalls;
  json["failures"] = conditions.failures;
  json["frames_lost"] = conditions.frames_lost;
  json["relay_openings"] = conditions.relay_openings;
  json["swaps"] = tallies.swaps;
  json["swaps_refused"] = tallies.refused_swaps;
  json["cut_off"] = tallies.cut_off;
  json["cut_off_recorded"] = tallies.cut_off_records;
  json["releases_wrong"] = tallies.wrong_releases;
  json["releases_sure"] = tallies.sure_releases;
  json["decisions"] = tallies.decisions;
  json["released"] = tallies.released;
  json["reasons"] = tallies.reasons;
  json["recovered"] = tallies.recovered;
  json["restarts"] = tallies.restarts;
  json["may_have_passed"] = tallies.may_have_passed;
  json["behind_open_relay"] = tallies.behind_open_relay;
  json["one_shots"] = tallies.one_shots;
  json["late_answers"] = tallies.late_answers;
  json["misses"] = {{"recorded", tallies.misses_recorded},
                    {"good_recorded", tallies.good_misses_recorded},
                    {"good_on_wire", tallies.good_misses_on_wire}};
  json["passes_after_deadline"] = tallies.passes_after_deadline;
  json["late_on_wire"] = tallies.late_on_wire;
  json["readings_in_place"] = tallies.readings_in_place;
  json["edge_to_wire_ms"] = JsonOf(tallies.edge_to_wire, 1e6);
  json["decided_to_wire_us"] = JsonOf(tallies.decided_to_wire, 1e3);
  json["decided_to_issued_us"] = JsonOf(tallies.decided_to_issued, 1e3);
  json["restart_ms"] = JsonOf(conditions.restart, 1e6);
  json["hiccups_ms"] = JsonOf(conditions.hiccups, 1e6);
  auto& violations = json["violations"] = nlohmann::ordered_json::object();
  for (std::size_t k = 0; k < sim::kInvariants; ++k) {
    const auto invariant = static_cast<sim::Invariant>(k);
    violations[std::string(sim::NameOf(invariant))] = referee.findings().Of(invariant);
  }
  json["first_violation"] = referee.findings().words();
  return JsonText(json, 2) + "\n";
}

}  // namespace taktgate::rig
