// Exchange: Bourse's Application. Charges, matches, settles, and commits to what it did.
//
//   auto exchange = Exchange::Open(store);          // resumes what the store holds
//   exchange->InitChain(genesis);                   // a fresh store
//   auto result = exchange->FinalizeBlock(block);   // or in two steps: Run, Seal
//   exchange->Commit();
//
// Not thread-safe, but that one thread may call Seal, Commit and Info while another calls the rest:
// so the next block runs while this one is hashed and written.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/exchange/application.h"
#include "node/exchange/core.h"
#include "node/exchange/options.h"
#include "node/exchange/sealer.h"
#include "node/exchange/simulation.h"

namespace bourse::exchange {

class Exchange final : public Application {
 public:
  // Rebuilds the state of a store's last block; an empty store waits for InitChain. `store` must
  // outlive the exchange. kDataLoss where the store's records contradict each other.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Exchange>> Open(ledger::Store* store,
                                                                      Limits limits = {});

  // True if there is a network: after InitChain, or from the store.
  [[nodiscard]] bool started() const { return started_; }

  [[nodiscard]] AppInfo Info() const override;
  [[nodiscard]] absl::Status InitChain(const ledger::Genesis& genesis) override;
  [[nodiscard]] absl::Status CheckTx(const SignedTransaction& transaction,
                                     TimeMicros now) const override;
  [[nodiscard]] std::vector<std::size_t> PrepareProposal(const std::vector<Candidate>& candidates,
                                                         TimeMicros time) const override;
  [[nodiscard]] absl::Status ProcessProposal(const Block& block, Height parent_height,
                                             TimeMicros parent_time,
                                             bool signatures_verified) const override;
  [[nodiscard]] absl::StatusOr<BlockResult> FinalizeBlock(const Block& block) override;
  [[nodiscard]] absl::Status Commit() override;

  // FinalizeBlock in two steps. Run changes the state; errors as of FinalizeBlock, and then nothing
  // has changed. Seal, of all blocks that ran in their order, makes what commits to it. REQUIRES:
  // the block that was sealed before is committed.
  [[nodiscard]] absl::StatusOr<RanBlock> Run(const Block& block);
  [[nodiscard]] BlockResult Seal(const Block& block, RanBlock ran);

  // A dry run: what the transaction would do at `now` after the last block. Changes nothing.
  [[nodiscard]] Simulation Simulate(const SignedTransaction& transaction, TimeMicros now) const;

  // The state, for laws and tests.
  [[nodiscard]] const Core& core() const { return core_; }

 private:
  explicit Exchange(ledger::Store* store, Limits limits) : sealer_(store) { core_.limits = limits; }

  bool started_ = false;
  Core core_;
  Sealer sealer_;
};

}  // namespace bourse::exchange
