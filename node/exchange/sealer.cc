#include "node/exchange/sealer.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "common/check.h"
#include "common/codec.h"
#include "ledger/merkle.h"
#include "ledger/schema.h"
#include "node/exchange/persistence.h"

namespace bourse::exchange {
namespace {

// What a block's results are committed to with. Borrows the block's events.
class Results {
 public:
  explicit Results(const BlockResult& result);
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  [[nodiscard]] std::span<const std::string_view> receipts() const { return receipts_; }
  [[nodiscard]] std::span<const Hash256> leaves() const { return leaves_; }

 private:
  Writer bytes_;  // the receipts' encodings, one behind the other
  std::span<const std::string_view> receipts_;
  std::vector<std::string_view> results_;  // receipts, then events
  std::vector<Hash256> leaves_;
};

Results::Results(const BlockResult& result) {
  std::vector<std::size_t> ends;
  ends.reserve(result.receipts.size());
  for (const ledger::Receipt& receipt : result.receipts) {
    Write(receipt, bytes_);
    ends.push_back(bytes_.bytes().size());
  }
  results_.reserve(result.receipts.size() + result.events.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    results_.push_back(bytes_.bytes().substr(begin, end - begin));
    begin = end;
  }
  for (std::uint32_t i = 0; i < result.events.size(); ++i) results_.push_back(result.events.At(i));
  receipts_ = std::span(results_).first(result.receipts.size());
  leaves_ = ledger::MerkleLeaves(results_);
}

}  // namespace

void Sealer::Resume(const AppInfo& committed, ledger::StateTree tree) {
  committed_ = committed;
  tree_ = std::move(tree);
}

void Sealer::SealGenesis(const ledger::Genesis& genesis, StateChanges changes) {
  Take(ledger::GenesisHash(genesis), std::move(changes));
  pending_->Put(ledger::Family::kMeta, ledger::kGenesisKey, Encode(genesis));
}

BlockResult Sealer::Seal(const Block& block, RanBlock ran) {
  BlockResult result;
  result.receipts = std::move(ran.receipts);
  result.events = std::move(ran.events);
  const Results results(result);

  ledger::BlockHeader& header = result.header;
  header.protocol_version = block.protocol_version;
  header.height = block.height;
  header.time = block.time;
  header.hash = block.hash;
  header.parent_hash = block.parent_hash;
  header.transactions_root = ledger::MerkleRootOf(block.transactions);
  header.results_root = ledger::MerkleRoot(results.leaves());
  header.state_root = Take(committed_.genesis_hash, std::move(ran.changes));
  header.transactions = static_cast<std::uint32_t>(block.transactions.size());
  header.events = result.events.size();
  CollectBlock(committed_.genesis_hash, block, result, results.receipts(), results.leaves(),
               &*pending_);
  return result;
}

Hash256 Sealer::Take(const Hash256& genesis_hash, StateChanges changes) {
  CHECK(!pending_.has_value());
  sealed_ = {genesis_hash, changes.head,
             tree_.Update(ledger::StateTree::ChangesOf(changes.records))};
  pending_ = std::move(changes.batch);
  return sealed_.state_root;
}

absl::Status Sealer::Commit() {
  if (!pending_) return absl::FailedPreconditionError("no finalized block to commit");
  absl::Status status = store_->Apply(*pending_);
  if (!status.ok()) return status;
  pending_.reset();
  committed_ = sealed_;
  return absl::OkStatus();
}

}  // namespace bourse::exchange
