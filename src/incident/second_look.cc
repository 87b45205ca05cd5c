#include "incident/second_look.h"

#include <bit>
#include <cmath>
#include <utility>

#include "base/format_text.h"
#include "bundle/read_bundle.h"
#include "inspect/inspector.h"

namespace taktgate::incident {
namespace {

void Compare(const inspect::Inspection& again, SecondLook& look) {
  if (look.part == nullptr || !look.part->answer) return;
  const gate::Answer& answer = *look.part->answer;
  // A run that was told to stop at the deadline said nothing about the frame.
  if (look.part->answered_late && answer.reason == judge::Reason::kModelError) return;
  look.compared = true;
  look.same_verdict = answer.verdict == again.part.verdict && answer.reason == again.part.reason;
  look.same_bits = answer.windows == again.windows.size() &&
                   std::bit_cast<std::uint64_t>(answer.defect_score) ==
                       std::bit_cast<std::uint64_t>(again.part.defect_score);
  for (std::size_t i = 0; i < again.windows.size() && look.same_bits; ++i) {
    look.same_bits =
        std::bit_cast<std::uint32_t>(answer.window_scores[i]) ==
        std::bit_cast<std::uint32_t>(static_cast<float>(again.windows[i].defect_score));
  }
}

// What the incident has of it.
Result<const IncidentRelease*> Known(const bundle::Release& release, const Incident& incident) {
  std::string known;
  for (const IncidentRelease& one : incident.header.releases) {
    if (one.id == release.id) return &one;
    known += (known.empty() ? "" : " and ") + one.id.substr(0, 12);
  }
  return Invalid("the incident was inspected by release " + known + ", this bundle is " +
                 release.short_id() + "; name the bundle of that release");
}

// The one that was used then, but with the kernels of this machine: all give the same bytes.
infer::LoadSettings SameEngine(const IncidentRelease& release) {
  infer::LoadSettings settings;
  if (const auto choice = infer::ParseEngineChoice(release.engine)) {
    settings.choice.engine = choice->engine;
  }
  return settings;
}

bool IsOfAnother(const PartStory* part, std::uint32_t release) {
  return part != nullptr && part->decision && part->decision->release != release;
}

}  // namespace

Result<SecondLooks> InspectAgain(const Incident& incident, const Timeline& timeline,
                                 const std::string& bundle_path) {
  auto release = bundle::ReadBundleFile(bundle_path);
  if (!release) return release.error();
  const auto known = Known(*release, incident).Within(bundle_path);
  if (!known) return known.error();
  auto inspector = inspect::Inspector::Create(std::move(*release), SameEngine(**known));
  if (!inspector) return inspector.error();
  SecondLooks again;
  again.engine = (*inspector)->classifier().name();
  for (const KeptFrame& frame : incident.frames) {
    const PartStory* part = timeline.PartOfFrame(frame.info.sequence);
    if (IsOfAnother(part, (*known)->number)) {
      ++again.others;
      continue;
    }
    if (Status fits = (*inspector)->CheckFrame(frame.width, frame.height); !fits) {
      return fits.error();
    }
    const inspect::Inspection& inspection = (*inspector)->Inspect(frame.View());
    SecondLook look{frame.info.sequence, part};
    look.verdict = inspection.part.verdict;
    look.score = inspection.part.defect_score;
    Compare(inspection, look);
    again.looks.push_back(look);
  }
  return again;
}

std::string LooksText(const SecondLooks& looks) {
  std::size_t compared = 0, same = 0, other = 0;
  std::string text = "\nInspected again on " + looks.engine +
                     "\n  frame       part          recorded          again\n";
  for (const SecondLook& look : looks.looks) {
    const gate::Answer* answer =
        look.part != nullptr && look.part->answer ? &*look.part->answer : nullptr;
    text +=
        Format("  %-10llu  %-12s  %-7s %8.4f   %-7s %8.4f  %s\n",
               static_cast<unsigned long long>(look.frame),
               look.part != nullptr ? gate::NameOf(look.part->part).c_str() : "none",
               answer != nullptr ? std::string(judge::ToString(answer->verdict)).c_str() : "none",
               answer != nullptr ? answer->defect_score : std::nan(""),
               std::string(judge::ToString(look.verdict)).c_str(), look.score,
               !look.compared      ? ""
               : look.same_bits    ? "same"
               : look.same_verdict ? "same verdict, other score"
                                   : "OTHER VERDICT");
    compared += look.compared ? 1U : 0U;
    same += look.compared && look.same_bits ? 1U : 0U;
    other += look.same_verdict ? 0U : 1U;
  }
  text +=
      Format("%zu frames, %zu with an answer: %zu the same bit for bit, %zu with another verdict\n",
             looks.looks.size(), compared, same, other);
  if (looks.others != 0) {
    text += Format("%zu frames were inspected by another release and are not among them\n",
                   looks.others);
  }
  return text;
}

}  // namespace taktgate::incident
