#include "selftest/measurements.h"

#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "gate/gate.h"
#include "gate/ledger.h"
#include "image/align.h"

namespace taktgate::selftest {
namespace {

using std::chrono::steady_clock;

long StatusKib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stol(line.substr(key.size()));
  }
  return -1;
}

// Outputs of a gate whose model answers at once with a pass.
class AnsweringOutputs final : public gate::GateOutputs {
 public:
  void StartInference(gate::PartId part, std::uint32_t) override { asked = part; }
  void Decided(const gate::Decision& decision) override { ledger.Add(decision); }

  std::optional<gate::PartId> asked;
  gate::Ledger ledger{65'536};
};

// As an inspection runs the windows of its recipe. One has been there before, and its pixels are.
void RunBare(inspect::Inspector& inspector) {
  infer::Classifier& classifier = inspector.classifier();
  const std::size_t windows = std::max<std::size_t>(1, inspector.release().recipe.windows.size());
  for (std::size_t run = 0; run < windows; run += classifier.most_windows()) {
    classifier.Run(std::min(classifier.most_windows(), windows - run));
  }
}

double NanosOf(Duration duration) { return static_cast<double>(duration.count()); }

}  // namespace

image::Image BenchFrame(const bundle::Release& release) {
  if (release.golden) return *release.golden;
  image::Image frame;
  const auto& input = release.contract.input;
  frame.width = release.recipe.frame ? release.recipe.frame->width : input.width;
  frame.height = release.recipe.frame ? release.recipe.frame->height : input.height;
  frame.format = input.channels;
  frame.pixels.resize(static_cast<std::size_t>(frame.width) *
                      static_cast<std::size_t>(frame.height) *
                      static_cast<std::size_t>(ChannelsOf(frame.format)));
  for (std::size_t i = 0; i < frame.pixels.size(); ++i) {
    frame.pixels[i] = static_cast<std::uint8_t>((i * 2654435761U) >> 24);
  }
  return frame;
}

PathCost MeasurePath(inspect::Inspector& inspector, const image::ImageView& frame, int rounds,
                     int batch) {
  PathCost cost;
  std::vector<double> ratios;
  std::optional<image::Aligner> aligner;
  if (inspector.release().recipe.alignment && inspector.golden() != nullptr) {
    auto made = image::Aligner::Create(*inspector.golden(), *inspector.release().recipe.alignment);
    if (made) aligner.emplace(std::move(*made));
  }
  inspector.Exercise(frame);
  for (int round = 0; round < rounds; ++round) {
    double bare = 0;
    double whole = 0;
    for (int i = 0; i < batch; ++i) {
      const auto start = steady_clock::now();
      RunBare(inspector);
      const auto middle = steady_clock::now();
      const inspect::Inspection& inspection = inspector.Inspect(frame);
      const auto end = steady_clock::now();
      Duration alignment{};
      if (aligner) {
        aligner->Find(frame);
        alignment = steady_clock::now() - end;
        cost.alignment.Record(alignment);
      }
      cost.bare.Record(middle - start);
      cost.whole.Record(end - middle);
      cost.image.Record(inspection.image_time);
      cost.judge.Record(inspection.judge_time);
      bare += NanosOf(middle - start);
      whole += NanosOf(end - middle - alignment);
    }
    ratios.push_back(whole / bare);
  }
  std::nth_element(ratios.begin(), ratios.begin() + static_cast<long>(ratios.size() / 2),
                   ratios.end());
  cost.ratio = ratios[ratios.size() / 2];
  return cost;
}

TwoModels CompareModels(inspect::Inspector& first, inspect::Inspector& second,
                        const image::ImageView& frame, int rounds) {
  TwoModels times;
  first.Exercise(frame);
  second.Exercise(frame);
  for (int round = 0; round < rounds; ++round) {
    const auto start = steady_clock::now();
    RunBare(first);
    const auto middle = steady_clock::now();
    RunBare(second);
    times.first.Record(middle - start);
    times.second.Record(steady_clock::now() - middle);
  }
  return times;
}

DecidingThreadCost MeasureDecidingThread(std::uint64_t parts) {
  AnsweringOutputs outputs;
  gate::Gate gate(gate::GateSettings{}, outputs);
  gate.On(gate::event::Command{gate::Command::kInitialize, {}, {}});
  gate.On(gate::event::Command{gate::Command::kPrepare, {}, {}});
  gate.On(gate::event::Command{gate::Command::kStartContinuous, {}, {}});
  gate::Answer pass;
  pass.verdict = judge::Verdict::kPass;
  pass.reason = judge::Reason::kNone;
  TimePoint now(std::chrono::milliseconds(1));
  rusage before{};
  getrusage(RUSAGE_THREAD, &before);
  const auto start = steady_clock::now();
  for (std::uint64_t k = 0; k < parts; ++k) {
    gate.On(gate::event::Trigger{0, now, now});
    const TimePoint there = now + std::chrono::microseconds(2500);
    gate.On(gate::event::Frame{{k, there, there, false, 0}, there});
    if (outputs.asked)
      gate.On(gate::event::Answered{*outputs.asked, pass, there + std::chrono::milliseconds(1)});
    outputs.asked.reset();
    now += std::chrono::milliseconds(10);
  }
  const Duration took = steady_clock::now() - start;
  rusage after{};
  getrusage(RUSAGE_THREAD, &after);
  DecidingThreadCost cost;
  cost.parts = parts;
  cost.released = outputs.ledger.released();
  cost.minor_faults = static_cast<std::uint64_t>(after.ru_minflt - before.ru_minflt);
  cost.major_faults = static_cast<std::uint64_t>(after.ru_majflt - before.ru_majflt);
  cost.ns_per_part = NanosOf(took) / static_cast<double>(parts);
  return cost;
}

long ResidentKib() { return StatusKib("VmRSS:"); }
long PeakResidentKib() { return StatusKib("VmHWM:"); }

std::string MachineInWords() {
  std::string model = "unknown CPU";
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name") || line.starts_with("Model")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname system{};
  uname(&system);
  return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " CPUs, " +
         system.sysname + " " + system.release + " " + system.machine;
}

}  // namespace taktgate::selftest
