#include "apps/end_of_line.h"

#include <gtest/gtest.h>

#include "apps/demo_bundle.h"
#include "apps/test_program.h"
#include "base/file.h"
#include "base/test_tree.h"
#include "inspect/test_whole_bundle.h"

namespace taktgate::apps {
namespace {

using testing::Has;

class EndOfLineTest : public ::testing::Test {
 protected:
  EndOfLineTest() {
    EXPECT_TRUE(WriteFile(tree.root() / "whole.tgb", inspect::testing::WholeBundle().Bytes()));
    const auto file = session::ParseStationFile(
        "[station]\nname = \"line 3\"\n[release]\nbundle = \"whole.tgb\"\n"
        "[camera]\nsource = \"sim\"\n[line]\nparts = 1\n[deadline]\nreserve = \"1ms\"\n",
        tree.root());
    EXPECT_TRUE(file) << file.error().message;
    auto made = session::LineSession::Create(*file, [](std::string_view) {});
    EXPECT_TRUE(made) << made.error().message;
    line = std::move(*made);
  }
  int CodeOf(const Status& ended) {
    ::testing::internal::CaptureStderr();
    int code = 0;
    {
      Console console("taktgate: ");
      code = EndOfLine(*line, ended, console);
      console.Flush();
    }
    said = ::testing::internal::GetCapturedStderr();
    return code;
  }

  taktgate::testing::Tree tree;
  std::unique_ptr<session::LineSession> line;
  std::string said;
};

TEST_F(EndOfLineTest, ALineThatEndedWellHasNothingToSay) {
  EXPECT_EQ(CodeOf({}), kExitOk);
  EXPECT_EQ(said, "");
}

TEST_F(EndOfLineTest, AFaultIsSaidAndIsNoBadInput) {
  EXPECT_EQ(CodeOf(Error{ErrorCode::kInvalid, "camera: gone"}), kExitLineFault);
  EXPECT_EQ(said, "taktgate: error: camera: gone\n");
}

TEST(ConsoleTest, EachTextGoesWhereItBelongs) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  int code = 0;
  {
    Console console("note: ");
    console.Print("a result\n");
    console.notice()("it rains");
    code = console.Refuse({ErrorCode::kInvalid, "no bundle"});
    console.Flush();
  }
  const std::string err = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "a result\n");
  EXPECT_EQ(err, "note: it rains\ntaktgate: error: no bundle\n");
  EXPECT_EQ(code, kExitBadInput);
}

// The test program lies in no folder bin/ beside share/taktgate.
TEST(DemoBundle, IsThatOfTheSourceTreeWhereNoneIsInstalled) {
  EXPECT_EQ(FindDemoBundle(), "demo/demo.tgb");
}

}  // namespace
}  // namespace taktgate::apps
