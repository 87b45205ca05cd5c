// The PLC adapter of CONTRIBUTING.md on a whole station.
#include <gtest/gtest.h>

#include "station/test_example_plc.h"
#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

class ExamplePlc : public testing::ScriptedLine {
 protected:
  ExamplePlc() { signal_devices.push_back({&numbers, "fieldbus"}); }

  testing::FieldBus bus;
  testing::PlcNumbers numbers{bus, clock};
};

TEST_F(ExamplePlc, NamesThePartsAndReadsWhatBecameOfThem) {
  settings.gate.plc_names_parts = true;
  Start();
  Refresh(bus, station->view());
  EXPECT_EQ(bus.registers[0], 1U) << "ready";
  Edge();
  stepped->All();
  After(1);
  bus.written.push_back(4711);
  stepped->All();
  After(1);
  Frame();
  stepped->All();
  EXPECT_EQ(bus.registers[1], 0U) << "it is read when the adapter likes";
  Refresh(bus, station->view());
  EXPECT_EQ(bus.registers[1], 4711U);
  EXPECT_EQ(bus.registers[2], 1U) << "released";
  EXPECT_EQ(bus.registers[4], 0U);
  bus.registers = {};
  Refresh(bus, station->view());
  EXPECT_EQ(bus.registers[1], 0U) << "nothing is new";
}

TEST_F(ExamplePlc, APartThatItDidNotNameIsRejectedAndTheReasonRead) {
  settings.gate.plc_names_parts = true;
  Start();
  Part();
  stepped->Run(std::chrono::milliseconds(20), std::chrono::milliseconds(1));
  Refresh(bus, station->view());
  EXPECT_EQ(bus.registers[2], 0U);
  EXPECT_EQ(bus.registers[3], static_cast<std::uint32_t>(judge::Reason::kPlcAbsent));
  EXPECT_EQ(bus.registers[4], 1U);
}

}  // namespace
}  // namespace taktgate::station
