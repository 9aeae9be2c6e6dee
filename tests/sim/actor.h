// Actor: whatever sits at a node's place in a simulated network: an honest node, a Byzantine one, a
// twin. And Environment: all that it can know and do.
//
//   class Parrot final : public Actor {                        // sends back what it gets
//    public:
//     explicit Parrot(Environment* environment) : environment_(*environment) {}
//     void OnMessage(NodeIndex from, const PacketPtr& packet) override {
//       environment_.Send({from}, packet->bytes);
//     }
//     …
//   };
//
// Everything happens on one thread, in virtual time, from one seed: an actor has no other clock,
// randomness or state than what it gets here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ed25519.h"
#include "ledger/genesis.h"
#include "node/consensus/simplex.h"
#include "node/consensus/validators.h"
#include "node/replica/message.h"
#include "tests/model/random.h"
#include "tests/sim/packet.h"

namespace bourse::sim {

// A place in the network: 0 to World::nodes() - 1. Not a validator's index: two twins share one
// validator, and a full node is none.
using NodeIndex = std::size_t;

// What an actor is to the checks: those of honest keys hold for kHonest alone.
enum class Role : std::uint8_t {
  kHonest,
  kByzantine,
  kTwin,  // runs honest code, but shares its key
};

class Environment {
 public:
  virtual ~Environment() = default;

  [[nodiscard]] virtual NodeIndex self() const = 0;
  [[nodiscard]] virtual std::size_t nodes() const = 0;
  // Nothing: a full node.
  [[nodiscard]] virtual std::optional<consensus::ValidatorIndex> ValidatorOf(
      NodeIndex node) const = 0;
  [[nodiscard]] virtual Role RoleOf(NodeIndex node) const = 0;
  [[nodiscard]] virtual const consensus::Validators& validators() const = 0;
  [[nodiscard]] virtual const ledger::Genesis& genesis() const = 0;

  // `steady_us` is the network's one virtual time, from 0 on; `wall` is this node's clock, which
  // may be wrong and may be set back.
  [[nodiscard]] virtual consensus::Now now() const = 0;
  // Calls back after so many microseconds, unless the node crashes first.
  virtual void After(std::uint64_t delay_us, std::function<void()> call) = 0;
  // The node's own; the same from the same seed.
  [[nodiscard]] virtual model::Random& random() = 0;

  // To those of `to` that are connected. The network may lose, delay, reorder and repeat it.
  virtual void Send(const std::vector<NodeIndex>& to, std::shared_ptr<const std::string> bytes) = 0;
  [[nodiscard]] virtual bool IsConnected(NodeIndex node) const = 0;

  // By this validator's key: the node's own, or for a Byzantine node that of any Byzantine
  // validator (they collude). Nobody gets at an honest node's key.
  [[nodiscard]] virtual Signature Sign(consensus::ValidatorIndex validator,
                                       std::string_view bytes) = 0;
  // Whether the claim is true: with stub signatures or with real ones.
  [[nodiscard]] virtual bool Verify(const replica::Claim& claim) const = 0;

  // The traders' next transaction, encoded: funded, new, and not expired at `time`. For payloads
  // that are valid.
  [[nodiscard]] virtual std::string MakeTransaction(TimeMicros time) = 0;

  // A line for --trace. Costs nothing without it; guard what is costly to say by tracing().
  [[nodiscard]] virtual bool tracing() const = 0;
  virtual void Trace(const std::string& line) = 0;
};

class Actor {
 public:
  virtual ~Actor() = default;

  [[nodiscard]] virtual Role role() const = 0;

  // Once at first, and after each Crash. Before it, no peer is connected.
  virtual void Start() = 0;
  // Memory is gone, and what was not synced. Calls that Environment::After owes are dropped.
  virtual void Crash() {}

  virtual void OnMessage(NodeIndex from, const PacketPtr& packet) = 0;
  virtual void OnPeerUp(NodeIndex /*node*/) {}
  virtual void OnPeerDown(NodeIndex /*node*/) {}
  // A client's transaction, encoded.
  virtual void OnSubmit(const std::string& /*encoded*/) {}
};

// Makes the actor of a node's place, which lives as long as the world.
using ActorFactory = std::function<std::unique_ptr<Actor>(Environment* environment)>;

}  // namespace bourse::sim
