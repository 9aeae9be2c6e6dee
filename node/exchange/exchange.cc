#include "node/exchange/exchange.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/result.h"
#include "ledger/schema.h"
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
  Core& core = exchange->core_;
  ledger::StateTree tree;
  if (absl::Status status = Load(*view, &core, &tree); !status.ok()) return status;
  const Hash256 root = tree.root();
  if (absl::Status status = CheckRoot(*view, core.head.height, root); !status.ok()) return status;
  exchange->started_ = true;
  exchange->sealer_.Resume({core.genesis_hash, core.head, root}, std::move(tree));
  return exchange;
}

AppInfo Exchange::Info() const { return sealer_.committed(); }

absl::Status Exchange::InitChain(const ledger::Genesis& genesis) {
  if (started_) return absl::FailedPreconditionError("the store has a network already");
  if (absl::Status status = ledger::Validate(genesis); !status.ok()) return status;
  Start(genesis, &core_);
  sealer_.SealGenesis(genesis, CollectState(core_));
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

absl::StatusOr<RanBlock> Exchange::Run(const Block& block) {
  if (!started_) return absl::FailedPreconditionError("there is no network yet");
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
  RanBlock ran;
  ran.receipts = RunAll(core_, run, DecodeAll(block), block.parent_hash);
  ran.events = std::move(run.events);
  ran.changes = CollectState(core_);
  return ran;
}

BlockResult Exchange::Seal(const Block& block, RanBlock ran) {
  return sealer_.Seal(block, std::move(ran));
}

absl::StatusOr<BlockResult> Exchange::FinalizeBlock(const Block& block) {
  if (sealer_.pending()) {
    return absl::FailedPreconditionError("the block before is not committed");
  }
  absl::StatusOr<RanBlock> ran = Run(block);
  if (!ran.ok()) return ran.status();
  return Seal(block, *std::move(ran));
}

absl::Status Exchange::Commit() { return sealer_.Commit(); }

Simulation Exchange::Simulate(const SignedTransaction& transaction, TimeMicros now) const {
  return exchange::Simulate(core_, transaction, now);
}

}  // namespace bourse::exchange
