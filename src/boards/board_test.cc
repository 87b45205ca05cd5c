#include "boards/board.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "boards/board_source.h"
#include "boards/design.h"

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

}  // namespace
}  // namespace taktgate::boards
