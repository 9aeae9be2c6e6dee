// Settlement: what an open order needs, and what a fill moves. Exact, in integers.
//
//   buyer  ── quote + fee ──►            ┌─► seller   quote - fee
//   seller ── base ─────────►  the fill ─┼─► buyer    base
//                                        └─► fee pot  both fees
//
// Reserved funds back every open order: a sell order its base atoms, a buy order its notional at
// the limit price and the fee of that at the higher rate, less what it has paid ahead. So a fill
// always settles, and what a better price saves is free at once.
#pragma once

#include <cstdint>
#include <optional>

#include "common/units.h"
#include "ledger/records.h"
#include "ledger/state.h"

namespace bourse::ledger {

// quantity · price · tick_size, in quote atoms, if at most 2^63-1.
[[nodiscard]] std::optional<std::uint64_t> Notional(const Market& market, PriceTicks price,
                                                    Lots quantity);

// The asset that backs orders of a side.
[[nodiscard]] AssetIndex ReserveAsset(const Market& market, Side side);

// What an order must have reserved for its remaining quantity, in atoms of ReserveAsset; nothing if
// its notional, its base amount or its reserve is over 2^63-1.
[[nodiscard]] std::optional<std::uint64_t> CheckedReserve(const Market& market, Side side,
                                                          PriceTicks price, Lots remaining,
                                                          std::uint32_t fee_slack);

// The same of an order that was accepted. 0 if nothing remains.
[[nodiscard]] Atoms ReserveOf(const Market& market, const Order& order);

struct Settlement {
  Atoms base_amount;
  Atoms quote_amount;
  Atoms maker_fee;
  Atoms taker_fee;
};

// Exchanges `quantity` lots at the maker's price: changes both orders (remaining, fee slack), both
// accounts' balances and the fee pot. REQUIRES: different accounts, opposite sides, prices that
// cross, both orders reserved and with at least `quantity` left.
Settlement SettleFill(State& state, const Market& market, Order& maker, Order& taker,
                      Lots quantity);

}  // namespace bourse::ledger
