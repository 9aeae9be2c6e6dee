// Executions: what validators say that blocks did, and the certificates that a quorum of them is.
//
// A certificate may come before that of a lower height, or a block without its certificate: until
// each block has one, its votes count, and it can be asked for.
//
// Bounded: votes are kept for heights that have no certificate, within kWindow of what we executed,
// one of each validator and height.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/units.h"
#include "node/consensus/evidence.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"

namespace bourse::replica {

// A plain data structure. Not thread-safe. What is given to it has good signatures.
class Executions {
 public:
  static constexpr std::uint64_t kWindow = 256;
  // Certificates that wait for their blocks to be executed: one for each block that may.
  static constexpr std::size_t kWaitingMax = 4'096;

  struct Outcome {
    std::vector<consensus::ExecutionCertificate> certified;  // new ones
    std::vector<consensus::Evidence> evidence;
    std::string fatal;  // our roots differ from a certificate's
  };

  // `validators` must outlive it.
  explicit Executions(const consensus::Validators* validators) : validators_(validators) {}

  // The height of the ledger at the start: below it nothing is compared.
  void Start(Height executed) { start_ = executed_ = executed; }
  // What we computed, signed if we vote.
  void OnExecuted(const consensus::Executed& executed,
                  const std::optional<consensus::SignedExecuted>& own, Outcome* outcome);
  void OnVote(const consensus::SignedExecuted& vote, Outcome* outcome);
  void OnCertificate(const consensus::ExecutionCertificate& certificate, Outcome* outcome);

  // Whether it would be of any use.
  [[nodiscard]] bool Wants(Height height) const;

  // Of the highest certificate of a block that we executed, and it. 0: none yet.
  [[nodiscard]] Height certified() const;
  [[nodiscard]] const std::optional<consensus::ExecutionCertificate>& highest() const {
    return highest_;
  }
  // The highest height that a certificate told of, executed here or not.
  [[nodiscard]] Height known() const;
  // By how many heights certificates lag behind `height`, those before the start left out.
  [[nodiscard]] std::uint64_t LagOf(Height height) const;
  // A block that we executed and that has no certificate, though a later one has: the lowest at or
  // above `from`, else the lowest.
  [[nodiscard]] std::optional<Height> SkippedFrom(Height from) const;
  // Our own votes for heights that have no certificate: the last `count`, ascending.
  [[nodiscard]] std::vector<consensus::SignedExecuted> Unconfirmed(std::size_t count) const;

 private:
  using Votes = std::map<consensus::ValidatorIndex, consensus::SignedExecuted>;

  void Count(const consensus::Executed& executed, const Votes& votes, Outcome* outcome);
  void Accept(const consensus::ExecutionCertificate& certificate, Outcome* outcome);
  void Prune();

  const consensus::Validators* const validators_;
  Height start_;
  Height executed_;
  std::map<Height, consensus::Executed> computed_;  // by us, not certified yet
  std::map<Height, consensus::SignedExecuted> own_;
  std::map<Height, Votes> votes_;
  std::map<Height, std::set<consensus::ValidatorIndex>> blamed_;  // evidence was given
  std::map<Height, consensus::ExecutionCertificate> waiting_;     // for us to execute
  std::optional<consensus::ExecutionCertificate> highest_;
};

}  // namespace bourse::replica
