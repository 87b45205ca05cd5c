#ifndef TAKTGATE_JUDGE_JUDGE_H_
#define TAKTGATE_JUDGE_JUDGE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bundle/release.h"
#include "judge/verdict.h"

namespace taktgate::judge {

// One window's answer.
struct WindowVerdict {
  Verdict verdict = Verdict::kUnknown;
  Reason reason = Reason::kModelError;
  int class_index = -1;       // the largest logit, the first on a tie; -1: non-finite logits
  double defect_score = 1.0;  // 1 - probability of the passing classes, in [0, 1]
};

// One part's answer: that of its worst window.
struct PartVerdict {
  Verdict verdict = Verdict::kUnknown;
  Reason reason = Reason::kModelError;
  int class_index = -1;
  double defect_score = 1.0;
  int worst_window = -1;
};

// Scores -> verdict (docs/formats.md, 3). Pure and total: any logits give an answer, no clock,
// no I/O, no allocation after construction.
class Judge {
 public:
  Judge(const std::vector<bundle::Label>& labels, const bundle::Thresholds& thresholds);

  WindowVerdict JudgeWindow(std::span<const float> logits) const;

  // fail over unknown over pass; then the higher score, then the earlier window.
  // No window at all is unknown.
  static PartVerdict WorstOf(std::span<const WindowVerdict> windows);

 private:
  std::vector<std::uint8_t> passes_;
  bundle::Thresholds thresholds_;
};

}  // namespace taktgate::judge

#endif  // TAKTGATE_JUDGE_JUDGE_H_
