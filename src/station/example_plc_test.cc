// The PLC adapter of CONTRIBUTING.md on a whole station.
#include <gtest/gtest.h>

#include "station/test_example_plc.h"
#include "station/test_told_line.h"

namespace taktgate::station {
namespace {

class ExamplePlc : public testing::ToldLine {
 protected:
  ExamplePlc() { signal_devices.push_back({&numbers, "fieldbus"}); }

  testing::FieldBus bus;
  testing::PlcNumbers numbers{bus, clock};
};

TEST_F(ExamplePlc, NamesThePartsAndReadsWhatBecameOfThem) {
  settings.gate.plc_names_parts = true;
  Start();
  testing::PlcRegisters registers(station->view(), bus);
  registers.Refresh();
  EXPECT_EQ(bus.registers[0], 1U) << "ready";
  Edge();
  stepped->All();
  After(1);
  bus.written.push_back(4711);
  stepped->All();
  After(1);
  Frame();
  stepped->All();
  EXPECT_EQ(bus.registers[2], 0U) << "it is read when the adapter likes";
  registers.Refresh();
  EXPECT_EQ(bus.registers[2], 4711U);
  EXPECT_EQ(bus.registers[3], 1U) << "released";
  EXPECT_EQ(bus.registers[6], 1U);
  bus.registers = {};
  registers.Refresh();
  EXPECT_EQ(bus.registers[6], 0U) << "nothing is new";
}

TEST_F(ExamplePlc, APartThatItDidNotNameIsRejectedAndTheReasonRead) {
  settings.gate.plc_names_parts = true;
  Start();
  testing::PlcRegisters registers(station->view(), bus);
  Part();
  stepped->Run(std::chrono::milliseconds(20), std::chrono::milliseconds(1));
  registers.Refresh();
  EXPECT_EQ(bus.registers[3], 0U);
  EXPECT_EQ(bus.registers[4], static_cast<std::uint32_t>(judge::Reason::kPlcAbsent));
  EXPECT_EQ(bus.registers[7], 1U);
}

}  // namespace
}  // namespace taktgate::station
