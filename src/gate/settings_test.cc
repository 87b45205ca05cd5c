// What CheckSettings accepts and what it refuses: each bound on both sides.
#include "gate/settings.h"

#include <gtest/gtest.h>

#include <string>

namespace taktgate::gate {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// The words of the refusal; empty if the settings are accepted.
template <typename Change>
std::string Said(GateSettings settings, Change change) {
  change(settings);
  const Status checked = CheckSettings(settings);
  return checked ? std::string() : checked.error().message;
}
template <typename Change>
std::string AtCamera(Change change) {
  return Said(GateSettings{}, change);
}
template <typename Change>
std::string ByTime(Change change) {
  GateSettings settings;
  settings.belt = {BeltMode::kByTime, 50 * kMs, 2 * kMs, 3 * kMs, 10 * kMs, 20, {}};
  return Said(settings, change);
}
template <typename Change>
std::string ByCount(Change change) {
  GateSettings settings;
  settings.belt = {BeltMode::kByCount,          1000, 20, 30, 100, 20, std::chrono::seconds(1),
                   std::chrono::milliseconds(2)};
  return Said(settings, change);
}

#define EXPECT_SAID(text, said) EXPECT_NE((said).find(text), std::string::npos) << "got: " << (said)

// The defaults that docs/gate.md and docs/station-file.md name.
TEST(Defaults, AreThoseOfTheDocumentation) {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const GateSettings gate;
  EXPECT_TRUE(CheckSettings(gate));
  EXPECT_EQ(gate.boot, 1U);
  EXPECT_EQ(gate.window, milliseconds(8));
  EXPECT_EQ(gate.pass_hold, milliseconds(1));
  EXPECT_EQ(gate.capture_from, Duration(0));
  EXPECT_EQ(gate.capture_until, milliseconds(5));
  EXPECT_EQ(gate.inference_reserve, milliseconds(2));
  EXPECT_FALSE(gate.measure_runs);
  EXPECT_EQ(gate.fault_after, seconds(1));
  EXPECT_EQ(gate.parts_in_flight, 16U);
  EXPECT_EQ(gate.heartbeat, milliseconds(500));
  EXPECT_EQ(gate.strobe, microseconds(500));
  EXPECT_FALSE(gate.gate_sensor || gate.plc_names_parts || gate.challenge_first);
  EXPECT_EQ(gate.bin_within, Duration(0));
  EXPECT_EQ(gate.plc_beat_within, Duration(0));
  EXPECT_EQ(gate.belt.mode, BeltMode::kAtCamera);
  EXPECT_EQ(gate.belt.distance + gate.belt.lead + gate.belt.hold + gate.belt.spacing, 0);
  EXPECT_EQ(gate.belt.reverse_tolerance, 20);
  EXPECT_EQ(gate.belt.longest_pass, seconds(1));
  EXPECT_EQ(gate.belt.position_age, Duration(0));
}

TEST(Defaults, OfEscalation) {
  const EscalationSettings of;
  EXPECT_EQ(of.rejects_amber, 5U);
  EXPECT_EQ(of.rejects_stop, 10U);
  EXPECT_EQ(of.faults_amber, 3U);
  EXPECT_EQ(of.faults_stop, 6U);
  EXPECT_EQ(of.rate_window, 100U);
  EXPECT_EQ(of.rate_amber, 30U);
  EXPECT_EQ(of.rate_stop, 60U);
  EXPECT_EQ(of.miss_quiet, 10'000U);
  EXPECT_EQ(of.misses_amber, 3U);
  EXPECT_EQ(of.miss_row_amber, 2U);
  EXPECT_EQ(of.miss_row_stop, 5U);
  EXPECT_EQ(of.bin_amber, 1U);
  EXPECT_EQ(of.bin_stop, 2U);
}

TEST(SettingsOfTime, TheCaptureIntervalLiesInTheWindow) {
  EXPECT_EQ(AtCamera([](GateSettings&) {}), "");
  EXPECT_EQ(AtCamera([](GateSettings& s) { s.capture_until = s.window; }), "");
  EXPECT_SAID("capture_until <= window, got 0 ms, 8 ms, 8 ms",
              AtCamera([](GateSettings& s) { s.capture_until = s.window + Duration(1); }));
  EXPECT_EQ(AtCamera([](GateSettings& s) { s.capture_from = s.capture_until - Duration(1); }), "");
  EXPECT_SAID("capture_from", AtCamera([](GateSettings& s) { s.capture_from = s.capture_until; }));
  EXPECT_SAID("window", AtCamera([](GateSettings& s) {
                s.window = Duration(0), s.capture_from = Duration(-2),
                s.capture_until = Duration(-1);
                s.inference_reserve = Duration(-3);
              }));
}

TEST(SettingsOfTime, TheShortestWindowIsANanosecond) {
  EXPECT_EQ(AtCamera([](GateSettings& s) {
              s.window = s.capture_until = Duration(1);
              s.inference_reserve = Duration(0);
            }),
            "");
}

TEST(SettingsOfTime, TheReserveIsUnderTheWindow) {
  EXPECT_EQ(AtCamera([](GateSettings& s) { s.inference_reserve = s.window - Duration(1); }), "");
  EXPECT_SAID("the reserve of 8 ms",
              AtCamera([](GateSettings& s) { s.inference_reserve = s.window; }));
}

TEST(SettingsOfAlarms, BoundsOfTheRing) {
  EXPECT_EQ(AtCamera([](GateSettings& s) { s.parts_in_flight = 2; }), "");
  EXPECT_SAID("at least 2", AtCamera([](GateSettings& s) { s.parts_in_flight = 1; }));
}

TEST(SettingsOfAlarms, RatesAreAmongTheParts) {
  EXPECT_EQ(AtCamera([](GateSettings& s) { s.escalation.rate_window = 256; }), "");
  EXPECT_SAID("got 257", AtCamera([](GateSettings& s) { s.escalation.rate_window = 257; }));
  EXPECT_EQ(AtCamera([](GateSettings& s) { s.escalation.rate_stop = 100; }), "");
  EXPECT_SAID("rate 101", AtCamera([](GateSettings& s) { s.escalation.rate_stop = 101; }));
  EXPECT_SAID("rate 101", AtCamera([](GateSettings& s) { s.escalation.rate_amber = 101; }));
}

TEST(SettingsOfTheBelt, AGateSensorNeedsAGateBehindTheCamera) {
  EXPECT_SAID("gate sensor", AtCamera([](GateSettings& s) { s.gate_sensor = true; }));
  EXPECT_EQ(ByTime([](GateSettings& s) { s.gate_sensor = true; }), "");
  EXPECT_EQ(ByCount([](GateSettings& s) { s.gate_sensor = true; }), "");
}

TEST(SettingsOfTheBelt, LeadHoldAndDistance) {
  EXPECT_EQ(ByCount([](GateSettings&) {}), "");
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.lead = 1; }), "");
  EXPECT_SAID("0 < lead < distance", ByCount([](GateSettings& s) { s.belt.lead = 0; }));
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.hold = 1; }), "");
  EXPECT_SAID("hold 0 counts", ByCount([](GateSettings& s) { s.belt.hold = 0; }));
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.distance = s.belt.lead + 1; }), "");
  EXPECT_SAID("distance 20 counts",
              ByCount([](GateSettings& s) { s.belt.distance = s.belt.lead; }));
  EXPECT_SAID("lead 0 ms", ByTime([](GateSettings& s) { s.belt.lead = 0; }));
}

TEST(SettingsOfTheBelt, TwoPartsNeverOwnThePassLine) {
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.spacing = 50, s.parts_in_flight = 30; }), "");
  EXPECT_SAID("20 counts + 30 counts = 50 counts",
              ByCount([](GateSettings& s) { s.belt.spacing = 49, s.parts_in_flight = 30; }));
}

TEST(SettingsOfTheBelt, TheRingHoldsWhatIsOnTheWay) {
  EXPECT_EQ(ByCount([](GateSettings& s) { s.parts_in_flight = 12; }), "");
  EXPECT_SAID("(1000 counts + 30 counts) / 100 counts + 2 = 12 parts",
              ByCount([](GateSettings& s) { s.parts_in_flight = 11; }));
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.distance = 1069, s.parts_in_flight = 12; }), "");
}

// A part stays in the ring until the bin sensor has answered, or its time is over.
TEST(SettingsOfTheBelt, TheRingHoldsWhatTheBinIsAskedAbout) {
  const auto by_time = [](std::size_t parts) {
    return ByTime([&](GateSettings& s) {
      s.belt.distance = 50 * kMs, s.belt.hold = 3 * kMs, s.belt.spacing = 10 * kMs;
      s.bin_within = Duration(100 * kMs), s.parts_in_flight = parts;
    });
  };
  EXPECT_EQ(by_time(17), "");
  EXPECT_SAID(
      "(distance + hold + bin_within) / spacing + 2 = (50 ms + 3 ms + 100 ms) / 10 ms + 2 = 17 "
      "parts",
      by_time(16));
  EXPECT_SAID("+ 2 = 8 parts", ByTime([](GateSettings& s) {
                s.belt.distance = 56 * kMs, s.belt.hold = 4 * kMs - 1, s.belt.spacing = 10 * kMs;
                s.bin_within = Duration(1), s.parts_in_flight = 7;
              }));
  const auto at_camera = [](std::size_t parts) {
    return AtCamera(
        [&](GateSettings& s) { s.bin_within = Duration(500 * kMs), s.parts_in_flight = parts; });
  };
  EXPECT_EQ(at_camera(58), "");
  EXPECT_SAID("+ 2 = 58 parts may be in flight until the bin sensor has answered", at_camera(57));
  EXPECT_EQ(AtCamera([&](GateSettings& s) {
              s.bin_within = Duration(495 * kMs - 1), s.parts_in_flight = 57;
            }),
            "");
  EXPECT_SAID("= 58 parts", AtCamera([&](GateSettings& s) {
                s.bin_within = Duration(495 * kMs), s.parts_in_flight = 57;
              }));
  EXPECT_SAID("(distance + hold) / spacing + 2 = (50 ms + 3 ms) / 10 ms + 2 = 7 parts",
              ByTime([](GateSettings& s) {
                s.belt.distance = 50 * kMs, s.belt.hold = 3 * kMs, s.belt.spacing = 10 * kMs;
                s.parts_in_flight = 6;
              }));
}

TEST(SettingsOfTheBelt, ByTimePassIsNotDueBeforeTheAnswer) {
  EXPECT_EQ(ByTime([](GateSettings& s) { s.belt.distance = 10 * kMs; }), "");
  EXPECT_SAID("distance - lead = 9.9 ms - 2 ms",
              ByTime([](GateSettings& s) { s.belt.distance = 99 * kMs / 10; }));
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.distance = 21; }), "") << "a count has no time";
}

TEST(SettingsOfTheBelt, ByTimeAFrameBelongsToOnePart) {
  const auto spaced = [](std::int64_t spacing) {
    return ByTime([spacing](GateSettings& s) {
      s.belt.spacing = spacing, s.capture_from = Duration(-kMs), s.parts_in_flight = 30;
    });
  };
  EXPECT_EQ(spaced(6 * kMs + 1), "");
  EXPECT_SAID("the capture interval of 6 ms", spaced(6 * kMs));
}

TEST(SettingsOfTheBelt, ByTimeAPositionHasNoAge) {
  EXPECT_EQ(ByTime([](GateSettings& s) { s.belt.position_age = std::chrono::seconds(2); }), "");
}

TEST(SettingsOfCount, APositionHasAnAge) {
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.position_age = Duration(1); }), "");
  EXPECT_SAID("position_age is 0 ms",
              ByCount([](GateSettings& s) { s.belt.position_age = Duration(0); }));
  EXPECT_EQ(ByCount([](GateSettings& s) { s.belt.position_age = s.belt.longest_pass; }), "");
  EXPECT_SAID("is above longest_pass 1000 ms", ByCount([](GateSettings& s) {
                s.belt.position_age = s.belt.longest_pass + Duration(1);
              }));
  EXPECT_EQ(ByTime([](GateSettings& s) { s.belt.position_age = Duration(0); }), "");
}

}  // namespace
}  // namespace taktgate::gate
