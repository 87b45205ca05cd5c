#include "station/gate_records.h"

#include <gtest/gtest.h>

#include <vector>

#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using RecordKind = record::Record::Kind;

// A ledger of one part: of those before it nothing is known any more.
class GateRecordsTest : public ::testing::Test {
 protected:
  static gate::Decision Of(std::uint64_t sequence) {
    gate::Decision decision;
    decision.part = {7, sequence};
    decision.release = 3;
    return decision;
  }
  const std::vector<record::Record>& Written() {
    queue.Start();
    queue.Stop();
    return sink.records;
  }

  gate::GateOutputs outputs;
  gate::RecordedGate gate{{}, outputs, nullptr};
  testing::RecordsKept sink;
  record::RecordQueue queue{8, {&sink}};
  VirtualClock clock;
  GateRecords records{gate, 7, 1, queue, clock};
};

TEST_F(GateRecordsTest, WhatIsSaidAboutAPartLaterHasItsRelease) {
  records.Decided(Of(1));
  records.PassCutShort({7, 1});
  records.BinSaid({7, 1}, gate::Verified::kAgreed);
  const auto& written = Written();
  ASSERT_EQ(written.size(), 3U);
  EXPECT_EQ(written[1].kind, RecordKind::kPassCutShort);
  EXPECT_EQ(written[1].decision.release, 3U);
  EXPECT_EQ(written[2].kind, RecordKind::kVerified);
  EXPECT_EQ(written[2].decision.release, 3U);
  EXPECT_EQ(records.ledger().Find({7, 1})->verified, gate::Verified::kAgreed);
}

TEST_F(GateRecordsTest, OfAPartThatTheLedgerHasForgottenTheReleaseIsNotKnown) {
  records.Decided(Of(1));
  records.Decided(Of(2));
  records.PassCutShort({7, 1});
  records.BinSaid({7, 1}, gate::Verified::kAgreed);
  const auto& written = Written();
  ASSERT_EQ(written.size(), 4U);
  for (std::size_t k = 2; k < 4; ++k) {
    EXPECT_EQ(written[k].decision.part, (gate::PartId{7, 1}));
    EXPECT_EQ(written[k].decision.release, 0U);
  }
}

TEST_F(GateRecordsTest, AnOrderComesAfterTheLastPart) {
  control::Order order;
  order.kind = control::Order::Kind::kStop;
  clock.Advance(std::chrono::seconds(5));
  records.Obeyed(order);
  const auto& written = Written();
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].kind, RecordKind::kOrder);
  EXPECT_EQ(written[0].order.kind, control::Order::Kind::kStop);
  EXPECT_EQ(written[0].decision.part, (gate::PartId{7, 0}));
  EXPECT_EQ(written[0].at, clock.Now());
}

}  // namespace
}  // namespace taktgate::station
