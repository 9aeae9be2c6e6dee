#include "node/runtime/audit.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "ledger/genesis.h"
#include "ledger/memory_store.h"
#include "ledger/rocks_store.h"
#include "node/cometbft/app_hash.h"
#include "node/cometbft/header_audit.h"
#include "node/cometbft/rpc.h"
#include "node/config/config.h"
#include "node/consensus/validators.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"
#include "node/exchange/replay.h"
#include "node/runtime/clock.h"
#include "node/storage/archive_audit.h"

namespace bourse::runtime {
namespace {

constexpr std::uint64_t kProgressEveryUs = 2'000'000;

bool IsVerdict(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsInternal(status);
}

absl::Status Unsound(const config::Home& home, const absl::Status& status) {
  if (!IsVerdict(status)) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(home.ledger(), " is NOT sound: ", std::string(status.message()),
                   "\nDon't run a node on it: keep it for inspection, and restore a copy."));
}

// What a node would start from: that it loads, is of the network of genesis.json, obeys the laws.
absl::Status CheckState(ledger::Store* store, const ledger::Genesis& genesis) {
  const auto exchange = exchange::Exchange::Open(store);
  if (!exchange.ok()) return exchange.status();
  if (!(*exchange)->started()) return absl::DataLossError("it is empty");
  if ((*exchange)->Info().genesis_hash != ledger::GenesisHash(genesis)) {
    return absl::FailedPreconditionError(
        "the ledger is of another network than genesis.json: put the right file back");
  }
  return exchange::CheckLaws((*exchange)->core());
}

// Says now and then how far the replay is.
class Progress {
 public:
  explicit Progress(const std::function<void(const std::string&)>& say)
      : say_(say), said_us_(ReadClock().steady_us) {}

  void operator()(Height done, Height total) {
    const std::uint64_t now_us = ReadClock().steady_us;
    if (now_us < said_us_ + kProgressEveryUs) return;
    said_us_ = now_us;
    say_(absl::StrCat("replayed ", done.value(), " of ", total.value(), " blocks (",
                      done.value() * 100 / total.value(), "%)"));
  }

 private:
  const std::function<void(const std::string&)>& say_;
  std::uint64_t said_us_;
};

absl::StatusOr<storage::ArchiveCounts> CheckFinality(const ledger::View& view,
                                                     const ledger::Genesis& genesis, Height head) {
  std::vector<PublicKey> keys;
  for (const ledger::Validator& validator : genesis.validators) keys.push_back(validator.key);
  const consensus::Validators validators(ledger::GenesisHash(genesis), std::move(keys));
  return storage::CheckArchive(view, validators, head);
}

std::string TextOf(const storage::ArchiveCounts& counts) {
  if (counts.blocks == 0) return "It does not hold who finalized its blocks.";
  return absl::StrCat("Certificates of a quorum finalize its blocks up to height ",
                      counts.finalized.value(), " and confirm ", counts.execution_certificates,
                      " results, the last at height ", counts.certified.value(),
                      "; pieces of evidence: ", counts.evidence, ".");
}

// Whether the ledger is what CometBFT finalized, and was told what is true; in a line.
absl::StatusOr<std::string> CheckCometBft(const ledger::View& view, const ledger::Genesis& genesis,
                                          Height head,
                                          const std::optional<std::string>& engine_rpc) {
  ledger::MemoryStore scratch;
  const auto exchange = exchange::Exchange::Open(&scratch);
  if (!exchange.ok()) return exchange.status();
  if (absl::Status status = (*exchange)->InitChain(genesis); !status.ok()) return status;
  const cometbft::AuditedChain chain{ledger::GenesisHash(genesis), (*exchange)->Info().state_root,
                                     head};
  if (absl::Status status = cometbft::CheckAppHash(view, chain); !status.ok()) return status;
  constexpr char kOrdered[] = "CometBFT ordered its blocks";
  if (!engine_rpc.has_value()) {
    return absl::StrCat(kOrdered, "; to compare them with its headers, give --engine-rpc.");
  }
  const absl::StatusOr<config::Endpoint> endpoint =
      config::ParseEndpoint(*engine_rpc, "engine_rpc");
  if (!endpoint.ok()) return endpoint.status();
  cometbft::Rpc rpc({.host = endpoint->address, .port = endpoint->port});
  const auto compared = cometbft::CompareHeaders(
      view, chain, [&rpc](Height first, Height last) { return rpc.Headers(first, last); });
  if (!compared.ok()) return compared.status();
  return absl::StrCat(kOrdered,
                      ": its headers have the same hashes, times and transactions, and "
                      "the same app hash after each of ",
                      *compared, " blocks.");
}

// Who finalized the blocks, as far as the ledger tells; in a line.
absl::StatusOr<std::string> CheckEngine(const ledger::View& view, const ledger::Genesis& genesis,
                                        Height head, const std::optional<std::string>& engine_rpc) {
  const auto app_hash = cometbft::ReadAppHash(view);
  if (!app_hash.ok()) return app_hash.status();
  if (app_hash->has_value()) return CheckCometBft(view, genesis, head, engine_rpc);
  if (engine_rpc.has_value()) {
    return absl::InvalidArgumentError("--engine-rpc: CometBFT has given this ledger no block");
  }
  const auto finality = CheckFinality(view, genesis, head);
  if (!finality.ok()) return finality.status();
  return TextOf(*finality);
}

std::string Verdict(const config::Home& home, const ledger::Genesis& genesis,
                    const exchange::ReplayCounts& counts, const std::string& engine) {
  return absl::StrCat(home.ledger(), " is sound.\n", "chain         ", genesis.chain_name,
                      "\ngenesis hash  ", ToHex(ledger::GenesisHash(genesis)), "\nheight        ",
                      counts.blocks, "\nstate root    ", ToHex(counts.state_root),
                      "\nRun again from the genesis, its ", counts.blocks, " blocks with ",
                      counts.transactions,
                      " transactions gave the same roots, receipts, swaps, records and ",
                      counts.events, " events; all laws hold.\n", engine);
}

}  // namespace

absl::StatusOr<std::string> AuditHome(const config::Home& home,
                                      const std::optional<std::string>& engine_rpc,
                                      const std::function<void(const std::string&)>& progress) {
  const absl::StatusOr<ledger::Genesis> genesis = config::ReadGenesis(home);
  if (!genesis.ok()) return genesis.status();
  const auto store = config::OpenLedger(home);
  if (!store.ok()) return Unsound(home, store.status());
  if (absl::Status status = CheckState(store->get(), *genesis); !status.ok()) {
    return Unsound(home, status);
  }
  progress("the state loads, and its laws hold; replaying the blocks");
  ledger::MemoryStore scratch;
  exchange::ReplayOptions options;
  options.progress = Progress(progress);
  const auto counts = exchange::Replay(**store, &scratch, options);
  if (!counts.ok()) return Unsound(home, counts.status());
  const auto engine = CheckEngine(**store, *genesis, Height(counts->blocks), engine_rpc);
  if (!engine.ok()) return Unsound(home, engine.status());
  return Verdict(home, *genesis, *counts, *engine);
}

}  // namespace bourse::runtime
