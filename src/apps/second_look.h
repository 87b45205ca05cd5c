#ifndef TAKTGATE_APPS_SECOND_LOOK_H_
#define TAKTGATE_APPS_SECOND_LOOK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "judge/verdict.h"
#include "station/incident.h"
#include "station/incident_timeline.h"

namespace taktgate::apps {

// A frame that was inspected again, beside what was recorded of it.
struct SecondLook {
  std::uint64_t frame = 0;
  const station::PartStory* part = nullptr;  // nullptr: no part had it
  judge::Verdict verdict = judge::Verdict::kUnknown;
  double score = 1;
  bool compared = false;
  bool same_verdict = true;
  bool same_bits = true;
};

// All frames of an incident, by the release that inspected them; `part` looks into the timeline.
// invalid: another release, or frames that it cannot judge.
Result<std::vector<SecondLook>> InspectAgain(const station::Incident& incident,
                                             const station::Timeline& timeline,
                                             const std::string& bundle_path);

// A row for each and a line that sums up, on standard output.
void PrintLooks(const std::vector<SecondLook>& looks);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_SECOND_LOOK_H_
