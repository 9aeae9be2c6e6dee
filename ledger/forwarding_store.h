// ForwardingStore: a Store that hands everything on to another; for those that change one thing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/store.h"

namespace bourse::ledger {

// As thread-safe as the store within.
class ForwardingStore : public Store {
 public:
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

  // `store` must outlive it.
  explicit ForwardingStore(Store* store) : store_(store) {}

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override {
    return store_->Get(family, key);
  }
  absl::Status Scan(Family family, std::string_view prefix, std::string_view from,
                    const Visitor& visit) const override {
    return store_->Scan(family, prefix, from, visit);
  }
  absl::Status ScanBack(Family family, std::string_view prefix, std::string_view from,
                        const Visitor& visit) const override {
    return store_->ScanBack(family, prefix, from, visit);
  }
  absl::Status Apply(const Batch& batch) override { return store_->Apply(batch); }
  std::unique_ptr<View> Snapshot() const override { return store_->Snapshot(); }

 private:
  Store* const store_;
};

}  // namespace bourse::ledger
