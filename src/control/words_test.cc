#include "control/words.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace taktgate::control {
namespace {

using Kind = Order::Kind;

std::string Refused(std::string_view line) {
  const auto order = ParseOrder(line);
  if (order) return "taken";
  EXPECT_EQ(order.error().code, ErrorCode::kInvalid);
  return order.error().message;
}

std::string Named(const std::string& name) {
  nlohmann::ordered_json line;
  line["order"] = "ack";
  line["name"] = name;
  return Refused(JsonText(line));
}

TEST(OrderWords, WhatIsWrittenIsRead) {
  for (const Kind kind : {Kind::kLook, Kind::kAcknowledge, Kind::kStart, Kind::kStop,
                          Kind::kChallenge, Kind::kRelease}) {
    OrderLine given;
    given.order.kind = kind;
    if (kind != Kind::kLook) given.order.name = gate::event::ShortName("J\xC3\xBCrgen \"J\" Weber");
    if (kind == Kind::kChallenge) given.order.parts = 12;
    if (kind == Kind::kRelease) given.bundle = "/sticks/new \"one\".tgb";
    const auto read = ParseOrder(LineOf(given));
    ASSERT_TRUE(read) << LineOf(given) << ": " << read.error().message;
    EXPECT_EQ(read->order.kind, kind);
    EXPECT_EQ(read->order.name.view(), given.order.name.view());
    EXPECT_EQ(read->order.parts, given.order.parts);
    EXPECT_EQ(read->bundle, given.bundle);
  }
}

TEST(OrderWords, ALineIsOneLine) {
  OrderLine given;
  given.order.kind = Kind::kAcknowledge;
  given.order.name = gate::event::ShortName("a\nb");
  EXPECT_EQ(LineOf(given).find('\n'), std::string::npos);
}

TEST(OrderWords, ABundleIsNamedByAWholePath) {
  const auto with_bundle = [](const std::string& bundle) {
    nlohmann::ordered_json line;
    line["order"] = "release";
    line["name"] = "x";
    line["bundle"] = bundle;
    return Refused(JsonText(line));
  };
  EXPECT_EQ(with_bundle("/" + std::string(kMaxBundlePath - 1, 'b')), "taken");
  for (const std::string& bundle :
       {std::string(), std::string("new.tgb"), std::string("./new.tgb"), std::string("/a\0b", 4),
        "/" + std::string(kMaxBundlePath, 'b')}) {
    EXPECT_NE(with_bundle(bundle).find("absolute path"), std::string::npos) << bundle;
  }
  for (const char* line :
       {R"({"order":"release","name":"x"})", R"({"order":"release","name":"x","bundle":7})"}) {
    EXPECT_NE(Refused(line).find("absolute path"), std::string::npos) << line;
  }
}

TEST(OrderWords, WhatIsNoObjectIsRefused) {
  for (const char* line : {"", "status", "[]", "7", "{\"order\":\"status\"", "{} {}"}) {
    EXPECT_TRUE(Refused(line).starts_with("expected one object of JSON, got ")) << line;
  }
}

TEST(OrderWords, AnOrderIsOneOfSix) {
  for (const char* line : {"{}", R"({"order":"dance"})", R"({"order":"Status"})", R"({"order":1})",
                           R"({"order":null})", R"({"order":["status"]})"}) {
    EXPECT_TRUE(Refused(line).starts_with(
        "order: expected one of status, ack, start, stop, challenge, release, got "))
        << line;
  }
  EXPECT_NE(Refused("{}").find("got nothing; give one of these"), std::string::npos);
  EXPECT_NE(Refused(R"({"order":"dance"})").find("got \"dance\";"), std::string::npos);
  EXPECT_NE(Refused(R"({"order":["status"]})").find("got [\"status\"];"), std::string::npos);
}

TEST(OrderWords, AnUnknownKeyIsNamed) {
  const std::string said = Refused(R"({"order":"stop","name":"x","force":true})");
  EXPECT_NE(said.find("force"), std::string::npos) << said;
  EXPECT_NE(said.find("order, name, parts, bundle"), std::string::npos) << said;
}

TEST(OrderWords, WhoeverGivesAnOrderHasAName) {
  for (const char* order : {"ack", "start", "stop", "challenge", "release"}) {
    const std::string line = std::string("{\"order\":\"") + order + "\",\"parts\":1}";
    EXPECT_NE(Refused(line).find("name"), std::string::npos) << order;
  }
  EXPECT_EQ(Refused(R"({"order":"status"})"), "taken") << "who only looks needs none";
}

TEST(OrderWords, ANameIsPrintableAndShort) {
  EXPECT_EQ(Named(std::string(48, 'n')), "taken");
  EXPECT_EQ(Named("J\xC3\xBCrgen"), "taken");
  for (const std::string& name :
       {std::string(), std::string(49, 'n'), std::string("   "), std::string("a\nb"),
        std::string("\x1B[31m"), std::string("a\x7F"), std::string("a\0b", 3)}) {
    EXPECT_NE(Named(name).find("1 to 48 printable bytes"), std::string::npos);
  }
  EXPECT_NE(Refused(R"({"order":"ack","name":7})").find("name"), std::string::npos);
}

TEST(OrderWords, AChallengeSaysHowManyParts) {
  const auto with_parts = [](const char* parts) {
    return Refused(std::string(R"({"order":"challenge","name":"x","parts":)") + parts + "}");
  };
  for (const char* parts : {"1", "10000"}) EXPECT_EQ(with_parts(parts), "taken") << parts;
  for (const char* parts : {"0", "10001", "-1", "1.0", "\"5\"", "null", "4294967297"}) {
    EXPECT_NE(with_parts(parts).find("from 1 to 10000"), std::string::npos) << parts;
  }
  EXPECT_NE(Refused(R"({"order":"challenge","name":"x"})").find("parts"), std::string::npos);
}

class AnswerWords : public ::testing::Test {
 protected:
  nlohmann::ordered_json Said(Kind kind) const {
    Order order;
    order.kind = kind;
    return LooseJson(LineOf(order, answer, {"line 3", 7, "demo 1 (abc)", "taktgate/avx2"}));
  }

  std::optional<OrderAnswer> answer = OrderAnswer{};
};

TEST_F(AnswerWords, HaveAllThatAPersonAsksFor) {
  answer->taken = true;
  answer->state = gate::State::kReady;
  answer->severity = gate::Severity::kAmber;
  answer->alarms[static_cast<std::size_t>(gate::AlarmKind::kRejectRate)] = gate::Severity::kAmber;
  answer->counts.parts = 30;
  answer->counts.released = 20;
  answer->counts.rejected = 10;
  const auto said = Said(Kind::kLook);
  EXPECT_TRUE(said.value("taken", false));
  EXPECT_EQ(said.value("station", ""), "line 3");
  EXPECT_EQ(said.value("boot", 0), 7);
  EXPECT_EQ(said.value("release", ""), "demo 1 (abc)");
  EXPECT_EQ(said.value("engine", ""), "taktgate/avx2");
  EXPECT_EQ(said.value("state", ""), "Ready");
  EXPECT_EQ(said.value("severity", ""), "amber");
  EXPECT_EQ(JsonText(said.at("alarms")), R"({"reject_rate":"amber"})") << "none that is calm";
  EXPECT_EQ(said.value("parts", 0), 30);
  EXPECT_EQ(said.value("released", 0), 20);
  EXPECT_EQ(said.value("rejected", 0), 10);
  EXPECT_FALSE(said.contains("challenge")) << "none was asked for";
  EXPECT_FALSE(said.contains("error"));
}

TEST_F(AnswerWords, AChallengeIsToldWithItsResult) {
  answer->challenge.asked = 3;
  answer->challenge.rejected = 3;
  EXPECT_TRUE(Said(Kind::kLook).at("challenge").value("passed", false));
  answer->challenge.rejected = 2;
  answer->challenge.missed = 1;
  const auto challenge = Said(Kind::kLook).at("challenge");
  EXPECT_FALSE(challenge.value("passed", true));
  EXPECT_EQ(challenge.value("asked", 0), 3);
  EXPECT_EQ(challenge.value("missed", 0), 1);
}

TEST_F(AnswerWords, AChangeOfTheReleaseSaysWhatItCost) {
  answer->taken = true;
  answer->cut_off = 3;
  EXPECT_EQ(Said(Kind::kRelease).value("cut_off", 0), 3);
  EXPECT_FALSE(Said(Kind::kLook).contains("cut_off"));
}

TEST_F(AnswerWords, WhatIsNotTakenSaysFromWhichStateItIs) {
  answer->state = gate::State::kHalted;
  for (const auto& [kind, words] : {std::pair{Kind::kStart, "Initialized or Ready"},
                                    {Kind::kStop, "only from an execution"},
                                    {Kind::kChallenge, "start it first"}}) {
    const std::string said = Said(kind).value("error", "");
    EXPECT_EQ(said.rfind(std::string(ToString(kind)) + ": ", 0), 0U) << said;
    EXPECT_NE(said.find("Halted"), std::string::npos) << said;
    EXPECT_NE(said.find(words), std::string::npos) << said;
  }
  EXPECT_EQ(Said(Kind::kAcknowledge).value("error", ""), "ack: not taken");
}

TEST_F(AnswerWords, AGateThatDidNotAnswerWillNotObeyLater) {
  answer.reset();
  const auto said = Said(Kind::kStop);
  EXPECT_FALSE(said.value("taken", true));
  EXPECT_NE(said.value("error", "").find("will not be obeyed"), std::string::npos);
  EXPECT_FALSE(said.contains("state")) << "nothing is known of it";
}

TEST_F(AnswerWords, ARefusalIsAnAnswerToo) {
  const auto said = LooseJson(LineOf(Error{ErrorCode::kInvalid, "name: \"x\"\nis taken"}));
  EXPECT_FALSE(said.value("taken", true));
  EXPECT_EQ(said.value("error", ""), "name: \"x\"\nis taken");
}

}  // namespace
}  // namespace taktgate::control
