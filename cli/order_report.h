// What became of a placed or replaced order, for people.
#pragma once

#include <ostream>
#include <string>

#include "bourse/v1/result.pb.h"
#include "cli/catalog.h"

namespace bourse::cli {

struct OrderWords {
  std::string verb;   // "bought" or "sold"
  std::string price;  // the order's own, formatted
  bool rests;         // what is left waits in the book, and isn't cancelled for want of others
};

// A sentence on the whole, the fills as a table, and what is left of the order.
void PrintOrderReport(std::ostream& out, const v1::Receipt& receipt, const MarketInfo& market,
                      const OrderWords& words);

}  // namespace bourse::cli
