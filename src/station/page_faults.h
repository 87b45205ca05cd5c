#ifndef TAKTGATE_STATION_PAGE_FAULTS_H_
#define TAKTGATE_STATION_PAGE_FAULTS_H_

#include <sys/resource.h>

#include <cstdint>

namespace taktgate::station {

// What a thread lost to memory that was not there yet.
struct PageFaults {
  std::uint64_t minor_faults = 0;
  std::uint64_t major_faults = 0;  // read from a disk

  friend PageFaults operator-(const PageFaults& after, const PageFaults& before) {
    return {after.minor_faults - before.minor_faults, after.major_faults - before.major_faults};
  }
};

inline PageFaults PageFaultsOfThisThread() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return {static_cast<std::uint64_t>(usage.ru_minflt), static_cast<std::uint64_t>(usage.ru_majflt)};
}

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_PAGE_FAULTS_H_
