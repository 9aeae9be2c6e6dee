// Place: the Environment of one node of a World.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/actor.h"
#include "tests/sim/economy.h"
#include "tests/sim/keyring.h"
#include "tests/sim/network.h"
#include "tests/sim/scheduler.h"

namespace bourse::sim {

// What all places share. References outlive them.
struct Surroundings {
  const consensus::Validators& validators;
  const ledger::Genesis& genesis;
  const Keyring& keyring;
  Economy& economy;
  Scheduler& scheduler;
  Network& network;
  std::vector<std::optional<consensus::ValidatorIndex>> seats;
  std::vector<Role> roles;
  std::function<void(NodeIndex from, const std::vector<NodeIndex>& to,
                     std::shared_ptr<const std::string> bytes)>
      send;
  std::function<void(const std::string& line)> trace;  // nothing: no story
};

class Place final : public Environment {
 public:
  Place(Surroundings* surroundings, NodeIndex self, std::uint64_t seed);

  [[nodiscard]] NodeIndex self() const override { return self_; }
  [[nodiscard]] std::size_t nodes() const override { return around_.seats.size(); }
  [[nodiscard]] std::optional<consensus::ValidatorIndex> ValidatorOf(
      NodeIndex node) const override {
    return around_.seats[node];
  }
  [[nodiscard]] Role RoleOf(NodeIndex node) const override { return around_.roles[node]; }
  [[nodiscard]] const consensus::Validators& validators() const override {
    return around_.validators;
  }
  [[nodiscard]] const ledger::Genesis& genesis() const override { return around_.genesis; }
  [[nodiscard]] consensus::Now now() const override;
  void After(std::uint64_t delay_us, std::function<void()> call) override;
  [[nodiscard]] model::Random& random() override { return random_; }
  void Send(const std::vector<NodeIndex>& to, std::shared_ptr<const std::string> bytes) override {
    around_.send(self_, to, std::move(bytes));
  }
  [[nodiscard]] bool IsConnected(NodeIndex node) const override {
    return around_.network.IsConnected(self_, node);
  }
  [[nodiscard]] Signature Sign(consensus::ValidatorIndex validator,
                               std::string_view bytes) override;
  [[nodiscard]] bool Verify(const replica::Claim& claim) const override {
    return around_.keyring.Verify(claim.key, claim.bytes, claim.signature);
  }
  [[nodiscard]] std::string MakeTransaction(TimeMicros time) override;
  [[nodiscard]] bool tracing() const override { return around_.trace != nullptr; }
  void Trace(const std::string& line) override;

  void set_clock_offset_us(std::int64_t offset_us) { clock_offset_us_ = offset_us; }
  // What After owes to this life is dropped.
  void EndLife() { ++life_; }

 private:
  [[nodiscard]] bool MaySignFor(consensus::ValidatorIndex validator) const;

  Surroundings& around_;
  const NodeIndex self_;
  model::Random random_;
  std::int64_t clock_offset_us_ = 0;
  std::uint64_t life_ = 0;
};

// The wall clock when a simulation begins.
inline constexpr std::uint64_t kStartMicros = 1'700'000'100'000'000;

}  // namespace bourse::sim
