// NullStore: forgets what it is given; for an exchange without a disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"

namespace bourse::bench {

class NullStore : public ledger::Store {
 public:
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

  absl::StatusOr<std::optional<std::string>> Get(ledger::Family, std::string_view) const override {
    return std::nullopt;
  }
  absl::Status Scan(ledger::Family, std::string_view, std::string_view,
                    const Visitor&) const override {
    return absl::OkStatus();
  }
  absl::Status ScanBack(ledger::Family, std::string_view, std::string_view,
                        const Visitor&) const override {
    return absl::OkStatus();
  }
  absl::Status Apply(const ledger::Batch&) override { return absl::OkStatus(); }
  std::unique_ptr<ledger::View> Snapshot() const override { return std::make_unique<NullStore>(); }
};

}  // namespace bourse::bench
