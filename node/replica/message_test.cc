#include "node/replica/message.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "common/limits.h"

namespace bourse::replica {
namespace {

using consensus::ValidatorIndex;
using consensus::VoteKind;
using consensus::VoteSignature;

Hash256 HashFrom(std::uint8_t fill) {
  Hash256 hash;
  hash.bytes.fill(fill);
  return hash;
}

consensus::Validators FourValidators() {
  std::vector<PublicKey> keys(4);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].bytes.fill(static_cast<std::uint8_t>(i));
  return {HashFrom(9), keys};
}

Signature SignatureFrom(std::uint8_t fill) {
  Signature signature;
  signature.bytes.fill(fill);
  return signature;
}

std::vector<VoteSignature> Quorum() {
  std::vector<VoteSignature> out;
  for (const int i : {0, 2, 3}) {
    out.push_back({ValidatorIndex(static_cast<std::uint16_t>(i)),
                   SignatureFrom(static_cast<std::uint8_t>(i))});
  }
  return out;
}

consensus::SignedHeader HeaderOf(std::uint64_t slot) {
  consensus::SignedHeader out;
  out.header.genesis_hash = HashFrom(9);
  out.header.protocol_version = 1;
  out.header.slot = consensus::Slot(slot);
  out.header.height = Height(slot + 1);
  out.header.time = TimeMicros(1'000 + slot);
  out.header.parent_slot = consensus::Slot(slot - 1);
  out.header.parent_hash = HashFrom(3);
  out.header.transactions_root = HashFrom(4);
  out.signature = SignatureFrom(7);
  return out;
}

consensus::BlockId SomeId() { return {consensus::Slot(5), HashFrom(8)}; }

consensus::Executed ExecutedAt(std::uint64_t height) {
  return {Height(height), HashFrom(1), TimeMicros(77), HashFrom(2), HashFrom(3)};
}

consensus::Certificate CertificateOf(VoteKind kind) {
  return {{kind, consensus::Slot(5), kind == VoteKind::kSkip ? Hash256{} : HashFrom(8)}, Quorum()};
}

std::vector<Message> AllKinds() {
  const consensus::Vote skip{VoteKind::kSkip, consensus::Slot(4), {}};
  const FullCandidate full{HeaderOf(6), {"one", "another"}};
  const FullCandidate empty{HeaderOf(7), {}};
  return {
      consensus::SignedVote{skip, ValidatorIndex(2), SignatureFrom(1)},
      CertificateOf(VoteKind::kSkip),
      CompactCandidate{HeaderOf(6), {{"whole", {}}, {"", HashFrom(6)}}},
      consensus::SignedExecuted{ExecutedAt(9), ValidatorIndex(3), SignatureFrom(2)},
      consensus::ExecutionCertificate{ExecutedAt(9), Quorum()},
      Transactions{{"a", "bc"}},
      FetchCandidate{SomeId(), consensus::Slot(2), {0, 7}},
      FetchCandidate{SomeId(), consensus::kGenesisSlot, {}},
      CandidateTransactions{SomeId(), {1, 4}, {"x", "y"}},
      Candidates{{full, empty}},
      FetchBlocks{Height(12)},
      Blocks{Height(7),
             {full, empty},
             {CertificateOf(VoteKind::kFinal)},
             {{ExecutedAt(7), Quorum()}, {ExecutedAt(8), Quorum()}}},
      Blocks{Height(7),
             {full},
             {CertificateOf(VoteKind::kFinal)},
             {},
             {HeaderOf(8).header, HeaderOf(9).header}},
      Blocks{Height(7), {}, {}, {}},
      Status{Height(0)},
  };
}

TEST(MessageTest, EachKindComesBackAsItWasWritten) {
  const consensus::Validators validators = FourValidators();
  std::set<std::size_t> kinds;
  for (const Message& message : AllKinds()) {
    kinds.insert(message.index());
    const std::string bytes = Encode(message);
    Message read;
    ASSERT_TRUE(Decode(validators, bytes, &read)) << message.index();
    EXPECT_EQ(read.index(), message.index());
    EXPECT_EQ(Encode(read), bytes) << message.index();
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Message>);
}

TEST(MessageTest, NothingShorterOrLongerIsRead) {
  const consensus::Validators validators = FourValidators();
  for (const Message& message : AllKinds()) {
    const std::string bytes = Encode(message);
    Message read;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(Decode(validators, bytes.substr(0, size), &read)) << message.index();
    }
    ASSERT_FALSE(Decode(validators, bytes + '\0', &read)) << message.index();
  }
}

TEST(MessageTest, WhatIsReadOfDamagedBytesIsCanonical) {
  const consensus::Validators validators = FourValidators();
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    for (const Message& message : AllKinds()) {
      std::string bytes = Encode(message);
      bytes[random() % bytes.size()] = static_cast<char>(random());
      Message read;
      if (Decode(validators, bytes, &read)) {
        ASSERT_EQ(Encode(read), bytes);
      }
    }
  }
}

TEST(MessageTest, RefusesWhatNobodyHonestSends) {
  const consensus::Validators validators = FourValidators();
  const std::string too_long(limits::kMaxTransactionBytes + 1, 'x');
  const FullCandidate full{HeaderOf(6), {"one"}};
  const std::vector<Message> bad = {
      Transactions{{}},
      Transactions{{""}},
      Transactions{{too_long}},
      Transactions{std::vector<std::string>(4'097, "x")},
      CompactCandidate{HeaderOf(6), {{too_long, {}}}},
      CompactCandidate{HeaderOf(6), std::vector<CompactTransaction>(20'001)},
      FetchCandidate{SomeId(), consensus::Slot(2), {7, 7}},
      FetchCandidate{SomeId(), consensus::Slot(2), {20'000}},
      FetchCandidate{{}, consensus::Slot(2), {}},
      CandidateTransactions{SomeId(), {1, 2}, {"x"}},
      CandidateTransactions{SomeId(), {}, {}},
      Candidates{{}},
      FetchBlocks{Height(0)},
      Blocks{Height(7), {full}, {CertificateOf(VoteKind::kNotar)}, {}},
      Blocks{Height(7), {full}, {CertificateOf(VoteKind::kFinal)}, {{ExecutedAt(8), Quorum()}}},
      Blocks{Height(7), {full}, {CertificateOf(VoteKind::kFinal)}, {{ExecutedAt(6), Quorum()}}},
  };
  for (std::size_t i = 0; i < bad.size(); ++i) {
    Message read;
    EXPECT_FALSE(Decode(validators, Encode(bad[i]), &read)) << i;
  }
}

TEST(MessageTest, ClaimsAreWhatMustBeSigned) {
  const consensus::Validators validators = FourValidators();
  std::vector<std::size_t> counts;
  for (const Message& message : AllKinds()) counts.push_back(ClaimsOf(validators, message).size());
  EXPECT_EQ(counts, (std::vector<std::size_t>{1, 3, 1, 1, 3, 0, 0, 0, 0, 2, 0, 11, 4, 0, 0}));

  const std::vector<Claim> of_candidate = ClaimsOf(validators, CompactCandidate{HeaderOf(6), {}});
  EXPECT_EQ(of_candidate.front().key, validators.key(ValidatorIndex(2)));
  EXPECT_EQ(of_candidate.front().bytes, SignedBytes(HeaderOf(6).header));
  const std::vector<Claim> of_certificate = ClaimsOf(validators, CertificateOf(VoteKind::kFinal));
  EXPECT_EQ(of_certificate.back().key, validators.key(ValidatorIndex(3)));
  EXPECT_EQ(of_certificate.back().bytes,
            SignedBytes(validators, CertificateOf(VoteKind::kFinal).vote));
}

}  // namespace
}  // namespace bourse::replica
