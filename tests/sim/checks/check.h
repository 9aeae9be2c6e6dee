// Check: something that must hold at every step of a simulated network, by name.
//
// One a file. The first failure ends the run, and says what broke, where and when.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/consensus/validators.h"
#include "tests/sim/actor.h"
#include "tests/sim/keyring.h"
#include "tests/sim/packet.h"
#include "tests/sim/probe.h"

namespace bourse::sim {

// What checks know of the network. References outlive them.
struct CheckContext {
  const consensus::Validators& validators;
  const Keyring& keyring;
  // By node.
  std::vector<Role> roles;
  std::vector<std::optional<consensus::ValidatorIndex>> seats;
  // No honest node sends more to one peer within `storm_window_us`.
  std::uint64_t storm_window_us = 1'000'000;
  std::uint64_t storm_messages_max = 10'000;
  std::uint64_t log_bytes_max = 64 << 20;
  std::uint64_t window = 64;
  std::function<void(std::string_view check, std::string what)> fail = nullptr;

  [[nodiscard]] bool IsHonest(NodeIndex node) const { return roles[node] == Role::kHonest; }
  // Whether this validator's key is at honest nodes only.
  [[nodiscard]] bool IsHonestKey(consensus::ValidatorIndex validator) const {
    bool found = false;
    for (NodeIndex node = 0; node < seats.size(); ++node) {
      if (seats[node] != validator) continue;
      if (!IsHonest(node)) return false;
      found = true;
    }
    return found;
  }
};

class Check {
 public:
  explicit Check(const CheckContext* context) : context_(*context) {}
  virtual ~Check() = default;
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // A node hands a packet to the network. Once for all its receivers.
  virtual void OnSent(std::uint64_t /*now_us*/, NodeIndex /*from*/, std::size_t /*receivers*/,
                      const Packet& /*packet*/) {}
  // What honest nodes do; see Probe.
  virtual void OnStep(NodeIndex /*node*/, const replica::Replica& /*replica*/) {}
  virtual void OnExecuted(NodeIndex /*node*/, const ExecutedBlock& /*block*/) {}
  virtual void OnCertified(NodeIndex /*node*/,
                           const consensus::ExecutionCertificate& /*certificate*/) {}
  virtual void OnEvidence(NodeIndex /*node*/, const consensus::Evidence& /*evidence*/) {}
  virtual void OnMisbehaviour(NodeIndex /*node*/, NodeIndex /*peer*/, const std::string& /*what*/) {
  }
  virtual void OnFatal(NodeIndex /*node*/, const std::string& /*why*/) {}
  virtual void OnLogRead(NodeIndex /*node*/, bool /*is_whole*/, bool /*was_lost*/) {}
  // A node's disk is lost: it begins anew.
  virtual void OnDiskLost(NodeIndex /*node*/) {}

  // How near it came to its bound, in thousandths; 0: it has none.
  [[nodiscard]] virtual std::uint64_t permille() const { return 0; }

 protected:
  [[nodiscard]] const CheckContext& context() const { return context_; }
  void Fail(std::string what) const { context_.fail(name(), std::move(what)); }

 private:
  const CheckContext& context_;
};

using Checks = std::vector<std::unique_ptr<Check>>;

// All of them.
[[nodiscard]] Checks MakeChecks(const CheckContext* context);

}  // namespace bourse::sim
