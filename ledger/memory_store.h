// A Store in memory, for tests and simulation: it survives nothing.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"

namespace bourse::ledger {

class MemoryStore : public Store {
 public:
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

  MemoryStore();
  ~MemoryStore() override;

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override;
  absl::Status Scan(Family family, std::string_view prefix, std::string_view from,
                    const Visitor& visit) const override;
  absl::Status ScanBack(Family family, std::string_view prefix, std::string_view from,
                        const Visitor& visit) const override;
  absl::Status Apply(const Batch& batch) override;

  // Costs nothing by itself; the first change of a family while a snapshot lives copies it.
  std::unique_ptr<View> Snapshot() const override;

 private:
  class Frozen;
  using Pairs = std::map<std::string, std::string, std::less<>>;
  using Contents = std::array<std::shared_ptr<Pairs>, kFamilies>;

  // References to pairs come and go only under the lock, so that Apply can tell whether anybody
  // else sees what it is about to change.
  mutable std::mutex mutex_;  // one that ThreadSanitizer sees
  Contents contents_;         // guarded by mutex_
};

}  // namespace bourse::ledger
