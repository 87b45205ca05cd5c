#include "samples/image_cache.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_tree.h"
#include "image/decode.h"

namespace taktgate::samples {
namespace {

class ImageCacheTest : public ::testing::Test {
 protected:
  std::filesystem::path Write(const std::string& name, std::uint8_t value) const {
    const image::Image image{std::vector<std::uint8_t>(4 * 3, value), 4, 3,
                             image::PixelFormat::kGrey8};
    const auto png = image::EncodePng(image.View());
    EXPECT_TRUE(png);
    const auto path = tree.root() / name;
    EXPECT_TRUE(WriteFile(path, {reinterpret_cast<const char*>(png->data()), png->size()}));
    return path;
  }
  int Value(const std::filesystem::path& path) {
    const auto image = cache.Get(path);
    return image ? (*image)->pixels.at(0) : -1;
  }

  taktgate::testing::Tree tree;
  ImageCache cache;
};

TEST_F(ImageCacheTest, TheImageThatWasReadLastIsNotReadAgain) {
  const auto a = Write("a.png", 10);
  EXPECT_EQ(Value(a), 10);
  std::filesystem::remove(a);
  EXPECT_EQ(Value(a), 10);
}

TEST_F(ImageCacheTest, AnotherPathIsAnotherImage) {
  const auto a = Write("a.png", 10), b = Write("b.png", 20);
  EXPECT_EQ(Value(a), 10);
  EXPECT_EQ(Value(b), 20);
  Write("a.png", 30);
  EXPECT_EQ(Value(a), 30) << "only one is kept";
}

// An image that cannot be read must not be taken for the one before, nor that for it.
TEST_F(ImageCacheTest, ARefusedImageLeavesTheOneBeforeAndIsReadAgain) {
  const auto a = Write("a.png", 10);
  tree.Write("b.png", "no image");
  EXPECT_EQ(Value(a), 10);
  EXPECT_EQ(Value(tree.root() / "b.png"), -1);
  EXPECT_EQ(Value(a), 10);
  Write("b.png", 20);
  EXPECT_EQ(Value(tree.root() / "b.png"), 20);
}

TEST_F(ImageCacheTest, ErrorsAreThoseOfDecoding) {
  const auto none = cache.Get(tree.root() / "none.png");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_NE(none.error().message.find("none.png"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::samples
