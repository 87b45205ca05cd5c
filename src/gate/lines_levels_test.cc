// Every level of every line, for every state that there is.
#include <gtest/gtest.h>

#include "gate/lines.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using testing::At;

constexpr TimePoint kLater = TimePoint::max();

class LinesLevels : public ::testing::Test {
 protected:
  std::string Lamps() const {
    std::string lamps;
    if (out.Has(Line::kGreen)) lamps += "green ";
    if (out.Has(Line::kAmber)) lamps += "amber ";
    if (out.Has(Line::kRed)) lamps += "red ";
    return lamps;
  }
  bool Runs() const {
    EXPECT_EQ(out.Has(Line::kReady), out.Has(Line::kLineStop));
    return out.Has(Line::kReady);
  }
  testing::Recorder out;
  Lines lines{GateSettings{}, out};
};

TEST_F(LinesLevels, OneLampForEachSeverity) {
  lines.Show(true, Severity::kCalm);
  EXPECT_EQ(Lamps(), "green ");
  EXPECT_TRUE(Runs());
  lines.Show(true, Severity::kWarn);
  EXPECT_EQ(Lamps(), "green ");
  EXPECT_TRUE(Runs());
  lines.Show(true, Severity::kAmber);
  EXPECT_EQ(Lamps(), "amber ");
  EXPECT_TRUE(Runs());
  lines.Show(true, Severity::kStop);
  EXPECT_EQ(Lamps(), "red ");
  EXPECT_FALSE(Runs());
  lines.Show(true, Severity::kCalm);
  EXPECT_EQ(Lamps(), "green ");
  EXPECT_TRUE(Runs());
}

TEST_F(LinesLevels, APassThatStandsStands) {
  lines.Show(true, Severity::kCalm);
  EXPECT_TRUE(lines.Pass(kLater, kLater));
  EXPECT_TRUE(lines.Pass(kLater, kLater));
  EXPECT_TRUE(out.pass());
}

TEST_F(LinesLevels, OfflineNoGreenButTheAlarmStaysShown) {
  lines.Show(false, Severity::kCalm);
  EXPECT_EQ(Lamps(), "");
  EXPECT_FALSE(Runs());
  lines.Show(false, Severity::kWarn);
  EXPECT_EQ(Lamps(), "");
  lines.Show(false, Severity::kAmber);
  EXPECT_EQ(Lamps(), "amber ");
  EXPECT_FALSE(Runs());
  lines.Show(false, Severity::kStop);
  EXPECT_EQ(Lamps(), "red ");
  EXPECT_FALSE(Runs());
}

TEST_F(LinesLevels, PassStaysWhileTheLineRuns) {
  lines.Show(true, Severity::kCalm);
  ASSERT_TRUE(lines.Pass(At(1), At(100)));
  lines.Show(true, Severity::kAmber);
  EXPECT_TRUE(out.pass());
  lines.Show(false, Severity::kAmber);
  EXPECT_FALSE(out.pass());
  EXPECT_FALSE(lines.passing());
}

TEST_F(LinesLevels, APassThatCameTooLateIsOffTheWireAgain) {
  lines.Show(true, Severity::kCalm);
  out.too_slow = true;
  EXPECT_FALSE(lines.Pass(At(1), At(100)));
  EXPECT_FALSE(out.pass());
  EXPECT_FALSE(lines.passing());
  EXPECT_EQ(out.transitions, (std::vector<bool>{true, false}));
}

TEST_F(LinesLevels, ValidFallsBeforePassChangesEitherWay) {
  lines.Show(true, Severity::kCalm);
  lines.Strobe(At(1), kLater);
  ASSERT_TRUE(lines.Pass(At(2), At(100)));  // the recorder looks
  EXPECT_FALSE(out.Has(Line::kValid));
  lines.Strobe(At(2), kLater);
  EXPECT_TRUE(out.Has(Line::kValid));
  lines.DropPass();
  EXPECT_FALSE(out.Has(Line::kValid));
  EXPECT_EQ(lines.NextTimer(), TimePoint::max()) << "and nothing is left to do for it";
}

TEST_F(LinesLevels, AValidThatCameTooLateIsOffTheWireAgain) {
  lines.Show(true, Severity::kCalm);
  lines.Strobe(At(1), At(2));
  EXPECT_TRUE(out.Has(Line::kValid));
  EXPECT_EQ(out.valid_latest, At(2));
  out.valid_too_slow = true;
  lines.Strobe(At(1.2), At(2));
  EXPECT_FALSE(out.Has(Line::kValid));
  EXPECT_EQ(lines.NextTimer(), TimePoint::max()) << "there is no strobe to end";
}

TEST_F(LinesLevels, ThereIsNoStrobeWithoutReady) {
  lines.Strobe(At(1), kLater);
  EXPECT_FALSE(out.Has(Line::kValid));
  EXPECT_EQ(lines.NextTimer(), TimePoint::max());
}

TEST_F(LinesLevels, AfterTheStrobeNothingIsDue) {
  lines.Show(true, Severity::kCalm);
  lines.Strobe(At(1), kLater);
  lines.OnTime(At(1.5));
  EXPECT_EQ(lines.NextTimer(), TimePoint::max());
  EXPECT_TRUE(out.Has(Line::kReady));
}

TEST_F(LinesLevels, TheHeartBeatsAtItsTimesAndStartsOnce) {
  EXPECT_EQ(lines.NextTimer(), TimePoint::max());
  lines.StartHeart(At(100));
  EXPECT_EQ(lines.NextTimer(), At(600));
  lines.StartHeart(At(300));
  EXPECT_EQ(lines.NextTimer(), At(600)) << "it beats already";
  lines.OnTime(At(599));
  EXPECT_FALSE(out.Has(Line::kHeartbeat));
  lines.OnTime(At(600));
  EXPECT_TRUE(out.Has(Line::kHeartbeat));
  EXPECT_EQ(lines.NextTimer(), At(1100));
  lines.OnTime(At(1100));
  EXPECT_FALSE(out.Has(Line::kHeartbeat));
}

TEST_F(LinesLevels, TheNextTimerIsTheEarlierOfBoth) {
  lines.Show(true, Severity::kCalm);
  lines.StartHeart(At(0));
  lines.Strobe(At(1), kLater);
  EXPECT_EQ(lines.NextTimer(), At(1.5));
  lines.Strobe(At(499.9), kLater);
  EXPECT_EQ(lines.NextTimer(), At(500));
}

TEST_F(LinesLevels, AllSafeIsEveryLineAndTheHeartStandsStill) {
  lines.StartHeart(At(0));
  lines.OnTime(At(500));
  lines.Show(true, Severity::kAmber);
  ASSERT_TRUE(lines.Pass(At(501), At(600)));
  lines.Strobe(At(501), kLater);
  lines.AllSafe();
  for (std::size_t line = 0; line < kOutputLines; ++line) EXPECT_FALSE(out.levels[line]) << line;
  EXPECT_EQ(lines.NextTimer(), TimePoint::max());
  lines.Show(true, Severity::kStop);
  EXPECT_TRUE(out.Has(Line::kRed));
  lines.AllSafe();
  EXPECT_FALSE(out.Has(Line::kRed));
}

}  // namespace
}  // namespace taktgate::gate
