// How an order matches.
#pragma once

#include <cstdint>

namespace bourse {

enum class OrderType : std::uint8_t {
  kLimit = 1,              // matches what it can, rests with what is left
  kMarket = 2,             // as kImmediateOrCancel: its price is the worst one accepted
  kImmediateOrCancel = 3,  // matches what it can, the rest is cancelled
  kFillOrKill = 4,         // matches in full within one operation's cap, or is rejected
  kPostOnly = 5,           // rests, or is rejected where it would meet any order
};

// What happens when a taker meets a maker of the same owner.
enum class SelfTrade : std::uint8_t {
  kCancelTaker = 1,  // the taker's remainder is cancelled; its fills so far stand
  kCancelMaker = 2,  // the maker is cancelled, and the taker goes on
  kCancelBoth = 3,   // both
};

}  // namespace bourse
