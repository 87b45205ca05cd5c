// The image room's share of a part's time: alignment, crop, resize, tensor; and decoding, which is
// not on a part's way. Each with its cost per megapixel, on one thread.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

#include "image/align.h"
#include "image/contract.h"
#include "image/decode.h"
#include "image/test_board.h"
#include "image/test_files.h"

namespace taktgate::image {
namespace {

void SetPixels(benchmark::State& state, double pixels) {
  using benchmark::Counter;
  state.counters["time/Mpx"] =
      Counter(pixels * 1e-6, Counter::kIsIterationInvariantRate | Counter::kInvert);
  state.counters["Mpx/s"] = Counter(pixels * 1e-6, Counter::kIsIterationInvariantRate);
}

InputContract Contract(int side, PixelFormat channels, bool golden, Resize resize) {
  InputContract contract;
  contract.width = side;
  contract.height = side;
  contract.channels = channels;
  contract.golden = golden;
  contract.resize = resize;
  contract.scale.assign(static_cast<std::size_t>(contract.channel_count()), 0.00784313725490196);
  contract.offset.assign(contract.scale.size(), -1.0);
  return contract;
}

// Windows of `source` px into tensors of `side` px; pixels counted in the window, per image.
void FillTensor(benchmark::State& state, const InputContract& contract, int source,
                PixelFormat format) {
  const Image frame = testing::RandomImage(source + 40, source + 40, format, 1);
  const Image golden = testing::RandomImage(source + 40, source + 40, PixelFormat::kGrey8, 2);
  const ImageView frame_view = frame.View();
  const ImageView golden_view = golden.View();
  TensorMaker maker(contract, kMaxSide);
  if (!maker.Prepare(source, source)) return state.SkipWithError("prepare");
  std::vector<float> tensor(contract.tensor_size());
  for (auto _ : state) {
    const Status filled =
        maker.Fill(frame_view, {20, 20, source, source}, 5, -3, &golden_view, tensor);
    if (!filled) return state.SkipWithError("fill");
    benchmark::DoNotOptimize(tensor.data());
    benchmark::ClobberMemory();
  }
  SetPixels(state, static_cast<double>(source) * source * (contract.golden ? 2 : 1));
}

void CopyGrey(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  FillTensor(state, Contract(side, PixelFormat::kGrey8, false, Resize::kArea), side,
             PixelFormat::kGrey8);
}
void CopyGreyAndGolden(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  FillTensor(state, Contract(side, PixelFormat::kGrey8, true, Resize::kArea), side,
             PixelFormat::kGrey8);
}
void CopyRgb(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  FillTensor(state, Contract(side, PixelFormat::kRgb8, false, Resize::kArea), side,
             PixelFormat::kRgb8);
}
void GreyFromRgbFrame(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  FillTensor(state, Contract(side, PixelFormat::kGrey8, false, Resize::kArea), side,
             PixelFormat::kRgb8);
}
BENCHMARK(CopyGrey)->Arg(64)->Arg(160)->Arg(224)->Unit(benchmark::kMicrosecond);
BENCHMARK(CopyGreyAndGolden)->Arg(64)->Arg(160)->Arg(224)->Unit(benchmark::kMicrosecond);
BENCHMARK(CopyRgb)->Arg(64)->Arg(160)->Arg(224)->Unit(benchmark::kMicrosecond);
BENCHMARK(GreyFromRgbFrame)->Arg(64)->Arg(160)->Arg(224)->Unit(benchmark::kMicrosecond);

// range(0): the window; range(1): the tensor.
template <Resize kResize, PixelFormat kFormat>
void ResizeWindow(benchmark::State& state) {
  FillTensor(state, Contract(static_cast<int>(state.range(1)), kFormat, false, kResize),
             static_cast<int>(state.range(0)), kFormat);
}
template <typename Bench>
void Sizes(Bench* bench) {
  for (const std::vector<std::int64_t>& sizes :
       {std::vector<std::int64_t>{128, 64}, {160, 64}, {640, 224}, {48, 64}}) {
    bench->Args(sizes);
  }
  bench->Unit(benchmark::kMicrosecond);
}
BENCHMARK(ResizeWindow<Resize::kArea, PixelFormat::kGrey8>)->Apply(Sizes);
BENCHMARK(ResizeWindow<Resize::kArea, PixelFormat::kRgb8>)->Apply(Sizes);
BENCHMARK(ResizeWindow<Resize::kBilinear, PixelFormat::kGrey8>)->Apply(Sizes);
BENCHMARK(ResizeWindow<Resize::kBilinear, PixelFormat::kRgb8>)->Apply(Sizes);

void Align(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  std::mt19937 random(1);
  const Image board = testing::MakeBoard(1, side + 80, side + 80);
  auto aligner = Aligner::Create(testing::LookAt(board, side, {}, random).View(), {});
  if (!aligner) return state.SkipWithError(aligner.error().message.c_str());
  const Image part = testing::LookAt(board, side, {7, -5, 1.1, 4, 0}, random);
  for (auto _ : state) {
    const auto shift = aligner->Find(part.View());
    if (!shift || shift->x != 7 || shift->y != -5) return state.SkipWithError("wrong shift");
  }
  SetPixels(state, static_cast<double>(side) * side);
}
BENCHMARK(Align)->Arg(192)->Arg(320)->Arg(640)->Unit(benchmark::kMicrosecond);

void AlignerCreate(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  std::mt19937 random(1);
  const Image golden =
      testing::LookAt(testing::MakeBoard(1, side + 80, side + 80), side, {}, random);
  for (auto _ : state) benchmark::DoNotOptimize(Aligner::Create(golden.View(), {}));
}
BENCHMARK(AlignerCreate)->Arg(192)->Arg(640)->Unit(benchmark::kMillisecond);

void DecodeBytes(benchmark::State& state, const std::vector<std::uint8_t>& bytes, int side) {
  for (auto _ : state) {
    const auto image = Decode(bytes);
    if (!image) return state.SkipWithError(image.error().message.c_str());
    benchmark::DoNotOptimize(image->pixels.data());
  }
  SetPixels(state, static_cast<double>(side) * side);
}

Image Photo(int side) {
  std::mt19937 random(1);
  return testing::LookAt(testing::MakeBoard(1, side + 80, side + 80), side, {0, 0, 1, 4, 1},
                         random);
}

void DecodePng(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  DecodeBytes(state, *EncodePng(Photo(side).View()), side);
}
void DecodeJpeg(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  const Image photo = Photo(side);
  const auto bytes = testing::Jpeg(side, side, photo.pixels, 1, {.quality = 90});
  DecodeBytes(state, bytes, side);
}
BENCHMARK(DecodePng)->Arg(192)->Arg(640)->Unit(benchmark::kMicrosecond);
BENCHMARK(DecodeJpeg)->Arg(192)->Arg(640)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace taktgate::image

BENCHMARK_MAIN();
