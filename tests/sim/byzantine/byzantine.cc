#include "tests/sim/byzantine/byzantine.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_join.h"
#include "tests/sim/byzantine/behaviour.h"
#include "tests/sim/byzantine/hands.h"
#include "tests/sim/byzantine/view.h"

namespace bourse::sim::byzantine {
namespace {

// "slow" votes come so late.
constexpr std::uint64_t kSlowMicros = 500'000;
// Between ticks; a few times a slot, however fast the network is.
constexpr std::uint64_t kTickMicrosMin = 500;
constexpr std::uint64_t kTickMicrosMax = 100'000;

struct Kind {
  std::string name;
  std::function<BehaviourPtr(Hands*)> make;
};

const std::vector<Kind>& Attacks() {
  static const auto* const attacks = new std::vector<Kind>{
      {"double votes", MakeDoubleVoter},
      {"two candidates", MakeEquivocator},
      {"bad parents", MakeBadParents},
      {"bad times", MakeBadTimes},
      {"bad payloads", MakeBadPayloads},
      {"withholds candidates", MakeWithholder},
      {"certificates to some", MakeCertifier},
      {"forged certificates", MakeForger},
      {"one body, many signatures", MakeResigner},
      {"garbage", MakeGarbler},
      {"replays", MakeReplayer},
      {"floods", MakeFlooder},
      {"lies", MakeLiar},
  };
  return *attacks;
}

const std::vector<Kind>& Manners() {
  static const auto* const manners = new std::vector<Kind>{
      {"votes", [](Hands* hands) { return MakeVoter(hands, 0); }},
      {"slow", [](Hands* hands) { return MakeVoter(hands, kSlowMicros); }},
      {"leads", MakeProposer},
  };
  return *manners;
}

class ByzantineNode final : public Actor {
 public:
  ByzantineNode(Environment* environment, std::uint64_t plot, const std::vector<Kind>& kinds)
      : environment_(*environment),
        view_(&environment->validators()),
        hands_(environment, &view_, plot) {
    for (const Kind& kind : kinds) behaviours_.push_back(kind.make(&hands_));
  }

  [[nodiscard]] Role role() const override { return Role::kByzantine; }

  void Start() override {
    if (environment_.tracing()) {
      environment_.Trace("Byzantine: " +
                         absl::StrJoin(behaviours_, ", ", [](std::string* out, const auto& one) {
                           out->append(one->name());
                         }));
    }
    Enter();
    Tick();
  }

  void OnMessage(NodeIndex from, const PacketPtr& packet) override {
    view_.Keep(packet->bytes);
    if (!packet->message || !packet->claims_good) return;
    view_.See(*packet->message);
    for (const BehaviourPtr& one : behaviours_) one->OnMessage(from, *packet->message);
    if (view_.frontier() != slot_ || !entered_) Enter();
  }

 private:
  void Enter() {
    const std::uint64_t now_us = environment_.now().steady_us;
    const std::uint64_t took_us = now_us - entered_us_;
    tick_us_ = std::clamp((tick_us_ * 3 + took_us / 4) / 4, kTickMicrosMin, kTickMicrosMax);
    entered_ = true;
    entered_us_ = now_us;
    slot_ = view_.frontier();
    for (const BehaviourPtr& one : behaviours_) one->OnSlot(slot_);
  }

  void Tick() {
    for (const BehaviourPtr& one : behaviours_) one->OnTick();
    environment_.After(tick_us_, [this] { Tick(); });
  }

  Environment& environment_;
  View view_;
  Hands hands_;
  std::vector<BehaviourPtr> behaviours_;
  bool entered_ = false;
  consensus::Slot slot_;
  std::uint64_t entered_us_ = 0;
  std::uint64_t tick_us_ = kTickMicrosMax / 4;
};

// Mostly one that votes, so that the honest need not all agree; with one to four attacks.
std::vector<Kind> Draw(std::uint64_t seed) {
  model::Random random(seed);
  std::vector<Kind> drawn;
  if (random.Chance(4)) return drawn;  // silence
  const std::vector<Kind>& manners = Manners();
  if (random.Chance(70)) drawn.push_back(manners[random.Chance(80) ? 0 : 1]);
  if (random.Chance(30)) drawn.push_back(manners[2]);
  for (std::uint64_t count = random.Between(1, 4); count > 0; --count) {
    const Kind& kind = random.Pick(Attacks());
    const bool is_there = std::any_of(drawn.begin(), drawn.end(),
                                      [&](const Kind& one) { return one.name == kind.name; });
    if (!is_there) drawn.push_back(kind);
  }
  return drawn;
}

ActorFactory MakeOf(std::uint64_t plot, std::vector<Kind> kinds) {
  return [plot, kinds = std::move(kinds)](Environment* environment) {
    return std::make_unique<ByzantineNode>(environment, plot, kinds);
  };
}

}  // namespace

ActorFactory Make(std::uint64_t seed) {
  // Halves are the same to all accomplices, whose seeds differ.
  constexpr std::uint64_t kPlot = 0x5eed;
  return MakeOf(kPlot, Draw(seed));
}

ActorFactory MakeWith(std::vector<std::string> behaviours) {
  std::vector<Kind> kinds;
  for (const std::vector<Kind>* some : {&Manners(), &Attacks()}) {
    for (const Kind& kind : *some) {
      if (std::find(behaviours.begin(), behaviours.end(), kind.name) != behaviours.end()) {
        kinds.push_back(kind);
      }
    }
  }
  return MakeOf(0, std::move(kinds));
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const std::vector<Kind>* some : {&Manners(), &Attacks()}) {
    for (const Kind& kind : *some) names.push_back(kind.name);
  }
  return names;
}

}  // namespace bourse::sim::byzantine
