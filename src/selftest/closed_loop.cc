#include "selftest/closed_loop.h"

#include <chrono>
#include <utility>

#include "inspect/reserve.h"

namespace taktgate::selftest {
namespace {

constexpr std::size_t kQueuedRecords = 4096;
constexpr inspect::Trials kTrials{200, 200};
constexpr auto kLead =
    std::chrono::milliseconds(50);  // until every thread waits for its first part

Result<Duration> MeasureReserve(inspect::Inspector& inspector, const image::Image& frame,
                                Duration window, const line::Schedule& schedule) {
  auto measured =
      inspect::MeasureInspection(inspector, frame.width, frame.height, frame.format, kTrials);
  if (!measured) return measured.error();
  return inspect::ReserveFrom(measured->Quantile(0.999),
                              window - schedule.acquisition_delay - schedule.acquisition_jitter);
}

}  // namespace

Result<std::unique_ptr<ClosedLoop>> ClosedLoop::Create(inspect::Inspector& inspector,
                                                       const image::Image& frame, Duration length,
                                                       station::StationSettings settings,
                                                       Clock& clock, record::Notice notice) {
  line::Schedule schedule;
  schedule.parts = static_cast<std::uint64_t>(length / schedule.period);
  auto source = line::MemorySource::Create({frame});
  if (!source) return source.error();
  auto camera = line::ReplayCamera::Open(schedule, clock, std::move(*source));
  if (!camera) return camera.error();
  const auto reserve = MeasureReserve(inspector, frame, settings.gate.window, schedule);
  if (!reserve) return reserve.error();
  settings.gate.inference_reserve = *reserve;
  return std::unique_ptr<ClosedLoop>(
      new ClosedLoop(inspector, schedule, std::move(*camera), settings, clock, std::move(notice)));
}

ClosedLoop::ClosedLoop(inspect::Inspector& inspector, const line::Schedule& schedule,
                       std::unique_ptr<line::ReplayCamera> camera,
                       const station::StationSettings& settings, Clock& clock,
                       record::Notice notice)
    : schedule_(schedule),
      trigger_(schedule, clock),
      camera_(std::move(camera)),
      records_(kQueuedRecords, {&statistics_}),
      station_(settings, clock, {trigger_, *camera_, output_}, inspector, records_,
               std::move(notice)) {}

Status ClosedLoop::Run() {
  records_.Start();
  hiccups_.Start();
  if (Status started = station_.Start(kLead); !started) return started;
  const Status ended = station_.Wait();
  if (!ended && ended.error().code == ErrorCode::kTimeout) return ended;
  hiccups_.Stop();
  records_.Stop();
  return ended;
}

}  // namespace taktgate::selftest
