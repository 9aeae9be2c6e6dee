#include "node/exchange/exchange.h"

#include <span>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "common/limits.h"
#include "common/result.h"
#include "ledger/merkle.h"
#include "ledger/schema.h"
#include "ledger/state_tree_store.h"
#include "node/exchange/charge.h"
#include "node/exchange/persistence.h"
#include "node/exchange/schedule.h"
#include "node/exchange/transaction_runner.h"
#include "node/exchange/validity.h"

namespace bourse::exchange {
namespace {

using Decoded = std::vector<std::optional<SignedTransaction>>;

Decoded DecodeAll(const Block& block) {
  Decoded decoded;
  decoded.reserve(block.transactions.size());
  for (const std::string& bytes : block.transactions) {
    auto transaction = DecodeSignedTransaction(AsBytes(bytes));
    decoded.push_back(transaction.ok() ? std::optional(*std::move(transaction)) : std::nullopt);
  }
  return decoded;
}

// Runs a block's transactions in their order, and returns their receipts in the block's.
std::vector<ledger::Receipt> RunAll(Core& core, BlockRun& run, const Decoded& decoded,
                                    const Hash256& parent_hash) {
  std::vector<const SignedTransaction*> transactions;
  std::vector<ledger::Receipt> receipts(decoded.size());
  for (std::uint32_t i = 0; i < decoded.size(); ++i) {
    transactions.push_back(decoded[i] ? &*decoded[i] : nullptr);
    receipts[i].skip = SkipReason::kInvalid;
  }
  TransactionRunner runner(core, run);
  runner.Begin();
  for (const std::uint32_t i : Schedule(transactions, parent_hash)) {
    receipts[i] = runner.Run(*transactions[i]);
    receipts[i].txid = transactions[i]->txid;
  }
  for (std::uint32_t i = 0; i < receipts.size(); ++i) {
    receipts[i].height = run.height;
    receipts[i].index = i;
  }
  return receipts;
}

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

absl::Status StatusOf(SkipReason reason) {
  switch (reason) {
    case SkipReason::kNone:
      return absl::OkStatus();
    case SkipReason::kUnknownAccount:
      return absl::FailedPreconditionError(
          "unknown account: it comes to exist with the first transfer to it");
    case SkipReason::kWrongSigner:
      return absl::FailedPreconditionError("the signer is not the account's owner key");
    case SkipReason::kNonceUsed:
      return absl::FailedPreconditionError("the nonce was used: take AccountService's next_nonce");
    case SkipReason::kNonceBelowFloor:
      return absl::FailedPreconditionError(
          "the nonce is below the account's floor: take AccountService's next_nonce");
    case SkipReason::kNonceBeyondWindow:
      return absl::FailedPreconditionError(
          "the nonce is more than 4,095 above the account's floor");
    case SkipReason::kCannotPay:
      return absl::FailedPreconditionError(
          "the account's free balance of the fee asset does not cover the transaction's charge");
    case SkipReason::kExpired:
      return absl::DeadlineExceededError("the transaction has expired");
    case SkipReason::kInvalid:
      break;
  }
  return absl::InvalidArgumentError(
      "the transaction is of another network: its genesis_hash is not ours");
}

// The state that was loaded is the one that the last block committed to.
absl::Status CheckRoot(const ledger::View& view, Height height, const Hash256& root) {
  if (height == Height(0)) return absl::OkStatus();
  const auto bytes = view.Get(ledger::Family::kBlocks, ledger::HeaderKey(height));
  if (!bytes.ok()) return bytes.status();
  ledger::BlockHeader header;
  if (bytes->has_value() && Decode(**bytes, &header) && header.state_root == root) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      "the ledger's database is damaged: its state is not that of its last block; restore it from "
      "a copy");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Exchange>> Exchange::Open(ledger::Store* store, Limits limits) {
  auto exchange = std::unique_ptr<Exchange>(new Exchange(store, limits));
  const std::unique_ptr<ledger::View> view = store->Snapshot();
  const auto head = view->Get(ledger::Family::kMeta, ledger::kHeadKey);
  if (!head.ok()) return head.status();
  if (!head->has_value()) return exchange;
  if (absl::Status status = Load(*view, &exchange->core_); !status.ok()) return status;
  auto tree = ledger::LoadStateTree(*view);
  if (!tree.ok()) return tree.status();
  exchange->tree_ = *std::move(tree);
  if (absl::Status status = CheckRoot(*view, exchange->core_.head.height, exchange->tree_.root());
      !status.ok()) {
    return status;
  }
  exchange->started_ = true;
  exchange->committed_ = {exchange->core_.genesis_hash, exchange->core_.head,
                          exchange->tree_.root()};
  return exchange;
}

AppInfo Exchange::Info() const { return committed_; }

absl::Status Exchange::InitChain(const ledger::Genesis& genesis) {
  if (started_) return absl::FailedPreconditionError("the store has a network already");
  if (absl::Status status = ledger::Validate(genesis); !status.ok()) return status;
  Start(genesis, &core_);
  pending_.emplace();
  pending_->Put(ledger::Family::kMeta, ledger::kGenesisKey, Encode(genesis));
  UpdateTree();
  started_ = true;
  return Commit();
}

absl::Status Exchange::CheckTx(const SignedTransaction& transaction, TimeMicros now) const {
  if (transaction.transaction.genesis_hash != core_.genesis_hash) {
    return StatusOf(SkipReason::kInvalid);
  }
  if (absl::Status status = CheckLifetime(transaction.transaction.valid_until, now); !status.ok()) {
    return status;
  }
  return StatusOf(WhySkipped(core_, transaction, now));
}

std::vector<std::size_t> Exchange::PrepareProposal(const std::vector<Candidate>& candidates,
                                                   TimeMicros time) const {
  std::vector<std::size_t> chosen;
  std::size_t bytes = 0;
  absl::flat_hash_set<std::pair<AccountId, Nonce>> nonces;
  absl::flat_hash_map<AccountId, std::uint64_t> charges;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (chosen.size() == limits::kMaxBlockTransactions) break;
    const SignedTransaction& transaction = *candidates[i].transaction;
    const std::size_t size = candidates[i].encoded->size();
    if (bytes + size > limits::kMaxBlockBytes) continue;
    if (!CheckTx(transaction, time).ok()) continue;
    const AccountId& account = transaction.transaction.account;
    std::uint64_t& charged = charges[account];
    const std::uint64_t charge = ChargeOf(core_.fees, transaction);
    const Atoms free = core_.state.Free(*core_.state.FindAccount(account), core_.fee_asset);
    if (charged + charge > free.value()) continue;
    if (!nonces.emplace(account, transaction.transaction.nonce).second) continue;
    charged += charge;
    bytes += size;
    chosen.push_back(i);
  }
  return chosen;
}

absl::Status Exchange::ProcessProposal(const Block& block, Height parent_height,
                                       TimeMicros parent_time, bool signatures_verified) const {
  ProposedBlock proposed{.protocol_version = block.protocol_version,
                         .height = block.height,
                         .time = block.time,
                         .parent_height = parent_height,
                         .parent_time = parent_time,
                         .transactions = &block.transactions};
  return CheckBlock(proposed, core_.genesis_hash,
                    std::vector<bool>(block.transactions.size(), signatures_verified));
}

absl::StatusOr<BlockResult> Exchange::FinalizeBlock(const Block& block) {
  if (!started_ || pending_) {
    return absl::FailedPreconditionError("no network, or a block that is not committed");
  }
  if (block.protocol_version != kProtocolVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "block has protocol version ", block.protocol_version, ": this node is too old for it"));
  }
  if (block.height.value() != core_.head.height.value() + 1 || block.time <= core_.head.time) {
    return absl::FailedPreconditionError("the block does not follow the last one");
  }
  core_.head.height = block.height;
  core_.head.time = block.time;
  core_.head.block_hash = block.hash;
  core_.head.protocol_version = block.protocol_version;

  BlockRun run{.height = block.height,
               .time = block.time,
               .fills_left = core_.limits.max_fills_per_block,
               .closures_left = core_.limits.max_closures_per_block};
  BlockResult result;
  result.receipts = RunAll(core_, run, DecodeAll(block), block.parent_hash);
  result.events = std::move(run.events);
  const Results results(result);

  pending_.emplace();
  ledger::BlockHeader& header = result.header;
  header.protocol_version = block.protocol_version;
  header.height = block.height;
  header.time = block.time;
  header.hash = block.hash;
  header.parent_hash = block.parent_hash;
  header.transactions_root = ledger::MerkleRootOf(block.transactions);
  header.results_root = ledger::MerkleRoot(results.leaves());
  header.state_root = UpdateTree();
  header.transactions = static_cast<std::uint32_t>(block.transactions.size());
  header.events = result.events.size();
  CollectBlock(core_.genesis_hash, block, result, results.receipts(), results.leaves(), &*pending_);
  return result;
}

Hash256 Exchange::UpdateTree() {
  std::vector<ledger::StateTree::Record> records;
  CollectState(core_, &*pending_, &records);
  const std::vector<ledger::StateTree::Change> changes = ledger::StateTree::ChangesOf(records);
  ledger::AppendTreeChanges(changes, &*pending_);
  return tree_.Update(changes);
}

absl::Status Exchange::Commit() {
  if (!pending_) return absl::FailedPreconditionError("no finalized block to commit");
  absl::Status status = store_->Apply(*pending_);
  if (!status.ok()) return status;
  pending_.reset();
  committed_ = {core_.genesis_hash, core_.head, tree_.root()};
  return absl::OkStatus();
}

Simulation Exchange::Simulate(const SignedTransaction& transaction, TimeMicros now) const {
  return exchange::Simulate(core_, transaction, now);
}

}  // namespace bourse::exchange
