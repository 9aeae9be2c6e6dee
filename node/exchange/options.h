// Limits: the bounds that an Exchange is opened with.
#pragma once

#include <cstdint>

#include "common/limits.h"

namespace bourse::exchange {

// The bounds of the state and of a block that are rules, as common/limits.h documents them. All
// nodes of a network must have the same: only tests, which could not reach the real ones, set
// others. Each at least 1.
struct Limits {
  std::uint32_t max_fills_per_operation = limits::kMaxFillsPerOperation;
  std::uint32_t max_fill_or_kill_makers = limits::kMaxFillOrKillMakers;
  std::uint32_t max_fills_per_block = limits::kMaxFillsPerBlock;
  std::uint32_t max_closures_per_block = limits::kMaxClosuresPerBlock;
  std::uint32_t max_carried_per_block = limits::kMaxCarriedPerBlock;
  std::uint32_t max_open_orders = limits::kMaxOpenOrdersPerAccount;
  std::uint32_t max_client_ids = limits::kMaxClientIdsPerAccount;
  std::uint32_t max_markets = limits::kMaxMarkets;
  std::uint32_t max_assets = limits::kMaxAssets;
  std::uint32_t max_assets_per_account = limits::kMaxAssetsPerAccount;
};

}  // namespace bourse::exchange
