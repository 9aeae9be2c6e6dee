// Coverage: how often each thing that can happen did.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "common/order_type.h"
#include "common/result.h"
#include "ledger/event.h"
#include "ledger/records.h"
#include "node/exchange/application.h"

namespace bourse::model {

class Coverage {
 public:
  void Count(const exchange::Block& block, const std::vector<ledger::Receipt>& receipts,
             const std::vector<ledger::Event>& events);
  void Add(const Coverage& other);

  // Of transactions that ran.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  // The least count over every order type with every self-trade mode (accepted), every reason of
  // rejection and every reason of being skipped.
  [[nodiscard]] std::uint64_t Least() const;

  friend std::ostream& operator<<(std::ostream& out, const Coverage& coverage);

 private:
  // "placed LIMIT × CANCEL_TAKER" and the like. All that must happen are there from the start.
  using Counts = std::map<std::string, std::uint64_t>;
  static Counts AllAtZero();

  void CountOperation(const Operation& operation, const ledger::OperationResult& result);

  std::uint64_t blocks_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t operations_ = 0;
  Counts counts_ = AllAtZero();
  std::map<std::string, std::uint64_t> events_;
};

}  // namespace bourse::model
