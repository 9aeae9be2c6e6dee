// Validity: whether validators may accept a block. A function of the block's bytes and its parent's
// header alone, never of the state: honest validators who judge one block differently can stop the
// chain.
//
// CheckBlock is the whole of it. It comes in parts, so that many threads can share the dear one,
// the transactions:
//
//   CheckFrame(block, genesis_hash, …)          sizes, counts, height and time
//   CheckTransactions(block, …, {first, count})  each by itself; gives their TXIDs
//   CheckDifferent(txids)                       of all transactions
//
// Thread-safe: all of it is functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/units.h"

namespace bourse::exchange {

// A block as its proposer made it, and what it has to follow. Borrows.
struct ProposedBlock {
  std::uint32_t protocol_version = 0;
  Height height;
  TimeMicros time;
  Height parent_height;
  TimeMicros parent_time;
  const std::vector<std::string>* transactions = nullptr;  // encoded SignedTransactions
};

// Some of a block's transactions, by their places.
struct Places {
  std::size_t first = 0;
  std::size_t count = 0;
};

// All of these: kInvalidArgument, kDeadlineExceeded or kFailedPrecondition, and why.

// `verified`: of each transaction whether its signature is known to be good; of those that it does
// not reach it is not known.
[[nodiscard]] absl::Status CheckBlock(const ProposedBlock& block, const Hash256& genesis_hash,
                                      const std::vector<bool>& verified);

[[nodiscard]] absl::Status CheckFrame(const ProposedBlock& block);
// REQUIRES: the block has such places.
[[nodiscard]] absl::StatusOr<std::vector<TxId>> CheckTransactions(const ProposedBlock& block,
                                                                  const Hash256& genesis_hash,
                                                                  const std::vector<bool>& verified,
                                                                  const Places& places);
[[nodiscard]] absl::Status CheckDifferent(const std::vector<TxId>& txids);

// Whether a block of `time` may hold a transaction that is valid until then.
[[nodiscard]] absl::Status CheckLifetime(TimeMicros valid_until, TimeMicros time);

}  // namespace bourse::exchange
