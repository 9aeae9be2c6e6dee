// What costs others time or memory, and means nothing.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/byzantine/behaviour.h"
#include "tests/sim/byzantine/resign.h"

namespace bourse::sim::byzantine {
namespace {

using consensus::Slot;
using consensus::Vote;
using consensus::VoteKind;

Hash256 AnyHash(model::Random& random) {
  Hash256 hash;
  for (std::uint8_t& byte : hash.bytes) byte = static_cast<std::uint8_t>(random.Next() >> 56);
  return hash;
}

class Resigner final : public Behaviour {
 public:
  using Behaviour::Behaviour;
  [[nodiscard]] std::string_view name() const override { return "one body, many signatures"; }

  void OnTick() override {
    const std::deque<std::string>& seen = hands_.view().transactions();
    if (seen.empty() || !hands_.random().Chance(30)) return;
    const std::string& original = seen[hands_.random().Below(seen.size())];
    replica::Transactions copies;
    for (std::uint64_t i = hands_.random().Between(1, 6); i > 0; --i) {
      copies.encoded.push_back(Resigned(original, hands_.random().Chance(70), hands_.random()));
    }
    hands_.Send(hands_.Some(), copies);
  }
};

class Garbler final : public Behaviour {
 public:
  using Behaviour::Behaviour;
  [[nodiscard]] std::string_view name() const override { return "garbage"; }

  void OnTick() override {
    if (!hands_.random().Chance(15)) return;
    const auto& packets = hands_.view().packets();
    std::string bytes;
    if (packets.empty() || hands_.random().Chance(30)) {
      bytes.resize(hands_.random().Below(300));
      for (char& c : bytes) c = static_cast<char>(hands_.random().Next() >> 56);
    } else {
      bytes = *packets[hands_.random().Below(packets.size())];
      if (bytes.empty()) return;
      if (hands_.random().Chance(30)) {
        bytes.resize(hands_.random().Below(bytes.size()));
      } else {
        char& c = bytes[hands_.random().Below(bytes.size())];
        c = static_cast<char>(c ^ (1 << hands_.random().Below(8)));
      }
    }
    hands_.SendBytes(hands_.One(), std::move(bytes));
  }
};

class Replayer final : public Behaviour {
 public:
  explicit Replayer(Hands* hands) : Behaviour(hands), other_(OtherNetwork(*hands)) {}
  [[nodiscard]] std::string_view name() const override { return "replays"; }

  void OnTick() override {
    const auto& packets = hands_.view().packets();
    if (packets.empty() || !hands_.random().Chance(30)) return;
    hands_.environment().Send(hands_.Some(), packets[hands_.random().Below(packets.size())]);
  }

  void OnSlot(Slot frontier) override {
    if (!hands_.random().Chance(20)) return;
    // Good in another network: all of ours sign it there.
    const Vote vote{VoteKind::kSkip, frontier, {}};
    for (const consensus::ValidatorIndex one : hands_.accomplices()) {
      hands_.Send(hands_.all(),
                  consensus::SignedVote{vote, one,
                                        hands_.environment().Sign(one, SignedBytes(other_, vote))});
    }
    if (!hands_.Leads(frontier)) return;
    Hands::Plan plan{frontier, hands_.view().BestParent(), std::nullopt, std::nullopt, {}};
    replica::FullCandidate candidate = hands_.MakeCandidate(plan);
    if (hands_.random().Chance(50)) {
      candidate.header.header.genesis_hash = other_.genesis_hash();
    } else {
      candidate.header.header.epoch += 1;
    }
    candidate.header.signature =
        hands_.environment().Sign(hands_.self(), SignedBytes(candidate.header.header));
    hands_.Send(hands_.all(), Hands::Compact(candidate));
  }

 private:
  static consensus::Validators OtherNetwork(Hands& hands) {
    const consensus::Validators& ours = hands.environment().validators();
    std::vector<PublicKey> keys;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      keys.push_back(ours.key(consensus::ValidatorIndex(static_cast<std::uint16_t>(i))));
    }
    Hash256 genesis = ours.genesis_hash();
    genesis.bytes[0] = static_cast<std::uint8_t>(genesis.bytes[0] + 1);
    return {genesis, std::move(keys)};
  }

  const consensus::Validators other_;
};

class Flooder final : public Behaviour {
 public:
  explicit Flooder(Hands* hands) : Behaviour(hands), messages_(hands->random().Between(5, 40)) {}
  [[nodiscard]] std::string_view name() const override { return "floods"; }

  void OnTick() override {
    if (!hands_.random().Chance(20)) return;
    const std::vector<NodeIndex> to = hands_.One();
    for (std::uint64_t i = 0; i < messages_; ++i) hands_.Send(to, Draw());
  }

 private:
  [[nodiscard]] replica::Message Draw() {
    model::Random& random = hands_.random();
    // Just within the window, just beyond, and very far.
    const Slot slot(hands_.view().frontier().value() +
                    random.Below(random.Chance(50) ? 80 : 1'000'000'000'000));
    switch (random.Below(5)) {
      case 0:
        return hands_.MakeVote(hands_.self(), {VoteKind::kSkip, slot, {}});
      case 1:
        return hands_.MakeVote(hands_.self(), {VoteKind::kNotar, slot, AnyHash(random)});
      case 2: {
        if (!hands_.Leads(slot)) return hands_.MakeVote(hands_.self(), {VoteKind::kSkip, slot, {}});
        const consensus::BlockId parent{Slot(slot.value() - 1), AnyHash(random)};
        return Hands::Compact(hands_.MakeCandidate({slot, parent, std::nullopt, std::nullopt, {}}));
      }
      case 3:
        return replica::FetchCandidate{{slot, AnyHash(random)}, Slot(0), {}};
      default:
        return replica::FetchBlocks{Height(random.Below(60) + 1)};
    }
  }

  const std::uint64_t messages_;
};

}  // namespace

BehaviourPtr MakeResigner(Hands* hands) { return std::make_unique<Resigner>(hands); }
BehaviourPtr MakeGarbler(Hands* hands) { return std::make_unique<Garbler>(hands); }
BehaviourPtr MakeReplayer(Hands* hands) { return std::make_unique<Replayer>(hands); }
BehaviourPtr MakeFlooder(Hands* hands) { return std::make_unique<Flooder>(hands); }

}  // namespace bourse::sim::byzantine
