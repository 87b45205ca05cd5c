#include "inspect/inspector.h"

#include <algorithm>
#include <string>

#include "infer/load.h"

namespace taktgate::inspect {
namespace {

constexpr int kMaxWindowSide = 8192;

std::string InPixels(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height) + " px";
}

// The same place on both: a golden image of another size would show another place.
Status CheckGolden(const image::ImageView& golden, int width, int height) {
  if (golden.width == width && golden.height == height) return {};
  return Error{ErrorCode::kInvalid, "the golden image has " +
                                        InPixels(golden.width, golden.height) + ", the image " +
                                        InPixels(width, height) + "; both must have one size"};
}

// Of how many windows the pixels are needed at once.
std::size_t PlacesFor(const infer::Classifier& classifier) {
  return classifier.input_type() == infer::InputType::kUint8 ? classifier.most_windows() : 1;
}

Duration Since(TimePoint start) { return std::chrono::steady_clock::now() - start; }

}  // namespace

Inspector::Inspector(bundle::Release release, std::unique_ptr<infer::Classifier> classifier)
    : release_(std::move(release)),
      classifier_(std::move(classifier)),
      tensor_maker_(release_.contract.input, kMaxWindowSide, PlacesFor(*classifier_)),
      planes_(static_cast<std::size_t>(release_.contract.input.channel_count())),
      judge_(release_.labels, release_.recipe.thresholds),
      windows_(std::max<std::size_t>(1, release_.recipe.windows.size())),
      logits_(windows_.size() * release_.labels.size()) {
  if (release_.golden) golden_ = release_.golden->View();
  for (const bundle::ExtraOutput& extra : release_.contract.extra_outputs) {
    extra_bytes_ += extra.size();
  }
  extra_outputs_.resize(windows_.size() * extra_bytes_);
}

Result<std::unique_ptr<Inspector>> Inspector::Create(bundle::Release release,
                                                     const infer::LoadSettings& settings) {
  auto classifier = infer::Load(release, settings);
  if (!classifier) return classifier.error().Within("load model");
  return Create(std::move(release), std::move(*classifier));
}

Result<std::unique_ptr<Inspector>> Inspector::Create(
    bundle::Release release, std::unique_ptr<infer::Classifier> classifier) {
  std::unique_ptr<Inspector> inspector(new Inspector(std::move(release), std::move(classifier)));
  const bundle::Recipe& recipe = inspector->release_.recipe;
  for (const bundle::Window& window : recipe.windows) {
    if (Status prepared = inspector->PrepareWindow(window.rect.w, window.rect.h); !prepared) {
      return prepared.error().Within("window " + window.name);
    }
  }
  if (recipe.alignment) {
    auto aligner = image::Aligner::Create(*inspector->golden_, *recipe.alignment);
    if (!aligner) return aligner.error().Within("alignment on the golden image");
    inspector->aligner_.emplace(std::move(*aligner));
  }
  return inspector;
}

Status Inspector::PrepareWindow(int width, int height) {
  return tensor_maker_.Prepare(width, height);
}

Status Inspector::CheckFrame(int width, int height) {
  const bundle::Recipe& recipe = release_.recipe;
  if (recipe.frame && (recipe.frame->width != width || recipe.frame->height != height)) {
    return Error{ErrorCode::kInvalid, "the recipe expects frames of " +
                                          std::to_string(recipe.frame->width) + " x " +
                                          std::to_string(recipe.frame->height) + " px, got " +
                                          std::to_string(width) + " x " + std::to_string(height) +
                                          "; use the camera's size the recipe was made for"};
  }
  for (const bundle::Window& window : recipe.windows) {
    if (window.rect.x + window.rect.w > width || window.rect.y + window.rect.h > height) {
      return Error{ErrorCode::kInvalid, "window " + window.name + " does not fit a frame of " +
                                            std::to_string(width) + " x " + std::to_string(height) +
                                            " px"};
    }
  }
  if (release_.contract.input.golden && !golden_) {
    return Error{ErrorCode::kInvalid,
                 "the contract wants a golden image and the recipe has none; pack the bundle with "
                 "--golden"};
  }
  if (golden_) {
    if (Status same = CheckGolden(*golden_, width, height); !same) return same;
  }
  if (recipe.windows.empty()) return PrepareWindow(width, height);
  return {};
}

void Inspector::Begin() {
  inspection_ = Inspection{};
  std::fill(windows_.begin(), windows_.end(), judge::WindowVerdict{});
}

const Inspection& Inspector::Inspect(const image::ImageView& frame) {
  Begin();
  const auto started = std::chrono::steady_clock::now();
  if (!CheckHealth(frame)) {
    inspection_.image_time = Since(started);
    return inspection_;
  }
  if (aligner_) {
    inspection_.shift = aligner_->Find(frame);
    inspection_.image_time = Since(started);
    if (!inspection_.shift) {
      inspection_.part.verdict = judge::Verdict::kUnknown;
      inspection_.part.reason = judge::Reason::kNotAligned;
      return inspection_;
    }
  }
  Conclude(RunWindows(frame));
  return inspection_;
}

// How many the recipe has; those after one that could not be judged are not looked at.
std::size_t Inspector::RunWindows(const image::ImageView& frame) {
  const std::vector<bundle::Window>& windows = release_.recipe.windows;
  if (windows.empty()) {
    if (FillWindow(0, 0, frame, {0, 0, frame.width, frame.height}, golden())) RunFilled(0, 1);
    return 1;
  }
  const std::size_t most = classifier_->most_windows();
  for (std::size_t first = 0; first < windows.size(); first += most) {
    const std::size_t wanted = std::min(most, windows.size() - first);
    std::size_t filled = 0;
    while (filled < wanted &&
           FillWindow(first + filled, filled, frame, windows[first + filled].rect, golden())) {
      ++filled;
    }
    if (filled > 0 && !RunFilled(first, filled)) break;
    if (filled < wanted) break;
  }
  return windows.size();
}

void Inspector::Exercise(const image::ImageView& frame) {
  Begin();
  if (release_.recipe.health) (void)image::MeasureHealth(frame);
  if (aligner_) (void)aligner_->Find(frame);
  RunWindows(frame);
  Begin();
}

// A frame of another look than those the model was made with is not judged.
bool Inspector::CheckHealth(const image::ImageView& frame) {
  const auto& limits = release_.recipe.health;
  if (!limits) return true;
  inspection_.health = image::MeasureHealth(frame);
  if (limits->Hold(*inspection_.health)) return true;
  inspection_.part.verdict = judge::Verdict::kUnknown;
  inspection_.part.reason = judge::Reason::kImageUnhealthy;
  return false;
}

Result<const Inspection*> Inspector::InspectWindow(const image::ImageView& image,
                                                   image::Rect window,
                                                   const image::ImageView* golden) {
  Begin();
  if (!image::Contains(image, window, 0, 0)) {
    return Error{ErrorCode::kInvalid,
                 "the window of " + InPixels(window.w, window.h) + " at " +
                     std::to_string(window.x) + ", " + std::to_string(window.y) +
                     " does not lie inside the image of " + InPixels(image.width, image.height)};
  }
  if (release_.contract.input.golden && golden == nullptr) {
    return Error{ErrorCode::kInvalid,
                 "the contract wants a golden image; name one per row in the sample list, or pack "
                 "the bundle with --golden"};
  }
  if (golden != nullptr) {
    if (Status same = CheckGolden(*golden, image.width, image.height); !same) return same.error();
  }
  if (FillWindow(0, 0, image, window, golden)) RunFilled(0, 1);
  Conclude(1);
  return &inspection_;
}

// Writes a window where the model expects its `place` of the next run. False when it can not be
// judged.
bool Inspector::FillWindow(std::size_t index, std::size_t place, const image::ImageView& image,
                           image::Rect window, const image::ImageView* golden) {
  const auto started = std::chrono::steady_clock::now();
  const int shift_x = inspection_.shift ? inspection_.shift->x : 0;
  const int shift_y = inspection_.shift ? inspection_.shift->y : 0;
  if (!image::Contains(image, window, shift_x, shift_y)) {
    windows_[index].reason = judge::Reason::kNotAligned;  // the shift moved it off the frame
    return false;
  }
  Status filled;
  if (classifier_->input_type() == infer::InputType::kUint8) {
    filled = tensor_maker_.FindPlanes(image, window, shift_x, shift_y, golden, place, planes_);
    if (filled) classifier_->SetPixels(place, planes_);
  } else {
    filled =
        tensor_maker_.Fill(image, window, shift_x, shift_y, golden, classifier_->floats(place));
  }
  inspection_.image_time += Since(started);
  return filled.has_value();
}

// Judges the windows from `first` on that were filled. The verdicts of all stay `unknown,
// model_error` unless the run was done.
bool Inspector::RunFilled(std::size_t first, std::size_t windows) {
  const auto started = std::chrono::steady_clock::now();
  const infer::RunOutcome outcome = classifier_->Run(windows);
  const auto scores_ready = std::chrono::steady_clock::now();
  inspection_.infer_time += scores_ready - started;
  if (outcome != infer::RunOutcome::kDone) return false;
  for (std::size_t place = 0; place < windows; ++place) {
    const std::size_t index = first + place;
    const auto logits = classifier_->logits(place);
    windows_[index] = judge_.JudgeWindow(logits);
    std::ranges::copy(logits, logits_.begin() + static_cast<std::ptrdiff_t>(index * logits.size()));
    auto extra = extra_outputs_.begin() + static_cast<std::ptrdiff_t>(index * extra_bytes_);
    for (std::size_t k = 0; k < release_.contract.extra_outputs.size(); ++k) {
      extra = std::ranges::copy(classifier_->extra_output(place, k), extra).out;
    }
  }
  inspection_.judged = first + windows;
  inspection_.judge_time += Since(scores_ready);
  return true;
}

void Inspector::Conclude(std::size_t windows) {
  inspection_.windows = std::span(windows_).first(windows);
  inspection_.logits =
      std::span<const float>(logits_).first(inspection_.judged * release_.labels.size());
  inspection_.extra_outputs =
      std::span<const std::uint8_t>(extra_outputs_).first(inspection_.judged * extra_bytes_);
  inspection_.part = judge::Judge::WorstOf(inspection_.windows);
}

}  // namespace taktgate::inspect
