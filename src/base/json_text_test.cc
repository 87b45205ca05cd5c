#include "base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace taktgate {
namespace {

TEST(JsonText, KeepsTheOrderOfKeysAndReplacesWhatIsNoUtf8) {
  nlohmann::ordered_json json;
  json["z"] = 1;
  json["a"] = "\xff";
  EXPECT_EQ(JsonText(json), "{\"z\":1,\"a\":\"\xEF\xBF\xBD\"}");
  EXPECT_EQ(JsonText(LooseJson("{\"z\": 1}"), 2), "{\n  \"z\": 1\n}");
}

TEST(JsonText, WhatIsNoJsonIsDiscarded) {
  EXPECT_TRUE(LooseJson("{\"a\": ").is_discarded());
  EXPECT_TRUE(LooseJson("").is_discarded());
  EXPECT_EQ(LooseJson("[1]").size(), 1U);
}

}  // namespace
}  // namespace taktgate
