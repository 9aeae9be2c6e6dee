#include "tests/sim/node_disk.h"

#include <map>
#include <utility>

#include "common/check.h"
#include "ledger/schema.h"
#include "node/exchange/exchange.h"

namespace bourse::sim {
namespace {

constexpr char kLogFolder[] = "/log";
// Small, so that catching up takes several answers.
constexpr std::size_t kAnswerBytes = 32'768;

class BatchKeeper : public ledger::MemoryStore {
 public:
  explicit BatchKeeper(ledger::Batch* last) : last_(*last) {}

  absl::Status Apply(const ledger::Batch& batch) override {
    last_ = batch;
    return MemoryStore::Apply(batch);
  }

 private:
  ledger::Batch& last_;
};

// What the exchange writes for a genesis. Made once for each: checking its keys is what starting a
// network of virtual nodes would cost most.
const ledger::Batch& FirstBatchOf(const ledger::Genesis& genesis) {
  static auto* const made = new std::map<Hash256, ledger::Batch>;
  const auto [at, is_new] = made->try_emplace(ledger::GenesisHash(genesis));
  if (is_new) {
    BatchKeeper store(&at->second);
    const auto exchange = exchange::Exchange::Open(&store);
    CHECK(exchange.ok());
    CHECK((*exchange)->InitChain(genesis).ok());
  }
  return at->second;
}

}  // namespace

NodeDisk::NodeDisk(std::uint64_t seed, const ledger::Genesis* genesis,
                   const consensus::Validators* validators)
    : genesis_(*genesis), validators_(*validators), disk_(seed) {
  CHECK(storage::ConsensusLog::Create(&disk_, kLogFolder).ok());
  MakeStore();
}

void NodeDisk::MakeStore() {
  store_ = std::make_unique<ledger::MemoryStore>();
  CHECK(store_->Apply(FirstBatchOf(genesis_)).ok());
  archive_ = std::make_unique<storage::ArchivingStore>(store_.get());
}

NodeDisk::Start NodeDisk::Open() {
  auto opened = storage::ConsensusLog::Open(&disk_, kLogFolder);
  if (!opened.ok()) return {{}, false};
  log_ = std::move(opened->log);
  return {std::move(opened->records), true};
}

bool NodeDisk::Persist(const replica::Effects& turn) {
  if (log_ == nullptr) return true;
  const absl::Status status =
      turn.rewrite_log ? log_->Rewrite(*turn.rewrite_log) : log_->Append(turn.persist);
  CHECK(status.ok() || disk_.is_off());
  return status.ok();
}

void NodeDisk::PowerCycle() {
  log_ = nullptr;
  archive_ = std::make_unique<storage::ArchivingStore>(store_.get());
  disk_.Cut();
  disk_.Restore();
}

void NodeDisk::LoseLog() {
  was_log_lost_ = true;
  const auto names = disk_.List(kLogFolder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    CHECK(disk_.Remove(std::string(kLogFolder) + "/" + name).ok());
  }
  CHECK(disk_.SyncFolder(kLogFolder, "sim/lose").ok());
}

void NodeDisk::LoseAll() {
  LoseLog();
  MakeStore();
}

storage::ArchivedBlock NodeDisk::ReadHead(Height height) const {
  const auto head = storage::ReadHead(*store_, validators_, height);
  CHECK(head.ok());
  return *head;
}

std::string NodeDisk::ReadBlocks(Height from) const {
  const auto blocks = storage::ReadBlocks(*store_, validators_, from, kAnswerBytes);
  CHECK(blocks.ok());
  return replica::Encode(*blocks);
}

bool NodeDisk::HasReceipt(const TxId& txid) const {
  const auto bytes = store_->Get(ledger::Family::kTransactions, ledger::TransactionKey(txid));
  return bytes.ok() && bytes->has_value();
}

}  // namespace bourse::sim
