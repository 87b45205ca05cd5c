#ifndef TAKTGATE_INCIDENT_SECOND_LOOK_H_
#define TAKTGATE_INCIDENT_SECOND_LOOK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "incident/incident.h"
#include "incident/incident_timeline.h"
#include "judge/verdict.h"

namespace taktgate::incident {

// A frame that was inspected again, beside what was recorded of it.
struct SecondLook {
  std::uint64_t frame = 0;
  const PartStory* part = nullptr;  // nullptr: no part had it
  judge::Verdict verdict = judge::Verdict::kUnknown;
  double score = 1;
  bool compared = false;
  bool same_verdict = true;
  bool same_bits = true;
};

// All frames of an incident, by the release that inspected them; `part` looks into the timeline.
// invalid: another release, or frames that it cannot judge.
Result<std::vector<SecondLook>> InspectAgain(const Incident& incident, const Timeline& timeline,
                                             const std::string& bundle_path);

// A row for each and a line that sums up.
std::string LooksText(const std::vector<SecondLook>& looks);

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_SECOND_LOOK_H_
