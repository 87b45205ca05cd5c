#include "boards/board.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "boards/board_source.h"
#include "boards/defects.h"
#include "boards/design.h"
#include "boards/layers.h"

namespace taktgate::boards {
namespace {

constexpr std::size_t kPixels = 192 * 192;

// A line without any spread but the place of the board: what differs is the defect.
BoardSettings Plain(double defect_share) {
  BoardSettings settings;
  settings.defect_share = defect_share;
  settings.nuisance = {.gain = 0, .blur_px = 0, .noise = 0, .shift_px = 0};
  return settings;
}

TEST(BoardRenderer, APartDependsOnItsNumberAlone) {
  BoardRenderer forwards(BoardSettings{});
  BoardRenderer backwards(BoardSettings{});
  std::vector<std::vector<std::uint8_t>> first(5, std::vector<std::uint8_t>(kPixels));
  std::vector<std::uint8_t> again(kPixels);
  for (std::uint64_t part = 0; part < 5; ++part) forwards.Render(part, first[part].data());
  for (std::uint64_t part = 5; part-- > 0;) {
    backwards.Render(part, again.data());
    EXPECT_EQ(again, first[part]) << part;
  }
  EXPECT_NE(first[0], first[1]);
}

TEST(BoardRenderer, SeedsAndDesignsGiveOtherBoards) {
  BoardSettings other_seed;
  other_seed.seed = 2;
  BoardSettings other_design;
  other_design.design = 7;
  std::vector<std::uint8_t> a(kPixels), b(kPixels);
  BoardRenderer(BoardSettings{}).Render(0, a.data());
  BoardRenderer(other_seed).Render(0, b.data());
  EXPECT_NE(a, b);
  EXPECT_NE(BoardRenderer(BoardSettings{}).golden().pixels,
            BoardRenderer(other_design).golden().pixels);
}

TEST(BoardRenderer, WhatIsWantedIsKnownWithoutRendering) {
  BoardSettings settings;
  settings.defect_share = 0.5;
  BoardRenderer renderer(settings);
  std::vector<std::uint8_t> pixels(kPixels);
  for (std::uint64_t part = 0; part < 50; ++part) {
    const Defect drawn = renderer.Render(part, pixels.data()).defect;
    if (drawn != Defect::kNone) {
      EXPECT_EQ(drawn, WantedDefect(settings, part)) << part;
    }
  }
}

TEST(BoardRenderer, DefectsOccurAtTheirShareAndEachKindEquallyOften) {
  BoardSettings settings;
  settings.defect_share = 0.5;
  BoardRenderer renderer(settings);
  std::vector<std::uint8_t> pixels(kPixels);
  std::array<int, kDefectKinds + 1> seen{};
  for (std::uint64_t part = 0; part < 1400; ++part) {
    ++seen[static_cast<std::size_t>(renderer.Render(part, pixels.data()).defect)];
  }
  EXPECT_NEAR(seen[0], 700, 80);
  for (std::size_t kind = 1; kind < seen.size(); ++kind) EXPECT_NEAR(seen[kind], 100, 40) << kind;
}

TEST(BoardRenderer, ADefectChangesItsBoxAndNothingElse) {
  BoardRenderer good(Plain(0));
  BoardRenderer bad(Plain(1));
  std::vector<std::uint8_t> perfect(kPixels), pixels(kPixels);
  good.Render(0, perfect.data());
  std::array<int, kDefectKinds + 1> seen{};
  for (std::uint64_t part = 0; part < 300; ++part) {
    const Truth truth = bad.Render(part, pixels.data());
    ++seen[static_cast<std::size_t>(truth.defect)];
    int inside = 0;
    for (int y = 0; y < 192; ++y) {
      for (int x = 0; x < 192; ++x) {
        const auto at = static_cast<std::size_t>(y * 192 + x);
        const bool in_box = x >= truth.box.x && x < truth.box.x + truth.box.w && y >= truth.box.y &&
                            y < truth.box.y + truth.box.h;
        if (std::abs(pixels[at] - perfect[at]) > 15) ++inside;
        if (!in_box) {
          ASSERT_EQ(pixels[at], perfect[at]) << "outside the box of part " << part;
        }
      }
    }
    EXPECT_GE(inside, 3) << LabelOf(truth.defect) << " of part " << part << " cannot be seen";
  }
  for (std::size_t kind = 1; kind < seen.size(); ++kind) EXPECT_GT(seen[kind], 0) << kind;
}

TEST(BoardRenderer, DefectsLieWhereTheWindowsLook) {
  BoardSettings settings;
  settings.defect_share = 1;
  BoardRenderer renderer(settings);
  std::vector<std::uint8_t> pixels(kPixels);
  for (std::uint64_t part = 0; part < 500; ++part) {
    const Truth truth = renderer.Render(part, pixels.data());
    const int x = truth.box.x - truth.shift_x;
    const int y = truth.box.y - truth.shift_y;
    EXPECT_GE(x, 30);
    EXPECT_GE(y, 30);
    EXPECT_LE(x + truth.box.w, 162);
    EXPECT_LE(y + truth.box.h, 162);
  }
}

TEST(Design, EveryDesignHasPlacesForEveryDefect) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Design design = MakeDesign(192, 192, seed);
    EXPECT_GE(design.on_traces.size(), 40U) << seed;
    EXPECT_GE(design.beside.size(), 4U) << seed;
    EXPECT_GE(design.pad_places.size(), 4U) << seed;
    EXPECT_GE(design.pad_gaps.size(), 1U) << seed;
  }
}

TEST(BoardSource, RemembersTheTruthOfEachPart) {
  BoardSettings settings;
  settings.defect_share = 0.5;
  BoardSource source(settings);
  BoardRenderer renderer(settings);
  std::vector<std::uint8_t> pixels(kPixels), expected(kPixels);
  for (std::uint64_t part = 0; part < 50; ++part) source.Fill(part, pixels.data());
  for (std::uint64_t part = 0; part < 50; ++part) {
    EXPECT_EQ(source.DefectOf(part), renderer.Render(part, expected.data()).defect);
  }
  EXPECT_EQ(pixels, expected);
}

// Mean and spread of what differs between two pictures.
struct Difference {
  double mean = 0;
  double sigma = 0;
};

Difference Between(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  double sum = 0, squares = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = static_cast<double>(a[k]) - b[k];
    sum += difference;
    squares += difference * difference;
  }
  const double mean = sum / static_cast<double>(a.size());
  return {mean, std::sqrt(squares / static_cast<double>(a.size()) - mean * mean)};
}

double Mean(const std::vector<std::uint8_t>& pixels) {
  double sum = 0;
  for (const std::uint8_t value : pixels) sum += value;
  return sum / static_cast<double>(pixels.size());
}

// How hard the edges are: squares of what neighbours in a row differ.
double Sharpness(const std::vector<std::uint8_t>& pixels) {
  double sum = 0;
  for (std::size_t k = 1; k < pixels.size(); ++k) {
    const double step = pixels[k] - pixels[k - 1];
    sum += step * step;
  }
  return sum;
}

class Nuisances : public ::testing::Test {
 protected:
  void Set(const Nuisance& nuisance) {
    BoardSettings settings = Plain(0);
    settings.nuisance = nuisance;
    renderer.emplace(settings);
  }
  // Part `part`, and in `truth` what is known of it.
  std::vector<std::uint8_t> Picture(std::uint64_t part = 0) {
    std::vector<std::uint8_t> pixels(kPixels);
    truth = renderer->Render(part, pixels.data());
    return pixels;
  }

  std::optional<BoardRenderer> renderer{Plain(0)};
  Truth truth;
};

TEST_F(Nuisances, WithoutAnyEveryGoodPartIsTheSame) {
  EXPECT_EQ(Picture(0), Picture(1));
  EXPECT_EQ(truth.gain, 1);
  EXPECT_EQ(truth.box.w, 0) << "nothing is wrong with it";
}

TEST_F(Nuisances, NoiseHasItsSigmaAndNoBias) {
  const auto plain = Picture();
  Set({.gain = 0, .blur_px = 0, .noise = 3, .shift_px = 0});
  const Difference noise = Between(Picture(), plain);
  EXPECT_NEAR(noise.mean, 0, 0.1);
  EXPECT_NEAR(noise.sigma, 3, 0.2);
  EXPECT_NE(Picture(0), Picture(1)) << "each part has its own";
}

TEST_F(Nuisances, TheLampMakesAPictureBrighterByTheGainThatIsToldOnly) {
  const double plain = Mean(Picture());
  Set({.gain = 0.1, .blur_px = 0, .noise = 0, .shift_px = 0});
  double darkest = 2, brightest = 0;
  for (std::uint64_t part = 0; part < 30; ++part) {
    const double seen = Mean(Picture(part)) / plain;
    EXPECT_NEAR(seen, truth.gain, 0.01) << part;
    darkest = std::min(darkest, truth.gain);
    brightest = std::max(brightest, truth.gain);
  }
  EXPECT_GE(darkest, 0.9);
  EXPECT_LT(darkest, 0.93);
  EXPECT_LE(brightest, 1.1);
  EXPECT_GT(brightest, 1.07);
}

TEST_F(Nuisances, BlurTakesEdgesAwayAndNoLight) {
  const auto plain = Picture();
  Set({.gain = 0, .blur_px = 0.7, .noise = 0, .shift_px = 0});
  double softest = Sharpness(plain);
  for (std::uint64_t part = 0; part < 20; ++part) {
    const auto blurred = Picture(part);
    EXPECT_LT(Sharpness(blurred), Sharpness(plain)) << part;
    EXPECT_NEAR(Mean(blurred), Mean(plain), 0.5) << part;
    softest = std::min(softest, Sharpness(blurred));
  }
  EXPECT_LT(softest, 0.9 * Sharpness(plain));
}

TEST_F(Nuisances, TheBoardLiesWhereTheTruthSays) {
  const auto plain = Picture();
  Set({.gain = 0, .blur_px = 0, .noise = 0, .shift_px = 10});
  int left = 0, up = 0;
  for (std::uint64_t part = 0; part < 20; ++part) {
    const auto moved = Picture(part);
    ASSERT_LE(std::abs(truth.shift_x), 10);
    ASSERT_LE(std::abs(truth.shift_y), 10);
    left += truth.shift_x < 0 ? 1 : 0;
    up += truth.shift_y < 0 ? 1 : 0;
    for (int y = 20; y < 172; ++y) {
      for (int x = 20; x < 172; ++x) {
        const auto to = static_cast<std::size_t>(y * 192 + x);
        const auto from = static_cast<std::size_t>((y - truth.shift_y) * 192 + x - truth.shift_x);
        ASSERT_EQ(moved[to], plain[from]) << part << ": " << x << ", " << y;
      }
    }
  }
  EXPECT_GT(left, 3);
  EXPECT_LT(left, 17);
  EXPECT_GT(up, 3);
  EXPECT_LT(up, 17);
}

// What a person, and a model, would see of it: where copper or solder goes or comes.
TEST(BoardRenderer, EachKindOfDefectMakesTheBoardDarkerOrBrighterThere) {
  BoardRenderer good(Plain(0));
  BoardRenderer bad(Plain(1));
  std::vector<std::uint8_t> perfect(kPixels), pixels(kPixels);
  good.Render(0, perfect.data());
  std::array<double, kDefectKinds + 1> change{};
  for (std::uint64_t part = 0; part < 200; ++part) {
    const Truth truth = bad.Render(part, pixels.data());
    change[static_cast<std::size_t>(truth.defect)] += Between(pixels, perfect).mean;
  }
  const auto of = [&](Defect defect) { return change[static_cast<std::size_t>(defect)]; };
  for (const Defect less : {Defect::kOpen, Defect::kMouseBite, Defect::kMissingPad}) {
    EXPECT_LT(of(less), 0) << LabelOf(less);
  }
  for (const Defect more : {Defect::kShort, Defect::kSpur, Defect::kSolderBridge}) {
    EXPECT_GT(of(more), 0) << LabelOf(more);
  }
}

TEST(BoardRenderer, EachDefectHasItsOwnLabel) {
  std::set<std::string_view> labels;
  for (int kind = 0; kind <= kDefectKinds; ++kind) {
    labels.insert(LabelOf(static_cast<Defect>(kind)));
  }
  EXPECT_EQ(labels.size(), kDefectKinds + 1U);
  EXPECT_EQ(LabelOf(Defect::kNone), "good");
  EXPECT_EQ(LabelOf(Defect::kMouseBite), "mouse-bite");
}

TEST(Damage, ADesignWithoutAPlaceForADefectHasNone) {
  Design bare;
  bare.width = bare.height = 64;
  Random random(1);
  for (const Defect defect : {Defect::kNone, Defect::kOpen, Defect::kShort, Defect::kMouseBite,
                              Defect::kSpur, Defect::kMissingPad, Defect::kSolderBridge}) {
    const Damage damage = DrawDamage(bare, defect, 10, random);
    EXPECT_EQ(damage.kind, Damage::Kind::kNothing) << LabelOf(defect);
    EXPECT_EQ(BoxOf(damage, 64, 64).w, 0);
  }
}

TEST(Damage, ItsBoxIsWhereItChangesSomething) {
  const Design design = MakeDesign(192, 192, 4);
  const Layers layers(design);
  Random random(3);
  for (int kind = 1; kind <= kDefectKinds; ++kind) {
    const Damage damage = DrawDamage(design, static_cast<Defect>(kind), 10, random);
    const image::Rect box = BoxOf(damage, 192, 192);
    for (int y = 0; y < 192; ++y) {
      for (int x = 0; x < 192; ++x) {
        float scratch = 0;
        const Layers::Pixel before = layers.At(x, y);
        const Layers::Pixel after = Damaged(damage, before, {x + 0.5, y + 0.5}, scratch);
        const bool inside = x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h;
        const bool changed = scratch > 0 || Layers::Grey(after) != Layers::Grey(before);
        ASSERT_TRUE(inside || !changed) << kind << " at " << x << ", " << y;
      }
    }
  }
}

TEST(Damage, ABoxEndsWithTheFrame) {
  Damage damage;
  damage.kind = Damage::Kind::kAddCopper;
  damage.count = 1;
  damage.strokes[0] = {{-5, 30}, {70, 30}, 3};
  const image::Rect box = BoxOf(damage, 64, 32);
  EXPECT_EQ(box.x, 0);
  EXPECT_EQ(box.w, 64);
  EXPECT_EQ(box.y, 26);
  EXPECT_EQ(box.y + box.h, 32);
}

TEST(Shapes, DistancesAreNegativeInside) {
  EXPECT_DOUBLE_EQ(DistanceToSegment({5, 3}, {0, 0}, {10, 0}, 2), 1);
  EXPECT_DOUBLE_EQ(DistanceToSegment({5, 0}, {0, 0}, {10, 0}, 2), -2);
  EXPECT_DOUBLE_EQ(DistanceToSegment({13, 4}, {0, 0}, {10, 0}, 2), 3) << "to its end";
  EXPECT_DOUBLE_EQ(DistanceToSegment({3, 4}, {0, 0}, {0, 0}, 1), 4) << "a point";
  EXPECT_DOUBLE_EQ(DistanceToBox({8, 0}, {0, 0}, 5, 4, 0), 3);
  EXPECT_DOUBLE_EQ(DistanceToBox({0, 0}, {0, 0}, 5, 4, 0), -4);
  EXPECT_DOUBLE_EQ(DistanceToBox({3, 4}, {0, 0}, 2, 2, 2), 3) << "all corner: a circle";
  EXPECT_DOUBLE_EQ(Coverage(0), 0.5);
  EXPECT_DOUBLE_EQ(Coverage(-2), 1);
  EXPECT_DOUBLE_EQ(Coverage(2), 0);
}

TEST(BoardSource, IsAsLargeAsItsBoards) {
  BoardSettings settings;
  settings.width = 128;
  settings.height = 96;
  const BoardSource source(settings);
  EXPECT_EQ(source.format(), (image::FrameFormat{128, 96, image::PixelFormat::kGrey8}));
}

}  // namespace
}  // namespace taktgate::boards
