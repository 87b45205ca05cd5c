// What [camera] source = "replay" makes of a sample list.
#include "session/replay_camera.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/test_tree.h"
#include "image/decode.h"
#include "line/device_tables.h"

namespace taktgate::session {
namespace {

using std::chrono::milliseconds;

class ReplayCameraTest : public ::testing::Test {
 protected:
  // Of one shade each.
  void WriteImage(const std::string& name, std::uint8_t shade, int width = 8, int height = 6) {
    image::Image image{{}, width, height, image::PixelFormat::kGrey8};
    image.pixels.assign(static_cast<std::size_t>(width * height), shade);
    const auto png = image::EncodePng(image.View());
    ASSERT_TRUE(png);
    const auto path = tree.root() / name;
    std::filesystem::create_directories(path.parent_path());
    ASSERT_TRUE(WriteFile(path, {reinterpret_cast<const char*>(png->data()), png->size()}));
  }
  // The camera that the keys name, or nothing and why.
  std::shared_ptr<line::Camera> Open(const std::string& keys) {
    const auto file = TomlFile::Parse("[camera]\nsource = \"replay\"\n" + keys);
    line::DeviceTables tables(*file, tree.root(), error);
    line::LineFacts facts;
    const auto opener = kReplayCameraKind.read(tables, facts);
    if (error) return nullptr;
    EXPECT_TRUE(facts.camera_replays);
    auto camera = opener(around);
    if (camera) return *camera;
    error = camera.error();
    return nullptr;
  }
  // The shades that it shows, part by part.
  std::vector<int> Shades(line::Camera& camera, int parts) {
    std::vector<int> shades;
    EXPECT_TRUE(camera.Start(clock.Now()));
    for (int part = 0; part < parts; ++part) {
      image::Frame frame;
      EXPECT_EQ(camera.Next(clock.Now() + milliseconds(100), frame), line::Wait::kReady);
      shades.push_back(frame.view.data[0]);
      camera.Release(frame);
    }
    return shades;
  }

  taktgate::testing::Tree tree;
  VirtualClock clock;
  std::vector<std::string> notices;
  line::Surroundings around{
      clock, [this](std::string_view text) { notices.emplace_back(text); }, {"good", "open"}};
  std::optional<Error> error;
};

TEST_F(ReplayCameraTest, ShowsTheFramesOfAListOverAndOverAndKnowsTheirClass) {
  WriteImage("a.png", 10);
  WriteImage("b.png", 20);
  WriteImage("c.png", 30);
  tree.Write("list.tsv", "image\tlabel\na.png\tgood\nb.png\topen\nc.png\t");
  const auto camera = Open("data = \"list.tsv\"\n");
  ASSERT_NE(camera, nullptr) << error->message;
  EXPECT_EQ(camera->format(), (image::FrameFormat{8, 6, image::PixelFormat::kGrey8}));
  EXPECT_EQ(Shades(*camera, 4), (std::vector<int>{10, 20, 30, 10}));
  EXPECT_EQ(around.truth_of(1), 0);
  EXPECT_EQ(around.truth_of(2), 1);
  EXPECT_EQ(around.truth_of(3), -1) << "it has no label";
  EXPECT_EQ(around.truth_of(4), 0);
  EXPECT_TRUE(notices.empty());
}

TEST_F(ReplayCameraTest, ShowsOneSplitOnly) {
  WriteImage("a.png", 10);
  WriteImage("b.png", 20);
  tree.Write("list.tsv", "image\tsplit\na.png\ttrain\nb.png\ttest");
  const auto camera = Open("data = \"list.tsv\"\nsplit = \"test\"\n");
  ASSERT_NE(camera, nullptr) << error->message;
  EXPECT_EQ(Shades(*camera, 2), (std::vector<int>{20, 20}));
}

TEST_F(ReplayCameraTest, NamesTheFilesOfAFolderThatItLeavesOut) {
  WriteImage("boards/good/a.png", 10);
  tree.Write("boards/good/readme.txt", "no image");
  ASSERT_NE(Open("data = \"boards\"\n"), nullptr) << error->message;
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("readme.txt"), std::string::npos) << notices[0];
}

TEST_F(ReplayCameraTest, NeedsItsData) {
  EXPECT_EQ(Open(""), nullptr);
  EXPECT_NE(error->message.find("needs data"), std::string::npos) << error->message;
}

TEST_F(ReplayCameraTest, WindowsAreNoFrames) {
  WriteImage("a.png", 10);
  tree.Write("list.tsv", "image\tx\ty\tw\th\na.png\t0\t0\t4\t4");
  EXPECT_EQ(Open("data = \"list.tsv\"\n"), nullptr);
  EXPECT_NE(error->message.find("row 1 of"), std::string::npos) << error->message;
  EXPECT_NE(error->message.find("taktgate inspect"), std::string::npos) << error->message;
}

TEST_F(ReplayCameraTest, FramesOfOneCameraHaveOneSize) {
  WriteImage("a.png", 10);
  WriteImage("b.png", 20, 9, 6);
  tree.Write("list.tsv", "image\na.png\nb.png");
  EXPECT_EQ(Open("data = \"list.tsv\"\n"), nullptr);
  EXPECT_NE(error->message.find("list.tsv"), std::string::npos) << error->message;
}

TEST_F(ReplayCameraTest, AFileThatIsNoImageIsNamed) {
  tree.Write("a.png", "no image");
  tree.Write("list.tsv", "image\na.png");
  EXPECT_EQ(Open("data = \"list.tsv\"\n"), nullptr);
  EXPECT_NE(error->message.find("a.png"), std::string::npos) << error->message;
}

}  // namespace
}  // namespace taktgate::session
