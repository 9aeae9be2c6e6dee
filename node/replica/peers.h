// Peers: who is connected, what they are, and whom to ask next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/units.h"
#include "node/consensus/simplex.h"
#include "node/replica/random.h"

namespace bourse::replica {

using consensus::PeerId;

// A plain data structure. Not thread-safe.
class Peers {
 public:
  void Connect(PeerId peer, std::optional<consensus::ValidatorIndex> validator);
  void Disconnect(PeerId peer) { peers_.erase(peer); }

  [[nodiscard]] bool Has(PeerId peer) const { return peers_.contains(peer); }
  [[nodiscard]] bool empty() const { return peers_.empty(); }
  // Nothing: it is a full node, or not connected.
  [[nodiscard]] std::optional<consensus::ValidatorIndex> ValidatorOf(PeerId peer) const;
  // In ascending order.
  [[nodiscard]] std::vector<PeerId> All() const;
  [[nodiscard]] std::vector<PeerId> FullNodes() const;

  // A random peer; `last`, who was asked before, only if there is no other. Mostly one of those
  // that leave the fewest requests unanswered; at times another, as they may have changed.
  [[nodiscard]] std::optional<PeerId> Pick(Random* random, std::optional<PeerId> last) const;
  // As Pick, of those that are not left alone at this time.
  [[nodiscard]] std::optional<PeerId> PickUseful(Random* random, std::uint64_t now_us,
                                                 std::optional<PeerId> last) const;
  // When there is somebody for PickUseful. Nothing: without new connections, never.
  [[nodiscard]] std::optional<std::uint64_t> UsefulAt() const;

  // A request went to it; it answered one with something.
  void Asked(PeerId peer);
  void Answered(PeerId peer);

  // It answered a request for blocks with nothing, with nonsense or not at all: it is left alone,
  // from 0.5 s at first to a minute. Succeeded forgets that.
  void Failed(PeerId peer, std::uint64_t now_us);
  [[nodiscard]] std::uint32_t FailuresOf(PeerId peer) const;
  void Succeeded(PeerId peer);

  // Whether so many bytes of answers to this peer are within its share (kShareBytes a second); if
  // so, they are counted. Who only asks must not keep a node busy.
  [[nodiscard]] bool Spend(PeerId peer, std::size_t bytes, std::uint64_t now_us);
  // Spend, without counting them.
  [[nodiscard]] bool CanSpend(PeerId peer, std::size_t bytes, std::uint64_t now_us);
  static constexpr std::uint64_t kShareBytes = 8 << 20;

 private:
  struct Peer {
    std::optional<consensus::ValidatorIndex> validator;
    std::uint64_t useful_at_us = 0;
    std::uint32_t failures = 0;    // in a row
    std::uint32_t unanswered = 0;  // requests since the last answer
    std::uint64_t share_bytes = kShareBytes;
    std::uint64_t share_at_us = 0;
  };
  using Entry = std::pair<PeerId, std::uint32_t>;  // and how many it left unanswered
  static std::optional<PeerId> PickOf(std::vector<Entry> peers, Random* random,
                                      std::optional<PeerId> last);

  std::map<PeerId, Peer> peers_;
};

}  // namespace bourse::replica
