#include "node/replica/record.h"

#include <gtest/gtest.h>

#include <random>

namespace bourse::replica {
namespace {

using consensus::ValidatorIndex;
using consensus::VoteKind;

consensus::Validators OneValidator() { return {Hash256{}, std::vector<PublicKey>(1)}; }

std::vector<LogRecord> AllKinds() {
  const consensus::Vote vote{VoteKind::kNotar, consensus::Slot(4), HashOf(AsBytes("block"))};
  FullCandidate candidate;
  candidate.header.header.slot = consensus::Slot(4);
  candidate.transactions = {"one", "another"};
  return {
      consensus::SignedVote{vote, ValidatorIndex(0), Signature{}},
      consensus::Certificate{vote, {{ValidatorIndex(0), Signature{}}}},
      candidate,
  };
}

TEST(RecordTest, EachKindComesBackAsItWasWritten) {
  const consensus::Validators validators = OneValidator();
  for (const LogRecord& record : AllKinds()) {
    LogRecord read;
    ASSERT_TRUE(Decode(validators, Encode(record), &read));
    EXPECT_EQ(read.index(), record.index());
    EXPECT_EQ(Encode(read), Encode(record));
  }
}

TEST(RecordTest, WhatIsCutOrDamagedIsRefusedOrCanonical) {
  const consensus::Validators validators = OneValidator();
  std::mt19937 random(1);
  for (const LogRecord& record : AllKinds()) {
    const std::string bytes = Encode(record);
    LogRecord read;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(Decode(validators, bytes.substr(0, size), &read));
    }
    ASSERT_FALSE(Decode(validators, bytes + 'x', &read));
    for (int round = 0; round < 1'000; ++round) {
      std::string damaged = bytes;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      if (Decode(validators, damaged, &read)) {
        ASSERT_EQ(Encode(read), damaged);
      }
    }
  }
}

}  // namespace
}  // namespace bourse::replica
