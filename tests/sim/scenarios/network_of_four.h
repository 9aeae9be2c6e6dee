// Four validators, a millisecond or two apart, with clients who never stop trading: what the
// scenarios of this folder begin with.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/model/random.h"
#include "tests/sim/world.h"

namespace bourse::sim {

class NetworkOfFour {
 public:
  static constexpr NodeIndex kNodes = 4;
  static constexpr std::uint64_t kDelayMicros = 2'000;
  static constexpr std::uint64_t kTimeoutMicros = 20'000;
  static constexpr std::uint64_t kStandstillMicros = 100'000;
  static constexpr std::uint64_t kSecond = 1'000'000;

  // Node 3 is what `make_fourth` makes; nothing: as honest as the others.
  explicit NetworkOfFour(ActorFactory make_fourth = nullptr,
                         std::uint64_t trade_every_us = 5 * kDelayMicros)
      : trade_every_us_(trade_every_us), world_(Options(), Seats(make_fourth)) {
    world_.Start();
    Trade();
  }

  World& world() { return world_; }
  const consensus::Simplex& core(NodeIndex node) {
    return world_.honest(node)->replica().simplex();
  }
  [[nodiscard]] const std::string& failed_check() const { return world_.failure().check; }

  // Whether it comes about within so long.
  bool Await(std::uint64_t within_us, const std::function<bool()>& what) {
    return world_.RunUntil(what, world_.now_us() + within_us);
  }
  void Run(std::uint64_t for_us) {
    (void)Await(for_us, [] { return false; });
  }
  // Each honest node executes so many heights more.
  bool AwaitHeights(std::uint64_t within_us, std::uint64_t count) {
    const Height aim(world_.highest().value() + count);
    return Await(within_us, [&] {
      for (NodeIndex node = 0; node < kNodes; ++node) {
        const HonestNode* honest = world_.honest(node);
        if (honest != nullptr && honest->height() < aim) return false;
      }
      return true;
    });
  }

  // Cut off, without that anybody notices.
  void Isolate(NodeIndex node) {
    for (NodeIndex other = 0; other < kNodes; ++other) {
      world_.network().Cut(node, other);
      world_.network().Cut(other, node);
    }
  }
  // The power of all honest nodes goes, and comes back.
  void CutPower() {
    for (NodeIndex node = 0; node < kNodes; ++node) {
      if (world_.honest(node) == nullptr) continue;
      world_.CrashAt(node, CrashPoint::kAtOnce, [this, node] {
        world_.After(kDelayMicros, [this, node] { world_.Restart(node); });
      });
    }
  }

 private:
  static WorldOptions Options() {
    WorldOptions options;
    options.seed = 1;
    options.validators = kNodes;
    options.network.delay_us_min = kDelayMicros / 2;
    options.network.delay_us_max = kDelayMicros;
    options.replica.simplex.timeout_us = kTimeoutMicros;
    options.replica.simplex.idle_us = kStandstillMicros / 4;
    options.replica.simplex.standstill_us = kStandstillMicros;
    options.replica.simplex.timeout_us_max = 8 * kStandstillMicros;
    return options;
  }

  static std::vector<Seat> Seats(const ActorFactory& make_fourth) {
    std::vector<Seat> seats;
    for (std::uint16_t i = 0; i < kNodes; ++i) {
      seats.push_back({consensus::ValidatorIndex(i), Role::kHonest, nullptr, false});
    }
    if (make_fourth != nullptr) {
      seats.back().role = Role::kByzantine;
      seats.back().make = make_fourth;
    }
    return seats;
  }

  void Trade() {
    world_.After(trade_every_us_, [this] {
      world_.Submit(random_.Below(kNodes), world_.MakeTransaction(&random_, 300 * kSecond));
      Trade();
    });
  }

  const std::uint64_t trade_every_us_;
  World world_;
  model::Random random_{1};
};

}  // namespace bourse::sim
