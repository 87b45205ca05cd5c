#include "session/line_session.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "base/say_now.h"
#include "base/thread_refused.h"
#include "control/words.h"
#include "inspect/reserve.h"
#include "session/load_release.h"

namespace taktgate::session {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);
// READY within two seconds of a crash, also beside other work and on a slow core.
constexpr inspect::Trials kReserveTrials{20, 200, std::chrono::milliseconds(400)};
constexpr std::size_t kQueue = 4096;  // records on their way from the gate thread to all sinks

}  // namespace

LineSession::LineSession(const StationFile& file, record::Notice notice)
    : file_(file), notice_(std::move(notice)) {
  // Rotation puts the file aside, not a link to it.
  std::error_code nowhere;
  const bool link = std::filesystem::is_symlink(file_.records, nowhere);
  const auto target = std::filesystem::weakly_canonical(file_.records, nowhere);
  if (link && !nowhere) file_.records = target;  // opening it reports what is wrong with it
}

LineSession::~LineSession() {
  control_.reset();
  if (release_changer_) release_changer_->Join();
}

Result<std::unique_ptr<LineSession>> LineSession::Create(const StationFile& file,
                                                         record::Notice notice) {
  try {
    return Make(file, std::move(notice));
  } catch (const std::system_error& refused) {
    return ThreadRefused("a thread", refused);
  }
}

Result<std::unique_ptr<LineSession>> LineSession::Make(const StationFile& file,
                                                       record::Notice notice) {
  std::unique_ptr<LineSession> session(new LineSession(file, std::move(notice)));
  session->process_signals_ = std::make_unique<ProcessSignals>(
      [line = session.get()](Wish wish, int signal) { line->OnWish(wish, signal); });
  if (!file.state.empty()) {
    auto state = StateFolder::Claim(file.state);
    if (!state) return state.error();
    session->state_ = std::move(*state);
  }
  // Before anything is loaded: from here on, what an earlier station left on the wires is safe.
  if (Status done = session->OpenOutput(); !done) return done.error();
  session->last_catch_.emplace(*session->output_);
  if (Status done = session->OpenInputs(); !done) return done.error();
  if (Status done = session->Load(); !done) return done.error();
  if (Status done = session->OpenCamera(); !done) return done.error();
  if (Status done = session->MeasureReserve(); !done) return done.error();
  if (Status done = session->OpenRecords(); !done) return done.error();
  if (!file.state.empty()) {
    if (Status done = session->BeginRun(); !done) return done.error();
  }
  session->MakeStation();
  return session;
}

Status LineSession::Load() {
  const TimePoint start = clock_.Now();
  auto inspector = LoadRelease(file_.bundle, file_.inference);
  if (!inspector) return inspector.error();
  inspector_ = std::move(*inspector);
  const infer::Classifier& classifier = inspector_->classifier();
  const auto number = releases_.Add(inspector_->release(), classifier.name());
  if (!number) return number.error();
  for (const std::string& notice : NoticesOf(classifier, file_.inference)) notice_(notice);
  for (const bundle::Label& label : inspector_->release().labels) {
    truth_names_.push_back(label.name);
  }
  loading_took_ = clock_.Now() - start;
  return {};
}

Status LineSession::OpenOutput() {
  auto output = file_.devices.output(surroundings_);
  if (!output) return output.error();
  output_ = std::move(*output);
  return {};
}

Status LineSession::OpenInputs() {
  auto trigger = file_.devices.trigger(surroundings_);
  if (!trigger) return trigger.error();
  trigger_ = std::move(*trigger);
  for (const DevicePlan::NamedSignals& named : file_.devices.signals) {
    auto signals = named.open(surroundings_);
    if (!signals) return signals.error();
    signals_.push_back(std::move(*signals));
  }
  return {};
}

// Some cameras know which class each part is of; the release's names tell them which there are.
Status LineSession::OpenCamera() {
  surroundings_.class_names = truth_names_;
  auto camera = file_.devices.camera(surroundings_);
  if (!camera) return camera.error();
  camera_ = std::move(*camera);
  return {};
}

Status LineSession::MeasureReserve() {
  const TimePoint start = clock_.Now();
  const auto reserve = ReserveOf(*inspector_, tried_);
  if (!reserve) return reserve.error();
  trials_took_ = clock_.Now() - start;
  reserve_ = *reserve;
  return {};
}

Result<Duration> LineSession::ReserveOf(inspect::Inspector& inspector,
                                        LatencyHistogram& own) const {
  const image::FrameFormat frame = camera_->format();
  auto measured = inspect::MeasureInspection(inspector, frame.width, frame.height, frame.pixels,
                                             kReserveTrials, &own);
  if (!measured) return measured.error();
  // What this machine can do when nothing disturbs it: a busy one is no reason to refuse a line.
  const bool alone =
      inspector.classifier().threads() == 1;  // with more, what one of them costs is not all
  const Duration least = alone ? std::min(measured->min(), own.min()) : measured->min();
  if (Status fast = CheckPace(file_.period, least); !fast) return fast.error();
  return file_.reserve > Duration(0)
             ? file_.reserve
             : inspect::ReserveFrom(measured->Quantile(0.999),
                                    file_.station.gate.window - FrameThere(file_));
}

Status LineSession::OpenRecords() {
  if (file_.records.empty()) return {};
  record_file_ =
      std::make_unique<record::RecordFile>(file_.records, file_.rotation, releases_, notice_);
  return record_file_->Open();
}

Status LineSession::BeginRun() {
  runs_ = std::make_unique<record::Runs>(record::FlightJournal::Place{.state = file_.state},
                                         file_.records, record_file_.get(), notice_);
  const auto boot = runs_->Begin(release().id, JournalSlots());
  if (!boot) return boot.error();
  boot_ = *boot;
  return {};
}

// All parts that may be without their line in the file: on the belt, in the queues, waiting for a
// disk.
std::size_t LineSession::JournalSlots() const {
  return file_.station.gate.parts_in_flight + kQueue + file_.record_queue +
         record::RecordFile::kMostWaiting;
}

void LineSession::MakeStation() {
  file_.station.gate.boot = boot_;
  file_.station.gate.inference_reserve = reserve_;
  const image::FrameFormat frame = camera_->format();
  file_.station.warm_frame =
      inspect::TrialFrame(*inspector_, frame.width, frame.height, frame.pixels);
  if (!file_.incident.folder.empty()) MakeIncidents();
  statistics_ = std::make_unique<record::Statistics>(truth_names_.size(), surroundings_.truth_of);
  alarm_notices_ = std::make_unique<record::AlarmNotices>(notice_);
  std::vector<record::RecordSink*> sinks{statistics_.get(), alarm_notices_.get()};
  if (record_file_) {
    to_file_ = std::make_unique<record::RecordQueue>(
        file_.record_queue, std::vector<record::RecordSink*>{record_file_.get()}, notice_);
    sinks.push_back(to_file_.get());
  }
  records_ = std::make_unique<record::RecordQueue>(kQueue, std::move(sinks), notice_);
  std::vector<station::NamedSignals> signals;
  for (std::size_t k = 0; k < signals_.size(); ++k) {
    signals.push_back({signals_[k].get(), file_.devices.signals[k].kind});
  }
  station_ = std::make_unique<station::Station>(
      file_.station, clock_, station::Devices{*trigger_, *camera_, *output_, std::move(signals)},
      *inspector_, *records_, notice_,
      station::Keeping{runs_ ? runs_->journal() : nullptr, incidents_.get()});
  MakeReleaseChanger();
  deciding_ = station_.get();
}

void LineSession::MakeReleaseChanger() {
  release_changer_ = std::make_unique<ReleaseChanger>(
      ReleaseChanger::Line{*station_, releases_, runs_ ? runs_->journal() : nullptr, notice_,
                           file_.inference,
                           [this](inspect::Inspector& inspector) {
                             LatencyHistogram own;
                             return ReserveOf(inspector, own);
                           },
                           [this](const control::OrderLine& given, const auto& answer) {
                             return Words(given.order, answer);
                           }},
      station::LoadedRelease{1, inspector_.get(), reserve_});
}

void LineSession::MakeIncidents() {
  incident::IncidentHeader header;
  header.program = TAKTGATE_VERSION;
  header.station = file_.name;
  header.boot = boot_;
  incidents_ = std::make_unique<incident::IncidentRecorder>(
      file_.incident, file_.station.gate, std::move(header), camera_->format().bytes(), notice_,
      releases_);
}

Status LineSession::Start() {
  try {
    return StartThreads();
  } catch (const std::system_error& refused) {
    return ThreadRefused("a thread", refused);
  }
}

Status LineSession::StartThreads() {
  records_->Start();
  if (to_file_) to_file_->Start();
  if (incidents_) incidents_->Start();
  // Time for the threads to be there and for the first frame to be rendered ahead.
  if (Status started = station_->Start(std::chrono::milliseconds(50)); !started) return started;
  hiccups_.Start();
  return state_ ? OpenControl() : Status{};
}

Status LineSession::OpenControl() {
  auto control = control::ControlSocket::Create(
      file_.state, [this](std::string_view line) { return Obey(line); });
  if (!control) return control.error();
  control_ = std::move(*control);
  return {};
}

// On the control socket's thread.
control::ControlSocket::Said LineSession::Obey(std::string_view line) {
  const auto given = control::ParseOrder(line);
  if (!given) return control::LineOf(given.error());
  if (given->order.kind == control::Order::Kind::kRelease) return release_changer_->Begin(*given);
  return Words(given->order, station_->Give(given->order));
}

std::string LineSession::Words(const control::Order& order,
                               const std::optional<control::OrderAnswer>& answer) const {
  const record::KnownRelease* deciding = releases_.Find(answer ? answer->release : 1);
  return control::LineOf(order, answer, {file_.name, boot_, deciding->InWords(), deciding->engine});
}

// On the thread of process_signals_.
void LineSession::OnWish(Wish wish, int signal) {
  station::Station* station = deciding_;
  switch (wish) {
    case Wish::kStop:
      if (station == nullptr) EndBeforeReady();
      stopped_by_signal_ = true;
      station->RequestStop();
      break;
    case Wish::kStopNow:
      ProcessSignals::DieBy(signal);
    case Wish::kReopen:
      if (station == nullptr || !record_file_) break;
      record_file_->WantReopen();
      to_file_->Wake();
      break;
    case Wish::kIncident:
      if (station == nullptr) break;
      if (!incidents_)
        notice_("SIGUSR1: no incidents are kept; name a folder in [incident] folder");
      station->RequestIncident();
      break;
  }
  wake_.Notify();
}

// Whatever is being loaded may never come back. No line is energised yet.
void LineSession::EndBeforeReady() {
  SayNow("taktgate: stopped by a signal before READY; every line is safe\n");
  std::_Exit(0);
}

Status LineSession::Run(const std::function<void()>& tick) {
  while (station_->running()) {
    wake_.WaitUntil(clock_.Now() + kTick);
    if (tick) tick();
  }
  control_.reset();
  release_changer_->Join();
  const Status ended = station_->Wait();
  thread_lost_ = !ended && ended.error().code == ErrorCode::kTimeout;
  hiccups_.Stop();
  if (incidents_ && !incidents_->Stop()) {
    notice_("incident: the disk does not take it; it is given up");
    thread_lost_ = true;
  }
  const bool handed_on = records_->Stop();
  if (!handed_on || (to_file_ && !to_file_->Stop())) {
    notice_("records: the file does not take what is left; it is given up");
    thread_lost_ = true;
  }
  if (runs_ && !thread_lost_) {
    if (Status ended_run = runs_->End(); !ended_run) notice_(ended_run.error().message);
  }
  return ended;
}

}  // namespace taktgate::session
