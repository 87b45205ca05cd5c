#ifndef TAKTGATE_INSPECT_ACCURACY_H_
#define TAKTGATE_INSPECT_ACCURACY_H_

#include <cstdint>
#include <vector>

#include "bundle/release.h"
#include "judge/judge.h"

namespace taktgate::inspect {

struct Interval {
  double low = 0;
  double high = 1;
};

// Exact two-sided interval of a share from `hits` of `trials` (Clopper and Pearson, 1934).
Interval ClopperPearson(std::uint64_t hits, std::uint64_t trials, double confidence = 0.95);

// Adds labelled answers up (docs/formats.md, 6).
class Accuracy {
 public:
  explicit Accuracy(const std::vector<bundle::Label>& labels);

  // `label` is the index of the true class; an answer without a class counts as wrong.
  void Add(int label, const judge::PartVerdict& answer);

  std::uint64_t labelled() const { return labelled_; }
  std::uint64_t right_class() const { return right_class_; }
  std::uint64_t missed() const { return missed_; }
  std::uint64_t false_rejects() const { return false_rejects_; }
  std::uint64_t good() const { return good_; }
  // False where no class passes: there is no good and bad then.
  bool binary() const { return binary_; }
  // Rows truth, columns class.
  const std::vector<std::vector<std::uint64_t>>& confusion() const { return confusion_; }

 private:
  std::vector<bool> passes_;
  bool binary_ = false;
  std::vector<std::vector<std::uint64_t>> confusion_;
  std::uint64_t labelled_ = 0;
  std::uint64_t right_class_ = 0;
  std::uint64_t good_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t false_rejects_ = 0;
};

}  // namespace taktgate::inspect

#endif  // TAKTGATE_INSPECT_ACCURACY_H_
