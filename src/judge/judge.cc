#include "judge/judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace taktgate::judge {
namespace {

bool AllFinite(std::span<const float> logits) {
  return std::all_of(logits.begin(), logits.end(),
                     [](float value) { return std::isfinite(value); });
}

// 1 - probability of the passing classes, written as fail / (fail + pass). Everything is relative
// to the largest failing logit, so the failing sum lies in [1, labels] and never depends on a
// passing one: a higher passing logit can only lower the score, in floating point too. A passing
// sum that overflows to infinity gives 0, which is right; so does one where every class passes.
double DefectScore(std::span<const float> logits, std::span<const std::uint8_t> passes) {
  double reference = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (passes[i] == 0) reference = std::max(reference, static_cast<double>(logits[i]));
  }
  double fail = 0.0;
  double pass = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    (passes[i] == 0 ? fail : pass) += std::exp(static_cast<double>(logits[i]) - reference);
  }
  return fail / (fail + pass);
}

int Severity(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return 0;
    case Verdict::kUnknown:
      return 1;
    case Verdict::kFail:
      return 2;
  }
  return 2;
}

bool IsWorse(const WindowVerdict& a, const WindowVerdict& b) {
  if (a.verdict != b.verdict) return Severity(a.verdict) > Severity(b.verdict);
  return a.defect_score > b.defect_score;
}

}  // namespace

Judge::Judge(const std::vector<bundle::Label>& labels, const bundle::Thresholds& thresholds)
    : thresholds_(thresholds) {
  passes_.reserve(labels.size());
  for (const bundle::Label& label : labels) passes_.push_back(label.pass ? 1 : 0);
}

WindowVerdict Judge::JudgeWindow(std::span<const float> logits) const {
  if (logits.empty() || logits.size() != passes_.size() || !AllFinite(logits)) return {};
  WindowVerdict window;
  window.class_index =
      static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  window.defect_score = DefectScore(logits, passes_);
  // Ties are decided for fail; what no comparison claims stays unknown.
  if (window.defect_score >= thresholds_.fail_at_least) {
    window.verdict = Verdict::kFail;
    window.reason = Reason::kDefect;
  } else if (window.defect_score <= thresholds_.pass_at_most) {
    window.verdict = Verdict::kPass;
    window.reason = Reason::kNone;
  } else {
    window.verdict = Verdict::kUnknown;
    window.reason = Reason::kLowConfidence;
  }
  return window;
}

PartVerdict Judge::WorstOf(std::span<const WindowVerdict> windows) {
  if (windows.empty()) return {};
  std::size_t worst = 0;
  for (std::size_t i = 1; i < windows.size(); ++i) {
    if (IsWorse(windows[i], windows[worst])) worst = i;
  }
  const WindowVerdict& window = windows[worst];
  return {window.verdict, window.reason, window.class_index, window.defect_score,
          static_cast<int>(worst)};
}

}  // namespace taktgate::judge
