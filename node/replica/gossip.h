// Gossip: transactions that were admitted, on their way to peers, in batches.
//
//   of a client            -> all peers
//   of a validator         -> full nodes (validators have it from there)
//   of a full node         -> all peers but that one
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "node/replica/message.h"
#include "node/replica/peers.h"

namespace bourse::replica {

// Not thread-safe.
class Gossip {
 public:
  // A batch goes out when it is as old, or as large.
  static constexpr std::uint64_t kDelayUs = 500;
  static constexpr std::size_t kBatchBytes = 256 << 10;
  static constexpr std::size_t kBatchCount = 1'024;

  struct Batch {
    std::vector<PeerId> to;
    Transactions transactions;
  };

  // `peers` must outlive it.
  explicit Gossip(const Peers* peers) : peers_(peers) {}

  void Add(std::string encoded, std::optional<PeerId> from, std::uint64_t now_us);
  // Batches that are due.
  [[nodiscard]] std::vector<Batch> Take(std::uint64_t now_us);
  [[nodiscard]] std::optional<std::uint64_t> timer_us() const;

 private:
  struct Waiting {
    Transactions transactions;
    std::size_t bytes = 0;
  };
  [[nodiscard]] std::vector<PeerId> ReceiversOf(std::optional<PeerId> from) const;

  const Peers* const peers_;
  std::map<std::vector<PeerId>, Waiting> waiting_;  // by receivers
  std::optional<std::uint64_t> due_us_;
};

}  // namespace bourse::replica
