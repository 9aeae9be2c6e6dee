// How Byzantine validators lead.

#include <utility>
#include <vector>

#include "common/transaction.h"
#include "tests/sim/byzantine/behaviour.h"
#include "tests/sim/byzantine/resign.h"

namespace bourse::sim::byzantine {
namespace {

using consensus::BlockId;
using consensus::Slot;
using consensus::VoteKind;

// Acts where we lead the slot that became active, in so many slots of a hundred.
class Leading : public Behaviour {
 public:
  explicit Leading(Hands* hands) : Behaviour(hands), percent_(hands->random().Between(20, 100)) {}

  void OnSlot(Slot frontier) final {
    if (hands_.Leads(frontier) && hands_.random().Chance(percent_)) Lead(frontier);
  }

 protected:
  virtual void Lead(Slot slot) = 0;

  [[nodiscard]] Hands::Plan HonestPlan(Slot slot) {
    Hands::Plan plan{slot, hands_.view().BestParent(), std::nullopt, std::nullopt, {}};
    plan.transactions = hands_.DrawTransactions(hands_.environment().now().wall);
    return plan;
  }
  replica::FullCandidate Propose(const std::vector<NodeIndex>& to, const Hands::Plan& plan) {
    replica::FullCandidate candidate = hands_.MakeCandidate(plan);
    hands_.Send(to, Hands::Compact(candidate));
    return candidate;
  }
  // As if it were honest: for what comes with a vote.
  void ProposeAndVote(const std::vector<NodeIndex>& to, const Hands::Plan& plan) {
    const replica::FullCandidate candidate = Propose(to, plan);
    hands_.Vote(to, {VoteKind::kNotar, plan.slot, HashOf(candidate.header.header)});
  }

 private:
  const std::uint64_t percent_;
};

class Proposer final : public Leading {
 public:
  using Leading::Leading;
  [[nodiscard]] std::string_view name() const override { return "leads"; }

 private:
  void Lead(Slot slot) override { ProposeAndVote(hands_.all(), HonestPlan(slot)); }
};

class Equivocator final : public Leading {
 public:
  using Leading::Leading;
  [[nodiscard]] std::string_view name() const override { return "two candidates"; }

 private:
  void Lead(Slot slot) override {
    Hands::Plan plan = HonestPlan(slot);
    ProposeAndVote(hands_.Half(slot, true), plan);
    plan.transactions.push_back(
        hands_.environment().MakeTransaction(hands_.environment().now().wall));
    ProposeAndVote(hands_.Half(slot, false), plan);
    if (!hands_.random().Chance(20)) return;
    plan.transactions.clear();  // a third one
    ProposeAndVote(hands_.Some(), plan);
  }
};

class BadParents final : public Leading {
 public:
  using Leading::Leading;
  [[nodiscard]] std::string_view name() const override { return "bad parents"; }

 private:
  void Lead(Slot slot) override {
    Hands::Plan plan = HonestPlan(slot);
    plan.parent = DrawParent(slot);
    ProposeAndVote(hands_.random().Chance(70) ? hands_.all() : hands_.Some(), plan);
    // The next slot of ours, on top of this one, which nobody notarized yet.
    if (hands_.random().Chance(30)) {
      Hands::Plan next = HonestPlan(Slot(slot.value() + hands_.environment().validators().size()));
      next.parent = DrawParent(next.slot);
      ProposeAndVote(hands_.all(), next);
    }
  }

  [[nodiscard]] BlockId DrawParent(Slot slot) {
    const auto& known = hands_.view().candidates();
    switch (hands_.random().Below(6)) {
      case 0:  // finalized long ago, or the genesis
        return hands_.random().Chance(20) ? hands_.genesis() : hands_.view().final_id();
      case 1: {  // invented
        BlockId parent{Slot(slot.value() - 1), {}};
        parent.hash.bytes[0] = static_cast<std::uint8_t>(hands_.random().Below(256));
        return parent;
      }
      case 2: {  // of the same or a later slot
        BlockId parent = hands_.view().BestParent();
        parent.slot = Slot(slot.value() + hands_.random().Below(3));
        return parent;
      }
      case 3:
      case 4: {  // the one before the right one, as if that had been skipped
        const BlockId right = hands_.view().BestParent();
        const View::Candidate* block = hands_.view().Find(right);
        return block == nullptr ? right : ParentOf(block->header.header);
      }
      default: {  // any that there is: stale, skipped, not notarized, one of two
        if (known.empty()) return hands_.view().BestParent();
        auto it = known.begin();
        std::advance(it, hands_.random().Below(known.size()));
        return it->first;
      }
    }
  }
};

class BadTimes final : public Leading {
 public:
  using Leading::Leading;
  [[nodiscard]] std::string_view name() const override { return "bad times"; }

 private:
  void Lead(Slot slot) override {
    Hands::Plan plan = HonestPlan(slot);
    const std::uint64_t clock = hands_.environment().now().wall.value();
    const std::uint64_t parent = hands_.view().TimeOf(plan.parent).value_or(TimeMicros(0)).value();
    constexpr std::uint64_t kYear = 365ULL * 86'400 * 1'000'000;
    switch (hands_.random().Below(6)) {
      case 0:
        plan.time = TimeMicros(clock + 100 * kYear);
        break;
      case 1:
        plan.time = TimeMicros(clock + hands_.random().Between(400'000, 3'000'000));
        break;
      case 2:
        plan.time = TimeMicros(clock + hands_.random().Between(10, 1'000) * 1'000'000);
        break;
      case 3:
        plan.time = TimeMicros(parent);
        break;
      case 4:
        plan.time = TimeMicros(parent / 2);
        break;
      default:
        plan.time = TimeMicros(~std::uint64_t{0});
        break;
    }
    plan.transactions.clear();  // they would have expired
    ProposeAndVote(hands_.all(), plan);
  }
};

class BadPayloads final : public Leading {
 public:
  using Leading::Leading;
  [[nodiscard]] std::string_view name() const override { return "bad payloads"; }

 private:
  void Lead(Slot slot) override {
    Hands::Plan plan = HonestPlan(slot);
    plan.transactions.push_back(
        hands_.environment().MakeTransaction(hands_.environment().now().wall));
    const std::string last = plan.transactions.back();
    switch (hands_.random().Below(4)) {
      case 0:  // twice in a block
        plan.transactions.push_back(last);
        break;
      case 1:  // twice, under another good signature
        plan.transactions.push_back(Resigned(last, true, hands_.random()));
        break;
      case 2:  // under a bad one
        plan.transactions.back() = Resigned(last, false, hands_.random());
        break;
      default:  // no transaction at all
        plan.transactions.emplace_back("not a transaction");
        break;
    }
    ProposeAndVote(hands_.all(), plan);
  }
};

class Withholder final : public Leading {
 public:
  using Leading::Leading;
  [[nodiscard]] std::string_view name() const override { return "withholds candidates"; }

 private:
  void Lead(Slot slot) override {
    const replica::FullCandidate candidate = hands_.MakeCandidate(HonestPlan(slot));
    const consensus::Vote notar{VoteKind::kNotar, slot, HashOf(candidate.header.header)};
    switch (hands_.random().Below(4)) {
      case 0:  // to one alone
        hands_.Send(hands_.One(), Hands::Compact(candidate));
        break;
      case 1:  // to half
        hands_.Send(hands_.Half(slot, true), Hands::Compact(candidate));
        break;
      case 2: {  // named by keys that nobody knows
        replica::CompactCandidate compact = Hands::Compact(candidate);
        for (replica::CompactTransaction& one : compact.transactions) {
          one.key = HashOf(AsBytes(one.bytes));
          one.bytes.clear();
        }
        hands_.Send(hands_.all(), compact);
        break;
      }
      default:  // too late
        hands_.Later(hands_.random().Between(1'000, 2'000'000), hands_.Some(),
                     Hands::Compact(candidate));
        break;
    }
    hands_.Vote(hands_.all(), notar);
  }
};

}  // namespace

BehaviourPtr MakeProposer(Hands* hands) { return std::make_unique<Proposer>(hands); }
BehaviourPtr MakeEquivocator(Hands* hands) { return std::make_unique<Equivocator>(hands); }
BehaviourPtr MakeBadParents(Hands* hands) { return std::make_unique<BadParents>(hands); }
BehaviourPtr MakeBadTimes(Hands* hands) { return std::make_unique<BadTimes>(hands); }
BehaviourPtr MakeBadPayloads(Hands* hands) { return std::make_unique<BadPayloads>(hands); }
BehaviourPtr MakeWithholder(Hands* hands) { return std::make_unique<Withholder>(hands); }

}  // namespace bourse::sim::byzantine
