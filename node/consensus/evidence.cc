#include "node/consensus/evidence.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "node/consensus/codec.h"

namespace bourse::consensus {
namespace {

enum class Kind : std::uint8_t { kVotes = 1, kCandidates = 2, kExecutions = 3 };

const char* NameOf(VoteKind kind) {
  switch (kind) {
    case VoteKind::kNotar:
      return "Notar";
    case VoteKind::kSkip:
      return "Skip";
    case VoteKind::kFinal:
      return "Final";
  }
  return "";
}

std::string OrderKey(const Executed& executed) {
  Writer writer;
  Write(SignedExecuted{executed, {}, {}}, &writer);
  return std::move(writer).Take();
}

template <typename One>
Evidence Pair(ValidatorIndex validator, const One& a, const One& b, bool a_first) {
  return a_first ? Evidence{validator, a, b} : Evidence{validator, b, a};
}

template <typename One>
void WritePair(Kind kind, const One& first, const Evidence& evidence, Writer* writer) {
  writer->U8(static_cast<std::uint8_t>(kind));
  writer->U16(evidence.validator.value());
  Write(first, writer);
  Write(std::get<One>(evidence.second), writer);
}

bool Fits(const Validators&, const SignedVote& a, const SignedVote& b, ValidatorIndex validator) {
  return a.validator == validator && b.validator == validator && a.vote < b.vote &&
         Exclude(a.vote, b.vote);
}

bool Fits(const Validators& validators, const SignedHeader& a, const SignedHeader& b,
          ValidatorIndex validator) {
  return a.header.slot == b.header.slot && validators.LeaderOf(a.header.slot) == validator &&
         HashOf(a.header) < HashOf(b.header);
}

bool Fits(const Validators&, const SignedExecuted& a, const SignedExecuted& b,
          ValidatorIndex validator) {
  return a.validator == validator && b.validator == validator &&
         a.executed.height == b.executed.height && OrderKey(a.executed) < OrderKey(b.executed);
}

template <typename One>
bool ReadPair(const Validators& validators, Reader* reader, Evidence* evidence) {
  One first;
  One second;
  if (!Read(validators, reader, &first) || !Read(validators, reader, &second)) return false;
  if (!Fits(validators, first, second, evidence->validator)) return false;
  evidence->first = std::move(first);
  evidence->second = std::move(second);
  return true;
}

}  // namespace

bool Exclude(const Vote& a, const Vote& b) {
  if (a.slot != b.slot || a == b) return false;
  const auto is = [&](VoteKind x, VoteKind y) {
    return (a.kind == x && b.kind == y) || (a.kind == y && b.kind == x);
  };
  if (is(VoteKind::kFinal, VoteKind::kSkip)) return true;
  if (is(VoteKind::kNotar, VoteKind::kSkip) || is(VoteKind::kSkip, VoteKind::kSkip)) return false;
  return a.hash != b.hash;
}

Evidence MakeEvidence(const SignedVote& a, const SignedVote& b) {
  return Pair(a.validator, a, b, a.vote < b.vote);
}

Evidence MakeEvidence(const Validators& validators, const SignedHeader& a, const SignedHeader& b) {
  return Pair(validators.LeaderOf(a.header.slot), a, b, HashOf(a.header) < HashOf(b.header));
}

Evidence MakeEvidence(const SignedExecuted& a, const SignedExecuted& b) {
  return Pair(a.validator, a, b, OrderKey(a.executed) < OrderKey(b.executed));
}

std::string Encode(const Evidence& evidence) {
  Writer writer;
  if (const auto* vote = std::get_if<SignedVote>(&evidence.first)) {
    WritePair(Kind::kVotes, *vote, evidence, &writer);
  } else if (const auto* header = std::get_if<SignedHeader>(&evidence.first)) {
    WritePair(Kind::kCandidates, *header, evidence, &writer);
  } else if (const auto* executed = std::get_if<SignedExecuted>(&evidence.first)) {
    WritePair(Kind::kExecutions, *executed, evidence, &writer);
  }
  return std::move(writer).Take();
}

bool Decode(const Validators& validators, std::string_view bytes, Evidence* evidence) {
  Reader reader(bytes);
  const auto kind = static_cast<Kind>(reader.U8());
  evidence->validator = ValidatorIndex(reader.U16());
  if (!reader.ok() || !validators.Has(evidence->validator)) return false;
  bool read = false;
  if (kind == Kind::kVotes) read = ReadPair<SignedVote>(validators, &reader, evidence);
  if (kind == Kind::kCandidates) read = ReadPair<SignedHeader>(validators, &reader, evidence);
  if (kind == Kind::kExecutions) read = ReadPair<SignedExecuted>(validators, &reader, evidence);
  return read && reader.Done();
}

std::string Describe(const Evidence& evidence) {
  if (const auto* first = std::get_if<SignedVote>(&evidence.first)) {
    const auto& second = std::get<SignedVote>(evidence.second);
    return absl::StrCat(NameOf(first->vote.kind), " and ", NameOf(second.vote.kind), " in slot ",
                        first->vote.slot.value());
  }
  if (const auto* header = std::get_if<SignedHeader>(&evidence.first)) {
    return absl::StrCat("two candidates for slot ", header->header.slot.value());
  }
  const auto& executed = std::get<SignedExecuted>(evidence.first);
  return absl::StrCat("two results of height ", executed.executed.height.value());
}

}  // namespace bourse::consensus
