#include "tests/determinism/workload.h"

#include <utility>

#include "common/check.h"

namespace bourse::determinism {

Workload::Workload(std::uint64_t seed)
    : world_(model::MakeWorld(seed)),
      model_(world_.genesis, world_.limits),
      generator_(seed, world_) {
  auto exchange = exchange::Exchange::Open(&store_, world_.limits);
  CHECK(exchange.ok());
  exchange_ = *std::move(exchange);
  CHECK(exchange_->InitChain(world_.genesis).ok());
  genesis_root_ = exchange_->Info().state_root;
}

const Workload::Step& Workload::At(Height height) {
  CHECK(height.value() > 0);
  while (steps_.size() < height.value()) MakeNext();
  return steps_[height.value() - 1];
}

Hash256 Workload::StateRoot(Height height) {
  return height == Height(0) ? genesis_root_ : At(height).result.header.state_root;
}

void Workload::MakeNext() {
  exchange::Block block = generator_.NextBlock(model_.state());
  block.parent_hash = exchange_->Info().head.block_hash;  // a chain, from the genesis on
  model_.RunBlock(block);
  auto result = exchange_->FinalizeBlock(block);
  CHECK(result.ok());
  CHECK(exchange_->Commit().ok());
  steps_.push_back({std::move(block), *std::move(result)});
}

}  // namespace bourse::determinism
