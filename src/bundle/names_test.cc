#include "bundle/names.h"

#include <gtest/gtest.h>

#include "bundle/digest.h"
#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

TEST(NamesTest, ContainsLooksForTheWholeName) {
  const std::vector<std::string_view> names = {"train", "val"};
  EXPECT_TRUE(Contains(names, "val"));
  EXPECT_FALSE(Contains(names, "va"));
  EXPECT_FALSE(Contains({}, ""));
}

TEST(NamesTest, Sha256) {
  EXPECT_TRUE(IsSha256(std::string(64, 'a')));
  EXPECT_FALSE(IsSha256(std::string(64, 'A')));
  EXPECT_FALSE(IsSha256(std::string(64, 'g')));
  EXPECT_FALSE(IsSha256(std::string(63, 'a')));
  // The value of the standard's own example.
  EXPECT_EQ(Sha256Hex(testing::AsBytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace taktgate::bundle
