#include "gate/decision.h"

#include <gtest/gtest.h>

namespace taktgate::gate {
namespace {

TEST(PartId, IsNamedByBootAndSequence) { EXPECT_EQ(NameOf(PartId{7, 101}), "7-101"); }

}  // namespace
}  // namespace taktgate::gate
