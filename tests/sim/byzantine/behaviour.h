// Behaviour: one way in which a Byzantine validator breaks the protocol. A validator has several,
// drawn from its seed (byzantine.h), and they don't know of each other.
#pragma once

#include <memory>
#include <string_view>

#include "node/consensus/vote.h"
#include "node/replica/message.h"
#include "tests/sim/actor.h"
#include "tests/sim/byzantine/hands.h"

namespace bourse::sim::byzantine {

class Behaviour {
 public:
  explicit Behaviour(Hands* hands) : hands_(*hands) {}
  virtual ~Behaviour() = default;
  Behaviour(const Behaviour&) = delete;
  Behaviour& operator=(const Behaviour&) = delete;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // The view was told of it before. Its claims are good.
  virtual void OnMessage(NodeIndex /*from*/, const replica::Message& /*message*/) {}
  // Another slot is the first that is not cleared.
  virtual void OnSlot(consensus::Slot /*frontier*/) {}
  // Again and again, a few times a slot.
  virtual void OnTick() {}

 protected:
  Hands& hands_;
};

using BehaviourPtr = std::unique_ptr<Behaviour>;

// Votes as an honest validator would, or nearly: without it most attacks lack the signatures to
// get anywhere. Rather slowly, if `slow_us` is not 0.
[[nodiscard]] BehaviourPtr MakeVoter(Hands* hands, std::uint64_t slow_us);
// Every double vote: both candidates, Skip and Final, Final of what it did not notarize, each to
// all or to half of the others.
[[nodiscard]] BehaviourPtr MakeDoubleVoter(Hands* hands);
// Leads as an honest validator would.
[[nodiscard]] BehaviourPtr MakeProposer(Hands* hands);
// Two candidates for a slot, to different halves.
[[nodiscard]] BehaviourPtr MakeEquivocator(Hands* hands);
// Parents that are stale, skipped, not notarized, invented, of a later slot.
[[nodiscard]] BehaviourPtr MakeBadParents(Hands* hands);
// Times far ahead, a little ahead, at the parent's, long ago.
[[nodiscard]] BehaviourPtr MakeBadTimes(Hands* hands);
// Payloads that no honest leader makes: a body twice under different signatures, bad signatures,
// wrong roots.
[[nodiscard]] BehaviourPtr MakeBadPayloads(Hands* hands);
// Candidates that only some get, or nobody, with invented parents or none.
[[nodiscard]] BehaviourPtr MakeWithholder(Hands* hands);
// Makes certificates in secret: half of the nodes get the Notar, half the Skip certificate; a Final
// goes to one alone; old ones are dug up.
[[nodiscard]] BehaviourPtr MakeCertifier(Hands* hands);
// Certificates that are none: too short, one signer twice, signatures of other statements.
[[nodiscard]] BehaviourPtr MakeForger(Hands* hands);
// A transaction's body under many signatures, good and bad.
[[nodiscard]] BehaviourPtr MakeResigner(Hands* hands);
// Bytes that mean nothing, or nearly something.
[[nodiscard]] BehaviourPtr MakeGarbler(Hands* hands);
// What came before, once more, and messages of another network or epoch.
[[nodiscard]] BehaviourPtr MakeReplayer(Hands* hands);
// Votes for slots far ahead, and fetches without end.
[[nodiscard]] BehaviourPtr MakeFlooder(Hands* hands);
// Wrong answers: heights too high and too low, corrupt blocks, blocks of a fork.
[[nodiscard]] BehaviourPtr MakeLiar(Hands* hands);

}  // namespace bourse::sim::byzantine
