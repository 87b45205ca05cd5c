#include "gate/lines.h"

#include <gtest/gtest.h>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using testing::At;

// The recorder checks that PASS is never on without READY and never changes under VALID.
class LinesTest : public ::testing::Test {
 protected:
  testing::Recorder out;
  Lines lines{GateSettings{}, out};
};

TEST_F(LinesTest, PassNeedsReady) {
  EXPECT_FALSE(lines.Pass(At(1), At(100)));
  EXPECT_TRUE(out.transitions.empty());
  lines.Show(true, Severity::kCalm);
  EXPECT_TRUE(lines.Pass(At(1), At(100)));
  EXPECT_TRUE(lines.passing());
}

TEST_F(LinesTest, GoingOfflineOrStoppedDropsPassAheadOfReady) {
  lines.Show(true, Severity::kCalm);
  EXPECT_TRUE(lines.Pass(At(1), At(100)));
  lines.Strobe(At(1), TimePoint::max());
  lines.Show(true, Severity::kStop);
  EXPECT_FALSE(lines.passing());
  EXPECT_FALSE(out.Has(Line::kValid) || out.Has(Line::kReady) || out.Has(Line::kLineStop));
}

TEST_F(LinesTest, ValidStandsForItsLengthAndRisesAgainForTheNextPart) {
  lines.Show(true, Severity::kCalm);
  lines.Strobe(At(1), TimePoint::max());
  lines.Strobe(At(1.2), TimePoint::max());
  EXPECT_EQ(out.valid_saw_pass.size(), 2U);
  EXPECT_EQ(lines.NextTimer(), At(1.7));
  lines.OnTime(At(1.699));
  EXPECT_TRUE(out.Has(Line::kValid));
  lines.OnTime(At(1.7));
  EXPECT_FALSE(out.Has(Line::kValid));
}

TEST_F(LinesTest, AThreadThatSleptOwesNoHeartbeats) {
  lines.StartHeart(At(0));
  lines.OnTime(At(5000));
  EXPECT_TRUE(out.Has(Line::kHeartbeat));
  EXPECT_EQ(lines.NextTimer(), At(5500));
}

}  // namespace
}  // namespace taktgate::gate
