#ifndef TAKTGATE_INCIDENT_REPLAY_REPORT_H_
#define TAKTGATE_INCIDENT_REPLAY_REPORT_H_

#include <filesystem>
#include <string>

#include "base/result.h"
#include "gate/replay_log.h"
#include "incident/incident.h"
#include "incident/incident_timeline.h"
#include "incident/second_look.h"

// What came of an incident that was replayed, for people and for programs.
namespace taktgate::incident {

// Whether all is the same, bit for bit, or where it begins to differ.
std::string ReplayText(const gate::Replay& replay);

// The whole as one JSON document: header, replay, parts, frames that were inspected again.
std::string ReplayJson(const Incident& incident, const Timeline& timeline,
                       const gate::Replay& replay, const SecondLooks& looks);

// Each frame as frame-N-part-B-S.png, or frame-N-part-none.png, in this folder, which is made. io:
// what cannot be written.
Status WriteFrames(const Incident& incident, const Timeline& timeline,
                   const std::filesystem::path& folder);

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_REPLAY_REPORT_H_
