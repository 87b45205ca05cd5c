#include "selftest/station_points.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/latency_histogram.h"
#include "inspect/reserve.h"
#include "record/line_report.h"
#include "session/load_release.h"
#include "station/realtime.h"

namespace taktgate::selftest {
namespace {

constexpr int kRuns = 1000;
constexpr int kInferencePriority = 60;
constexpr int kFrames = 3;

// The size of the frames that this release was made for.
image::ImageView FrameFor(const bundle::Release& release) {
  image::ImageView frame;
  frame.width = release.contract.input.width;
  frame.height = release.contract.input.height;
  if (release.golden) frame = release.golden->View();
  if (release.recipe.frame) {
    frame.width = release.recipe.frame->width;
    frame.height = release.recipe.frame->height;
  }
  return frame;
}

// As the station does it: at the inference thread's priority, and with pauses, so that the kernel's
// real-time throttling has nothing to stop.
Result<Duration> TimeInspections(inspect::Inspector& inspector, bool realtime) {
  const image::ImageView frame = FrameFor(inspector.release());
  LatencyHistogram times;
  std::optional<Error> refused;
  std::thread worker([&] {
    if (realtime) (void)station::MakeThisThreadRealtime(kInferencePriority);
    MonotonicClock clock;
    for (int run = 0; run < kRuns; ++run) {
      auto took =
          inspect::MeasureInspection(inspector, frame.width, frame.height, frame.format, {});
      if (!took) {
        refused = took.error();
        return;
      }
      times.Record(took->max());
      clock.SleepUntil(clock.Now() + 2 * took->max());
    }
  });
  worker.join();
  if (refused) return *refused;
  return times.Quantile(0.999);
}

}  // namespace

Point JudgeInspection(const std::string& release, Duration p999, Duration left) {
  const std::string found = release + ", an inspection takes " + record::InMilliseconds(p999) +
                            " (p99.9 of " + std::to_string(kRuns) + "), a part leaves " +
                            record::InMilliseconds(left);
  if (p999 >= left) {
    return {"release", Standing::kFail, found,
            "a smaller model or fewer windows, a shorter exposure, a longer [deadline] window"};
  }
  if (p999 > left * 7 / 10) {
    return {"release", Standing::kWarn, found,
            "little is left for a busy moment: see governor, "
            "heat and other programs"};
  }
  return {"release", Standing::kOk, found, ""};
}

Point RefusedRelease(const Error& error) {
  const std::size_t end = error.message.rfind("; ");
  if (end == std::string::npos) {
    return {"release", Standing::kFail, error.message,
            "name a whole bundle in [release] bundle; see taktgate bundle verify"};
  }
  return {"release", Standing::kFail, error.message.substr(0, end), error.message.substr(end + 2)};
}

ReleaseTried CheckRelease(const session::StationFile& file) {
  auto inspector = session::LoadRelease(file.bundle, file.inference);
  if (!inspector) return {RefusedRelease(inspector.error()), 1, inspector.error().message};
  const bundle::Release& loaded = (*inspector)->release();
  const infer::Classifier& classifier = (*inspector)->classifier();
  auto p999 = TimeInspections(**inspector, file.station.realtime_threads);
  if (!p999) return {RefusedRelease(p999.error()), classifier.threads(), {}};
  Point point = JudgeInspection(
      loaded.name + " " + loaded.version + " (" + loaded.short_id() + ") on " + classifier.name(),
      *p999, file.station.gate.window - session::FrameThere(file));
  for (const std::string& notice : session::NoticesOf(classifier, file.inference)) {
    point.found += "; " + notice;
  }
  if (!classifier.warning().empty() && point.standing == Standing::kOk) {
    point.standing = Standing::kWarn;
  }
  return {std::move(point), classifier.threads(), {}};
}

Point CheckCamera(line::Camera& camera, Clock& clock, Duration patience) {
  const std::string remedy = "look at its cable, its supply and [camera] of the station file";
  const auto failed = [&](std::string found) {
    return Point{"camera", Standing::kFail, std::move(found), remedy};
  };
  if (Status started = camera.Start(clock.Now()); !started) return failed(started.error().message);
  int frames = 0;
  std::string size;
  while (frames < kFrames) {
    image::Frame frame;
    const line::Wait wait = camera.Next(clock.Now() + patience, frame);
    if (wait == line::Wait::kFault) return failed(camera.fault());
    if (wait != line::Wait::kReady) break;
    size = std::to_string(frame.view.width) + " x " + std::to_string(frame.view.height) + " px";
    camera.Release(frame);
    ++frames;
  }
  if (frames == kFrames) {
    return {"camera", Standing::kOk, "opens and delivers frames of " + size, ""};
  }
  return {"camera", Standing::kWarn,
          "opens, but delivered " + std::to_string(frames) + " of " + std::to_string(kFrames) +
              " frames",
          "a camera that is triggered by parts delivers none while the line stands: send parts "
          "and test again"};
}

Point CheckOutput(line::Output& output, Clock& clock) {
  if (output.AllSafe(clock.Now())) {
    return {"output", Standing::kOk, "every line takes its safe level (no current)", ""};
  }
  return {"output", Standing::kFail, "a line does not take its safe level",
          "look at the wiring and the driver of the output"};
}

Point CheckFolder(const std::string& name, const std::filesystem::path& folder) {
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  const std::filesystem::path probe = folder / ".selftest";
  Status written = made ? Status(Error{ErrorCode::kIo, folder.string() + ": " + made.message()})
                        : WriteFileAtomically(probe, "taktgate selftest\n");
  std::error_code removed;
  std::filesystem::remove(probe, removed);
  if (written) return {name, Standing::kOk, folder.string() + " can be written", ""};
  return {name, Standing::kFail, written.error().message,
          "name a folder that the station's user may write"};
}

Point CheckAppend(const std::string& name, const std::filesystem::path& file) {
  const bool existed = std::filesystem::exists(file);
  const int fd = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
  if (fd < 0) {
    return {name, Standing::kFail, file.string() + ": " + std::strerror(errno),
            "name a file that the station's user may write in [record] file"};
  }
  close(fd);
  if (!existed) unlink(file.c_str());
  return {name, Standing::kOk, file.string() + " can be appended to", ""};
}

Point CheckDiskSpace(const std::filesystem::path& folder) {
  constexpr double kMega = 1e6;
  struct statvfs space {};
  if (statvfs(folder.empty() ? "." : folder.c_str(), &space) != 0) {
    return {"disk space", Standing::kNotApplicable, folder.string() + ": " + std::strerror(errno),
            ""};
  }
  const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  const std::string found =
      std::to_string(static_cast<long long>(free / kMega)) + " MB free in " + folder.string();
  const std::string remedy = "make room: records and incidents are lost on a full disk";
  if (free < 100 * kMega) return {"disk space", Standing::kFail, found, remedy};
  if (free < 1000 * kMega) return {"disk space", Standing::kWarn, found, remedy};
  return {"disk space", Standing::kOk, found, ""};
}

}  // namespace taktgate::selftest
