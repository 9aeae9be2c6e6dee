#include "tests/model/shrink.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/transaction.h"

namespace bourse::model {
namespace {

std::size_t CountTransactions(const Blocks& blocks) {
  std::size_t count = 0;
  for (const exchange::Block& block : blocks) count += block.transactions.size();
  return count;
}

// Without the transactions `from` to `to` (not included), counted over all blocks.
Blocks Without(const Blocks& blocks, std::size_t from, std::size_t to) {
  Blocks left = blocks;
  std::size_t number = 0;
  for (exchange::Block& block : left) {
    std::vector<std::string> kept;
    for (std::string& transaction : block.transactions) {
      if (number < from || number >= to) kept.push_back(std::move(transaction));
      ++number;
    }
    block.transactions = std::move(kept);
  }
  return left;
}

// The encoded transaction without its `index`th operation; empty if that can't be.
std::string WithoutOperation(const std::string& encoded, std::size_t index) {
  auto decoded = DecodeSignedTransaction(AsBytes(encoded));
  if (!decoded.ok()) return {};
  Transaction& transaction = decoded->transaction;
  if (transaction.operations.size() < 2 || index >= transaction.operations.size()) return {};
  transaction.operations.erase(transaction.operations.begin() + static_cast<std::ptrdiff_t>(index));
  return EncodeSignedTransaction(EncodeTransaction(transaction), decoded->signature);
}

}  // namespace

Blocks Shrink(Blocks blocks, const std::function<bool(const Blocks&)>& fails, int max_tries) {
  int tries = 0;
  const auto try_to = [&](Blocks smaller) {
    if (tries >= max_tries) return false;
    ++tries;
    if (!fails(smaller)) return false;
    blocks = std::move(smaller);
    return true;
  };

  std::size_t size = std::max<std::size_t>(1, CountTransactions(blocks) / 2);
  while (tries < max_tries) {
    bool shrunk = false;
    for (std::size_t from = 0; from < CountTransactions(blocks);) {
      if (try_to(Without(blocks, from, from + size))) {
        shrunk = true;
      } else {
        from += size;
      }
    }
    if (size == 1 && !shrunk) break;
    size = std::max<std::size_t>(1, size / 2);
  }

  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (std::size_t t = 0; t < blocks[b].transactions.size(); ++t) {
      for (std::size_t op = 0; tries < max_tries;) {
        Blocks smaller = blocks;
        smaller[b].transactions[t] = WithoutOperation(blocks[b].transactions[t], op);
        if (smaller[b].transactions[t].empty()) break;
        if (!try_to(std::move(smaller))) ++op;
      }
    }
  }
  return blocks;
}

}  // namespace bourse::model
