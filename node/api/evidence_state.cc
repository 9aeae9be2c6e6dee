#include "node/api/evidence_state.h"

#include <variant>

#include "node/consensus/vote.h"

namespace bourse::api {
namespace {

using consensus::SignedExecuted;
using consensus::SignedHeader;
using consensus::SignedVote;
using consensus::Validators;

SignedStatement StatementOf(const Validators& validators, const SignedVote& vote) {
  return {SignedBytes(validators, vote.vote), vote.signature};
}
SignedStatement StatementOf(const Validators& /*validators*/, const SignedHeader& header) {
  return {SignedBytes(header.header), header.signature};
}
SignedStatement StatementOf(const Validators& validators, const SignedExecuted& executed) {
  return {SignedBytes(validators, executed.executed), executed.signature};
}

void Place(const SignedVote& vote, EvidenceState* out) {
  out->kind = EvidenceKind::kVotes;
  out->slot = vote.vote.slot;
}
void Place(const SignedHeader& header, EvidenceState* out) {
  out->kind = EvidenceKind::kCandidates;
  out->slot = header.header.slot;
}
void Place(const SignedExecuted& executed, EvidenceState* out) {
  out->kind = EvidenceKind::kExecutions;
  out->height = executed.executed.height;
}

}  // namespace

EvidenceState EvidenceStateOf(const Validators& validators, const consensus::Evidence& evidence) {
  EvidenceState out;
  out.validator = evidence.validator;
  std::visit([&out](const auto& statement) { Place(statement, &out); }, evidence.first);
  const auto statement_of = [&validators](const auto& statement) {
    return StatementOf(validators, statement);
  };
  out.first = std::visit(statement_of, evidence.first);
  out.second = std::visit(statement_of, evidence.second);
  out.description = Describe(evidence);
  return out;
}

}  // namespace bourse::api
