#include "inspect/accuracy.h"

#include <cmath>

namespace taktgate::inspect {
namespace {

// P(X <= hits) for X ~ Binomial(trials, share), summed from the log of each term; hits <= trials,
// 0 < share < 1.
double BinomialCdf(std::uint64_t hits, std::uint64_t trials, double share) {
  const auto n = static_cast<double>(trials);
  double sum = 0;
  for (std::uint64_t i = 0; i <= hits; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                    k * std::log(share) + (n - k) * std::log1p(-share));
  }
  return sum;
}

// The share at which P(X <= hits) falls to `tail`; the CDF falls as the share grows.
double ShareWhereCdfIs(std::uint64_t hits, std::uint64_t trials, double tail) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (BinomialCdf(hits, trials, middle) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Interval ClopperPearson(std::uint64_t hits, std::uint64_t trials, double confidence) {
  if (trials == 0) return {};
  const double tail = (1 - confidence) / 2;
  // The rarer side is summed: a share of misses near 0 needs few terms.
  if (hits > trials / 2) {
    const Interval misses = ClopperPearson(trials - hits, trials, confidence);
    return {1 - misses.high, 1 - misses.low};
  }
  Interval interval;
  interval.low = hits == 0 ? 0 : ShareWhereCdfIs(hits - 1, trials, 1 - tail);
  interval.high = ShareWhereCdfIs(hits, trials, tail);
  return interval;
}

Accuracy::Accuracy(const std::vector<bundle::Label>& labels)
    : confusion_(labels.size(), std::vector<std::uint64_t>(labels.size())) {
  for (const bundle::Label& label : labels) {
    passes_.push_back(label.pass);
    binary_ = binary_ || label.pass;
  }
}

void Accuracy::Add(int label, const judge::PartVerdict& answer) {
  const auto truth = static_cast<std::size_t>(label);
  ++labelled_;
  if (answer.class_index >= 0) {
    ++confusion_[truth][static_cast<std::size_t>(answer.class_index)];
    right_class_ += answer.class_index == label ? 1U : 0U;
  }
  const bool passed = answer.verdict == judge::Verdict::kPass;
  good_ += passes_[truth] ? 1U : 0U;
  if (passes_[truth] && !passed) ++false_rejects_;
  if (!passes_[truth] && passed) ++missed_;
}

}  // namespace taktgate::inspect
