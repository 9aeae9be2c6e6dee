// The units of the exchange. Ranges and what they count; see ARCHITECTURE.md, "Words".
#pragma once

#include <cstdint>

#include "common/strong_int.h"

namespace bourse {

// Price of one lot: quote atoms = ticks · tick_size. Valid: 1 to 2^63-1.
using PriceTicks = StrongInt<struct PriceTicksTag, std::uint64_t>;

// Quantity in lots: base atoms = lots · lot_size. Valid: 1 to 2^63-1.
using Lots = StrongInt<struct LotsTag, std::uint64_t>;

// Amount of an asset in its smallest unit. Valid: 0 to 2^63-1.
using Atoms = StrongInt<struct AtomsTag, std::uint64_t>;

// Number of a block: genesis is 0, the first block 1.
using Height = StrongInt<struct HeightTag, std::uint64_t>;

// Microseconds since 1970-01-01 UTC, as blocks carry it.
using TimeMicros = StrongInt<struct TimeMicrosTag, std::uint64_t>;

// Number used once by a signer; see ledger/nonce_window.h.
using Nonce = StrongInt<struct NonceTag, std::uint64_t>;

// A bot's own id of an order. 0: none.
using ClientOrderId = StrongInt<struct ClientOrderIdTag, std::uint64_t>;

// Markets, assets and accounts are numbered 0, 1, 2, … as they come to exist.
using MarketId = StrongInt<struct MarketIdTag, std::uint32_t>;
using AssetIndex = StrongInt<struct AssetIndexTag, std::uint32_t>;
using AccountIndex = StrongInt<struct AccountIndexTag, std::uint32_t>;

// An order's id, which is its priority too: height (40 bits) ‖ sequence within
// the block (24 bits). The lower, the earlier. 0: none.
using OrderId = StrongInt<struct OrderIdTag, std::uint64_t>;

constexpr OrderId MakeOrderId(Height height, std::uint32_t sequence) {
  return OrderId(height.value() << 24 | sequence);
}

enum class Side : std::uint8_t { kBuy = 0, kSell = 1 };

constexpr Side Opposite(Side side) { return side == Side::kBuy ? Side::kSell : Side::kBuy; }

}  // namespace bourse
