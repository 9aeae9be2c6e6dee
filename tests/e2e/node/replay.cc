// Replays a ledger: runs its blocks again from its genesis, in memory, and compares every header,
// receipt and event with what the ledger holds.
//
//   replay LEDGER-FOLDER
//
// No node may have the ledger open. Ends with 0 and a line of counts if all is the same.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "common/ed25519.h"
#include "ledger/genesis.h"
#include "ledger/memory_store.h"
#include "ledger/rocks_store.h"
#include "ledger/schema.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"

namespace bourse {
namespace {

using ledger::Family;

absl::StatusOr<std::string> Need(const ledger::View& view, Family family, const std::string& key) {
  auto value = view.Get(family, key);
  if (!value.ok()) return value.status();
  if (!value->has_value()) return absl::DataLossError("a value is missing");
  return *std::move(*value);
}

absl::StatusOr<exchange::Block> ReadBlock(const ledger::View& view, Height height) {
  const auto header_bytes = Need(view, Family::kBlocks, ledger::HeaderKey(height));
  const auto body = Need(view, Family::kBlocks, ledger::BodyKey(height));
  if (!header_bytes.ok()) return header_bytes.status();
  if (!body.ok()) return body.status();
  ledger::BlockHeader header;
  if (!ledger::Decode(*header_bytes, &header)) return absl::DataLossError("a header");
  exchange::Block block;
  block.protocol_version = header.protocol_version;
  block.height = height;
  block.time = header.time;
  block.hash = header.hash;
  block.parent_hash = header.parent_hash;
  Reader reader(*body);
  for (std::uint32_t i = 0; i < header.transactions; ++i) {
    block.transactions.emplace_back(reader.Sized());
  }
  if (!reader.Done()) return absl::DataLossError("a block's transactions");
  return block;
}

// What the two stores hold under a block's keys.
absl::Status CompareBlock(const ledger::View& a, const ledger::View& b, Height height) {
  for (const std::string& key :
       {ledger::HeaderKey(height), ledger::BodyKey(height), ledger::TxIdsKey(height),
        ledger::EventsKey(height), ledger::ResultLeavesKey(height)}) {
    const auto mine = a.Get(Family::kBlocks, key);
    const auto theirs = b.Get(Family::kBlocks, key);
    if (!mine.ok()) return mine.status();
    if (!theirs.ok()) return theirs.status();
    if (*mine != *theirs) {
      return absl::InternalError(absl::StrCat("block ", height.value(), ": the replay differs in '",
                                              key.substr(0, 1), "'"));
    }
  }
  return absl::OkStatus();
}

absl::Status Replay(const std::string& folder) {
  const absl::Status verifier = CheckVerifier();
  if (!verifier.ok()) return verifier;
  const auto store = ledger::RocksStore::Open(folder, {});
  if (!store.ok()) return store.status();
  const ledger::View& view = **store;
  const auto genesis_bytes = Need(view, Family::kMeta, ledger::kGenesisKey);
  const auto head_bytes = Need(view, Family::kMeta, ledger::kHeadKey);
  if (!genesis_bytes.ok()) return genesis_bytes.status();
  if (!head_bytes.ok()) return head_bytes.status();
  ledger::Genesis genesis;
  ledger::Head head;
  if (!ledger::Decode(*genesis_bytes, &genesis) || !ledger::Decode(*head_bytes, &head)) {
    return absl::DataLossError("genesis or head");
  }

  ledger::MemoryStore memory;
  const auto exchange = exchange::Exchange::Open(&memory);
  if (!exchange.ok()) return exchange.status();
  const absl::Status started = (*exchange)->InitChain(genesis);
  if (!started.ok()) return started;
  std::uint64_t transactions = 0;
  std::uint64_t events = 0;
  for (std::uint64_t height = 1; height <= head.height.value(); ++height) {
    const auto block = ReadBlock(view, Height(height));
    if (!block.ok()) return block.status();
    const auto result = (*exchange)->FinalizeBlock(*block);
    if (!result.ok()) return result.status();
    const absl::Status committed = (*exchange)->Commit();
    if (!committed.ok()) return committed;
    const absl::Status same = CompareBlock(memory, view, Height(height));
    if (!same.ok()) return same;
    transactions += result->header.transactions;
    events += result->header.events;
  }
  const absl::Status laws = exchange::CheckLaws((*exchange)->core());
  if (!laws.ok()) return laws;
  // What a node rebuilds from the ledger is what the replay arrived at.
  const auto resumed = exchange::Exchange::Open(store->get());
  if (!resumed.ok()) return resumed.status();
  if ((*resumed)->Info().state_root != (*exchange)->Info().state_root) {
    return absl::InternalError("the state rebuilt from the ledger has another root");
  }
  std::printf("replayed %llu blocks, %llu transactions, %llu events\n",
              static_cast<unsigned long long>(head.height.value()),
              static_cast<unsigned long long>(transactions),
              static_cast<unsigned long long>(events));
  return absl::OkStatus();
}

}  // namespace
}  // namespace bourse

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: replay LEDGER-FOLDER\n");
    return 2;
  }
  const absl::Status replayed = bourse::Replay(argv[1]);
  if (replayed.ok()) return 0;
  std::fprintf(stderr, "replay: %s\n", std::string(replayed.message()).c_str());
  return 1;
}
