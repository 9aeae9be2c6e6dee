#include "node/api/certificate.h"

#include <string>

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

// Nobody writes certificates yet: the archive of blocks will.
absl::StatusOr<std::optional<v1::ExecutionCertificate>> FindCertificate(
    const ledger::View& /*view*/, const consensus::Validators& /*validators*/, Height /*height*/) {
  return std::optional<v1::ExecutionCertificate>();
}

}  // namespace bourse::api
