// TappedStore: a Store that tells what was written to it, once that is durable.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "ledger/store.h"

namespace bourse::runtime {

// As thread-safe as the store within.
class TappedStore final : public ledger::Store {
 public:
  using Tap = std::function<void(const ledger::Batch& batch)>;

  // `store` must outlive it. The tap runs on the thread that applies.
  TappedStore(ledger::Store* store, Tap tap) : store_(store), tap_(std::move(tap)) {}

  absl::StatusOr<std::optional<std::string>> Get(ledger::Family family,
                                                 std::string_view key) const override {
    return store_->Get(family, key);
  }
  absl::Status Scan(ledger::Family family, std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override {
    return store_->Scan(family, prefix, from, visit);
  }
  absl::Status ScanBack(ledger::Family family, std::string_view prefix, std::string_view from,
                        const std::function<bool(std::string_view key, std::string_view value)>&
                            visit) const override {
    return store_->ScanBack(family, prefix, from, visit);
  }
  absl::Status Apply(const ledger::Batch& batch) override {
    absl::Status applied = store_->Apply(batch);
    if (applied.ok()) tap_(batch);
    return applied;
  }
  std::unique_ptr<ledger::View> Snapshot() const override { return store_->Snapshot(); }

 private:
  ledger::Store* const store_;
  const Tap tap_;
};

}  // namespace bourse::runtime
