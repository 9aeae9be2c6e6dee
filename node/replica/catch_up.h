// CatchUp: asks for finalized blocks while the chain that a Final certificate ends is not all here.
//
// One request at a time goes to a random peer; when its answer is late, a second one to another.
// Who answers with nothing or nonsense, or not at all, is left alone for a while.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/units.h"
#include "node/consensus/validators.h"
#include "node/replica/message.h"
#include "node/replica/peers.h"
#include "node/replica/random.h"

namespace bourse::replica {

// Not thread-safe.
class CatchUp {
 public:
  // An answer that takes longer makes us ask another peer; twice as long, and it is given up. Each
  // that is given up in a row doubles a peer's time, as the link may be slow.
  static constexpr std::uint64_t kPatienceUs = 1'000'000;
  static constexpr std::uint32_t kPatienceDoublings = 4;

  // `peers` and `random` must outlive it.
  CatchUp(Peers* peers, Random* random) : peers_(peers), random_(random) {}

  // Whether blocks are missing, and from when on it asks for them. Idempotent.
  void Want(bool missing, std::uint64_t from_us);
  // Whom to ask now for blocks from this height on.
  [[nodiscard]] std::optional<PeerId> Next(Height from, std::uint64_t now_us);
  // When to call Next again, as of its last call.
  [[nodiscard]] std::optional<std::uint64_t> timer_us() const { return timer_us_; }

  // Blocks from this height on came, and brought the chain forward or not. Those that it did not
  // ask for say nothing against their sender: they may answer another question.
  void Answered(PeerId peer, Height from, bool useful, std::uint64_t now_us);
  void Gone(PeerId peer);

  [[nodiscard]] bool wanted() const { return wanted_; }
  [[nodiscard]] bool IsAsking() const { return !asked_.empty(); }
  // So long nothing useful came, although it was asked for.
  [[nodiscard]] std::uint64_t FruitlessUs(std::uint64_t now_us) const;

 private:
  struct Asked {
    PeerId peer;
    Height from;
    std::uint64_t late_us = 0;     // then another peer is asked
    std::uint64_t give_up_us = 0;  // and then it is given up
  };

  [[nodiscard]] std::optional<PeerId> Choose(std::uint64_t now_us);
  [[nodiscard]] std::optional<std::uint64_t> NextTimer(std::uint64_t now_us) const;

  Peers* const peers_;
  Random* const random_;
  bool wanted_ = false;
  std::uint64_t from_us_ = 0;
  std::uint64_t fruitful_at_us_ = 0;
  std::vector<Asked> asked_;  // two at most
  std::optional<std::uint64_t> timer_us_;
};

// Whether these are blocks of heights in a row, and their descendants' headers, down to what the
// certificate finalizes: linked by their hashes, with the transactions that their roots commit to.
// What is wrong, or empty. The certificate's signatures are the caller's. REQUIRES: any blocks.
[[nodiscard]] std::string WrongInRun(const Blocks& blocks);

}  // namespace bourse::replica
