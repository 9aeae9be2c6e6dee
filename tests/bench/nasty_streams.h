// Streams that aim at a weakness which an order book may have:
//
//   E  everyone at one price: queues of 100,000 orders, cancelled anywhere
//   F  100,000 orders, each at a price of its own, over the whole range
//   G  an attacker who lets the best price jump, there and back, so that what is
//      kept near it is of no use
//   H  books that are filled and emptied, by cancels and by takers
//   I  replaces only
//   J  storms: thousands of orders cancelled at once
#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/order_stream.h"

namespace bourse::bench {

// Of about `operations` each. What their trades come to is the yardstick's word.
std::vector<StreamSpec> NastyStreams(std::uint64_t operations);
OrderStream MakeNastyStream(const StreamSpec& spec);

}  // namespace bourse::bench
