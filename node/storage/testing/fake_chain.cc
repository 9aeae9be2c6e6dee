#include "node/storage/testing/fake_chain.h"

#include <array>
#include <utility>

#include "common/codec.h"
#include "ledger/records.h"
#include "ledger/schema.h"

namespace bourse::storage::testing {
namespace {

using consensus::Slot;
using consensus::VoteKind;
using ledger::Family;

std::vector<KeyPair> FourKeys() {
  std::vector<KeyPair> keys;
  for (std::uint8_t i = 0; i < 4; ++i) keys.push_back(KeyPair::FromSeed({i}));
  return keys;
}

std::vector<PublicKey> PublicKeys(const std::vector<KeyPair>& keys) {
  std::vector<PublicKey> out;
  for (const KeyPair& key : keys) out.push_back(key.public_key());
  return out;
}

}  // namespace

FakeChain::FakeChain()
    : keys_(FourKeys()), validators_(Hasher("genesis").Finish(), PublicKeys(keys_)) {}

void FakeChain::SetSize(std::size_t transactions, std::size_t bytes) {
  transactions_ = transactions;
  bytes_ = bytes;
}

std::vector<consensus::VoteSignature> FakeChain::Quorum(const std::string& bytes) const {
  std::vector<consensus::VoteSignature> out;
  for (const std::uint16_t i : std::array<std::uint16_t, 3>{0, 1, 3}) {
    out.push_back({consensus::ValidatorIndex(i), keys_[i].Sign(AsBytes(bytes))});
  }
  return out;
}

const consensus::SignedHeader& FakeChain::HeaderOf(Height height) const {
  while (headers_.size() < height.value()) {
    consensus::SignedHeader out;
    out.header.genesis_hash = validators_.genesis_hash();
    out.header.protocol_version = 1;
    out.header.height = Height(headers_.size() + 1);
    out.header.slot = Slot(2 * out.header.height.value());
    out.header.time = TimeMicros(1'000 * out.header.height.value());
    const bool is_first = headers_.empty();
    out.header.parent_slot = is_first ? consensus::kGenesisSlot : headers_.back().header.slot;
    out.header.parent_hash = is_first ? validators_.genesis_hash() : HashOf(headers_.back().header);
    const KeyPair& leader = keys_[validators_.LeaderOf(out.header.slot).value()];
    out.signature = leader.Sign(AsBytes(SignedBytes(out.header)));
    headers_.push_back(out);
  }
  return headers_[height.value() - 1];
}

std::vector<std::string> FakeChain::TransactionsOf(Height height) const {
  return std::vector<std::string>(
      transactions_, std::string(bytes_, static_cast<char>('a' + height.value() % 26)));
}

consensus::Certificate FakeChain::FinalOf(Height height) const {
  const consensus::Header& header = HeaderOf(height).header;
  const consensus::Vote vote{VoteKind::kFinal, header.slot, HashOf(header)};
  return {vote, Quorum(SignedBytes(validators_, vote))};
}

consensus::ExecutionCertificate FakeChain::ExecutionOf(Height height) const {
  const consensus::Header& header = HeaderOf(height).header;
  const consensus::Executed executed{
      .height = height,
      .block_hash = HashOf(header),
      .time = header.time,
      .results_root = Hasher("results").UpdateU64(height.value()).Finish(),
      .state_root = Hasher("state").UpdateU64(height.value()).Finish()};
  return {executed, Quorum(SignedBytes(validators_, executed))};
}

consensus::Evidence FakeChain::EvidenceOf(std::uint16_t validator, std::uint64_t slot) const {
  const auto vote_for = [&](const char* block) {
    const consensus::Vote vote{VoteKind::kNotar, Slot(slot), Hasher(block).Finish()};
    const std::string bytes = SignedBytes(validators_, vote);
    return consensus::SignedVote{vote, consensus::ValidatorIndex(validator),
                                 keys_[validator].Sign(AsBytes(bytes))};
  };
  return consensus::MakeEvidence(vote_for("one"), vote_for("another"));
}

ledger::Batch FakeChain::BatchOf(Height height) const {
  const consensus::Executed executed = ExecutionOf(height).executed;
  const ledger::BlockHeader header{.height = height,
                                   .time = executed.time,
                                   .hash = executed.block_hash,
                                   .parent_hash = HeaderOf(height).header.parent_hash,
                                   .transactions_root = {},
                                   .results_root = executed.results_root,
                                   .state_root = executed.state_root};
  Writer body;
  for (const std::string& one : TransactionsOf(height)) body.Sized(one);
  ledger::Batch batch;
  batch.Put(Family::kBlocks, ledger::HeaderKey(height), Encode(header));
  batch.Put(Family::kBlocks, ledger::BodyKey(height), std::move(body).Take());
  return batch;
}

absl::Status FakeChain::Write(ArchivingStore* store, Height height, bool has_final) const {
  store->SetNext(HeaderOf(height), has_final ? std::optional(FinalOf(height)) : std::nullopt);
  return store->Apply(BatchOf(height));
}

}  // namespace bourse::storage::testing
