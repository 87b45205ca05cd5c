#include "session/release_changer.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/thread_name.h"
#include "base/thread_refused.h"
#include "bundle/read_bundle.h"
#include "session/load_release.h"

namespace taktgate::session {

ReleaseChanger::ReleaseChanger(Line line, const station::LoadedRelease& first)
    : line_(std::move(line)), in_force_(first.number) {
  kept_.push_back(std::make_unique<Kept>(Kept{nullptr, first}));
}

void ReleaseChanger::Join() {
  if (thread_.joinable()) thread_.join();
}

control::ControlSocket::Said ReleaseChanger::Begin(const control::OrderLine& given) {
  if (work_ && !work_->done) {
    return control::LineOf(
        Error{ErrorCode::kWrongState, "release: another one is being loaded; wait for its answer"});
  }
  Join();
  work_ = std::make_shared<Work>();
  try {
    thread_ = std::thread([this, given, work = work_] {
      NameThisThread("release");
      const auto changed = Change(given);
      work->answer = changed ? line_.words(given, *changed)
                             : control::LineOf(changed.error().Within("release"));
      work->done = true;
    });
  } catch (const std::system_error& refused) {
    work_.reset();
    return control::LineOf(ThreadRefused("release: a thread", refused));
  }
  return [work = work_]() -> std::optional<std::string> {
    if (!work->done) return std::nullopt;
    return work->answer;
  };
}

Result<control::OrderAnswer> ReleaseChanger::Change(const control::OrderLine& given) {
  const auto next = Load(given.bundle);
  if (!next) return next.error();
  const station::LoadedRelease& loaded = (*next)->loaded;
  const auto changed = line_.station.ChangeRelease(loaded, given.order);
  if (!changed) {
    FreeUnused();
    return changed.error();
  }
  in_force_ = loaded.number;
  FreeUnused();
  const std::uint64_t cut_off = changed->station.cut_off;
  line_.notice("release: " + line_.releases.Find(loaded.number)->InWords() +
               " is in force, by order of " + std::string(given.order.name.view()) +
               (cut_off == 0 ? ""
                             : "; the line gave no moment without a part for a second, and " +
                                   std::to_string(cut_off) + " in flight were rejected"));
  return changed->station;
}

Result<const ReleaseChanger::Kept*> ReleaseChanger::Load(const std::string& path) {
  auto release = bundle::ReadBundleFile(path);
  if (!release) return release.error();
  for (const auto& kept : kept_) {
    if (kept->loaded.inspector->release().id != release->id) continue;
    if (kept->loaded.number != in_force_) return kept.get();
    return Error{ErrorCode::kWrongState,
                 path + ": release " + release->short_id() + " is in force already"};
  }
  auto inspector = inspect::Inspector::Create(std::move(*release), line_.engine);
  if (!inspector) return inspector.error().Within(path);
  const auto reserve = line_.measure(**inspector);
  if (!reserve) return reserve.error().Within(path);
  const infer::Classifier& classifier = (*inspector)->classifier();
  const auto number = line_.releases.Add((*inspector)->release(), classifier.name());
  if (!number) return number.error();
  for (const std::string& notice : NoticesOf(classifier, line_.engine)) line_.notice(notice);
  if (line_.journal != nullptr) line_.journal->NameRelease(*number, (*inspector)->release().id);
  kept_.push_back(
      std::make_unique<Kept>(Kept{std::move(*inspector), {*number, nullptr, *reserve}}));
  kept_.back()->loaded.inspector = kept_.back()->inspector.get();
  return kept_.back().get();
}

// What the inference thread has not let go of yet stays until the next time.
void ReleaseChanger::FreeUnused() {
  std::erase_if(kept_, [this](const auto& kept) {
    return kept->inspector != nullptr && !line_.station.Uses(kept->loaded);
  });
}

}  // namespace taktgate::session
