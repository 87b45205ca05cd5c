#ifndef TAKTGATE_INSPECT_SAMPLE_JUDGE_H_
#define TAKTGATE_INSPECT_SAMPLE_JUDGE_H_

#include <cstdint>
#include <map>
#include <string>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "inspect/accuracy.h"
#include "inspect/inspector.h"
#include "samples/image_cache.h"
#include "samples/sample_list.h"

namespace taktgate::inspect {

// What came of all samples so far.
struct SampleCounts {
  std::uint64_t images = 0;
  std::uint64_t windows = 0;
  std::uint64_t refused = 0;  // could not be read or judged; among the unknown, too
  std::map<std::string, std::uint64_t> verdicts;
  LatencyHistogram image_times;
  LatencyHistogram infer_times;
};

// Judges samples with one release, without a line, and counts what came of them.
//
// Threads: one.
class SampleJudge {
 public:
  explicit SampleJudge(Inspector& inspector)
      : inspector_(inspector), accuracy_(inspector.release().labels) {}

  // A row with a window is judged as that window, any other as a whole frame. Good until the next
  // call. The error is that of an image that cannot be read, or that this release cannot judge.
  Result<const Inspection*> Judge(const samples::SampleRow& row);

  const bundle::Release& release() const { return inspector_.release(); }
  const infer::Classifier& classifier() const { return inspector_.classifier(); }
  const SampleCounts& counts() const { return counts_; }
  // Of the labelled ones.
  const Accuracy& accuracy() const { return accuracy_; }

 private:
  Result<const Inspection*> Inspect(const samples::SampleRow& row);

  Inspector& inspector_;
  Accuracy accuracy_;
  samples::ImageCache images_;
  samples::ImageCache goldens_;
  SampleCounts counts_;
};

}  // namespace taktgate::inspect

#endif  // TAKTGATE_INSPECT_SAMPLE_JUDGE_H_
