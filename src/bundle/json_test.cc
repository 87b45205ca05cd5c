#include "bundle/json.h"

#include <gtest/gtest.h>

#include <string>

#include "bundle/fields.h"
#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::AsBytes;

void ExpectRefused(std::string_view text, std::string_view words) {
  const auto document = ParseJson(AsBytes(text), "f.json");
  ASSERT_FALSE(document) << text.substr(0, 60);
  EXPECT_EQ(document.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(document.error().message.find("f.json: "), 0u);
  EXPECT_NE(document.error().message.find(words), std::string::npos) << document.error().message;
  EXPECT_LT(document.error().message.size(), 300u);
}

TEST(JsonTest, ParsesWhatIsAllowed) {
  const std::string text = R"({"a": [1, -2, 0.5, 1e3, true, false, null], "b": {"c": "\u00e4 ä"},)"
                           R"( "": 18446744073709551615})";
  const auto document = ParseJson(AsBytes(text), "f.json");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(*document, Json::parse(text));
}

TEST(JsonTest, DuplicateKeysAreRefusedAtEveryLevel) {
  ExpectRefused(R"({"a": 1, "a": 1})", "every key once, got a second \"a\"");
  ExpectRefused(R"({"a": {"b": 1, "c": [], "b": 2}})", "a second \"b\"");
  ExpectRefused(R"({"a": 1, "\u0061": 2})", "a second \"a\"");
  EXPECT_TRUE(ParseJson(AsBytes(R"([{"a": 1}, {"a": 1, "b": {"a": 1}}])"), "f.json"));
}

TEST(JsonTest, DepthIsLimitedBeforeItCosts) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseJson(AsBytes(nested(8)), "f.json"));
  ExpectRefused(nested(9), "nesting of at most 8");
  ExpectRefused(nested(100'000), "nesting of at most 8");
  ExpectRefused(std::string(1U << 20, '['), "nesting of at most 8");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  ExpectRefused(objects, "nesting of at most 8");
}

TEST(JsonTest, OnlyStrictJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "{'a':1}",
                                      "{a:1}",
                                      "[1] 2",
                                      "// c\n1",
                                      "[1 /*c*/]",
                                      "NaN",
                                      "[Infinity]",
                                      "[-inf]",
                                      "01",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "0x10",
                                      "\"a\nb\"",
                                      "\"\\x41\"",
                                      "\"\\ud800\"",
                                      "\"\xC0\xAF\"",
                                      "\"\xED\xA0\x80\"",
                                      "\"\xFF\"",
                                      "nul"}) {
    ExpectRefused(text, "expected strict JSON");
  }
  ExpectRefused(std::string_view("{}\0{}", 5), "NUL byte");
  ExpectRefused("\xEF\xBB{}", "expected strict JSON");
}

TEST(JsonTest, TextAsAnyEditorSavesIt) {
  const auto value = ParseJson(AsBytes("\xEF\xBB\xBF{\r\n\"a\": 1\r\n}\r\n"), "f.json");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ((*value)["a"], 1);
}

TEST(JsonTest, NumbersMustFitADouble) {
  ExpectRefused("[1e400]", "fit a double");
  ExpectRefused("-" + std::string(400, '9'), "fit a double");
}

TEST(JsonTest, SizeIsLimited) {
  const std::string most = "\"" + std::string(kMaxJsonBytes - 2, 'a') + "\"";
  EXPECT_TRUE(ParseJson(AsBytes(most), "f.json"));
  ExpectRefused(most + " ", "at most 1048576 bytes");
}

TEST(JsonTest, Schema) {
  EXPECT_TRUE(CheckSchema(Json::parse(R"({"schema": 1})"), "f.json"));
  const Status newer = CheckSchema(Json::parse(R"({"schema": 2, "what": 1})"), "f.json");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(newer.error().message, "f.json: schema: expected 1, got 2, a newer format");
  for (const char* text : {"{}", R"({"schema": "1"})", R"({"schema": 0})", R"({"schema": 1.0})",
                           R"({"schema": true})", "[]", "1"}) {
    const Status wrong = CheckSchema(Json::parse(text), "f.json");
    ASSERT_FALSE(wrong) << text;
    EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid) << text;
  }
}

std::string FaultOf(std::string_view text, void (*read)(Fields&)) {
  std::optional<Error> fault;
  const Json document = Json::parse(text);
  Fields fields(document, "f.json", "a.b", {"k", "other"}, fault);
  read(fields);
  return fault ? fault->message : "none";
}

TEST(FieldsTest, MessagesNameThePathAndWhatWasExpected) {
  const auto whole = [](Fields& fields) { fields.Whole("k", 32, 320); };
  EXPECT_EQ(FaultOf(R"({"k": 7})", whole),
            "f.json: a.b.k: expected a whole number from 32 to 320, got 7");
  EXPECT_EQ(FaultOf(R"({"k": 64})", whole), "none");
  for (const char* text : {R"({"k": 321})", R"({"k": 64.0})", R"({"k": "64"})", R"({"k": true})",
                           R"({"k": null})", R"({"k": 18446744073709551615})",
                           R"({"k": 18446744073709551680})", R"({"k": [64]})", R"({})"}) {
    EXPECT_NE(FaultOf(text, whole), "none") << text;
  }
  EXPECT_EQ(FaultOf(R"({})", whole),
            "f.json: a.b.k: expected a whole number from 32 to 320, got nothing");
}

TEST(FieldsTest, OtherTypes) {
  const auto number = [](Fields& fields) { fields.Number("k", 0, 1); };
  EXPECT_EQ(FaultOf(R"({"k": 1})", number), "none");
  EXPECT_EQ(FaultOf(R"({"k": 1.5})", number),
            "f.json: a.b.k: expected a number from 0 to 1, got 1.5");
  EXPECT_EQ(FaultOf(R"({"k": "x"})", number),
            "f.json: a.b.k: expected a number from 0 to 1, got \"x\"");
  EXPECT_EQ(FaultOf(R"({"k": 1})", [](Fields& f) { f.Flag("k"); }),
            "f.json: a.b.k: expected true or false, got 1");
  EXPECT_EQ(FaultOf(R"({"k": {}})", [](Fields& f) { f.Text("k"); }),
            "f.json: a.b.k: expected text, got an object");
  EXPECT_EQ(FaultOf(R"({"k": "Grey"})",
                    [](Fields& f) {
                      f.Choice("k", {"grey", "rgb"});
                    }),
            "f.json: a.b.k: expected \"grey\" or \"rgb\", got \"Grey\"");
  EXPECT_EQ(FaultOf(R"({"k": [1]})", [](Fields& f) { f.Array("k", 2, 64); }),
            "f.json: a.b.k: expected an array of 2 to 64, got an array of 1");
  EXPECT_EQ(FaultOf(R"([])", [](Fields&) {}), "f.json: a.b: expected an object, got an array of 0");
}

TEST(FieldsTest, UnknownKeysAreRefused) {
  EXPECT_EQ(FaultOf(R"({"k": 64, "kk": 1})", [](Fields&) {}),
            "f.json: a.b: expected only the keys k, other, got the key \"kk\"");
}

TEST(FieldsTest, TheFirstFaultIsKept) {
  EXPECT_EQ(FaultOf(R"({"k": 1, "other": 2})",
                    [](Fields& fields) {
                      fields.Flag("k");
                      fields.Text("other");
                    }),
            "f.json: a.b.k: expected true or false, got 1");
}

TEST(FieldsTest, LongAndOddTextIsCutInMessages) {
  const std::string fault = FaultOf("{\"k\": \"" + std::string(5000, 'x') + "\\u0007\"}",
                                    [](Fields& fields) { fields.Flag("k"); });
  EXPECT_LT(fault.size(), 150u);
}

}  // namespace
}  // namespace taktgate::bundle
