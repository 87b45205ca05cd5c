#ifndef TAKTGATE_APPS_SECOND_LOOK_H_
#define TAKTGATE_APPS_SECOND_LOOK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "incident/incident.h"
#include "incident/incident_timeline.h"
#include "judge/verdict.h"

namespace taktgate::apps {

// A frame that was inspected again, beside what was recorded of it.
struct SecondLook {
  std::uint64_t frame = 0;
  const incident::PartStory* part = nullptr;  // nullptr: no part had it
  judge::Verdict verdict = judge::Verdict::kUnknown;
  double score = 1;
  bool compared = false;
  bool same_verdict = true;
  bool same_bits = true;
};

// All frames of an incident, by the release that inspected them; `part` looks into the timeline.
// invalid: another release, or frames that it cannot judge.
Result<std::vector<SecondLook>> InspectAgain(const incident::Incident& incident,
                                             const incident::Timeline& timeline,
                                             const std::string& bundle_path);

// A row for each and a line that sums up, on standard output.
void PrintLooks(const std::vector<SecondLook>& looks);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_SECOND_LOOK_H_
