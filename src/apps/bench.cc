#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "apps/runtime_option.h"
#include "base/file.h"
#include "bundle/release.h"
#include "record/line_report.h"
#include "selftest/closed_loop.h"
#include "selftest/measurements.h"
#include "session/load_release.h"
#include "station/realtime.h"

namespace taktgate::apps {
namespace {

constexpr std::size_t kMaxModelBytes = 64 << 20;
constexpr int kBatch = 25;

struct BenchOptions {
  std::string bundle;
  std::string fp32;
  std::string runtime = "auto";
  int rounds = 40;
  double seconds = 10;
  std::uint64_t parts = 100'000;
};

void PrintTimes(const char* name, const LatencyHistogram& times) {
  std::printf("  %-34s min %8.1f  p50 %8.1f  p99 %8.1f us\n", name, Microseconds(times.min()),
              Microseconds(times.Quantile(0.5)), Microseconds(times.Quantile(0.99)));
}

void BenchPath(inspect::Inspector& inspector, const image::ImageView& frame, int rounds) {
  const selftest::PathCost cost = selftest::MeasurePath(inspector, frame, rounds, kBatch);
  const auto& release = inspector.release();
  std::printf("\nimage + infer + judge against the bare model run, in turns, %d rounds of %d\n",
              rounds, kBatch);
  std::printf("  input %d x %d x %d, %zu window(s)\n", release.contract.input.width,
              release.contract.input.height, release.contract.input.channel_count(),
              std::max<std::size_t>(1, release.recipe.windows.size()));
  PrintTimes("bare model run(s)", cost.bare);
  PrintTimes("whole inspection", cost.whole);
  PrintTimes("  of it image", cost.image);
  PrintTimes("  of it judge", cost.judge);
  if (cost.alignment.count() > 0) PrintTimes("alignment (not in the ratio)", cost.alignment);
  std::printf("  ratio without alignment, median of rounds: %.4f (%+.1f %%)\n", cost.ratio,
              100 * (cost.ratio - 1));
}

Status BenchBeside(inspect::Inspector& inspector, bundle::Release release,
                   const infer::EngineChoice& choice, const image::ImageView& frame, int rounds) {
  infer::LoadSettings settings;
  settings.choice = choice;
  auto other = inspect::Inspector::Create(std::move(release), settings);
  if (!other) return other.error();
  const selftest::TwoModels times =
      selftest::CompareModels(inspector, **other, frame, rounds * kBatch);
  PrintTimes(inspector.classifier().name().c_str(), times.first);
  PrintTimes((*other)->classifier().name().c_str(), times.second);
  const auto ratio = [&](double share) {
    return Microseconds(times.second.Quantile(share)) / Microseconds(times.first.Quantile(share));
  };
  std::printf("  second / first: p50 %.2f  p99 %.2f\n", ratio(0.5), ratio(0.99));
  return {};
}

// Where a release can be run by both engines, the one beside the other.
Status BenchEngines(inspect::Inspector& inspector, const image::ImageView& frame, int rounds) {
  const bundle::Release& release = inspector.release();
  if (release.model.empty() || release.network.empty()) return {};
  const bool is_onnx = inspector.classifier().name() == infer::kOnnxRuntimeKey;
  infer::EngineChoice other;
  other.engine = is_onnx ? infer::kTaktgateKey : infer::kOnnxRuntimeKey;
  std::printf("\nboth engines, all windows of a part, in turns, N %d\n", rounds * kBatch);
  return BenchBeside(inspector, release, other, frame, rounds);
}

Status BenchFloat(inspect::Inspector& inspector, const std::string& path,
                  const image::ImageView& frame, int rounds) {
  auto bytes = ReadFile(path, kMaxModelBytes);
  if (!bytes) return bytes.error();
  bundle::Release release = inspector.release();
  release.model = std::move(*bytes);
  std::printf("\nINT8 (the bundle's) beside FP32, all windows of a part, in turns, N %d\n",
              rounds * kBatch);
  return BenchBeside(inspector, std::move(release), {std::string(infer::kOnnxRuntimeKey), {}, {}},
                     frame, rounds)
      .Within(path);
}

void BenchDecidingThread(std::uint64_t parts) {
  selftest::MeasureDecidingThread(1'000);  // its pages and its code are there now
  const selftest::DecidingThreadCost cost = selftest::MeasureDecidingThread(parts);
  std::printf("\nthe thread that decides, %llu parts as fast as they are decided (gate, ledger)\n",
              static_cast<unsigned long long>(cost.parts));
  std::printf("  %.0f ns a part, page faults: %llu minor, %llu major\n", cost.ns_per_part,
              static_cast<unsigned long long>(cost.minor_faults),
              static_cast<unsigned long long>(cost.major_faults));
}

void PrintLine(const selftest::ClosedLoop& loop) {
  const record::LineCounts counts = loop.counts();
  const auto quantile = [](const LatencyHistogram& times, double share) {
    return record::InMilliseconds(times.Quantile(share));
  };
  std::printf("  edge to level: p50 %s  p99 %s  p99.9 %s  max %s, misses %llu\n",
              quantile(counts.latency, 0.5).c_str(), quantile(counts.latency, 0.99).c_str(),
              quantile(counts.latency, 0.999).c_str(),
              record::InMilliseconds(counts.latency.max()).c_str(),
              static_cast<unsigned long long>(counts.misses()));
  std::printf("%s", record::StageTable(counts.stages, counts.latency).c_str());
  std::printf("  hiccups of this machine beside it: p99 %s  p99.9 %s  max %s\n",
              quantile(loop.hiccups(), 0.99).c_str(), quantile(loop.hiccups(), 0.999).c_str(),
              record::InMilliseconds(loop.hiccups().max()).c_str());
  std::printf("  gate thread's page faults: %llu minor, %llu major\n",
              static_cast<unsigned long long>(loop.gate_thread_cost().minor_faults),
              static_cast<unsigned long long>(loop.gate_thread_cost().major_faults));
}

Status BenchLine(inspect::Inspector& inspector, const image::Image& frame, double seconds) {
  MonotonicClock clock;
  const Duration length(static_cast<Duration::rep>(seconds * 1e9));
  auto loop =
      selftest::ClosedLoop::Create(inspector, frame, length, {}, clock, [](std::string_view text) {
        std::printf("  note: %.*s\n", static_cast<int>(text.size()), text.data());
      });
  if (!loop) return loop.error();
  std::printf(
      "\nclosed loop at 100 parts a second, N %llu, window 8 ms, acquisition 2.5 ms + "
      "jitter up to 0.2 ms\n",
      static_cast<unsigned long long>((*loop)->parts()));
  const Status ended = (*loop)->Run();
  if (!ended && ended.error().code == ErrorCode::kTimeout) {
    std::_Exit(Refuse(ended.error(), kExitLineFault));  // the lost thread still uses what is here
  }
  PrintLine(**loop);
  return ended;
}

int Bench(const BenchOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  const auto settings = SettingsFor(options.runtime);
  if (!settings) return Refuse(settings.error());
  auto inspector = session::LoadRelease(options.bundle, *settings);
  if (!inspector) return Refuse(inspector.error());
  const image::Image frame = selftest::BenchFrame((*inspector)->release());
  if (Status fits = (*inspector)->CheckFrame(frame.width, frame.height); !fits) {
    return Refuse(fits.error());
  }
  const auto ready = std::chrono::steady_clock::now();
  std::printf("machine   %s\n", selftest::MachineInWords().c_str());
  std::printf("release   %s %s (%s)\nruntime   %s\n", (*inspector)->release().name.c_str(),
              (*inspector)->release().version.c_str(), (*inspector)->release().short_id().c_str(),
              (*inspector)->classifier().description().c_str());
  if (const std::string warning = (*inspector)->classifier().warning(); !warning.empty()) {
    std::printf("warning   %s\n", warning.c_str());
  }
  std::printf("start     READY %s after main began (read, verify, load, warm up)\n",
              record::InMilliseconds(ready - started).c_str());
  BenchPath(**inspector, frame.View(), options.rounds);
  if (Status done = BenchEngines(**inspector, frame.View(), options.rounds); !done) {
    return Refuse(done.error());
  }
  if (!options.fp32.empty()) {
    if (Status done = BenchFloat(**inspector, options.fp32, frame.View(), options.rounds); !done) {
      return Refuse(done.error());
    }
  }
  if (Status locked = station::LockMemory(); !locked) {
    std::printf("\nnote: %s\n", locked.error().message.c_str());
  }
  BenchDecidingThread(options.parts);
  if (options.seconds > 0) {
    if (Status done = BenchLine(**inspector, frame, options.seconds); !done) {
      return Refuse(done.error(), kExitLineFault);
    }
  }
  std::printf("\nresident memory %ld KiB, peak %ld KiB\n", selftest::ResidentKib(),
              selftest::PeakResidentKib());
  return kExitOk;
}

}  // namespace

void AddBenchCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("bench", "Measure a bundle on this machine");
  auto options = std::make_shared<BenchOptions>();
  command.Add("BUNDLE", options->bundle, "The bundle to measure").Required();
  command.Add("--fp32", options->fp32, "The same network in FP32, a model file, to set beside it");
  AddRuntimeOption(command, options->runtime);
  command.Add("--rounds", options->rounds, "Rounds of 25 runs").ShowDefault().Between(1, 10'000);
  command.Add("--parts", options->parts, "Parts for the deciding thread")
      .ShowDefault()
      .Between(std::uint64_t{1}, std::uint64_t{1'000'000'000});
  command.Add("--seconds", options->seconds, "Length of the closed loop; 0 leaves it out")
      .ShowDefault()
      .Between(0.0, 86'400.0);
  command.Footer("Example: taktgate bench demo/demo.tgb --fp32 model.onnx --seconds 30");
  command.Run([options, &exit_code] { exit_code = Bench(*options); });
}

}  // namespace taktgate::apps
