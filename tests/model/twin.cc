#include "tests/model/twin.h"

#include <utility>

#include "common/check.h"
#include "node/exchange/audit.h"
#include "tests/model/comparison.h"

namespace bourse::model {

std::unique_ptr<exchange::Exchange> OpenExchange(const World& world, ledger::Store* store) {
  auto opened = exchange::Exchange::Open(store, world.limits);
  CHECK(opened.ok());
  return *std::move(opened);
}

Twin::Twin(const World& world)
    : world_(&world), exchange_(OpenExchange(world, &store_)), model_(world.genesis, world.limits) {
  CHECK(exchange_->InitChain(world.genesis).ok());
}

std::string Twin::Run(const exchange::Block& block) {
  const Outcome expected = model_.RunBlock(block);
  coverage_.Count(block, expected.receipts, expected.events);
  if (std::string broken = CheckLaws(model_.state()); !broken.empty()) return "model: " + broken;

  const auto real = exchange_->FinalizeBlock(block);
  if (!real.ok()) return "FinalizeBlock: " + std::string(real.status().message());
  if (const absl::Status status = exchange_->Commit(); !status.ok()) {
    return "Commit: " + std::string(status.message());
  }
  digest_ = Hasher("roots")
                .Update(digest_)
                .Update(real->header.state_root)
                .Update(real->header.results_root)
                .Finish();
  if (const absl::Status laws = exchange::CheckLaws(exchange_->core()); !laws.ok()) {
    return "law: " + std::string(laws.message());
  }
  const std::string results = CompareResults(real->receipts, real->events, expected);
  const std::string states = CompareStates(store_, model_.state());
  return results + (states.empty() ? "" : "state:" + states);
}

void Twin::Restart() { exchange_ = OpenExchange(*world_, &store_); }

}  // namespace bourse::model
