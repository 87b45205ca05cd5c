// `taktgate status`, `ack`, `stop`, `start`, `challenge`, `release` against a station that a test
// plays.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/test_program.h"
#include "base/json_text.h"
#include "base/test_tree.h"
#include "control/socket.h"
#include "control/words.h"

namespace taktgate::apps {
namespace {

using testing::Ended;
using testing::ExpectRefused;
using testing::Has;
using testing::Taktgate;

class ControlCommand : public ::testing::Test {
 protected:
  ControlCommand() {
    tree.Write("station.toml",
               "[station]\nname = \"line 3\"\nstate = \"state\"\n[release]\nbundle = \"x.tgb\"");
    std::filesystem::create_directories(tree.root() / "state");
  }
  // A station that answers every line by `reply`.
  void Play(control::ControlSocket::Reply reply) {
    auto made =
        control::ControlSocket::Create(tree.root() / "state", [this, reply](std::string_view line) {
          heard = std::string(line);
          return reply(line);
        });
    ASSERT_TRUE(made) << made.error().message;
    station = std::move(*made);
  }
  Ended Give(const std::string& order, std::vector<std::string> words) const {
    words.insert(words.begin(), {order, file});
    return Taktgate(words);
  }

  taktgate::testing::Tree tree;
  const std::string file = (tree.root() / "station.toml").string();
  std::string heard;
  std::unique_ptr<control::ControlSocket> station;
};

constexpr const char* kAnswer =
    R"({"taken":true,"station":"line 3","boot":7,"release":"demo 1 abc","engine":"taktgate/avx2",)"
    R"("state":"Ready",)"
    R"("alarms":{"reject_rate":"amber"},"parts":30,"released":20,"rejected":10,)"
    R"("challenge":{"asked":5,"rejected":4,"missed":1,"unproven":0,"passed":false}})";

TEST_F(ControlCommand, StatusIsShownAsWords) {
  Play([](std::string_view) { return kAnswer; });
  const Ended ended = Give("status", {});
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(ended.out,
            "station    line 3, boot 7: Ready\n"
            "release    demo 1 abc on taktgate/avx2\n"
            "parts      30: 20 released, 10 rejected\n"
            "alarm      amber: reject_rate\n"
            "challenge  4 of 5 rejected, 1 missed, 0 unproven: not passed\n");
  EXPECT_EQ(Give("status", {"--json"}).out, std::string(kAnswer) + "\n");
}

TEST_F(ControlCommand, AStationWithoutAlarmsSaysSo) {
  Play([](std::string_view) { return R"({"taken":true,"station":"s","alarms":{}})"; });
  EXPECT_TRUE(Has(Give("status", {}).out, "alarm      none\n"));
}

TEST_F(ControlCommand, EachOrderArrivesWithNameAndParts) {
  Play([](std::string_view) { return kAnswer; });
  for (const char* order : {"ack", "start", "stop"}) {
    EXPECT_EQ(Give(order, {"--name", "M. Weber"}).code, kExitOk);
    const auto taken = control::ParseOrder(heard);
    ASSERT_TRUE(taken) << heard;
    EXPECT_EQ(control::ToString(taken->order.kind), order);
    EXPECT_EQ(taken->order.name.view(), "M. Weber");
  }
  EXPECT_EQ(Give("challenge", {"--parts", "5", "--name", "M. Weber"}).code, kExitOk);
  const auto challenge = control::ParseOrder(heard);
  ASSERT_TRUE(challenge) << heard;
  EXPECT_EQ(challenge->order.parts, 5U);
  EXPECT_EQ(Give("status", {}).code, kExitOk);
  EXPECT_EQ(heard, R"({"order":"status"})");
}

// The station has another working folder than whoever gives the order.
TEST_F(ControlCommand, ABundleArrivesByItsWholePath) {
  Play([](std::string_view) {
    return R"({"taken":true,"station":"s","parts":9,"cut_off":2,"alarms":{}})";
  });
  const Ended ended = Give("release", {"sticks/../new.tgb", "--name", "M. Weber"});
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_TRUE(Has(ended.out, "cut off    2 parts in flight"));
  const auto order = control::ParseOrder(heard);
  ASSERT_TRUE(order) << heard;
  EXPECT_EQ(order->bundle, (std::filesystem::current_path() / "new.tgb").string());
}

// The station refuses it: here it must not be cut into another name.
TEST_F(ControlCommand, ANameThatIsTooLongArrivesWhole) {
  Play([](std::string_view line) {
    const auto order = control::ParseOrder(line);
    return order ? std::string(kAnswer) : control::LineOf(order.error());
  });
  const std::string name(60, 'n');
  ExpectRefused(Give("ack", {"--name", name}), kExitBadInput, {"1 to 48 printable bytes"});
  EXPECT_TRUE(Has(heard, name));
}

TEST_F(ControlCommand, AnOrderThatIsNotTakenIsNoSuccess) {
  Play([](std::string_view) { return R"({"taken":false,"error":"start: it runs already"})"; });
  ExpectRefused(Give("start", {"--name", "x"}), kExitBadInput, {"start: it runs already"});
}

TEST_F(ControlCommand, AnAnswerThatIsNoneIsShown) {
  Play([](std::string_view) { return "good morning"; });
  ExpectRefused(Give("status", {}), kExitBadInput, {"no JSON", "good morning"});
}

TEST_F(ControlCommand, WhereNoStationRunsOneIsToldHowToStartIt) {
  ExpectRefused(Give("status", {}), kExitBadInput, {"no station runs", "taktgate run"});
}

TEST_F(ControlCommand, AStationWithoutStateTakesNoOrders) {
  tree.Write("station.toml", "[station]\nname = \"line 3\"\n[release]\nbundle = \"x.tgb\"");
  ExpectRefused(Give("stop", {"--name", "x"}), kExitBadInput, {file, "[station] state"});
}

}  // namespace
}  // namespace taktgate::apps
