#ifndef TAKTGATE_INCIDENT_INCIDENT_TIMELINE_H_
#define TAKTGATE_INCIDENT_INCIDENT_TIMELINE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/events.h"

// Recorded events as people read them. Pure: events in, text out.
namespace taktgate::incident {

// What the record holds about one part.
struct PartStory {
  gate::PartId part;
  TimePoint edge_at{};
  std::optional<gate::FrameSeen> frame;
  std::optional<gate::Answer> answer;  // in time or not
  bool answered_late = false;
  std::optional<gate::Decision> decision;
};

// Events in their order, and the parts that they are about.
class Timeline {
 public:
  explicit Timeline(const std::vector<gate::event::Any>& events);

  // One line for all that happened to a part, a line or an alarm, from the edge of the last
  // `parts` parts on; 0: everything. Milliseconds since the first event.
  std::string Text(std::size_t parts) const;

  // By sequence; also parts whose edge lies before the record.
  const std::map<std::uint64_t, PartStory>& parts() const { return parts_; }
  // The part that a frame was taken for; nullptr: none.
  const PartStory* PartOfFrame(std::uint64_t frame) const;
  TimePoint start() const { return start_; }
  Duration length() const { return end_ - start_; }

 private:
  void Tell(const gate::event::Any& event);
  std::string PartOfEdge(TimePoint edge_at) const;

  const std::vector<gate::event::Any>& events_;
  std::map<std::uint64_t, PartStory> parts_;
  TimePoint start_{};
  TimePoint end_{};
};

// One event in words, without its time.
std::string InWords(const gate::event::Any& event);

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_INCIDENT_TIMELINE_H_
