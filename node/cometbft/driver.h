// Driver: drives the exchange as CometBFT's requests say. No I/O of its own.
//
//   CometBFT                     Application
//   Info                         Info                  height and app hash of the last commit
//   InitChain                    InitChain             our genesis is its app_state
//   PrepareProposal              PrepareProposal       and its own limit of bytes
//   ProcessProposal              (Proposed)            node/exchange/validity.h judges the block
//   FinalizeBlock                FinalizeBlock         twice after a crash of the engine alone
//   Commit                       Commit
//
// A block's time is that of CometBFT's header in whole microseconds, but later than the parent's.
// Its parent's hash is what CometBFT called the block before; the first one's is the genesis'.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bourse/abci/abci.pb.h"
#include "common/hash.h"
#include "common/units.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/genesis.h"
#include "node/cometbft/app_hash.h"
#include "node/exchange/application.h"

namespace bourse::cometbft {

// Of a network's blocks, as CometBFT counts: the transactions of a full one, what encodes them, the
// commit of a few hundred validators and evidence.
inline constexpr std::int64_t kMaxBlockBytes = 5'242'880;

// What CometBFT calls a network.
[[nodiscard]] std::string ChainId(const Hash256& genesis_hash);

// A block that has just become durable.
struct CommittedBlock {
  exchange::Block block;
  exchange::BlockResult result;
};

// Not thread-safe. An error of a request means that the engine and the ledger don't fit, or that
// the ledger failed: the engine is told, and stops.
class Driver {
 public:
  // Of an application that has started, whose store is `store`. `app_hash`: ReadAppHash of it. All
  // must outlive the driver.
  Driver(exchange::Application* application, AppHashStore* store, const ledger::Genesis* genesis,
         const std::optional<Hash256>& app_hash);

  [[nodiscard]] abci::ResponseInfo Info() const;
  // kFailedPrecondition: it is of another network.
  [[nodiscard]] absl::StatusOr<abci::ResponseInitChain> InitChain(
      const abci::RequestInitChain& request) const;
  [[nodiscard]] abci::ResponsePrepareProposal PrepareProposal(
      const abci::RequestPrepareProposal& request) const;
  // The block whose validity is to be judged, after the last committed one.
  [[nodiscard]] exchange::Block Proposed(abci::RequestProcessProposal request) const;
  [[nodiscard]] absl::StatusOr<abci::ResponseFinalizeBlock> FinalizeBlock(
      abci::RequestFinalizeBlock request);
  // Nothing if the engine has missed the answer to the same request before.
  [[nodiscard]] absl::StatusOr<std::optional<CommittedBlock>> Commit();

  // Whether a block has run, and is not durable yet.
  [[nodiscard]] bool committing() const { return pending_.has_value(); }

 private:
  // What FinalizeBlock answered last.
  struct Answered {
    Height height;
    Hash256 hash;
    abci::ResponseFinalizeBlock response;
  };

  [[nodiscard]] TimeMicros TimeOf(const google::protobuf::Timestamp& time) const;

  exchange::Application* const application_;
  AppHashStore* const store_;
  const ledger::Genesis* const genesis_;
  Hash256 app_hash_;  // of the last committed block
  Hash256 next_app_hash_;
  std::optional<Answered> answered_;
  std::optional<CommittedBlock> pending_;
};

}  // namespace bourse::cometbft
