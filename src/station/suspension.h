#ifndef TAKTGATE_STATION_SUSPENSION_H_
#define TAKTGATE_STATION_SUSPENSION_H_

#include "base/clock.h"

namespace taktgate::station {

// Whether the unit slept since it was last looked at. The clock of the station stands meanwhile;
// the belt may not.
//
// Threads: one, the gate's.
class Suspension {
 public:
  explicit Suspension(const Clock& clock) : clock_(clock) {}

  // What was before is nobody's business.
  void Begin();
  bool Since() const;
  // Since, and what it says is known from here on.
  bool Look();

 private:
  const Clock& clock_;
  Duration known_{};
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_SUSPENSION_H_
