#include "tests/sim/twins/checks.h"

#include <cstring>
#include <variant>

#include "absl/strings/str_cat.h"
#include "node/consensus/evidence.h"

namespace bourse::sim::twins {

using consensus::Certificate;
using consensus::Decided;
using consensus::Effects;
using consensus::SignedVote;
using consensus::ValidatorIndex;
using consensus::Vote;
using consensus::VoteKind;

Signature StubSignature(std::uint32_t validator, std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325 + validator;  // FNV-1a
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  Signature signature;
  std::memcpy(signature.bytes.data(), &hash, sizeof(hash));
  return signature;
}

void Checks::Fail(const std::string& what) {
  if (failure_.empty()) failure_ = what;
}

void Checks::Look(std::size_t instance, const Effects& effects) {
  for (const consensus::Record& record : effects.persist) {
    if (const auto* vote = std::get_if<SignedVote>(&record)) LookAtVote(instance, *vote);
    if (const auto* held = std::get_if<Certificate>(&record)) LookAtCertificate(*held);
  }
  for (const consensus::Message& message : effects.send) {
    if (const auto* vote = std::get_if<SignedVote>(&message.what)) LookAtVote(instance, *vote);
    if (const auto* held = std::get_if<Certificate>(&message.what)) LookAtCertificate(*held);
    if (const auto* proposal = std::get_if<consensus::Proposal>(&message.what)) {
      const consensus::BlockId id = IdOf(proposal->header.header);
      if (candidates_.try_emplace(id.slot, id.hash).first->second != id.hash) {
        saw_two_candidates_ = true;
      }
    }
  }
  for (const Decided& decided : effects.deliver) LookAtChain(instance, decided);
  for (const consensus::Evidence& evidence : effects.evidence) {
    if (evidence.validator.value() != scenario_.twinned) {
      Fail("innocent blamed: " + Describe(evidence));
    }
  }
  if (!effects.fork.empty()) Fail("fork reported: " + effects.fork);
}

void Checks::LookAtVote(std::size_t instance, const SignedVote& vote) {
  if (vote.validator.value() != ValidatorOf(scenario_, instance)) return;  // passed on
  std::vector<Vote>& before = votes_[instance][vote.vote.slot];
  for (const Vote& other : before) {
    if (other == vote.vote) return;
    if (Exclude(other, vote.vote)) {
      Fail(absl::StrCat("exclusive votes by instance ", instance, " in slot ",
                        vote.vote.slot.value()));
    }
  }
  before.push_back(vote.vote);
}

void Checks::LookAtCertificate(const Certificate& certificate) {
  const Vote& vote = certificate.vote;
  std::vector<ValidatorIndex> signers;
  for (const consensus::VoteSignature& one : certificate.signatures) {
    if (!signers.empty() && !(signers.back() < one.validator)) Fail("signers not ascending");
    signers.push_back(one.validator);
  }
  if (signers.size() != validators_.quorum()) Fail("a certificate of no quorum");
  if (!good_certificates_.emplace(vote, signers).second) return;
  const std::string bytes = SignedBytes(validators_, vote);
  for (const consensus::VoteSignature& one : certificate.signatures) {
    if (one.signature != StubSignature(one.validator.value(), bytes)) Fail("a forged certificate");
  }

  Certified& slot = certified_[vote.slot];
  if (vote.kind == VoteKind::kNotar) slot.notar.insert(vote.hash);
  if (vote.kind == VoteKind::kFinal) slot.final.insert(vote.hash);
  if (vote.kind == VoteKind::kSkip) slot.skip = true;
  const std::string where = absl::StrCat(" in slot ", vote.slot.value());
  if (slot.notar.size() > 1) Fail("two blocks notarized" + where);
  if (slot.final.size() > 1) Fail("two blocks finalized" + where);
  if (!slot.final.empty() && slot.skip) Fail("Final and Skip certificates" + where);
  if (!slot.notar.empty() && slot.skip) saw_two_certificates_ = true;
}

void Checks::LookAtChain(std::size_t instance, const Decided& decided) {
  const Height height = decided.header.header.height;
  if (height != Height(heights_[instance].value() + 1)) Fail("a gap in what was delivered");
  heights_[instance] = height;
  if (chain_.try_emplace(height, decided.id).first->second != decided.id) {
    Fail(absl::StrCat("forked chains: two blocks of height ", height.value()));
  }
}

}  // namespace bourse::sim::twins
