// Backend: what the services need of the node. The runtime implements it.
//
// Thread-safe. Callbacks come exactly once, on a thread of the node's or within the call; they
// must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/genesis.h"
#include "ledger/store.h"
#include "node/api/full_receipt.h"
#include "node/api/network_state.h"
#include "node/api/order_view.h"

namespace bourse::api {

// What became of a submitted transaction.
struct SubmitResult {
  absl::Status status;                         // not OK: refused, or (DEADLINE_EXCEEDED) unknown
  std::optional<TxId> txid;                    // as soon as the bytes could be decoded
  std::shared_ptr<const FullReceipt> receipt;  // null: pending
};

struct SubmitOptions {
  bool wait = false;  // to be answered when it is final
  absl::Time deadline = absl::InfiniteFuture();
  std::uint64_t source = 0;  // whom it comes from: all sources get their turns
};

// What does not change while a node runs.
struct NodeIdentity {
  std::string version;
  ledger::Genesis genesis;
  Hash256 genesis_hash;
  PublicKey node_key;
  std::string engine;  // as NodeStatus has it
};

struct QueueStatus {
  std::uint64_t transactions = 0;
  std::uint64_t bytes = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;

  using SubmitDone = std::function<void(SubmitResult)>;
  // `encoded` is a SignedTransaction. One that waits is answered when it is final, or, as the
  // deadline comes near, with DEADLINE_EXCEEDED.
  virtual void Submit(std::string encoded, SubmitOptions options, SubmitDone done) = 0;

  using SimulateDone = std::function<void(absl::StatusOr<FullReceipt>)>;
  // The signature is not looked at.
  virtual void Simulate(SignedTransaction transaction, SimulateDone done) = 0;

  using PendingDone = std::function<void(std::optional<std::string> encoded)>;
  // A transaction of the queue.
  virtual void FindPending(const TxId& txid, PendingDone done) = 0;

  // The ledger as of the last committed block.
  [[nodiscard]] virtual std::shared_ptr<const ledger::View> Latest() const = 0;
  [[nodiscard]] virtual const OrderView& orders() const = 0;
  [[nodiscard]] virtual const NodeIdentity& identity() const = 0;
  [[nodiscard]] virtual QueueStatus queue() const = 0;
  // The clock, and for how long the node has been running.
  [[nodiscard]] virtual TimeMicros Clock() const = 0;
  [[nodiscard]] virtual std::uint64_t UptimeSeconds() const = 0;

  // How this node stands to the network; the answers of a node that is alone.
  [[nodiscard]] virtual NetworkStatus network() const { return {}; }
  [[nodiscard]] virtual std::vector<PeerState> peers() const { return {}; }
  [[nodiscard]] virtual std::vector<EvidenceState> evidence() const { return {}; }
};

}  // namespace bourse::api
