// Application: the deterministic part of a node, as an engine that orders blocks drives it.
//
// In the shape of ABCI 2.0, so that the built-in consensus and an external engine can drive the
// very same code:
//
//   Info ── InitChain (once) ── { CheckTx … PrepareProposal · ProcessProposal · FinalizeBlock ·
//   Commit } for each height
//
// All up to and including FinalizeBlock is a function of the state and the block alone, and changes
// nothing durable; Commit is one synced write. Not thread-safe: one thread drives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/genesis.h"
#include "ledger/records.h"

namespace bourse::exchange {

inline constexpr std::uint32_t kProtocolVersion = 1;

// An ordered list of transactions, as the engine decided it.
struct Block {
  std::uint32_t protocol_version = kProtocolVersion;
  Height height;
  TimeMicros time;  // later than the parent's
  Hash256 hash;     // what the engine calls it
  Hash256 parent_hash;
  std::vector<std::string> transactions;  // encoded SignedTransactions, byte for byte
};

struct BlockResult {
  ledger::BlockHeader header;             // with the roots
  std::vector<ledger::Receipt> receipts;  // in the block's order
  ledger::EventLog events;
};

struct AppInfo {
  Hash256 genesis_hash;
  ledger::Head head;  // height 0 before the first block
  Hash256 state_root;
};

// A transaction that a proposer may include.
struct Candidate {
  const SignedTransaction* transaction;
  const std::string* encoded;
};

class Application {
 public:
  virtual ~Application() = default;

  // Of the last committed block.
  [[nodiscard]] virtual AppInfo Info() const = 0;

  // Starts a network: the state at height 0, durable when it returns.
  [[nodiscard]] virtual absl::Status InitChain(const ledger::Genesis& genesis) = 0;

  // Whether the account could run and pay for this transaction after the last block, at `now`.
  // The signature is the caller's to verify. kInvalidArgument: another network's;
  // kDeadlineExceeded: expired; kFailedPrecondition: unknown account, wrong signer, nonce or funds,
  // or valid for too long.
  [[nodiscard]] virtual absl::Status CheckTx(const SignedTransaction& transaction,
                                             TimeMicros now) const = 0;

  // Chooses transactions for a block at `time`, in the order given, within the limits of a block:
  // those that CheckTx admits, each once. Returns indices into `candidates`.
  [[nodiscard]] virtual std::vector<std::size_t> PrepareProposal(
      const std::vector<Candidate>& candidates, TimeMicros time) const = 0;

  // Whether validators may accept the block: a function of its bytes and of the parent's header
  // (height, time) alone. Signatures are checked unless `signatures_verified`.
  [[nodiscard]] virtual absl::Status ProcessProposal(const Block& block, Height parent_height,
                                                     TimeMicros parent_time,
                                                     bool signatures_verified) const = 0;

  // Runs a decided block, which must follow the last one. Transactions that can't run are skipped,
  // whatever their bytes: no decided block stops the chain. kFailedPrecondition: not the next
  // height, or an unknown protocol version.
  [[nodiscard]] virtual absl::StatusOr<BlockResult> FinalizeBlock(const Block& block) = 0;

  // Makes what FinalizeBlock did durable. An error leaves the store at the block before; the node
  // must stop.
  [[nodiscard]] virtual absl::Status Commit() = 0;
};

}  // namespace bourse::exchange
