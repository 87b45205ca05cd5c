#ifndef TAKTGATE_INCIDENT_SECOND_LOOK_H_
#define TAKTGATE_INCIDENT_SECOND_LOOK_H_

#include <cstddef>
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

struct SecondLooks {
  std::string engine;  // that inspected again; the one that inspected first, if that is known
  std::vector<SecondLook> looks;
  std::size_t others = 0;  // frames of parts of other releases, which are not looked at
};

// The frames of an incident that this release inspected, and those that no part had; `part` looks
// into the timeline. invalid: a release that the incident does not name, or frames that it cannot
// judge.
Result<SecondLooks> InspectAgain(const Incident& incident, const Timeline& timeline,
                                 const std::string& bundle_path);

// A row for each and a line that sums up.
std::string LooksText(const SecondLooks& looks);

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_SECOND_LOOK_H_
