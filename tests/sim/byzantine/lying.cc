// Wrong answers.

#include <utility>
#include <vector>

#include "tests/sim/byzantine/behaviour.h"
#include "tests/sim/byzantine/resign.h"

namespace bourse::sim::byzantine {
namespace {

using consensus::Certificate;
using consensus::Slot;
using consensus::VoteKind;

class Liar final : public Behaviour {
 public:
  using Behaviour::Behaviour;
  [[nodiscard]] std::string_view name() const override { return "lies"; }

  void OnMessage(NodeIndex from, const replica::Message& message) override {
    if (const auto* blocks = std::get_if<replica::FetchBlocks>(&message)) {
      AnswerBlocks(from, blocks->from);
    } else if (const auto* candidate = std::get_if<replica::FetchCandidate>(&message)) {
      AnswerCandidate(from, *candidate);
    }
  }

  void OnTick() override {
    if (hands_.random().Chance(20)) LieOfHeight();
    // What honest nodes answer, to have something to corrupt.
    if (hands_.random().Chance(5)) {
      const std::uint64_t top = hands_.view().network_height().value();
      hands_.Send(hands_.One(), replica::FetchBlocks{Height(
                                    hands_.random().Between(1, std::max<std::uint64_t>(top, 1)))});
    }
  }

 private:
  void LieOfHeight() {
    const std::uint64_t height = hands_.view().network_height().value();
    switch (hands_.random().Below(4)) {
      case 0:
        return hands_.Send(hands_.Some(), replica::Status{Height(height + 1)});
      case 1:
        return hands_.Send(hands_.Some(), replica::Status{Height(height + 1'000'000)});
      case 2:
        return hands_.Send(hands_.Some(), replica::Status{Height(~std::uint64_t{0})});
      default:
        return hands_.Send(hands_.Some(), replica::Status{Height(height / 2)});
    }
  }

  void AnswerBlocks(NodeIndex to, Height from) {
    const std::optional<replica::Blocks>& known = hands_.view().blocks();
    if (hands_.random().Chance(20)) return hands_.Send({to}, replica::Blocks{from, {}, {}, {}});
    if (!known || known->blocks.empty() || hands_.random().Chance(20)) {
      return hands_.Send({to}, MakeFork(from));
    }
    replica::Blocks answer = *known;
    Corrupt(&answer);
    hands_.Send({to}, answer);
  }

  void Corrupt(replica::Blocks* answer) {
    model::Random& random = hands_.random();
    replica::FullCandidate& any = answer->blocks[random.Below(answer->blocks.size())];
    switch (random.Below(6)) {
      case 0:
        if (any.transactions.empty()) {
          any.transactions.emplace_back("invented");
        } else {
          any.transactions.pop_back();
        }
        return;
      case 1:
        for (std::string& one : any.transactions) one = Resigned(one, true, random);
        return;
      case 2:
        any.header.header.time = TimeMicros(any.header.header.time.value() + 1);
        return;
      case 3:
        answer->certificate.front().vote.hash = HashOf(any.header.header);
        return;
      case 4:
        answer->from = Height(answer->from.value() + 1);
        return;
      default:
        answer->blocks.erase(answer->blocks.begin());
        return;
    }
  }

  // Blocks of our own making, with a certificate of what ours alone can sign.
  [[nodiscard]] replica::Blocks MakeFork(Height from) {
    replica::Blocks fork{from, {}, {}, {}};
    Hands::Plan plan{
        Slot(hands_.view().frontier().value()), hands_.view().final_id(), from, std::nullopt, {}};
    fork.blocks.push_back(hands_.MakeCandidate(plan));
    Certificate forged{{VoteKind::kFinal, plan.slot, HashOf(fork.blocks.front().header.header)},
                       {}};
    const std::size_t quorum = hands_.environment().validators().quorum();
    const auto& ours = hands_.accomplices();
    for (std::size_t i = 0; i < quorum; ++i) {
      const consensus::ValidatorIndex one = ours[i * ours.size() / quorum];
      forged.signatures.push_back({one, hands_.MakeVote(one, forged.vote).signature});
    }
    fork.certificate.push_back(std::move(forged));
    return fork;
  }

  void AnswerCandidate(NodeIndex to, const replica::FetchCandidate& fetch) {
    const View::Candidate* known = hands_.view().Find(fetch.id);
    if (known == nullptr || !known->transactions || hands_.random().Chance(20)) return;
    if (!fetch.places.empty()) {
      replica::CandidateTransactions answer{fetch.id, fetch.places, {}};
      for (const std::uint32_t place : fetch.places) {
        if (place >= known->transactions->size()) return;
        const std::string& right = (*known->transactions)[place];
        const bool lies = hands_.random().Chance(50);
        answer.encoded.push_back(lies ? Resigned(right, true, hands_.random()) : right);
      }
      return hands_.Send({to}, answer);
    }
    replica::FullCandidate answer{known->header, *known->transactions};
    if (hands_.random().Chance(50)) answer.transactions.emplace_back("invented");
    hands_.Send({to}, replica::Candidates{{std::move(answer)}});
  }
};

}  // namespace

BehaviourPtr MakeLiar(Hands* hands) { return std::make_unique<Liar>(hands); }

}  // namespace bourse::sim::byzantine
