#include "inspect/sample_report.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "base/format_text.h"
#include "base/json_text.h"

namespace taktgate::inspect {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestTable = 64;  // labels; of more the pairs that were confused are shown
constexpr std::size_t kMostConfused = 20;

std::string ClassName(const bundle::Release& release, int index) {
  return index < 0 ? "" : release.labels[static_cast<std::size_t>(index)].name;
}

Json WindowsJson(const bundle::Release& release, const Inspection& inspection) {
  Json windows = Json::array();
  const std::size_t classes = release.labels.size();
  const auto& named = release.recipe.windows;
  for (std::size_t i = 0; i < inspection.windows.size(); ++i) {
    const judge::WindowVerdict& window = inspection.windows[i];
    Json entry;
    entry["name"] = inspection.windows.size() == named.size() ? Json(named[i].name) : Json();
    entry["class"] = ClassName(release, window.class_index);
    entry["score"] = window.defect_score;
    entry["logits"] = Json::array();
    if (i < inspection.judged) {
      for (const float logit : inspection.logits.subspan(i * classes, classes)) {
        entry["logits"].push_back(logit);
      }
    }
    windows.push_back(std::move(entry));
  }
  return windows;
}

Json Share(std::uint64_t hits, std::uint64_t trials) {
  return trials == 0 ? Json() : Json(static_cast<double>(hits) / static_cast<double>(trials));
}

Json IntervalJson(std::uint64_t hits, std::uint64_t trials) {
  if (trials == 0) return {};
  const Interval interval = ClopperPearson(hits, trials);
  return Json{interval.low, interval.high};
}

std::string ShareText(const char* name, std::uint64_t hits, std::uint64_t trials) {
  const Interval interval = ClopperPearson(hits, trials);
  return Format("%-18s %8.3f %%   95 %% interval %.3f to %.3f %%   (%llu of %llu)\n", name,
                100.0 * static_cast<double>(hits) / static_cast<double>(trials), 100 * interval.low,
                100 * interval.high, static_cast<unsigned long long>(hits),
                static_cast<unsigned long long>(trials));
}

std::string SharesText(const Accuracy& accuracy) {
  const std::uint64_t labelled = accuracy.labelled();
  std::string text;
  if (accuracy.binary()) {
    text += ShareText("good or defect", labelled - accuracy.missed() - accuracy.false_rejects(),
                      labelled);
    if (labelled > accuracy.good()) {
      text += ShareText("missed defects", accuracy.missed(), labelled - accuracy.good());
    }
    if (accuracy.good() > 0) {
      text += ShareText("false rejects", accuracy.false_rejects(), accuracy.good());
    }
  }
  return text + ShareText("class", accuracy.right_class(), labelled);
}

std::string ConfusedText(const bundle::Release& release, const Accuracy& accuracy) {
  struct Pair {
    std::uint64_t count;
    std::size_t truth, answer;
  };
  std::vector<Pair> pairs;
  for (std::size_t row = 0; row < accuracy.confusion().size(); ++row) {
    for (std::size_t column = 0; column < accuracy.confusion()[row].size(); ++column) {
      const std::uint64_t count = accuracy.confusion()[row][column];
      if (row != column && count > 0) pairs.push_back({count, row, column});
    }
  }
  std::ranges::stable_sort(pairs, std::ranges::greater{}, &Pair::count);
  const std::size_t shown = std::min(pairs.size(), kMostConfused);
  std::string text = Format("\nthe %zu pairs of truth and class confused most often, of %zu\n",
                            shown, pairs.size());
  for (const Pair& pair : std::span(pairs).first(shown)) {
    text += Format("%9llu  ", static_cast<unsigned long long>(pair.count)) +
            release.labels[pair.truth].name + " as " + release.labels[pair.answer].name + "\n";
  }
  return text;
}

std::string ConfusionText(const bundle::Release& release, const Accuracy& accuracy) {
  if (release.labels.size() > kLargestTable) return ConfusedText(release, accuracy);
  std::string text = Format("\n%-16s", "truth \\ class");
  for (const auto& label : release.labels) text += Format(" %9.9s", label.name.c_str());
  text += "\n";
  for (std::size_t row = 0; row < accuracy.confusion().size(); ++row) {
    text += Format("%-16.16s", ClassName(release, static_cast<int>(row)).c_str());
    for (const std::uint64_t count : accuracy.confusion()[row]) {
      text += Format(" %9llu", static_cast<unsigned long long>(count));
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string SampleText(const bundle::Release& release, const samples::SampleRow& row,
                       const Inspection& inspection) {
  const judge::PartVerdict& part = inspection.part;
  const std::string verdict(judge::ToString(part.verdict));
  const std::string truth = row.label.empty() ? "" : "  (labelled " + row.label + ")";
  const std::string what = part.class_index < 0 ? std::string(judge::ToString(part.reason))
                                                : ClassName(release, part.class_index);
  return Format("%-8s %-16s score %.4f  ", verdict.c_str(), what.c_str(), part.defect_score) +
         row.image.string() + truth + "\n";
}

std::string SampleJson(const bundle::Release& release, const samples::SampleRow& row,
                       const Inspection& inspection, const std::string& refused) {
  const judge::PartVerdict& part = inspection.part;
  Json line;
  line["kind"] = "image";
  line["image"] = row.image.string();
  line["row"] = row.row;
  line["label"] = row.label.empty() ? Json() : Json(row.label);
  line["verdict"] = judge::ToString(part.verdict);
  line["class"] = part.class_index < 0 ? Json() : Json(ClassName(release, part.class_index));
  line["score"] = part.defect_score;
  line["reason"] =
      part.verdict == judge::Verdict::kPass ? Json() : Json(judge::ToString(part.reason));
  line["shift"] = inspection.shift ? Json{inspection.shift->x, inspection.shift->y} : Json();
  line["windows"] = WindowsJson(release, inspection);
  if (!refused.empty()) line["error"] = refused;
  return JsonText(line) + "\n";
}

std::string SummaryText(const SampleJudge& judge, std::uint64_t left_out) {
  const SampleCounts& counts = judge.counts();
  std::string text =
      Format("\nimages %llu, windows %llu", static_cast<unsigned long long>(counts.images),
             static_cast<unsigned long long>(counts.windows));
  for (const auto& [verdict, count] : counts.verdicts) {
    text += Format(", %s %llu", verdict.c_str(), static_cast<unsigned long long>(count));
  }
  if (left_out > 0) text += Format(", left out %llu", static_cast<unsigned long long>(left_out));
  text += Format("; per image %.0f us image, %.0f us model (p50) on %s\n",
                 Microseconds(counts.image_times.Quantile(0.5)),
                 Microseconds(counts.infer_times.Quantile(0.5)), judge.classifier().name().c_str());
  if (judge.accuracy().labelled() == 0) return text;
  return text + SharesText(judge.accuracy()) + ConfusionText(judge.release(), judge.accuracy());
}

std::string SummaryJson(const SampleJudge& judge, std::uint64_t left_out) {
  const SampleCounts& counts = judge.counts();
  const Accuracy& accuracy = judge.accuracy();
  const std::uint64_t labelled = accuracy.labelled();
  const std::uint64_t right = labelled - accuracy.missed() - accuracy.false_rejects();
  const bool binary = accuracy.binary() && labelled > 0;
  Json summary;
  summary["kind"] = "summary";
  summary["release"] = judge.release().id;
  summary["engine"] = judge.classifier().name();
  summary["images"] = counts.images;
  summary["windows"] = counts.windows;
  summary["labelled"] = labelled;
  summary["refused"] = counts.refused;
  summary["left_out"] = left_out;
  summary["verdicts"] = counts.verdicts;
  summary["accuracy"] = Share(accuracy.right_class(), labelled);
  summary["accuracy_95"] = IntervalJson(accuracy.right_class(), labelled);
  summary["binary_accuracy"] = binary ? Share(right, labelled) : Json();
  summary["binary_accuracy_95"] = binary ? IntervalJson(right, labelled) : Json();
  summary["missed"] = binary ? Json(accuracy.missed()) : Json();
  summary["false_rejects"] = binary ? Json(accuracy.false_rejects()) : Json();
  summary["good"] = binary ? Json(accuracy.good()) : Json();
  summary["confusion"] = labelled == 0 ? Json() : Json(accuracy.confusion());
  summary["image_us_p50"] = Microseconds(counts.image_times.Quantile(0.5));
  summary["infer_us_p50"] = Microseconds(counts.infer_times.Quantile(0.5));
  return JsonText(summary) + "\n";
}

}  // namespace taktgate::inspect
