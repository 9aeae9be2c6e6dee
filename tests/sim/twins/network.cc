#include "tests/sim/twins/network.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/consensus/simplex.h"
#include "tests/sim/twins/checks.h"

namespace bourse::sim::twins {
namespace {

using consensus::BlockId;
using consensus::Certificate;
using consensus::Effects;
using consensus::PeerId;
using consensus::Proposal;
using consensus::SignedHeader;
using consensus::SignedVote;
using consensus::Simplex;
using consensus::Slot;
using consensus::ValidatorIndex;

// Long beside any timer, so that before the network heals nothing is sent again.
constexpr std::uint64_t kStandstillMicros = 1'000'000'000;
// The wall clock stands still: a leader's time is its parent's and one.
constexpr TimeMicros kWall(1'700'000'000'000'000);
// Bounds of a scenario; reached only if something is wrong.
constexpr std::uint32_t kMostSteps = 20'000;
constexpr std::uint32_t kMostTailSlots = 3 * kValidators;

struct Instance {
  std::unique_ptr<Simplex> core;
  std::uint64_t steady_us = 0;
  std::size_t timers_fired = 0;  // of scripted slots, from 0 on
};

struct InFlight {
  std::size_t from = 0;
  std::size_t to = 0;
  std::variant<SignedVote, Certificate, Proposal> what;
};

Slot SlotOf(const InFlight& message) {
  if (const auto* vote = std::get_if<SignedVote>(&message.what)) return vote->vote.slot;
  if (const auto* held = std::get_if<Certificate>(&message.what)) return held->vote.slot;
  return std::get<Proposal>(message.what).header.header.slot;
}

consensus::Validators MakeValidators(const Scenario& scenario) {
  std::vector<PublicKey> keys(kValidators);
  for (std::size_t i = 0; i < kValidators; ++i) keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
  std::vector<ValidatorIndex> leaders;
  for (const ScriptedSlot& slot : scenario.slots) {
    leaders.emplace_back(static_cast<std::uint16_t>(slot.leader));
  }
  return {Hash256{}, std::move(keys), std::move(leaders)};
}

class Network {
 public:
  explicit Network(const Scenario& scenario)
      : scenario_(scenario),
        validators_(MakeValidators(scenario)),
        checks_(&scenario_, &validators_) {
    for (std::size_t i = 0; i < kInstances; ++i) instances_[i].core = MakeCore(i);
  }

  Outcome Run() {
    RunScript();
    outcome_.finalized_while_split = AnyFinal();
    Heal();
    RunTail();
    Count();
    return outcome_;
  }

 private:
  std::unique_ptr<Simplex> MakeCore(std::size_t instance) {
    const std::uint32_t validator = ValidatorOf(scenario_, instance);
    consensus::SimplexOptions options;
    options.self = ValidatorIndex(static_cast<std::uint16_t>(validator));
    options.standstill_us = kStandstillMicros;
    options.timeout_us_max = 8 * kStandstillMicros;
    return std::make_unique<Simplex>(&validators_, options, [validator](std::string_view bytes) {
      return StubSignature(validator, bytes);
    });
  }

  [[nodiscard]] bool AnyFinal() const {
    return std::any_of(instances_.begin(), instances_.end(), [](const Instance& instance) {
      return instance.core->final_certificate().has_value();
    });
  }

  void RunScript() {
    for (std::size_t i = 0; i < kInstances; ++i) Step(i, consensus::Started{});
    for (std::size_t i = 0; i < kInstances; ++i) {
      Step(i, consensus::WorkChanged{instances_[i].steady_us});
      Connect(i);
    }
    do {
      Deliver();
    } while (FireTimersOfScript());
  }

  void Connect(std::size_t instance) {
    for (std::size_t other = 0; other < kInstances; ++other) {
      if (other != instance) Step(instance, consensus::PeerConnected{PeerId(other)});
    }
  }

  // The timers of those that wait in a scripted slot whose timer they did not fire yet.
  bool FireTimersOfScript() {
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < kInstances; ++i) {
      if (TimerOfScript(i)) due.push_back(i);
    }
    for (const std::size_t i : due) FireTimerOfScript(i);
    return !due.empty() && !Stopped();
  }

  [[nodiscard]] bool TimerOfScript(std::size_t i) const {
    const Slot frontier = instances_[i].core->frontier();
    return frontier < Slot(kScriptedSlots) && instances_[i].timers_fired <= frontier.value();
  }

  void FireTimerOfScript(std::size_t i) {
    Instance& instance = instances_[i];
    instance.timers_fired = instance.core->frontier().value() + 1;
    instance.steady_us = std::max(instance.steady_us, instance.core->timer_us().value_or(0));
    Step(i, consensus::TimerFired{});
  }

  void Heal() {
    healed_ = true;
    std::uint64_t latest_us = 0;
    for (const Instance& instance : instances_) {
      latest_us = std::max(latest_us, instance.steady_us);
      tail_from_ = std::max(tail_from_, instance.core->frontier());
    }
    tail_from_ = std::max(tail_from_, Slot(kScriptedSlots));
    for (std::size_t i = 0; i < kInstances; ++i) {
      instances_[i].steady_us = latest_us;
      for (std::size_t other = 0; other < kInstances; ++other) {
        if (other != i) Step(i, consensus::PeerGone{PeerId(other)});
      }
      Connect(i);
    }
  }

  // Until each instance has finalized a block of the tail. Leaders always have work, and messages
  // take no time, so blocks follow one another without end.
  void RunTail() {
    while (!Stopped() && !AllAreIn(tail_from_)) {
      if (queue_.empty()) {
        PassTime();
      } else {
        DeliverOne();
      }
      LimitTail();
    }
  }

  [[nodiscard]] bool AllAreIn(Slot from) const {
    return std::all_of(instances_.begin(), instances_.end(), [from](const Instance& instance) {
      const Slot slot = instance.core->delivered().slot;
      return slot != consensus::kGenesisSlot && slot >= from;
    });
  }

  // To the next timer.
  void PassTime() {
    std::optional<std::uint64_t> next_us;
    for (const Instance& instance : instances_) {
      const std::optional<std::uint64_t> timer = instance.core->timer_us();
      if (timer.has_value() && (!next_us.has_value() || *timer < *next_us)) next_us = timer;
    }
    if (!next_us.has_value()) return checks_.Fail("no progress: no timer is set");
    for (std::size_t i = 0; i < kInstances; ++i) {
      instances_[i].steady_us = std::max(instances_[i].steady_us, *next_us);
      const std::optional<std::uint64_t> timer = instances_[i].core->timer_us();
      if (timer.has_value() && *timer <= instances_[i].steady_us) Step(i, consensus::TimerFired{});
    }
  }

  void LimitTail() {
    Slot highest = tail_from_;
    for (const Instance& instance : instances_) {
      highest = std::max(highest, instance.core->frontier());
    }
    outcome_.tail_slots = static_cast<std::uint32_t>(highest.value() - tail_from_.value());
    if (outcome_.tail_slots > kMostTailSlots) checks_.Fail("no progress in the healed tail");
  }

  [[nodiscard]] bool Stopped() {
    if (outcome_.steps > kMostSteps) checks_.Fail("no end: too many steps");
    return !checks_.failure().empty();
  }

  void Deliver() {
    while (!queue_.empty() && !Stopped()) DeliverOne();
  }

  void DeliverOne() {
    const InFlight message = std::move(queue_.front());
    queue_.pop_front();
    if (Reaches(message)) Take(message);
  }

  [[nodiscard]] bool Reaches(const InFlight& message) const {
    if (healed_) return true;
    const Slot slot = SlotOf(message);
    return slot < Slot(kScriptedSlots) &&
           scenario_.slots[slot.value()].Connects(message.from, message.to);
  }

  void Take(const InFlight& message) {
    const Simplex& core = *instances_[message.to].core;
    if (const auto* vote = std::get_if<SignedVote>(&message.what)) {
      Use(message.to, core.Screen(*vote), {vote->validator}, vote->vote.slot,
          consensus::VoteArrived{*vote});
    } else if (const auto* held = std::get_if<Certificate>(&message.what)) {
      std::vector<ValidatorIndex> signers;
      for (const consensus::VoteSignature& one : held->signatures) signers.push_back(one.validator);
      Use(message.to, core.Screen(*held), signers, held->vote.slot,
          consensus::CertificateArrived{*held, PeerId(message.from)});
    } else {
      const SignedHeader& header = std::get<Proposal>(message.what).header;
      const Simplex::Screening screening = core.Screen(header.header);
      Use(message.to, screening, {validators_.LeaderOf(header.header.slot)}, header.header.slot,
          consensus::HeaderArrived{header});
      if (screening == Simplex::Screening::kUse) {
        Step(message.to, consensus::BodyChecked{IdOf(header.header), true});
      }
    }
  }

  template <typename What>
  void Use(std::size_t to, Simplex::Screening screening, const std::vector<ValidatorIndex>& signers,
           Slot slot, What what) {
    if (screening == Simplex::Screening::kUse) return Step(to, std::move(what));
    if (screening == Simplex::Screening::kDrop) return;
    for (const ValidatorIndex signer : signers) Step(to, consensus::Heard{signer, slot});
  }

  template <typename What>
  void Step(std::size_t i, What what) {
    Instance& instance = instances_[i];
    Perform(i, instance.core->Step({{kWall, instance.steady_us}, std::move(what)}));
    Resolve(i);
    const Slot frontier = instance.core->frontier();
    if (!healed_ && TimerOfScript(i) && scenario_.slots[frontier.value()].timers_first) {
      FireTimerOfScript(i);
    }
  }

  void Perform(std::size_t i, const Effects& effects) {
    ++outcome_.steps;
    checks_.Look(i, effects);
    outcome_.evidence = outcome_.evidence || !effects.evidence.empty();
    for (const consensus::Message& message : effects.send) {
      if (const auto* proposal = std::get_if<Proposal>(&message.what)) {
        headers_.emplace(IdOf(proposal->header.header), proposal->header);
      }
      for (std::size_t to = 0; to < kInstances; ++to) {
        const bool meant = message.to.has_value() ? message.to->value() == to : to != i;
        if (meant) queue_.push_back({i, to, message.what});
      }
    }
    if (effects.want_payload.has_value()) AnswerPayload(i, *effects.want_payload);
  }

  // Each instance proposes something of its own, so that twins don't agree.
  void AnswerPayload(std::size_t i, const consensus::PayloadRequest& request) {
    consensus::PayloadReady payload{request.slot, request.parent, request.time, {}, false};
    payload.transactions_root.bytes[0] = static_cast<std::uint8_t>(i + 1);
    Step(i, payload);
  }

  // Bodies are at hand for whoever knows of them.
  void Resolve(std::size_t i) {
    for (bool found = true; found && !Stopped();) {
      found = false;
      for (const BlockId& id : instances_[i].core->Missing()) {
        const auto header = headers_.find(id);
        if (header == headers_.end()) continue;
        found = true;
        const consensus::Now now{kWall, instances_[i].steady_us};
        Perform(i, instances_[i].core->Step({now, consensus::HeaderArrived{header->second}}));
        Perform(i, instances_[i].core->Step({now, consensus::BodyChecked{id, true}}));
      }
    }
  }

  void Count() {
    outcome_.failure = checks_.failure();
    outcome_.equivocated = checks_.saw_two_candidates();
    outcome_.two_certificates = checks_.saw_two_certificates();
    for (std::size_t i = 0; i < kInstances; ++i) {
      const consensus::SimplexCounters& counters = instances_[i].core->counters();
      outcome_.jumped = outcome_.jumped || counters.frontier_jumps != 0;
      const bool honest = ValidatorOf(scenario_, i) != scenario_.twinned;
      outcome_.notar_after_skip =
          outcome_.notar_after_skip || (honest && counters.notar_after_skip != 0);
    }
  }

  const Scenario& scenario_;
  const consensus::Validators validators_;
  Checks checks_;
  std::array<Instance, kInstances> instances_;
  std::deque<InFlight> queue_;
  std::map<BlockId, SignedHeader> headers_;
  bool healed_ = false;
  Slot tail_from_;
  Outcome outcome_;
};

}  // namespace

Outcome Run(const Scenario& scenario) { return Network(scenario).Run(); }

}  // namespace bourse::sim::twins
