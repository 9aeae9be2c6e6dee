// Crowd: a store with a state of very many accounts, which it makes up as they are read. A genesis
// of ten million would take half an hour, as it has to check their keys.
//
//   Crowd crowd(genesis, 10'000'000, &changes);
//   auto exchange = Exchange::Open(&crowd);  // at height 0
//   // … of the account Crowd::IdOf(7), which has no key: its transactions can't be signed
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/transaction.h"
#include "ledger/forwarding_store.h"
#include "ledger/genesis.h"
#include "ledger/memory_store.h"

namespace bourse::bench {

// Reads see the state at height 0, whatever is applied. As thread-safe as `changes`.
class Crowd final : public ledger::ForwardingStore {
 public:
  static constexpr std::uint32_t kMaxAccounts = 10'000'000;

  // The state of a genesis without accounts, and `accounts` of them, each with as much of each
  // asset as the others. What is applied goes to `changes`, which must outlive it.
  // REQUIRES: the genesis is valid; accounts <= kMaxAccounts.
  Crowd(const ledger::Genesis& genesis, std::uint32_t accounts, ledger::Store* changes);

  [[nodiscard]] static AccountId IdOf(std::uint32_t index);

  absl::StatusOr<std::optional<std::string>> Get(ledger::Family family,
                                                 std::string_view key) const override;
  absl::Status Scan(ledger::Family family, std::string_view prefix, std::string_view from,
                    const Visitor& visit) const override;
  absl::Status ScanBack(ledger::Family family, std::string_view prefix, std::string_view from,
                        const Visitor& visit) const override;
  std::unique_ptr<ledger::View> Snapshot() const override { return std::make_unique<Crowd>(*this); }

 private:
  std::uint32_t accounts_;
  ledger::FeeSchedule fees_;
  std::shared_ptr<ledger::MemoryStore> others_;  // all records but the accounts'
};

}  // namespace bourse::bench
