#include "boards/board.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "boards/defects.h"
#include "boards/design.h"
#include "boards/layers.h"

namespace taktgate::boards {

std::string_view LabelOf(Defect defect) {
  switch (defect) {
    case Defect::kNone:
      return "good";
    case Defect::kOpen:
      return "open";
    case Defect::kShort:
      return "short";
    case Defect::kMouseBite:
      return "mouse-bite";
    case Defect::kSpur:
      return "spur";
    case Defect::kMissingPad:
      return "missing-pad";
    case Defect::kSolderBridge:
      return "solder-bridge";
    case Defect::kScratch:
      return "scratch";
  }
  return "good";
}

namespace {

constexpr int kTaps = 2;                              // of the blur on each side
constexpr std::size_t kNoiseSize = (1 << 16) + 8192;  // more than a row after any start

float Scratched(float grey, float cover) { return grey + cover * (grey < 120 ? 85.0F : -75.0F); }

// Sums of twelve uniforms minus six: near enough to normal for a sensor, and exact everywhere.
std::vector<float> MakeNoise() {
  Random random(0x6e6f697365U);
  std::vector<float> noise(kNoiseSize);
  for (float& value : noise) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.Unit();
    value = static_cast<float>(sum);
  }
  return noise;
}

Random RandomOf(const BoardSettings& settings, std::uint64_t part) {
  return Random::Of(settings.seed * 0x100000001b3U + settings.design, part);
}

// The first draw of a part.
Defect DrawDefect(const BoardSettings& settings, Random& random) {
  if (random.Unit() >= settings.defect_share) return Defect::kNone;
  return static_cast<Defect>(random.Whole(1, kDefectKinds));
}

}  // namespace

// What is drawn once per design, and the canvases of the part in progress.
struct BoardRenderer::State {
  explicit State(const BoardSettings& wanted)
      : settings(wanted),
        design(MakeDesign(wanted.width, wanted.height, wanted.design)),
        layers(design),
        noise(MakeNoise()),
        perfect(Pixels()),
        canvas(Pixels()),
        blurred(Pixels()) {
    for (int y = 0; y < settings.height; ++y) {
      for (int x = 0; x < settings.width; ++x) perfect[Index(x, y)] = Layers::Grey(layers.At(x, y));
    }
  }
  std::size_t Pixels() const {
    return static_cast<std::size_t>(settings.width) * static_cast<std::size_t>(settings.height);
  }
  std::size_t Index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(settings.width) +
           static_cast<std::size_t>(x);
  }

  void Place(int shift_x, int shift_y);
  image::Rect Damage(const boards::Damage& damage, int shift_x, int shift_y);
  void Blur(double sigma);
  void Expose(double gain, double tilt_x, double tilt_y, double sigma, Random& random,
              std::uint8_t* pixels) const;

  const BoardSettings settings;
  const Design design;
  const Layers layers;
  const std::vector<float> noise;
  image::Image golden;
  std::vector<float> perfect;  // grey levels of the good board, unshifted
  std::vector<float> canvas;
  std::vector<float> blurred;
};

// The good board, moved; the frame's edge repeats outwards, where there is only the table.
void BoardRenderer::State::Place(int shift_x, int shift_y) {
  for (int y = 0; y < settings.height; ++y) {
    const int from_y = std::clamp(y - shift_y, 0, settings.height - 1);
    for (int x = 0; x < settings.width; ++x) {
      const int from_x = std::clamp(x - shift_x, 0, settings.width - 1);
      canvas[Index(x, y)] = perfect[Index(from_x, from_y)];
    }
  }
}

image::Rect BoardRenderer::State::Damage(const boards::Damage& damage, int shift_x, int shift_y) {
  const image::Rect box = BoxOf(damage, settings.width, settings.height);
  for (int y = box.y; y < box.y + box.h; ++y) {
    for (int x = box.x; x < box.x + box.w; ++x) {
      const int to_x = x + shift_x;
      const int to_y = y + shift_y;
      if (to_x < 0 || to_y < 0 || to_x >= settings.width || to_y >= settings.height) continue;
      float scratch = 0;
      const Layers::Pixel pixel =
          Damaged(damage, layers.At(x, y), Point{x + 0.5, y + 0.5}, scratch);
      canvas[Index(to_x, to_y)] = Scratched(Layers::Grey(pixel), scratch);
    }
  }
  return {box.x + shift_x, box.y + shift_y, box.w, box.h};
}

void BoardRenderer::State::Blur(double sigma) {
  float taps[2 * kTaps + 1];
  float sum = 0;
  for (int i = -kTaps; i <= kTaps; ++i) {
    sum += taps[i + kTaps] = static_cast<float>(std::exp(-i * i / (2 * sigma * sigma)));
  }
  for (float& tap : taps) tap /= sum;
  const int width = settings.width;
  const int height = settings.height;
  for (int y = 0; y < height; ++y) {
    const float* row = &canvas[Index(0, y)];
    float* out = &blurred[Index(0, y)];
    for (int x = 0; x < kTaps; ++x) out[x] = row[x];
    for (int x = kTaps; x < width - kTaps; ++x) {
      out[x] = taps[0] * row[x - 2] + taps[1] * row[x - 1] + taps[2] * row[x] +
               taps[3] * row[x + 1] + taps[4] * row[x + 2];
    }
    for (int x = width - kTaps; x < width; ++x) out[x] = row[x];
  }
  for (int y = kTaps; y < height - kTaps; ++y) {
    const float* middle = &blurred[Index(0, y)];
    float* out = &canvas[Index(0, y)];
    for (int x = 0; x < width; ++x) {
      out[x] = taps[0] * middle[x - 2 * width] + taps[1] * middle[x - width] + taps[2] * middle[x] +
               taps[3] * middle[x + width] + taps[4] * middle[x + 2 * width];
    }
  }
}

// Light, lamp and sensor: uneven gain, noise, rounding to 8 bit.
void BoardRenderer::State::Expose(double gain, double tilt_x, double tilt_y, double sigma,
                                  Random& random, std::uint8_t* pixels) const {
  const auto noise_sigma = static_cast<float>(sigma);
  for (int y = 0; y < settings.height; ++y) {
    const std::size_t start = random.Next() & 0xffff;
    const float* row = &canvas[Index(0, y)];
    const float* spread = &noise[start];
    std::uint8_t* out = pixels + Index(0, y);
    const double row_gain = gain * (1 + tilt_y * (2.0 * y / settings.height - 1));
    const auto at_left = static_cast<float>(row_gain * (1 - tilt_x));
    const auto step = static_cast<float>(row_gain * 2 * tilt_x / settings.width);
    for (int x = 0; x < settings.width; ++x) {
      const float lit = row[x] * (at_left + step * static_cast<float>(x));
      const float level = lit + noise_sigma * spread[x] + 0.5F;
      out[x] = static_cast<std::uint8_t>(std::clamp(level, 0.0F, 255.0F));
    }
  }
}

BoardRenderer::BoardRenderer(const BoardSettings& settings)
    : state_(std::make_unique<State>(settings)) {
  State& state = *state_;
  state.Place(0, 0);
  state.Blur(0.5);
  state.golden.width = settings.width;
  state.golden.height = settings.height;
  state.golden.format = image::PixelFormat::kGrey8;
  state.golden.pixels.resize(state.Pixels());
  Random unused(0);
  state.Expose(1, 0, 0, 0, unused, state.golden.pixels.data());
}

BoardRenderer::~BoardRenderer() = default;
BoardRenderer::BoardRenderer(BoardRenderer&&) noexcept = default;

const image::Image& BoardRenderer::golden() const { return state_->golden; }

Defect WantedDefect(const BoardSettings& settings, std::uint64_t part) {
  Random random = RandomOf(settings, part);
  return DrawDefect(settings, random);
}

Truth BoardRenderer::Render(std::uint64_t part, std::uint8_t* pixels) {
  State& state = *state_;
  const BoardSettings& settings = state.settings;
  const Nuisance& nuisance = settings.nuisance;
  Random random = RandomOf(settings, part);
  Truth truth;
  truth.defect = DrawDefect(settings, random);
  truth.shift_x = random.Whole(-nuisance.shift_px, nuisance.shift_px);
  truth.shift_y = random.Whole(-nuisance.shift_px, nuisance.shift_px);
  truth.gain = random.Between(1 - nuisance.gain, 1 + nuisance.gain);
  const double extent = random.Between(settings.size_min_px, settings.size_max_px);
  const Damage damage = DrawDamage(state.design, truth.defect, extent, random);
  if (damage.kind == Damage::Kind::kNothing) truth.defect = Defect::kNone;
  state.Place(truth.shift_x, truth.shift_y);
  truth.box = state.Damage(damage, truth.shift_x, truth.shift_y);
  if (truth.defect == Defect::kNone) truth.box = {};
  const double sigma = random.Between(std::min(0.3, nuisance.blur_px), nuisance.blur_px);
  if (sigma > 0) state.Blur(sigma);
  const double tilt_x = random.Between(-0.5, 0.5) * nuisance.gain;
  const double tilt_y = random.Between(-0.5, 0.5) * nuisance.gain;
  state.Expose(truth.gain, tilt_x, tilt_y, nuisance.noise, random, pixels);
  return truth;
}

}  // namespace taktgate::boards
