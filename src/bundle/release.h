#ifndef TAKTGATE_BUNDLE_RELEASE_H_
#define TAKTGATE_BUNDLE_RELEASE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/align.h"
#include "image/contract.h"
#include "image/frame.h"
#include "image/health.h"

namespace taktgate::bundle {

inline constexpr std::size_t kMostLabels = 1000;  // of a model: the classes of ImageNet

// One class of the model, in the order of the logits.
struct Label {
  std::string name;
  bool pass = false;  // parts of this class are good
};

// Where the label of this name stands; -1: nowhere.
inline int IndexOfLabel(const std::vector<Label>& labels, std::string_view name) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

enum class OutputRole : std::uint8_t {
  kEmbedding,     // the pooled features before the classifier
  kChannelMeans,  // of an early layer
  kClassMap,      // how much each place speaks for the winning class
};

// A uint8 output beside the logits; a value q stands for (q - zero_point) * scale.
struct ExtraOutput {
  std::string name;
  OutputRole role = OutputRole::kEmbedding;
  int width = 0;  // values in a row
  int height = 1;
  double scale = 1.0;
  int zero_point = 0;

  std::size_t size() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
};

// How pixels become the input tensor and what the outputs mean (docs/formats.md, 2).
struct Contract {
  image::InputContract input;
  std::string logits_name = "logits";
  std::vector<ExtraOutput> extra_outputs;  // every role at most once
};

struct Window {
  std::string name;
  image::Rect rect;
};

// On the defect score, 0 <= pass_at_most <= fail_at_least <= 1; between them is `unknown`.
struct Thresholds {
  double pass_at_most = 0.5;
  double fail_at_least = 0.5;
};

struct FrameSize {
  int width = 0;
  int height = 0;
};

// What is inspected (docs/formats.md, 3).
struct Recipe {
  std::optional<FrameSize> frame;  // nullopt: any size
  std::string golden_member;       // empty: none
  std::vector<Window> windows;     // empty: one window, the whole frame
  std::optional<image::AlignmentSettings> alignment;
  std::optional<image::HealthLimits> health;
  Thresholds thresholds;
};

// One file of a bundle as its manifest pins it.
struct Member {
  std::string name;
  std::string role;
  std::uint64_t size = 0;
  std::string sha256;
  bool zstd = false;
  std::uint64_t decoded_size = 0;
  std::string decoded_sha256;
};

// A verified bundle, decoded: what decides about a part. Immutable after reading.
struct Release {
  std::string id;  // SHA-256 of the manifest's bytes, 64 hex digits
  std::string name;
  std::string version;
  std::vector<Member> members;
  bool has_signature = false;
  // Files as engines take them; one of the two may be missing, and is empty then.
  std::vector<std::uint8_t> model;    // ONNX
  std::vector<std::uint8_t> network;  // compiled (docs/int8.md)
  Contract contract;
  std::vector<Label> labels;
  Recipe recipe;
  std::optional<image::Image> golden;
  std::string certificate;  // JSON text, empty when there is none

  std::string short_id() const { return id.substr(0, 12); }
};

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_RELEASE_H_
