#include "node/replica/catch_up.h"

#include <algorithm>

#include "ledger/merkle.h"
#include "node/consensus/vote.h"

namespace bourse::replica {

void CatchUp::Want(bool missing, std::uint64_t from_us) {
  if (missing == wanted_) {
    if (missing) from_us_ = std::min(from_us_, from_us);
    return;
  }
  wanted_ = missing;
  from_us_ = from_us;
  fruitful_at_us_ = from_us;
}

std::optional<PeerId> CatchUp::Next(Height from, std::uint64_t now_us) {
  std::erase_if(asked_, [&](const Asked& asked) {
    if (now_us < asked.give_up_us) return false;
    peers_->Failed(asked.peer, now_us);
    return true;
  });
  const std::optional<PeerId> peer = Choose(now_us);
  if (peer) {
    const std::uint32_t doublings = std::min(peers_->FailuresOf(*peer), kPatienceDoublings);
    const std::uint64_t patience_us = kPatienceUs << doublings;
    asked_.push_back({*peer, from, now_us + patience_us, now_us + 2 * patience_us});
    peers_->Asked(*peer);
  }
  timer_us_ = NextTimer(now_us);
  return peer;
}

std::optional<PeerId> CatchUp::Choose(std::uint64_t now_us) {
  if (!wanted_ || now_us < from_us_ || asked_.size() >= 2) return std::nullopt;
  if (asked_.empty()) return peers_->PickUseful(random_, now_us, std::nullopt);
  const Asked& first = asked_.front();
  if (now_us < first.late_us) return std::nullopt;
  const std::optional<PeerId> other = peers_->PickUseful(random_, now_us, first.peer);
  return other == first.peer ? std::nullopt : other;
}

std::optional<std::uint64_t> CatchUp::NextTimer(std::uint64_t now_us) const {
  if (!wanted_) return std::nullopt;
  if (now_us < from_us_) return from_us_;
  if (asked_.empty()) return peers_->UsefulAt();
  if (asked_.size() == 1 && now_us < asked_[0].late_us) return asked_[0].late_us;
  std::uint64_t next_us = asked_[0].give_up_us;
  for (const Asked& asked : asked_) next_us = std::min(next_us, asked.give_up_us);
  return next_us;
}

void CatchUp::Answered(PeerId peer, Height from, bool useful, std::uint64_t now_us) {
  const std::size_t answered = std::erase_if(asked_, [&](const Asked& asked) {
    return asked.peer == peer && (useful || asked.from == from);
  });
  if (useful) {
    peers_->Succeeded(peer);
    fruitful_at_us_ = now_us;
  } else if (answered > 0) {
    peers_->Failed(peer, now_us);
  }
}

void CatchUp::Gone(PeerId peer) {
  std::erase_if(asked_, [&](const Asked& asked) { return asked.peer == peer; });
}

std::uint64_t CatchUp::FruitlessUs(std::uint64_t now_us) const {
  return wanted_ && now_us > fruitful_at_us_ ? now_us - fruitful_at_us_ : 0;
}

std::string WrongInRun(const Blocks& blocks) {
  const consensus::Header* before = nullptr;
  const auto follows = [&before](const consensus::Header& header) {
    const bool is_child =
        before == nullptr ||
        (ParentOf(header) == IdOf(*before) && header.height.value() == before->height.value() + 1);
    before = &header;
    return is_child;
  };
  if (blocks.blocks.front().header.header.height != blocks.from) return "another height's blocks";
  for (const FullCandidate& block : blocks.blocks) {
    const consensus::Header& header = block.header.header;
    if (!follows(header)) return "a block is not the child of the one before";
    if (ledger::MerkleRootOf(block.transactions) != header.transactions_root) {
      return "a block's transactions are not those of its root";
    }
  }
  for (const consensus::Header& header : blocks.headers) {
    if (!follows(header)) return "a header is not the child of the one before";
  }
  const consensus::BlockId last = IdOf(*before);
  const consensus::Vote& vote = blocks.certificate.front().vote;
  if (vote.slot != last.slot || vote.hash != last.hash) return "the last block is not certified";
  return {};
}

}  // namespace bourse::replica
