#include "inspect/sample_judge.h"

#include <optional>

namespace taktgate::inspect {

Result<const Inspection*> SampleJudge::Judge(const samples::SampleRow& row) {
  ++counts_.images;
  auto inspected = Inspect(row);
  if (!inspected) {
    ++counts_.refused;
    ++counts_.verdicts[std::string(judge::ToString(judge::Verdict::kUnknown))];
    return inspected;
  }
  const Inspection& inspection = **inspected;
  counts_.image_times.Record(inspection.image_time);
  counts_.infer_times.Record(inspection.infer_time);
  counts_.windows += inspection.windows.size();
  ++counts_.verdicts[std::string(judge::ToString(inspection.part.verdict))];
  const int label = bundle::IndexOfLabel(release().labels, row.label);
  if (label >= 0) accuracy_.Add(label, inspection.part);
  return inspected;
}

Result<const Inspection*> SampleJudge::Inspect(const samples::SampleRow& row) {
  auto image = images_.Get(row.image);
  if (!image) return image.error();
  std::optional<image::ImageView> golden;
  if (row.golden) {
    auto decoded = goldens_.Get(*row.golden);
    if (!decoded) return decoded.error().Within("golden image");
    golden = (*decoded)->View();
  } else if (inspector_.golden() != nullptr) {
    golden = *inspector_.golden();
  }
  const image::ImageView view = (*image)->View();
  const bool whole = inspector_.release().recipe.windows.empty();
  if (!row.window && !(whole && row.golden)) {
    if (Status fits = inspector_.CheckFrame(view.width, view.height); !fits) return fits.error();
    return &inspector_.Inspect(view);
  }
  const image::Rect window = row.window.value_or(image::Rect{0, 0, view.width, view.height});
  if (Status ready = inspector_.PrepareWindow(window.w, window.h); !ready) return ready.error();
  return inspector_.InspectWindow(view, window, golden ? &*golden : nullptr);
}

}  // namespace taktgate::inspect
