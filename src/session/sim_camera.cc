#include "session/sim_camera.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "boards/board_source.h"
#include "line/replay_kind.h"

namespace taktgate::session {
namespace {

int ClassOf(const std::vector<std::string>& names, boards::Defect defect) {
  const auto found = std::find(names.begin(), names.end(), boards::LabelOf(defect));
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

line::Opener<line::Camera> ReadSimCamera(line::DeviceTables& tables, line::LineFacts& facts) {
  boards::BoardSettings settings;
  tables["camera"].Whole("design", 0, INT64_MAX, settings.design);
  tables["camera"].Real("defect_share", 0, 1, settings.defect_share);
  const line::Schedule schedule = line::ReadScheduleOfCamera(tables, facts);
  settings.seed = schedule.seed;
  return [=](line::Surroundings& around) -> Result<std::shared_ptr<line::Camera>> {
    auto source = std::make_unique<boards::BoardSource>(settings);
    const boards::BoardSource& truth = *source;
    auto opened = line::ReplayCamera::Open(schedule, around.clock, std::move(source));
    if (!opened) return opened.error().Within("camera");
    const std::shared_ptr<line::Camera> camera = std::move(*opened);
    // The camera owns the truth.
    around.truth_of = [camera, &truth, names = around.class_names](std::uint64_t sequence) {
      return ClassOf(names, truth.DefectOf(sequence - 1));
    };
    return camera;
  };
}

}  // namespace

const line::DeviceKind<line::Camera> kSimCameraKind{"sim", nullptr, ReadSimCamera};

}  // namespace taktgate::session
