#include "node/api/certificate.h"

#include <string>

#include "node/storage/block_archive.h"

namespace bourse::api {
namespace {

template <typename Id>
std::string Raw(const Id& id) {
  return std::string(AsText(Bytes(id.bytes)));
}

}  // namespace

v1::ExecutionCertificate ToMessage(const consensus::Validators& validators,
                                   const consensus::ExecutionCertificate& certificate) {
  const consensus::Executed& executed = certificate.executed;
  v1::ExecutionCertificate out;
  out.set_epoch(validators.epoch());
  out.set_height(executed.height.value());
  out.set_block_hash(Raw(executed.block_hash));
  out.set_time(executed.time.value());
  out.set_results_root(Raw(executed.results_root));
  out.set_state_root(Raw(executed.state_root));
  for (const consensus::VoteSignature& signature : certificate.signatures) {
    v1::ValidatorSignature& one = *out.add_signatures();
    one.set_validator(signature.validator.value());
    one.set_signature(Raw(signature.signature));
  }
  return out;
}

absl::StatusOr<std::optional<v1::ExecutionCertificate>> FindCertificate(
    const ledger::View& view, const consensus::Validators& validators, Height height) {
  const absl::StatusOr<std::optional<consensus::ExecutionCertificate>> found =
      storage::ReadExecutionCertificate(view, validators, height);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return std::optional<v1::ExecutionCertificate>();
  return std::optional<v1::ExecutionCertificate>(ToMessage(validators, **found));
}

}  // namespace bourse::api
