#include "tests/sim/story.h"

#include <cstdint>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"

namespace bourse::sim {
namespace {

using consensus::BlockId;

std::string Short(const Hash256& hash) { return ToHex(hash).substr(0, 8); }

std::string SlotText(consensus::Slot slot) {
  return slot == consensus::kGenesisSlot ? "genesis" : absl::StrCat("slot ", slot.value());
}

std::string VoteText(const consensus::Vote& vote) {
  switch (vote.kind) {
    case consensus::VoteKind::kNotar:
      return absl::StrCat("Notar ", Short(vote.hash));
    case consensus::VoteKind::kSkip:
      return "Skip";
    case consensus::VoteKind::kFinal:
      return absl::StrCat("Final ", Short(vote.hash));
  }
  return "?";
}

std::string Signers(const std::vector<consensus::VoteSignature>& signatures) {
  std::string text = " by";
  for (const auto& one : signatures) absl::StrAppend(&text, " ", one.validator.value());
  return text;
}

std::string HeaderText(const consensus::Header& header) {
  return absl::StrCat(SlotText(header.slot), ": ", Short(HashOf(header)), " height ",
                      header.height.value(), " on ", SlotText(header.parent_slot), " ",
                      Short(header.parent_hash));
}

struct Describer {
  std::string operator()(const consensus::SignedVote& vote) const {
    return absl::StrCat(SlotText(vote.vote.slot), ": vote ", VoteText(vote.vote), " of ",
                        vote.validator.value());
  }
  std::string operator()(const consensus::Certificate& certificate) const {
    return absl::StrCat(SlotText(certificate.vote.slot), ": certificate ",
                        VoteText(certificate.vote), Signers(certificate.signatures));
  }
  std::string operator()(const replica::CompactCandidate& candidate) const {
    return absl::StrCat(HeaderText(candidate.header.header), ": candidate with ",
                        candidate.transactions.size(), " transactions");
  }
  std::string operator()(const consensus::SignedExecuted& executed) const {
    return absl::StrCat("height ", executed.executed.height.value(), ": executed by ",
                        executed.validator.value(), ", state ",
                        Short(executed.executed.state_root));
  }
  std::string operator()(const consensus::ExecutionCertificate& certificate) const {
    return absl::StrCat("height ", certificate.executed.height.value(), ": execution certificate",
                        Signers(certificate.signatures));
  }
  std::string operator()(const replica::Transactions& transactions) const {
    return absl::StrCat(transactions.encoded.size(), " transactions");
  }
  std::string operator()(const replica::FetchCandidate& fetch) const {
    return absl::StrCat(SlotText(fetch.id.slot), ": asks for ", Short(fetch.id.hash), " down to ",
                        SlotText(fetch.above), ", ", fetch.places.size(), " places");
  }
  std::string operator()(const replica::CandidateTransactions& answer) const {
    return absl::StrCat(SlotText(answer.id.slot), ": ", answer.encoded.size(), " transactions of ",
                        Short(answer.id.hash));
  }
  std::string operator()(const replica::Candidates& answer) const {
    std::string text = "candidates:";
    for (const auto& one : answer.candidates) {
      absl::StrAppend(&text, " [", HeaderText(one.header.header), "]");
    }
    return text;
  }
  std::string operator()(const replica::FetchBlocks& fetch) const {
    return absl::StrCat("height ", fetch.from.value(), ": asks for blocks");
  }
  std::string operator()(const replica::Blocks& answer) const {
    return absl::StrCat("height ", answer.from.value(), ": ", answer.blocks.size(), " blocks");
  }
  std::string operator()(const replica::Status& status) const {
    return absl::StrCat("height ", status.height.value(), ": status");
  }
};

}  // namespace

std::string Describe(const Packet& packet) {
  if (!packet.message) return absl::StrCat("garbage of ", packet.bytes->size(), " bytes");
  std::string text = std::visit(Describer{}, *packet.message);
  if (!packet.claims_good) text += " (bad signature)";
  return text;
}

}  // namespace bourse::sim
