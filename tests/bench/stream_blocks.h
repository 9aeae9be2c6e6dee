// Order streams as an exchange gets them: blocks of transactions, of accounts that a genesis has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/ed25519.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "ledger/genesis.h"
#include "node/exchange/application.h"
#include "tests/bench/order_stream.h"

namespace bourse::bench {

// Of each asset, so much exists at most.
inline constexpr std::uint64_t kSupply = 4'000'000'000'000'000'000;

// A network of one market, with fees, deposits and a validator, and without accounts.
[[nodiscard]] ledger::Genesis MakeGenesis();
// The same with `accounts` of them, of which `traders`, evenly spread, have much of each asset: the
// i-th of these has KeyOf(i) of bench_keys.h. REQUIRES: 1 <= traders <= accounts.
[[nodiscard]] ledger::Genesis MakeGenesis(std::uint32_t accounts, std::uint32_t traders);

// Who the orders are of.
struct Traders {
  std::uint32_t count = 1;  // orders are of each in turn
  std::function<AccountId(std::uint32_t trader)> account;
  // Of a message; where there is none, signatures are zeros, which an exchange doesn't look at.
  std::function<Signature(std::uint32_t trader, Bytes message)> sign;
};

// Those of MakeGenesis, who sign.
[[nodiscard]] Traders SigningTraders(std::uint32_t count);

// Turns a stream's operations into blocks, each account's operations in their order.
class BlockMaker {
 public:
  struct Options {
    // Operations under one signature, at most. With 1, an order's cancel or replace comes in a
    // later block than it: it would overtake the order, and be rejected.
    std::uint32_t per_transaction = 50;
    std::uint32_t per_block = 5'000;  // operations; a block ends with the transaction over it
    std::uint64_t block_micros = 10'000;
  };
  using Take = std::function<void(exchange::Block)>;

  // `take` is handed each block when it is full.
  BlockMaker(const Options& options, Traders traders, const Hash256& genesis_hash, Take take);

  void Make(const OrderStream& stream);

 private:
  // An operation by its client id, and whose.
  struct Named {
    std::uint32_t trader;
    StreamOperation op;
  };

  void AddOrDelay(const Named& named);
  void Add(const Named& named);
  void Finish(std::uint32_t trader);
  void CutBlock();

  Options options_;
  Traders traders_;
  Hash256 genesis_hash_;
  Take take_;
  std::vector<std::vector<Operation>> waiting_;  // by trader
  std::vector<std::uint64_t> nonces_;            // by trader
  std::vector<std::uint64_t> touched_;           // by client id: the height of its last operation
  std::vector<Named> delayed_;                   // until the next block
  std::uint64_t time_ = 1'000'000;
  std::uint64_t height_ = 0;  // of the last full block
  Hash256 parent_hash_;
  std::size_t operations_ = 0;  // of the block so far
  exchange::Block block_;
};

}  // namespace bourse::bench
