#ifndef TAKTGATE_GATE_PEER_BEAT_H_
#define TAKTGATE_GATE_PEER_BEAT_H_

#include "base/clock.h"

namespace taktgate::gate {

// Is the PLC alive? Its heartbeat must change, whichever level it has: a heartbeat that does not
// change for `within`, high or low, means that the peer is away. Zero: it is not watched.
//
// Threads: one, the gate's.
class PeerBeat {
 public:
  explicit PeerBeat(Duration within) : within_(within) {}

  // Starts the wait for the first change.
  void Start(TimePoint now) { Restart(now); }
  void OnLevel(bool high, TimePoint now) {
    if (heard_ && high == high_) return;
    if (heard_) alive_ = true;  // the first level is no change
    heard_ = true;
    high_ = high;
    Restart(now);
  }
  // True once when the heartbeat has not changed for too long.
  bool PollSilence(TimePoint now) {
    if (now < silent_at_) return false;
    silent_at_ = TimePoint::max();
    alive_ = false;
    return true;
  }
  // No part may pass: the PLC has not been heard yet, or is no longer heard.
  bool away() const { return within_ != Duration(0) && !alive_; }
  TimePoint NextTimer() const { return silent_at_; }
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(heard_, high_, alive_, silent_at_);
  }

 private:
  void Restart(TimePoint now) {
    if (within_ != Duration(0)) silent_at_ = now + within_;
  }

  const Duration within_;
  bool heard_ = false;
  bool high_ = false;
  bool alive_ = false;
  TimePoint silent_at_ = TimePoint::max();
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_PEER_BEAT_H_
