// Where the ledger is kept: ordered key-value pairs in column families, changed one block at a
// time.
//
// Two implementations: MemoryStore (tests, simulation) and RocksStore (a node's disk).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/batch.h"

namespace bourse::ledger {

// What a store holds, at one block's end. Thread-safe.
class View {
 public:
  virtual ~View() = default;

  // Nothing if there is no such key; an error only if the store itself fails.
  [[nodiscard]] virtual absl::StatusOr<std::optional<std::string>> Get(
      Family family, std::string_view key) const = 0;

  // Visits pairs in the order of their keys' bytes, from `from` on (inclusive), while the key
  // starts with `prefix` and `visit` returns true.
  virtual absl::Status Scan(
      Family family, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;

  // The same from `from` on (inclusive; empty: the last of the prefix) downwards.
  virtual absl::Status ScanBack(
      Family family, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

// Thread-safe: one thread writes, any may read.
class Store : public View {
 public:
  // Applies all changes or none, and returns when they would survive a loss of power.
  [[nodiscard]] virtual absl::Status Apply(const Batch& batch) = 0;

  // The store as it is now, for reads that belong together; it must not outlive the store.
  [[nodiscard]] virtual std::unique_ptr<View> Snapshot() const = 0;
};

}  // namespace bourse::ledger
