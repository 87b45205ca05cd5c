#include "session/replay_camera.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bundle/release.h"
#include "image/decode.h"
#include "line/replay_kind.h"
#include "samples/sample_folder.h"
#include "samples/sample_list.h"

namespace taktgate::session {
namespace {

constexpr std::size_t kMaxReplayImages = 5'000;

struct ReplayedImages {
  std::vector<image::Image> images;
  std::vector<int> classes;  // of each, as the truth has it
};

std::vector<bundle::Label> LabelsOf(const std::vector<std::string>& names) {
  std::vector<bundle::Label> labels;
  for (const std::string& name : names) labels.push_back({name, false});
  return labels;
}

Result<ReplayedImages> LoadImages(const std::filesystem::path& data, const std::string& split,
                                  const line::Surroundings& around) {
  const std::vector<bundle::Label> labels = LabelsOf(around.class_names);
  auto rows = samples::LoadSamples(data, split, labels);
  if (!rows) return rows.error();
  const auto left_out = samples::FilesLeftOut(data, split);
  if (!left_out.empty()) around.notice(samples::LeftOutText(data, left_out));
  ReplayedImages replayed;
  for (const samples::SampleRow& row : *rows) {
    if (row.window) {
      return Invalid("a replayed line needs whole frames, but row " + std::to_string(row.row) +
                     " of " + data.string() +
                     " names a window; use `taktgate inspect` for samples");
    }
    if (replayed.images.size() == kMaxReplayImages) {
      around.notice("replaying the first " + std::to_string(kMaxReplayImages) + " images of " +
                    std::to_string(rows->size()));
      break;
    }
    auto image = image::DecodeFile(row.image);
    if (!image) return image.error();
    replayed.images.push_back(std::move(*image));
    replayed.classes.push_back(bundle::IndexOfLabel(labels, row.label));
  }
  return replayed;
}

Result<std::shared_ptr<line::Camera>> OpenReplayCamera(const std::filesystem::path& data,
                                                       const std::string& split,
                                                       const line::Schedule& schedule,
                                                       line::Surroundings& around) {
  auto replayed = LoadImages(data, split, around);
  if (!replayed) return replayed.error();
  auto source = line::MemorySource::Create(std::move(replayed->images));
  if (!source) return source.error().Within(data.string());
  auto camera = line::ReplayCamera::Open(schedule, around.clock, std::move(*source));
  if (!camera) return camera.error().Within("camera");
  around.truth_of = [classes = std::move(replayed->classes)](std::uint64_t sequence) {
    return classes[(sequence - 1) % classes.size()];
  };
  return std::shared_ptr<line::Camera>(std::move(*camera));
}

line::Opener<line::Camera> ReadReplayCamera(line::DeviceTables& tables, line::LineFacts& facts) {
  StrictTable& camera = tables["camera"];
  std::filesystem::path data;
  std::string split;
  camera.Path("data", data, tables.folder());
  camera.Text("split", split);
  if (!camera.Has("data")) {
    tables.Refuse("[camera] source = \"replay\" needs data = \"LIST.tsv\" or a folder");
  }
  const line::Schedule schedule = line::ReadScheduleOfCamera(tables, facts);
  return
      [=](line::Surroundings& around) { return OpenReplayCamera(data, split, schedule, around); };
}

}  // namespace

const line::DeviceKind<line::Camera> kReplayCameraKind{"replay", nullptr, ReadReplayCamera};

}  // namespace taktgate::session
