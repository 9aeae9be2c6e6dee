// TappedStore: a Store that tells what was written to it, once that is durable.
#pragma once

#include <functional>
#include <utility>

#include "ledger/forwarding_store.h"

namespace bourse::runtime {

// As thread-safe as the store within.
class TappedStore final : public ledger::ForwardingStore {
 public:
  using Tap = std::function<void(const ledger::Batch& batch)>;

  // `store` must outlive it. The tap runs on the thread that applies.
  TappedStore(ledger::Store* store, Tap tap) : ForwardingStore(store), tap_(std::move(tap)) {}

  absl::Status Apply(const ledger::Batch& batch) override {
    absl::Status applied = ForwardingStore::Apply(batch);
    if (applied.ok()) tap_(batch);
    return applied;
  }

 private:
  const Tap tap_;
};

}  // namespace bourse::runtime
