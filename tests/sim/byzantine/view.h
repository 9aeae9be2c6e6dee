// View: what a Byzantine validator knows of the network: whatever reached it, and was true.
//
// It follows the protocol closely enough to lie well: it knows which slot is active, who voted for
// what, and which blocks there are. It keeps some slots that are over, to dig them up again.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/hash.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/replica/message.h"

namespace bourse::sim::byzantine {

class View {
 public:
  using Signatures = std::map<consensus::ValidatorIndex, Signature>;
  struct Candidate {
    consensus::SignedHeader header;
    // Nothing: some of them were named by keys that we know nothing of.
    std::optional<std::vector<std::string>> transactions;
  };

  explicit View(const consensus::Validators* validators)
      : validators_(*validators), final_id_{consensus::kGenesisSlot, validators->genesis_hash()} {}

  // A message whose claims are good.
  void See(const replica::Message& message);
  // Any bytes that came.
  void Keep(const std::shared_ptr<const std::string>& bytes);

  // The first slot that is not cleared, as far as we know.
  [[nodiscard]] consensus::Slot frontier() const { return frontier_; }
  // The highest finalized block, by a certificate that reached us.
  [[nodiscard]] consensus::BlockId final_id() const { return final_id_; }
  [[nodiscard]] const std::map<consensus::BlockId, Candidate>& candidates() const {
    return candidates_;
  }
  [[nodiscard]] const Candidate* Find(const consensus::BlockId& id) const;
  [[nodiscard]] const std::map<consensus::Vote, Signatures>& votes() const { return votes_; }
  [[nodiscard]] const std::map<consensus::Vote, consensus::Certificate>& certificates() const {
    return certificates_;
  }
  [[nodiscard]] bool IsNotarized(const consensus::BlockId& id) const;
  // Where an honest leader of the frontier would build.
  [[nodiscard]] consensus::BlockId BestParent() const;
  // The height of a block that we know, or of the genesis.
  [[nodiscard]] std::optional<Height> HeightOf(const consensus::BlockId& id) const;
  [[nodiscard]] std::optional<TimeMicros> TimeOf(const consensus::BlockId& id) const;

  // The last that came of each, oldest first.
  [[nodiscard]] const std::deque<std::string>& transactions() const { return transactions_; }
  [[nodiscard]] const std::deque<std::shared_ptr<const std::string>>& packets() const {
    return packets_;
  }
  [[nodiscard]] const std::optional<replica::Blocks>& blocks() const { return blocks_; }
  [[nodiscard]] Height network_height() const { return network_height_; }

 private:
  void SeeVote(const consensus::SignedVote& vote);
  void SeeCertificate(const consensus::Certificate& certificate);
  void SeeCandidate(const replica::CompactCandidate& candidate);
  void SeeFull(const replica::FullCandidate& candidate);
  void SeeTransaction(const std::string& encoded);
  void Advance();
  void Forget();

  const consensus::Validators& validators_;
  consensus::Slot frontier_;
  consensus::BlockId final_id_;
  std::map<consensus::BlockId, Candidate> candidates_;
  std::map<consensus::Vote, Signatures> votes_;
  std::map<consensus::Vote, consensus::Certificate> certificates_;
  std::map<Hash256, std::string> by_key_;
  std::deque<std::string> transactions_;
  std::deque<std::shared_ptr<const std::string>> packets_;
  std::optional<replica::Blocks> blocks_;
  Height network_height_;
};

}  // namespace bourse::sim::byzantine
