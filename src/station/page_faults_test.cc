#include "station/page_faults.h"

#include <gtest/gtest.h>

namespace taktgate::station {
namespace {

TEST(PageFaults, AreThoseInBetween) {
  const PageFaults between = PageFaults{12, 5} - PageFaults{7, 3};
  EXPECT_EQ(between.minor_faults, 5U);
  EXPECT_EQ(between.major_faults, 2U);
}

}  // namespace
}  // namespace taktgate::station
