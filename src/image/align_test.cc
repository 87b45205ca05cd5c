#include "image/align.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "image/test_board.h"

namespace taktgate::image {
namespace {

using testing::LookAt;
using testing::MakeBoard;
using testing::MakeImage;
using testing::View;

constexpr int kSize = 192;

Result<Aligner> AlignerFor(const Image& golden) { return Aligner::Create(golden.View(), {}); }

struct Tally {
  int wrong = 0;
  int none = 0;
};

// A board, the golden image of it and the aligner on that.
struct BoardCase {
  Image board;
  Aligner aligner;
};

const std::vector<BoardCase>& BoardCases() {
  static const std::vector<BoardCase> cases = [] {
    std::vector<BoardCase> made;
    std::mt19937 random(9);
    for (unsigned design = 0; design < 40; ++design) {
      Image board = MakeBoard(design, kSize + 160, kSize + 160);
      auto aligner = AlignerFor(LookAt(board, kSize, {}, random));
      EXPECT_TRUE(aligner) << design << ": " << aligner.error().message;
      if (aligner) made.push_back({std::move(board), std::move(*aligner)});
    }
    return made;
  }();
  return cases;
}

// Each board seen once at a random shift.
template <typename Disturb>
Tally Try(const View& view, Disturb disturb) {
  Tally tally;
  std::mt19937 random(5);
  for (const BoardCase& board_case : BoardCases()) {
    Aligner aligner = board_case.aligner;
    View seen = view;
    seen.shift_x = testing::Draw(random, -16, 16);
    seen.shift_y = testing::Draw(random, -16, 16);
    Image frame = LookAt(board_case.board, kSize, seen, random);
    disturb(frame, random);
    const auto shift = aligner.Find(frame.View());
    if (!shift) {
      ++tally.none;
    } else if (shift->x != seen.shift_x || shift->y != seen.shift_y) {
      ++tally.wrong;
    }
  }
  return tally;
}

void Nothing(Image& /*frame*/, std::mt19937& /*random*/) {}

// Bright, dark and copper-coloured blobs of up to 24 px.
void Defects(Image& frame, std::mt19937& random) {
  for (int i = 0; i < 6; ++i) {
    testing::Paint(frame,
                   {testing::Draw(random, 0, kSize - 24), testing::Draw(random, 0, kSize - 24),
                    testing::Draw(random, 4, 24), testing::Draw(random, 4, 24)},
                   testing::Draw(random, 0, 255));
  }
}

TEST(Aligner, FindsEveryShiftWithinTheLimit) {
  std::mt19937 random(1);
  const Image board = MakeBoard(7, kSize + 80, kSize + 80);
  auto aligner = AlignerFor(LookAt(board, kSize, {}, random));
  ASSERT_TRUE(aligner) << aligner.error().message;
  for (int y = -16; y <= 16; ++y) {
    for (int x = -16; x <= 16; ++x) {
      const Image frame = LookAt(board, kSize, {x, y, 1, 3, 0}, random);
      const auto shift = aligner->Find(frame.View());
      ASSERT_TRUE(shift) << x << ", " << y;
      EXPECT_EQ(shift->x, x);
      EXPECT_EQ(shift->y, y);
      EXPECT_GT(shift->score, 0.9);
    }
  }
}

TEST(Aligner, IsNeverWrongUnderLampNoiseBlurAndDefects) {
  for (const View& view : {View{0, 0, 0.7, 0, 0}, View{0, 0, 1.15, 0, 0}, View{0, 0, 1.3, 4, 0},
                           View{0, 0, 0.7, 8, 0}, View{0, 0, 1, 4, 1}, View{0, 0, 0.8, 8, 1}}) {
    SCOPED_TRACE("gain " + std::to_string(view.gain) + ", noise " + std::to_string(view.noise) +
                 ", blur " + std::to_string(view.blur));
    const Tally clean = Try(view, Nothing);
    EXPECT_EQ(clean.wrong, 0);
    EXPECT_EQ(clean.none, 0);
    const Tally marked = Try(view, Defects);
    EXPECT_EQ(marked.wrong, 0);
    EXPECT_LE(marked.none, 2);
  }
}

TEST(Aligner, RefusesAPartBeyondTheLimit) {
  std::mt19937 random(3);
  for (const BoardCase& board_case : BoardCases()) {
    Aligner aligner = board_case.aligner;
    const int far = testing::Draw(random, 20, 40);
    for (const int shift : {17, 18, 19, far, -17, -18, -far}) {
      const Image sideways = LookAt(board_case.board, kSize, {shift, 3, 1, 3, 0}, random);
      EXPECT_FALSE(aligner.Find(sideways.View())) << shift;
      const Image down = LookAt(board_case.board, kSize, {-2, shift, 1, 3, 0}, random);
      EXPECT_FALSE(aligner.Find(down.View())) << shift;
    }
  }
}

TEST(Aligner, KeepsASmallerLimit) {
  std::mt19937 random(3);
  const Image board = MakeBoard(2, kSize + 80, kSize + 80);
  auto aligner = Aligner::Create(LookAt(board, kSize, {}, random).View(), {4, 0.6});
  ASSERT_TRUE(aligner) << aligner.error().message;
  EXPECT_TRUE(aligner->Find(LookAt(board, kSize, {4, -4, 1, 3, 0}, random).View()));
  EXPECT_FALSE(aligner->Find(LookAt(board, kSize, {5, 0, 1, 3, 0}, random).View()));
  EXPECT_FALSE(aligner->Find(LookAt(board, kSize, {0, -6, 1, 3, 0}, random).View()));
}

TEST(Aligner, RefusesWhatIsNotThisBoard) {
  std::mt19937 random(4);
  const Image board = MakeBoard(11, kSize + 80, kSize + 80);
  auto aligner = AlignerFor(LookAt(board, kSize, {}, random));
  ASSERT_TRUE(aligner) << aligner.error().message;
  Image flat = MakeImage(kSize, kSize, PixelFormat::kGrey8);
  EXPECT_FALSE(aligner->Find(flat.View())) << "black";
  testing::Paint(flat, {0, 0, kSize, kSize}, 255);
  EXPECT_FALSE(aligner->Find(flat.View())) << "white";
  for (unsigned seed = 0; seed < 30; ++seed) {
    EXPECT_FALSE(
        aligner->Find(testing::RandomImage(kSize, kSize, PixelFormat::kGrey8, seed).View()))
        << "noise";
    const Image other = MakeBoard(100 + seed, kSize + 80, kSize + 80);
    EXPECT_FALSE(aligner->Find(LookAt(other, kSize, {}, random).View())) << "another board";
  }
  EXPECT_FALSE(aligner->Find(MakeImage(kSize + 1, kSize, PixelFormat::kGrey8).View())) << "size";
}

TEST(Aligner, RefusesAScoreBelowTheRecipes) {
  std::mt19937 random(4);
  const Image board = MakeBoard(11, kSize + 80, kSize + 80);
  auto aligner = Aligner::Create(LookAt(board, kSize, {}, random).View(), {16, 0.99});
  ASSERT_TRUE(aligner);
  EXPECT_TRUE(aligner->Find(LookAt(board, kSize, {2, 1, 1, 0, 0}, random).View()));
  EXPECT_FALSE(aligner->Find(LookAt(board, kSize, {2, 1, 1, 12, 1}, random).View()));
}

TEST(Aligner, AlignsRgbFramesOnGreyGoldenImages) {
  std::mt19937 random(4);
  const Image board = MakeBoard(12, kSize + 80, kSize + 80);
  auto aligner = AlignerFor(LookAt(board, kSize, {}, random));
  ASSERT_TRUE(aligner);
  const Image grey = LookAt(board, kSize, {-9, 14, 1, 3, 0}, random);
  Image rgb = MakeImage(kSize, kSize, PixelFormat::kRgb8);
  for (std::size_t i = 0; i < rgb.pixels.size(); ++i) rgb.pixels[i] = grey.pixels[i / 3];
  const auto shift = aligner->Find(rgb.View());
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->x, -9);
  EXPECT_EQ(shift->y, 14);
}

// --- golden images that cannot be aligned on ---

Image Pattern(int size, bool (*is_bright)(int x, int y)) {
  Image image = MakeImage(size, size, PixelFormat::kGrey8);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) testing::At(image, x, y) = is_bright(x, y) ? 200 : 40;
  }
  return image;
}

void ExpectRefused(const Image& golden, const char* why) {
  const auto aligner = AlignerFor(golden);
  ASSERT_FALSE(aligner) << why;
  EXPECT_EQ(aligner.error().code, ErrorCode::kInvalid);
  EXPECT_NE(aligner.error().message.find(why), std::string::npos) << aligner.error().message;
}

TEST(AlignerCreate, RefusesWhatHasNoPlace) {
  ExpectRefused(Pattern(kSize, [](int, int) { return true; }), "same in every column");
  ExpectRefused(Pattern(kSize, [](int x, int) { return x > 90; }), "same in every row");
  ExpectRefused(Pattern(kSize, [](int, int y) { return y > 90; }), "same in every column");
  ExpectRefused(Pattern(kSize, [](int x, int y) { return x % 12 < 5 && y % 12 < 5; }), "repeats");
  ExpectRefused(Pattern(kSize, [](int x, int y) { return x % 31 < 5 && y % 31 < 9; }), "repeats");
  ExpectRefused(Pattern(kSize, [](int x, int y) { return x > 90 ? y > 80 : x > 44 && y % 16 < 5; }),
                "repeats");
  ExpectRefused(Pattern(kSize, [](int x, int y) { return x + y > 170; }), "one direction");
}

TEST(AlignerCreate, RefusesSmallGoldenImagesAndWrongSettings) {
  ExpectRefused(MakeBoard(1, 62, 192), "62 x 192");
  std::mt19937 random(1);
  const Image golden = LookAt(MakeBoard(3, kSize + 80, kSize + 80), kSize, {}, random);
  for (const AlignmentSettings settings :
       {AlignmentSettings{0, 0.6}, {17, 0.6}, {16, -0.1}, {16, 1.1}}) {
    const auto aligner = Aligner::Create(golden.View(), settings);
    ASSERT_FALSE(aligner);
    EXPECT_EQ(aligner.error().code, ErrorCode::kInvalid);
  }
}

}  // namespace
}  // namespace taktgate::image
