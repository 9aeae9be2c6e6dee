// A taker's way through the makers of the opposite side: best level first, and
// within a level the oldest order first.
#pragma once

#include <cstdint>
#include <vector>

#include "matching/book_side.h"
#include "matching/order.h"

namespace bourse::matching {

// Where a taker came to a stop, and why.
struct Sweep {
  enum class End : std::uint8_t {
    kFilled,
    kNoMaker,    // no maker is left at a price that it accepts
    kSelfTrade,  // stopped by self-trade prevention
    kCapped,     // met as many makers as it may, and there are more
  };
  End end;
  std::uint64_t remaining;
};

// Matches `order` with `makers`, the opposite side: makers met are appended to
// `matches`, at most `max_makers`.
Sweep SweepMakers(Pools& pools, BookSide& makers, const NewOrder& order, std::uint32_t max_makers,
                  std::vector<Match>* matches);

// Whether SweepMakers would end with kFilled. Changes nothing, and looks at no
// more than `max_makers` orders.
[[nodiscard]] bool CanFill(const Pools& pools, const BookSide& makers, const NewOrder& order,
                           std::uint32_t max_makers);

}  // namespace bourse::matching
