// Hands: what a Byzantine validator makes and sends. It has the keys of all its accomplices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/consensus/vote.h"
#include "node/replica/message.h"
#include "tests/sim/actor.h"
#include "tests/sim/byzantine/view.h"

namespace bourse::sim::byzantine {

class Hands {
 public:
  // Both must outlive it. `plot` is what accomplices have in common.
  Hands(Environment* environment, View* view, std::uint64_t plot);

  [[nodiscard]] Environment& environment() { return environment_; }
  [[nodiscard]] model::Random& random() { return environment_.random(); }
  [[nodiscard]] View& view() { return view_; }
  [[nodiscard]] consensus::ValidatorIndex self() const { return self_; }
  // Ourselves, and who plays along.
  [[nodiscard]] const std::vector<consensus::ValidatorIndex>& accomplices() const {
    return accomplices_;
  }
  [[nodiscard]] consensus::BlockId genesis() const {
    return {consensus::kGenesisSlot, environment_.validators().genesis_hash()};
  }
  [[nodiscard]] bool IsOurs(consensus::ValidatorIndex validator) const;
  [[nodiscard]] bool Leads(consensus::Slot slot) const {
    return environment_.validators().LeaderOf(slot) == self_;
  }

  // Whom to send to. Halves differ from slot to slot; accomplices agree on them.
  [[nodiscard]] const std::vector<NodeIndex>& all() const { return all_; }
  [[nodiscard]] std::vector<NodeIndex> Half(consensus::Slot slot, bool first) const;
  [[nodiscard]] std::vector<NodeIndex> Some();
  [[nodiscard]] std::vector<NodeIndex> One();

  void Send(const std::vector<NodeIndex>& to, const replica::Message& message);
  void SendBytes(const std::vector<NodeIndex>& to, std::string bytes);
  void Later(std::uint64_t delay_us, std::vector<NodeIndex> to, replica::Message message);

  [[nodiscard]] consensus::SignedVote MakeVote(consensus::ValidatorIndex validator,
                                               const consensus::Vote& vote);
  // Our own vote, to these.
  void Vote(const std::vector<NodeIndex>& to, const consensus::Vote& vote);
  // A certificate of votes that reached us and of all accomplices' signatures; nothing if that is
  // no quorum.
  [[nodiscard]] std::optional<consensus::Certificate> Collect(const consensus::Vote& vote);

  struct Plan {
    consensus::Slot slot;
    consensus::BlockId parent;
    std::optional<Height> height;    // else one more than the parent's
    std::optional<TimeMicros> time;  // else an honest leader's
    std::vector<std::string> transactions;
  };
  [[nodiscard]] replica::FullCandidate MakeCandidate(const Plan& plan);
  // A few: new ones, and such as others sent.
  [[nodiscard]] std::vector<std::string> DrawTransactions(TimeMicros time);
  [[nodiscard]] static replica::CompactCandidate Compact(const replica::FullCandidate& candidate);

 private:
  Environment& environment_;
  View& view_;
  const std::uint64_t plot_;
  const consensus::ValidatorIndex self_;
  std::vector<consensus::ValidatorIndex> accomplices_;
  std::vector<NodeIndex> all_;
};

}  // namespace bourse::sim::byzantine
