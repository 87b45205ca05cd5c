#ifndef TAKTGATE_SELFTEST_MEASUREMENTS_H_
#define TAKTGATE_SELFTEST_MEASUREMENTS_H_

#include <cstdint>
#include <string>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "image/frame.h"
#include "inspect/inspector.h"

// What `taktgate bench` measures: ratios inside one process, interleaved, so that a noisy machine
// hits both sides alike.
namespace taktgate::selftest {

// The frame a release is measured with: its golden image, or a made-up one of the recipe's size (of
// the contract's size where the recipe takes any).
image::Image BenchFrame(const bundle::Release& release);

struct PathCost {
  LatencyHistogram bare;       // the model's runs alone, as many as the recipe has windows
  LatencyHistogram whole;      // image + infer + judge
  LatencyHistogram image;      // of the whole: crop and tensor, and the alignment if any
  LatencyHistogram alignment;  // alone; empty where the recipe has none
  LatencyHistogram judge;
  // Median over rounds of (whole - alignment) / bare.
  double ratio = 0;
};

// Rounds of `batch` bare runs and `batch` whole inspections, in turns.
PathCost MeasurePath(inspect::Inspector& inspector, const image::ImageView& frame, int rounds,
                     int batch);

struct TwoModels {
  LatencyHistogram first;
  LatencyHistogram second;
};

// The bare runs of both for all windows of this frame, in turns.
TwoModels CompareModels(inspect::Inspector& first, inspect::Inspector& second,
                        const image::ImageView& frame, int rounds);

struct DecidingThreadCost {
  std::uint64_t parts = 0;
  std::uint64_t released = 0;
  std::uint64_t minor_faults = 0;
  std::uint64_t major_faults = 0;
  double ns_per_part = 0;  // gate only, without the model
};

// `parts` parts through gate and ledger as fast as they are decided, on this thread.
DecidingThreadCost MeasureDecidingThread(std::uint64_t parts);

// VmRSS and VmHWM of this process in KiB, -1 where unknown.
long ResidentKib();
long PeakResidentKib();

// "AMD EPYC ..., 2 CPUs, Linux 6.1": the machine that figures belong to.
std::string MachineInWords();

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_MEASUREMENTS_H_
