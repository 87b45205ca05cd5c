#ifndef TAKTGATE_STATION_SIGNAL_SOURCES_H_
#define TAKTGATE_STATION_SIGNAL_SOURCES_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/event_signal.h"
#include "base/spsc_ring.h"
#include "gate/events.h"
#include "line/line.h"

namespace taktgate::station {

// One device that tells signals of the line, and how messages call it.
struct NamedSignals {
  line::Signals* device = nullptr;  // outlives the station
  std::string name;                 // may be empty where there is only one
};

// What the line tells beside edges and frames, by any number of devices: encoder, sensors, PLCs.
// Each has a thread and a ring of its own. The gate thread sees one source: of the signals that
// wait, the one that happened first; of each device in the order in which it reported them.
//
// Threads: as marked.
class SignalSources {
 public:
  // `gate_signal` wakes the gate thread.
  SignalSources(const std::vector<NamedSignals>& devices, EventSignal& gate_signal);
  std::size_t size() const { return sources_.size(); }

  // On the thread of source `k`. False: it did not start, has no more, or is gone.
  bool Begin(std::size_t k, TimePoint at);
  bool Step(std::size_t k, TimePoint until);

  // On the gate thread. At signals of the same time the first device goes first.
  std::optional<line::Signal> Next();

  // On the gate thread, or when it has ended.
  std::size_t waiting() const;
  // On any thread.
  std::size_t dropped() const;
  bool failed() const;
  // After the threads of all sources have ended: which one failed first in their order, and why;
  // empty where none did.
  std::string FaultInWords() const;

 private:
  struct Source {
    explicit Source(NamedSignals device) : signals(std::move(device)) {}

    const NamedSignals signals;
    // Counts come at some 10,000 a second and keep their place among the sensors.
    DroppingSpscRing<line::Signal> ring{8192};
    std::optional<line::Signal> head;  // the gate thread's: taken out, but later than another's
    std::atomic<bool> failed{false};
    std::string words;  // of a refused start; read after the thread has ended
  };
  void HandOver(Source& source, const line::Signal& signal);

  std::deque<Source> sources_;
  EventSignal& gate_signal_;
};

// What the gate gets of a signal.
gate::event::Input EventOf(const line::Signal& signal);

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_SIGNAL_SOURCES_H_
