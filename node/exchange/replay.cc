#include "node/exchange/replay.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "ledger/forwarding_store.h"
#include "ledger/genesis.h"
#include "ledger/records.h"
#include "ledger/schema.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"

namespace bourse::exchange {
namespace {

using ledger::Batch;
using ledger::Family;
using ledger::View;

constexpr std::array kHistory = {Family::kBlocks, Family::kTransactions, Family::kSwaps};
constexpr std::array kState = {Family::kAccounts, Family::kOrders, Family::kMarkets,
                               Family::kAssets, Family::kMeta};

absl::Status Differs(std::string_view what) { return absl::DataLossError(std::string(what)); }

std::string_view NameOf(Family family) {
  constexpr std::array<std::string_view, ledger::kFamilies> kNames = {
      "block", "receipt",         "swap",    "account", "order", "market",
      "asset", "head or genesis", "finality"};
  return kNames[static_cast<std::size_t>(family)];
}

std::string NameOf(Family family, std::string_view key) {
  std::string_view name = NameOf(family);
  if (family == Family::kBlocks && !key.empty()) {
    switch (key.front()) {
      case 'h':
        return "header";
      case 't':
        return "list of transactions";
      case 'i':
        return "list of TXIDs";
      case 'e':
        return "list of events";
      case 'l':
        return "list of result leaves";
      default:
        break;
    }
  }
  return absl::StrCat(std::string(name), " record ", ToHex(AsBytes(key)));
}

absl::StatusOr<std::string> Need(const View& view, Family family, const std::string& key) {
  auto value = view.Get(family, key);
  if (!value.ok()) return value.status();
  if (!value->has_value()) {
    return Differs(absl::StrCat("the ", NameOf(family, key), " is missing"));
  }
  return *std::move(*value);
}

bool IsHistory(Family family) {
  for (const Family history : kHistory) {
    if (family == history) return true;
  }
  return false;
}

// The store of the exchange that replays: keeps the state in `scratch`, and compares what would
// become history with the ledger's.
class ComparingStore final : public ledger::ForwardingStore {
 public:
  ComparingStore(const View& from, ledger::Store* scratch)
      : ForwardingStore(scratch), from_(from) {}

  absl::Status Apply(const Batch& batch) override {
    Batch state;
    for (const Batch::Change& change : batch.changes()) {
      if (IsHistory(change.family)) {
        if (absl::Status status = Compare(change); !status.ok()) return status;
        ++records_[static_cast<std::size_t>(change.family)];
      } else if (change.value.has_value()) {
        state.Put(change.family, change.key, *change.value);
      } else {
        state.Delete(change.family, change.key);
      }
    }
    return ForwardingStore::Apply(state);
  }

  // Records of history that the blocks so far give.
  [[nodiscard]] std::uint64_t records(Family family) const {
    return records_[static_cast<std::size_t>(family)];
  }

 private:
  absl::Status Compare(const Batch::Change& change) const {
    const auto there = from_.Get(change.family, change.key);
    if (!there.ok()) return there.status();
    if (*there == change.value) return absl::OkStatus();
    return Differs(absl::StrCat(
        "the ", NameOf(change.family, change.key),
        there->has_value() ? " differs from what its transactions give" : " is missing"));
  }

  const View& from_;
  std::array<std::uint64_t, ledger::kFamilies> records_{};
};

absl::StatusOr<ledger::BlockHeader> ReadHeader(const View& from, Height height) {
  const auto bytes = Need(from, Family::kBlocks, ledger::HeaderKey(height));
  if (!bytes.ok()) return bytes.status();
  ledger::BlockHeader header;
  if (!Decode(*bytes, &header)) return Differs("the header is unreadable");
  if (header.height != height) return Differs("the header is of another height");
  return header;
}

absl::StatusOr<Block> ReadBlock(const View& from, const ledger::BlockHeader& header) {
  const auto body = Need(from, Family::kBlocks, ledger::BodyKey(header.height));
  if (!body.ok()) return body.status();
  Block block{.protocol_version = header.protocol_version,
              .height = header.height,
              .time = header.time,
              .hash = header.hash,
              .parent_hash = header.parent_hash,
              .transactions = {}};
  Reader reader(*body);
  while (reader.ok() && reader.left() > 0) block.transactions.emplace_back(reader.Sized());
  if (!reader.Done()) return Differs("the list of transactions is unreadable");
  return block;
}

absl::Status CompareHeaders(const ledger::BlockHeader& stored, const ledger::BlockHeader& given) {
  if (stored.transactions_root != given.transactions_root ||
      stored.transactions != given.transactions) {
    return Differs("its transactions are not those that its header commits to");
  }
  if (stored.results_root != given.results_root || stored.events != given.events) {
    return Differs(absl::StrCat("its transactions give the results root ",
                                ToHex(given.results_root), ", its header says ",
                                ToHex(stored.results_root)));
  }
  if (stored.state_root != given.state_root) {
    return Differs(absl::StrCat("its transactions give the state root ", ToHex(given.state_root),
                                ", its header says ", ToHex(stored.state_root)));
  }
  return absl::OkStatus();
}

// That all of `a`'s records of a family are in `b`.
absl::Status AllIn(const View& a, const View& b, Family family, std::string_view otherwise) {
  absl::Status result;
  const absl::Status scanned =
      a.Scan(family, "", "", [&](std::string_view key, std::string_view value) {
        const auto other = b.Get(family, key);
        if (!other.ok()) {
          result = other.status();
        } else if (!other->has_value() || **other != value) {
          result = Differs(absl::StrCat("the ", NameOf(family, key), " ", std::string(otherwise)));
        }
        return result.ok();
      });
  return scanned.ok() ? result : scanned;
}

class Replayer {
 public:
  Replayer(const View& from, ledger::Store* scratch, const ReplayOptions& options)
      : from_(from), options_(options), store_(from, scratch) {}

  absl::StatusOr<ReplayCounts> Run() {
    if (absl::Status status = Start(); !status.ok()) return status;
    for (std::uint64_t i = 1; i <= head_.height.value(); ++i) {
      if (absl::Status status = RunBlock(Height(i)); !status.ok()) return At(Height(i), status);
      if (options_.progress) options_.progress(Height(i), head_.height);
    }
    if (absl::Status status = CheckEnd(); !status.ok()) return At(head_.height, status);
    counts_.state_root = exchange_->Info().state_root;
    return counts_;
  }

 private:
  static absl::Status At(Height height, const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat("at height ", height.value(), ": ",
                                                    std::string(status.message())));
  }

  absl::Status Start() {
    const auto genesis_bytes = Need(from_, Family::kMeta, ledger::kGenesisKey);
    if (!genesis_bytes.ok()) return genesis_bytes.status();
    const auto head_bytes = Need(from_, Family::kMeta, ledger::kHeadKey);
    if (!head_bytes.ok()) return head_bytes.status();
    ledger::Genesis genesis;
    if (!Decode(*genesis_bytes, &genesis)) return Differs("the genesis is unreadable");
    if (!Decode(*head_bytes, &head_)) return Differs("the head is unreadable");
    auto exchange = Exchange::Open(&store_, options_.limits);
    if (!exchange.ok()) return exchange.status();
    exchange_ = *std::move(exchange);
    return exchange_->InitChain(genesis);
  }

  absl::Status RunBlock(Height height) {
    const auto header = ReadHeader(from_, height);
    if (!header.ok()) return header.status();
    const auto block = ReadBlock(from_, *header);
    if (!block.ok()) return block.status();
    const ledger::Head parent = exchange_->Info().head;
    if (block->parent_hash != parent.block_hash) {
      return Differs("its parent's hash is not that of the block before");
    }
    if (options_.check_proposals) {
      const absl::Status accepted =
          exchange_->ProcessProposal(*block, parent.height, parent.time, false);
      if (!accepted.ok()) {
        return Differs(
            absl::StrCat("validators accept no such block: ", std::string(accepted.message())));
      }
    }
    const auto result = exchange_->FinalizeBlock(*block);
    if (!result.ok()) return Differs(std::string(result.status().message()));
    if (absl::Status status = CompareHeaders(*header, result->header); !status.ok()) return status;
    counts_.transactions += result->header.transactions;
    counts_.events += result->header.events;
    ++counts_.blocks;
    return exchange_->Commit();
  }

  absl::Status CheckEnd() {
    for (const Family family : kHistory) {
      std::uint64_t records = 0;
      const absl::Status scanned = from_.Scan(family, "", "", [&](auto, auto) {
        ++records;
        return true;
      });
      if (!scanned.ok()) return scanned;
      // Those that the blocks give were all found, so there can only be more.
      if (records != store_.records(family)) {
        return Differs(absl::StrCat("there are ", records - store_.records(family), " ",
                                    std::string(NameOf(family)), " records of no block"));
      }
    }
    for (const Family family : kState) {
      absl::Status status = AllIn(from_, store_, family, "is not what the blocks give");
      if (status.ok()) status = AllIn(store_, from_, family, "is missing");
      if (!status.ok()) return status;
    }
    return CheckLaws(exchange_->core());
  }

  const View& from_;
  const ReplayOptions& options_;
  ComparingStore store_;
  ledger::Head head_;
  std::unique_ptr<Exchange> exchange_;
  ReplayCounts counts_;
};

}  // namespace

absl::StatusOr<ReplayCounts> Replay(const View& from, ledger::Store* scratch,
                                    const ReplayOptions& options) {
  return Replayer(from, scratch, options).Run();
}

}  // namespace bourse::exchange
