// Where the frames of a replayed line come from.
#include <optional>
#include <utility>

#include "boards/board_source.h"
#include "bundle/read_bundle.h"
#include "image/decode.h"
#include "samples/sample_folder.h"
#include "samples/sample_list.h"
#include "session/line_session.h"

namespace taktgate::session {
namespace {

constexpr std::size_t kMaxReplayImages = 5'000;

}  // namespace

Status LineSession::OpenSimulator() {
  boards::BoardSettings settings;
  settings.design = file_.design;
  settings.defect_share = file_.defect_share;
  settings.seed = file_.schedule.seed;
  auto boards = std::make_unique<boards::BoardSource>(settings);
  const boards::BoardSource* truth = boards.get();
  const std::vector<bundle::Label>& labels = inspector_->release().labels;
  truth_of_ = [truth, &labels](std::uint64_t sequence) {
    return bundle::IndexOfLabel(labels, boards::LabelOf(truth->DefectOf(sequence - 1)));
  };
  source_ = std::move(boards);
  return {};
}

Status LineSession::OpenReplay() {
  const std::vector<bundle::Label>& labels = inspector_->release().labels;
  auto rows = samples::LoadSamples(file_.data, file_.split, labels);
  if (!rows) return rows.error();
  const auto left_out = samples::FilesLeftOut(file_.data, file_.split);
  if (!left_out.empty()) notice_(samples::LeftOutText(file_.data, left_out));
  std::vector<image::Image> images;
  std::vector<int> truth;
  for (const samples::SampleRow& row : *rows) {
    if (row.window) {
      return Error{ErrorCode::kInvalid, "a replayed line needs whole frames, but row " +
                                            std::to_string(row.row) + " of " + file_.data.string() +
                                            " names a window; use `taktgate inspect` for samples"};
    }
    if (images.size() == kMaxReplayImages) {
      notice_("replaying the first " + std::to_string(kMaxReplayImages) + " images of " +
              std::to_string(rows->size()));
      break;
    }
    auto image = image::DecodeFile(row.image);
    if (!image) return image.error();
    images.push_back(std::move(*image));
    truth.push_back(bundle::IndexOfLabel(labels, row.label));
  }
  auto source = line::MemorySource::Create(std::move(images));
  if (!source) return source.error().Within(file_.data.string());
  source_ = std::move(*source);
  truth_of_ = [truth = std::move(truth)](std::uint64_t sequence) {
    return truth[(sequence - 1) % truth.size()];
  };
  return {};
}

}  // namespace taktgate::session
