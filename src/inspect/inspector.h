#ifndef TAKTGATE_INSPECT_INSPECTOR_H_
#define TAKTGATE_INSPECT_INSPECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bundle/release.h"
#include "image/align.h"
#include "image/contract.h"
#include "image/health.h"
#include "infer/classifier.h"
#include "infer/engine.h"
#include "judge/judge.h"

namespace taktgate::inspect {

// What one release says about one image. Valid until the next inspection.
struct Inspection {
  judge::PartVerdict part;
  std::optional<image::Health> health;            // where the recipe has limits for it
  std::optional<image::Shift> shift;              // where a recipe aligns and it was found
  std::span<const judge::WindowVerdict> windows;  // empty when the part was not aligned
  std::size_t judged = 0;         // windows, from the first on: after one that cannot be, none is
  std::span<const float> logits;  // judged x labels
  // judged x extra_bytes(), of each window its extra outputs in the contract's order.
  std::span<const std::uint8_t> extra_outputs;
  Duration image_time{};  // health, alignment, crop, resize, tensor
  Duration infer_time{};
  Duration judge_time{};
};

// One release, loaded and warmed up: image -> tensor -> scores -> verdict. The station's inference
// thread and `taktgate inspect` use the same object, so both give the same verdicts.
//
// Threads: inspections from one thread; Terminate and ResetTerminate from any.
// Memory:  inspections of frames of the recipe's size allocate nothing on our side.
class Inspector {
 public:
  static Result<std::unique_ptr<Inspector>> Create(bundle::Release release,
                                                   const infer::LoadSettings& settings = {});

  // The same around a model that is loaded already.
  static Result<std::unique_ptr<Inspector>> Create(bundle::Release release,
                                                   std::unique_ptr<infer::Classifier> classifier);

  // Makes the tables for windows of this size; needed before windows that are not the recipe's.
  Status PrepareWindow(int width, int height);

  // What must hold before Inspect: size and, where the whole frame is the window, its tables.
  Status CheckFrame(int width, int height);

  // The whole recipe on one frame. Never fails: what cannot be judged is `unknown`.
  const Inspection& Inspect(const image::ImageView& frame);

  // All the work that an inspection of this frame could be, whatever is on it, and no verdict. Ends
  // early when terminated.
  void Exercise(const image::ImageView& frame);

  // One window of an image, without alignment (a sample of a list). `golden` replaces the
  // release's own. invalid: the window does not fit, or a golden image is wanted and missing.
  Result<const Inspection*> InspectWindow(const image::ImageView& image, image::Rect window,
                                          const image::ImageView* golden);

  void Terminate() { classifier_->Terminate(); }
  void ResetTerminate() { classifier_->ResetTerminate(); }

  const bundle::Release& release() const { return release_; }
  infer::Classifier& classifier() { return *classifier_; }
  const judge::Judge& judge() const { return judge_; }
  std::size_t extra_bytes() const { return extra_bytes_; }  // of one window
  const image::ImageView* golden() const { return golden_ ? &*golden_ : nullptr; }

 private:
  Inspector(bundle::Release release, std::unique_ptr<infer::Classifier> classifier);
  bool CheckHealth(const image::ImageView& frame);
  bool FillWindow(std::size_t index, std::size_t place, const image::ImageView& image,
                  image::Rect window, const image::ImageView* golden);
  bool RunFilled(std::size_t first, std::size_t windows);
  std::size_t RunWindows(const image::ImageView& frame);
  void Conclude(std::size_t windows);
  void Begin();

  // Constant after construction.
  const bundle::Release release_;
  std::unique_ptr<infer::Classifier> classifier_;
  image::TensorMaker tensor_maker_;
  std::vector<image::Plane> planes_;  // of one window
  judge::Judge judge_;
  std::optional<image::Aligner> aligner_;
  std::optional<image::ImageView> golden_;
  // Of the inspection in progress.
  Inspection inspection_;
  std::vector<judge::WindowVerdict> windows_;
  std::vector<float> logits_;
  std::size_t extra_bytes_ = 0;
  std::vector<std::uint8_t> extra_outputs_;
};

}  // namespace taktgate::inspect

#endif  // TAKTGATE_INSPECT_INSPECTOR_H_
