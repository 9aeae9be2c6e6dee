#include "node/storage/testing/fake_chain.h"

#include <utility>

#include "common/codec.h"
#include "ledger/records.h"
#include "ledger/schema.h"

namespace bourse::storage::testing {
namespace {

using consensus::Slot;
using consensus::VoteKind;
using ledger::Family;

consensus::Validators FourValidators() {
  std::vector<PublicKey> keys(4);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].bytes.fill(static_cast<std::uint8_t>(i));
  return {Hasher("genesis").Finish(), std::move(keys)};
}

std::vector<consensus::VoteSignature> Quorum() {
  std::vector<consensus::VoteSignature> out(3);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].validator = consensus::ValidatorIndex(static_cast<std::uint16_t>(i));
  }
  return out;
}

}  // namespace

FakeChain::FakeChain() : validators_(FourValidators()) {}

void FakeChain::SetSize(std::size_t transactions, std::size_t bytes) {
  transactions_ = transactions;
  bytes_ = bytes;
}

consensus::SignedHeader FakeChain::HeaderOf(Height height) const {
  consensus::SignedHeader out;
  out.header.genesis_hash = validators_.genesis_hash();
  out.header.protocol_version = 1;
  out.header.slot = Slot(2 * height.value());
  out.header.height = height;
  out.header.time = TimeMicros(1'000 * height.value());
  out.header.parent_slot =
      height.value() == 1 ? consensus::kGenesisSlot : Slot(2 * height.value() - 2);
  // A chain of any length would cost its square: so by the height alone.
  out.header.parent_hash = Hasher("parent").UpdateU64(height.value()).Finish();
  return out;
}

std::vector<std::string> FakeChain::TransactionsOf(Height height) const {
  return std::vector<std::string>(
      transactions_, std::string(bytes_, static_cast<char>('a' + height.value() % 26)));
}

consensus::Certificate FakeChain::FinalOf(Height height) const {
  const consensus::Header header = HeaderOf(height).header;
  return {{VoteKind::kFinal, header.slot, HashOf(header)}, Quorum()};
}

consensus::ExecutionCertificate FakeChain::ExecutionOf(Height height) const {
  const consensus::Header header = HeaderOf(height).header;
  return {{.height = height,
           .block_hash = HashOf(header),
           .time = header.time,
           .results_root = Hasher("results").UpdateU64(height.value()).Finish(),
           .state_root = Hasher("state").UpdateU64(height.value()).Finish()},
          Quorum()};
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
