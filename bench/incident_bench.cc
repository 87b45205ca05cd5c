// What incidents cost the camera thread: the copy of a frame, made after it was handed over.
#include <benchmark/benchmark.h>

#include <chrono>
#include <vector>

#include "base/latency_histogram.h"
#include "incident/frame_history.h"

namespace taktgate::incident {
namespace {

void Show(benchmark::State& state, const LatencyHistogram& times) {
  const auto us = [](Duration time) { return static_cast<double>(time.count()) / 1e3; };
  state.counters["p50_us"] = us(times.Quantile(0.5));
  state.counters["p99_us"] = us(times.Quantile(0.99));
  state.counters["p999_us"] = us(times.Quantile(0.999));
}

// Frames come out of eight buffers that other threads used meanwhile: more than the caches hold.
void BM_KeepFrame(benchmark::State& state) {
  const auto width = static_cast<int>(state.range(0)), height = static_cast<int>(state.range(1));
  const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<image::Image> buffers(8);
  for (image::Image& buffer : buffers) {
    buffer = {std::vector<std::uint8_t>(bytes, 7), width, height, image::PixelFormat::kGrey8};
  }
  FrameHistory history(16, bytes);
  LatencyHistogram times;
  std::uint64_t sequence = 0;
  for ([[maybe_unused]] auto _ : state) {
    image::Frame frame;
    frame.info.sequence = sequence;
    frame.view = buffers[sequence++ % buffers.size()].View();
    const auto start = std::chrono::steady_clock::now();
    history.Keep(frame);
    times.Record(std::chrono::steady_clock::now() - start);
  }
  Show(state, times);
}
BENCHMARK(BM_KeepFrame)->Args({192, 192})->Args({640, 480})->Args({1280, 1024});

}  // namespace
}  // namespace taktgate::incident

BENCHMARK_MAIN();
